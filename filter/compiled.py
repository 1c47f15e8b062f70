"""What may stand in the compiled module of some proofs, beside what their header declares.

Each proof is a theorem in a namespace of its own, with helpers below its name. Beyond that Lean declares some things by
itself the first time a proof asks for them: the equations of a definition (`List.length.eq_1`), its induction
principle, the pattern matcher that two proofs share. They belong to no proof, and any may rest on them: the kernel
checks them with the rest, and the axioms are walked through them. Everything else was put there by something that is
no proof.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace

from filter.olean import Constant, Name, Olean, OleanError, shown
from filter.shapes import definition_shape, type_shape

TABLES = frozenset(
    {
        "Lean.Compiler.inlineAttrs",
        "Lean.Meta.Match.Extension.extension",
        "Lean.backwardDefeqAttr",
        "Lean.declRangeExt",
        "Lean.defeqAttr",
        "Lean.deprecatedModuleExt",
        "_private.Lean.Compiler.ModPkgExt.0.Lean.modPkgExt",
        "_private.Lean.ExtraModUses.0.Lean.extraModUses",
        "_private.Lean.Namespace.0.Lean.namespacesExt",
        "_private.Lean.Util.CollectAxioms.0.Lean.exportedAxiomsExt",
        "reducibilityCore",
    }
    | {
        "Lean.Compiler.LCNF.UnreachableBranches.functionSummariesExt",
        "Lean.Compiler.LCNF.baseExt",
        "Lean.Compiler.LCNF.impureSigExt",
        "Lean.Compiler.LCNF.monoExt",
        "Lean.Elab.Structural.eqnInfoExt",
        "Lean.Elab.WF.eqnInfoExt",
        "Lean.IR.declMapExt",
        "Lean.Meta.congrKindsExt",
        "Lean.Meta.funIndInfoExt",
        "recExt",
    }
)
"""Tables that honest theorems fill: places, namespaces, axioms, matchers, inlining and reducibility of helpers; then
the compiled code of helpers, and what is known of recursive ones, of congruence and of induction theorems. All are of
names that the module declares. Attributes that bind native code or elaborators stand in tables of their own."""
ON_DEMAND = re.compile(
    r"eq_def|eq_unfold|eq_\d+|congr_eq_\d+|congr_simp|hcongr_\d+|splitter"
    r"|(mutual_)?induct(_unfolding)?|fun_cases(_unfolding)?"
)
"""Last part of a name that Lean reserves: a text that declares one itself is refused by Lean."""
_CODE = re.compile(r"_redArg|_boxed|_lam_\d+|_spec_\d+")
"""Last parts of the names of compiled code, which belongs to the constant before."""
_SPACE = re.compile(r"s_[0-9a-f]{16}")


def fresh_space() -> str:
    """Return a fresh name for the namespace of one sample."""
    return f"s_{secrets.token_hex(8)}"


def parts(name: str) -> Name:
    """Return the components of a name as it is written."""
    return tuple(part.strip("«»") for part in name.split("."))


def declared(header: Olean) -> set[Name]:
    """Return what a header declares by itself, apart from the references that were compiled with it."""
    return {name for name in header.constants if not _SPACE.fullmatch(str(name[0]))}


def intruder(olean: Olean, header: Olean, owners: set[Name]) -> Name | None:
    """Return a name in the module that is neither the header's, nor a theorem's own, nor made on demand."""
    for name in {*olean.constants, *olean.extra_names} - declared(header) - set(header.extra_names):
        constant = olean.constants.get(name)
        if constant and constant.kind not in ("theorem", "definition"):
            return name
        if owner(name, owners) is None and not _is_on_demand(name if constant else _without_code(name)):
            return name
    return None


def odd_table(olean: Olean, header: Olean) -> Name | None:
    """Return a table that no theorem fills, if one is filled beyond what the header wrote there."""
    tables = olean.tables.items()
    return next((each for each, rows in tables if shown(each) not in TABLES and rows != header.tables.get(each)), None)


def owner(name: Name, owners: set[Name]) -> Name | None:
    """Return the theorem that `name` belongs to: itself or a helper (`t.match_1`, `t.go`, `_private.….t._proof_1`)."""
    name = _public(name)
    return next((name[:length] for length in range(2, len(name) + 1) if name[:length] in owners), None)


def is_shared(constant: Constant) -> bool:
    """Return whether any proof may rest on it, whichever brought it in: made on demand, or a pattern's matcher.

    Lean makes the matcher of a pattern once a module, so a later proof may use that of an earlier one.
    """
    return _is_matcher(constant) or _is_on_demand(constant.name)


def _is_matcher(constant: Constant) -> bool:
    return constant.kind == "definition" and any(str(part).startswith("match_") for part in constant.name[2:])


def _is_on_demand(name: Name) -> bool:
    return len(_public(name)) > 1 and ON_DEMAND.fullmatch(str(name[-1])) is not None


def _public(name: Name) -> Name:
    return name[name.index(0) + 1 :] if name[:1] == ("_private",) and 0 in name else name


def _without_code(name: Name) -> Name:
    while name and _CODE.fullmatch(str(name[-1])):
        name = name[:-1]
    return name


def uses(olean: Olean, constant: Constant) -> set[Name]:
    """Return the names of the constants in a constant's type and value."""
    return olean.used_constants(*(root for root in (constant.type, constant.value) if root is not None))


def in_order(olean: Olean, names: Iterable[Name]) -> list[Name]:
    """Return these of a module's constants, each after those that it uses. Raises OleanError if no order does.

    Nothing recurses: the names and uses are a candidate's.
    """
    wanted = set(names)
    done: dict[Name, None] = {}
    begun: set[Name] = set()
    stack = [name for name in reversed(olean.constants) if name in wanted]
    while stack:
        name = stack[-1]
        missing = [each for each in uses(olean, olean.constants[name]) if each in wanted and each not in done]
        if name in done or not missing:
            done[stack.pop()] = None
        elif name in begun:
            raise OleanError(f"{shown(name)} rests on itself")
        else:
            begun.add(name)
            stack.extend(missing)
    return list(done)


def reached(olean: Olean, theorem: Constant, imported: set[Name], header: Olean) -> list[Constant]:
    """Return the module's constants that `theorem` rests on, and itself; add other modules' to `imported`.

    What the header declares is taken from the header's own module, whatever this one says of it.
    """
    found: dict[Name, Constant] = {}
    known = declared(header)
    waiting = [theorem]
    while waiting:
        constant = waiting.pop()
        if constant.name in found:
            continue
        found[constant.name] = constant
        for name in uses(header if constant.name in known else olean, constant):
            here = (header if name in known else olean).constants.get(name)
            if here is None:
                imported.add(name)
            else:
                waiting.append(here)
    return list(found.values())


def shape(olean: Olean, theorem: Constant, header: Olean) -> bytes:
    """Return the shape of a statement, in which matchers of the module's own count by what they are.

    Their names say nothing: Lean makes a matcher once a module, for whichever statement needs it first. The header's
    are the same in every module and count by name.
    """
    contents: dict[Name, bytes] = {}
    statement, known = replace(theorem, value=None), declared(header)
    found = {each.name for each in reached(olean, statement, set(), header) if _is_matcher(each)} - known
    for name in in_order(olean, found):
        contents[name] = definition_shape(olean, olean.constants[name], contents)
    return type_shape(olean, theorem, contents)
