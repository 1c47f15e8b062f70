"""Write `Remains/Bindings.lean`: Lean's own tactics and notations, bound to their native code.

The shared library carries the compiled parsers, macros and unexpanders of Lean's core library, but not the core
library itself. Lean's interpreter finds the native code of an `@[extern]` declaration by the declaration's own name,
so an axiom with the right name and type is all it takes to have them back. The tables below say which; the library's
symbols say which macro rules there are for each.

    python filter/lean/generate.py path/to/libleanshared.so > filter/lean/Remains/Bindings.lean
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

TACTIC = "Lean.Parser.Tactic"

SYNTAX = """
optConfig configItem posConfigItem negConfigItem valConfigItem location locationWildcard locationHyp locationType
rwRule rwRuleSeq caseArg elimTarget inductionAlt inductionAltLHS inductionAlts simpPre simpPost simpLemma simpErase
simpStar simpArg simpArgs dsimpArg dsimpArgs simpaArgsRest discharger generalizeArg rcasesPatMed rcasesPatLo
simpTraceArgsRest simpAllTraceArgsRest dsimpTraceArgsRest matchRhs matchAlts config
"""
"""Pieces that tactics are built of; no category of their own."""

SYNTAX_ELSEWHERE = """
Lean.cdotTk Lean.binderIdent Lean.explicitBinders Lean.unbracketedExplicitBinders Lean.bracketedExplicitBinders
Lean.calcFirstStep Lean.calcStep Lean.calcSteps Lean.Parser.Attr.extIff Lean.Parser.Attr.extFlat
"""

TACTICS = """
intro intros rename revert clear subst substVars assumption contradiction falseOrByContra apply exact refine refine'
constructor left right case case' allGoals anyGoals focus skip done fail failIfSuccess traceState traceMessage paren
withReducible withReducibleAndInstances withUnfoldingAll first eqRefl applyRfl acRfl change rewriteSeq injection
injections simp simpAll dsimp simpa delta unfold show induction cases renameI split specialize decide generalize
obtain rcases rintro symm symmSaturate congr rotateLeft rotateRight withAnnotateState exact? apply? applyAssumption
solveByElim exposeNames classical letrec replace substEqs clearValue simpTrace simpAllTrace dsimpTrace repeat'
repeat1' rwSeq rwa rwaAt rwaAtLegacyLocation tacIfThenElse tacDepIfThenElse tacticTry_ tacticRepeat_ tacticExfalso
tacticHave__ tacticHave' tacticHaveI__ tacticLet__ tacticLet'__ tacticLetI__ tacticSuffices_ tacticSorry tacticAdmit
tacticRfl tacticRfl' tacticTrivial tacticExists_,, tacticNext_=>_ tacticNofun tacticNomatch_,, tacticInfer_instance
tacticRefine_lift_ tacticRefine_lift'_ tacticAnd_intros tacticUnhygienic_ tacticIterate____
"""
"""Tactics of the namespace Lean.Parser.Tactic."""

TACTICS_ELSEWHERE = """
Lean.cdot Lean.calcTactic Lean.solveTactic tacticBy_cases_:_ tacticFunext___ Lean.Elab.Tactic.Ext.ext
Lean.Elab.Tactic.Ext.applyExtTheorem Lean.Elab.Tactic.Ext.tacticExt1___
"""

TRAILING_TACTICS = f"{TACTIC}.tactic_<;>_"

RCASES = "one ignore clear explicit tuple paren"
RINTRO = "one binder"

CONV = "Lean.Parser.Tactic.Conv"

CONVERSION_SYNTAX = "argArg enterArg enterPattern occs occsWildcard occsIndexed"
"""Pieces of the `conv` language; `convSeq` and its two forms hold the steps."""

CONVERSIONS = """
skip lhs rhs fun arg congr ext enter change delta unfold pattern rewrite simp dsimp simpMatch whnf reduce zeta paren
nestedConv nestedTactic first focus case allGoals anyGoals failIfSuccess
convRw__ convErw__ convRfl convDone convTry_ convRepeat_ convTactic convApply_ convArgs convLeft convRight convIntro___
convNext__=>_ conv·_ convTrace_state
"""

TERMS = """
term¬_ term∃_,_ termExists_,_ term[_] term‹_› termIfThenElse termDepIfThenElse termIfLet boolIfThenElse term-_ term!_
term∅ term{} term{_} Lean.calc Lean.term∃__,_ Lean.term∀__,_ Lean.termSatisfies_binder_pred%__ termΣ_,_ termΣ'_,_
termWithout_expected_type_ term{_:_//_}
"""

TRAILING_TERMS = """
term_∧_ term_∨_ term_↔_ term_<->_ term_=_ term_≠_ term_≍_ term_==_ term_!=_ term_+_ term_-_ term_*_ term_/_ term_%_
term_^_ term_∣_ term_≤_ term_<=_ term_<_ term_≥_ term_>=_ term_>_ term_++_ term_::_ term_×_ term_×__1 term_×'_ term_∘_
term_∈_ term_∉_ term_⊆_ term_⊂_ term_⊇_ term_⊃_ term_∪_ term_∩_ term_\\_ term_&&_ term_||_ term_|>_ term_<|_ term_$__
term_⊕_ term_&&&_ term_|||_ term_^^^_ term_<<<_ term_>>>_ Lean.term_Matches_|
"""

PRIORITIES = "prioDefault prioLow prioMid prioHigh"

BINDER_PREDICATES = "< > ≤ ≥ ≠ ∈ ∉ ⊆ ⊂ ⊇ ⊃"


ATTRIBUTES = "simp simprocAttr ext norm_cast"

UNEXPANDERS = """
And Or Not Iff:2 Eq Ne HEq Prod PProd Function.comp Dvd.dvd GE.ge:2 GT.gt LE.le:2 LT.lt Membership.mem HAdd.hAdd
HSub.hSub HMul.hMul HDiv.hDiv HMod.hMod HPow.hPow HAppend.hAppend HAnd.hAnd HOr.hOr HXor.hXor HShiftLeft.hShiftLeft
HShiftRight.hShiftRight List.cons BEq.beq bne Bool.and Bool.or Bool.not Neg.neg Sum HasSubset.Subset Union.union
Inter.inter SDiff.sdiff EmptyCollection.emptyCollection:2
"""

SPECIAL_UNEXPANDERS = {
    "Exists": "unexpandExists",
    "List.nil": "unexpandListNil",
    "List.cons": "unexpandListCons",
    "Prod.mk": "unexpandProdMk",
    "Unit.unit": "unexpandUnit",
    "Sigma": "unexpandSigma",
    "PSigma": "unexpandPSigma",
    "Subtype": "unexpandSubtype",
    "Eq.rec": "unexpandEqRec",
    "Eq.ndrec": "unexpandEqNDRec",
    "ite": "unexpandIte",
}


def mangle_part(text: str) -> str:
    """One component of a name as the compiler writes it into a symbol."""
    return "".join(_mangle_char(char) for char in text)


def _mangle_char(char: str) -> str:
    if char.isascii() and char.isalnum():
        return char
    if char == "_":
        return "__"
    code = ord(char)
    return f"_x{code:02x}" if code < 0x100 else f"_u{code:04x}"


def symbol(name: str) -> str:
    """The symbol of a declaration."""
    return "l_" + "_".join(mangle_part(part) for part in name.split("."))


def quoted(name: str) -> str:
    """A name as Lean source."""
    return ".".join(part if re.fullmatch(r"[A-Za-z_][\w!?']*", part) else f"«{part}»" for part in name.split("."))


def library_symbols(library: Path) -> list[str]:
    """The defined dynamic symbols of a shared library that belong to Lean declarations."""
    done = subprocess.run(["nm", "-D", "--defined-only", str(library)], capture_output=True, text=True, check=True)
    names = {line.split()[-1] for line in done.stdout.splitlines()}
    return sorted(name for name in names if name.startswith("l_"))


class Binder:
    """Emits declarations, each checked against the symbols."""

    def __init__(self, symbols: list[str]) -> None:
        self.symbols = set(symbols)
        self.rules = [name for name in symbols if "______macroRules__" in name]
        self.lines: list[str] = []

    def bind(self, name: str, kind: str, attribute: str = "") -> None:
        """One declaration of type `Lean.<kind>`; raises KeyError when the library does not know it."""
        if not {symbol(name), symbol(name) + "___boxed"} & self.symbols:
            raise KeyError(f"{name}: no symbol {symbol(name)}")
        inside = ", ".join(filter(None, [attribute, 'extern ""']))
        self.lines.append(f"@[{inside}] axiom {quoted(name)} : Lean.{kind}")

    def macros(self, kind: str) -> None:
        """Every macro rule for a syntax kind, in the order of their numbers; later rules are tried first."""
        for rule in sorted(self._rules_for(kind), key=_rule_order):
            self.bind(rule, "Macro", f"macro {quoted(kind)}")

    def _rules_for(self, kind: str) -> Iterator[str]:
        wanted = mangle_part(kind.replace(".", "_"))
        pattern = re.compile(rf"l_((?:[A-Za-z]+_)*)__aux__(\w+?)______macroRules__{wanted}__(\d+)")
        for name in self.rules:
            if found := pattern.fullmatch(name):
                space, module, number = found[1].replace("_", "."), found[2].replace("__", "_"), found[3]
                yield f"{space}_aux_{module}___macroRules_{kind.replace('.', '_')}_{number}"

    def heading(self, text: str) -> None:
        """A comment line between groups."""
        self.lines += ["", f"-- {text}"]


def _rule_order(rule: str) -> tuple[bool, str, int]:
    module, _, number = rule.rpartition("_")
    return "Init_Tactics" not in module, module, int(number)


def bindings(symbols: list[str]) -> str:
    """The text of `Bindings.lean`."""
    binder = Binder(symbols)
    tactics = [f"{TACTIC}.{name}" for name in TACTICS.split()] + TACTICS_ELSEWHERE.split()
    _bind_syntax(binder)
    binder.heading("Tactics")
    for name in tactics:
        binder.bind(name, "ParserDescr", "tactic_parser")
    binder.bind(TRAILING_TACTICS, "TrailingParserDescr", "tactic_parser")
    binder.bind(f"{CONV}.conv", "ParserDescr", "tactic_parser")
    conversions = [f"{CONV}.{name}" for name in CONVERSIONS.split()]
    for name in conversions:
        binder.bind(name, "ParserDescr", "conv_parser")
    binder.heading("Notation")
    for name in TERMS.split():
        binder.bind(name, "ParserDescr", "term_parser")
    for name in TRAILING_TERMS.split():
        binder.bind(name, "TrailingParserDescr", "term_parser")
    binder.heading("Macros")
    for name in [*tactics, TRAILING_TACTICS, *conversions, *TERMS.split(), *TRAILING_TERMS.split()]:
        binder.macros(name)
    _bind_unexpanders(binder)
    return "\n".join([HEADER, *binder.lines]) + "\n"


def _bind_syntax(binder: Binder) -> None:
    binder.heading("Pieces of syntax")
    for name in SYNTAX.split():
        binder.bind(f"{TACTIC}.{name}", "ParserDescr")
    for name in SYNTAX_ELSEWHERE.split():
        binder.bind(name, "ParserDescr")
    for category, parsers in (("rcasesPat", RCASES), ("rintroPat", RINTRO)):
        binder.lines.append(f"declare_syntax_cat {category}")
        for name in parsers.split():
            binder.bind(f"{TACTIC}.{category}.{name}", "ParserDescr", f"{category}_parser")
    binder.lines += [
        "declare_syntax_cat rawStx",
        "declare_syntax_cat binderPred",
        "declare_syntax_cat conv (behavior := both)",
    ]
    for name in BINDER_PREDICATES.split():
        binder.bind(f"Lean.binderPred{name}_", "ParserDescr", "binderPred_parser")
    for name in ("convSeq1Indented", "convSeqBracketed", "convSeq", *CONVERSION_SYNTAX.split()):
        binder.bind(f"{CONV}.{name}", "ParserDescr")
    for name in PRIORITIES.split():
        binder.bind(name, "ParserDescr", "prio_parser")
        binder.macros(name)
    for name in ATTRIBUTES.split():
        binder.bind(f"Lean.Parser.Attr.{name}", "ParserDescr", "attr_parser")


def _bind_unexpanders(binder: Binder) -> None:
    binder.heading("Printing")
    unexpanders = {name: None for name in binder.symbols if "___unexpand__" in name}
    for entry in UNEXPANDERS.split():
        constant, _, number = entry.partition(":")
        ending = f"______unexpand__{mangle_part(constant.replace('.', '_'))}__{number or '1'}"
        (found,) = (name for name in unexpanders if name.startswith("l___aux__Init__") and name.endswith(ending))
        module = found.removeprefix("l___aux__").removesuffix(ending).replace("__", "_")
        name = f"_aux_{module}___unexpand_{constant.replace('.', '_')}_{number or '1'}"
        binder.bind(name, "PrettyPrinter.Unexpander", f"app_unexpander {constant}")
    for constant, name in SPECIAL_UNEXPANDERS.items():
        binder.bind(name, "PrettyPrinter.Unexpander", f"app_unexpander {constant}")


HEADER = """prelude
import Remains.Syntax

/-! Written by `filter/lean/generate.py`: Lean's own parsers, macros and unexpanders, bound to their native code. -/

set_option linter.all false"""


if __name__ == "__main__":
    sys.stdout.write(bindings(library_symbols(Path(sys.argv[1]))))
