"""The prelude against the real Lean, construct by construct, and its own soundness."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from math import gcd
from pathlib import Path

import pytest

import filter.embedded as embedded
from filter.toolchain import STANDARD_AXIOMS
from tests.filter.judging import accepted, axioms_in, messages_by_line
from tests.filter.prelude_table import FORBIDDEN, ROWS, Row

SOURCES = sorted((Path(embedded.SOURCES) / "Remains").glob("*.lean"))
WRITTEN = [file for file in SOURCES if file.name != "Bindings.lean"]

COMPILER_AXIOMS = {"lcErased", "lcAny", "lcVoid", "lcProof", "lcCast", "lcUnreachable"}
"""What the code generator asks for by name; `unsafe`, so that the kernel lets no theorem use them."""
TAKEN_AXIOMS = {"sorryAx", "Lean.reduceBool", "Lean.reduceNat"}
SYNTAX_MODULES = ("Syntax", "Guard")
SYNTAX_TYPES = {"Lean.ParserDescr", "Lean.TrailingParserDescr", "Lean.Macro", "Lean.PrettyPrinter.Unexpander"}


@pytest.fixture(scope="module")
def honest() -> dict[str, bool]:
    return dict(zip([row.construct for row in ROWS], accepted([row.honest for row in ROWS]), strict=True))


@pytest.fixture(scope="module")
def wrong() -> dict[str, bool]:
    return dict(zip([row.construct for row in ROWS], accepted([row.wrong for row in ROWS]), strict=True))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.construct)
def test_an_honest_proof_passes_and_its_wrong_twin_fails(row: Row, honest: dict, wrong: dict) -> None:
    assert honest[row.construct]
    assert not wrong[row.construct]


def test_every_row_has_its_own_name() -> None:
    assert len({row.construct for row in ROWS}) == len(ROWS)


@pytest.fixture(scope="module")
def forbidden() -> dict[str, bool]:
    return dict(zip(FORBIDDEN, accepted(list(FORBIDDEN.values())), strict=True))


@pytest.mark.parametrize("trick", FORBIDDEN)
def test_a_trick_is_no_proof_even_before_any_scan(trick: str, forbidden: dict) -> None:
    assert not forbidden[trick]


# What the kernel computes by name

EQUATIONS = {
    "Nat.add": ("Nat.add n 0 = n", "Nat.add n (.succ m) = .succ (Nat.add n m)"),
    "Nat.sub": ("Nat.sub n 0 = n", "Nat.sub n (.succ m) = Nat.pred (Nat.sub n m)"),
    "Nat.pred": ("Nat.pred 0 = 0", "Nat.pred (.succ n) = n"),
    "Nat.mul": ("Nat.mul n 0 = 0", "Nat.mul n (.succ m) = Nat.add (Nat.mul n m) n"),
    "Nat.pow": ("Nat.pow n 0 = 1", "Nat.pow n (.succ m) = Nat.mul (Nat.pow n m) n"),
    "Nat.beq": (
        "Nat.beq 0 0 = true",
        "Nat.beq 0 (.succ m) = false",
        "Nat.beq (.succ n) 0 = false",
        "Nat.beq (.succ n) (.succ m) = Nat.beq n m",
    ),
    "Nat.ble": (
        "Nat.ble 0 0 = true",
        "Nat.ble 0 (.succ m) = true",
        "Nat.ble (.succ n) 0 = false",
        "Nat.ble (.succ n) (.succ m) = Nat.ble n m",
    ),
    "Nat.div": ("Nat.div n m = if 0 < m ∧ m ≤ n then Nat.div (n - m) m + 1 else 0",),
    "Nat.mod": ("Nat.mod n m = if 0 < m ∧ m ≤ n then Nat.mod (n - m) m else n",),
    "Nat.gcd": ("Nat.gcd 0 m = m", "Nat.gcd (.succ n) m = Nat.gcd (m % .succ n) (.succ n)"),
    "Nat.log2": ("Nat.log2 n = if 2 ≤ n then Nat.log2 (n / 2) + 1 else 0",),
    "Nat.land": ("Nat.land n m = Nat.bitwise and n m",),
    "Nat.lor": ("Nat.lor n m = Nat.bitwise or n m",),
    "Nat.xor": ("Nat.xor n m = Nat.bitwise Bool.xor n m",),
    "Nat.shiftLeft": ("Nat.shiftLeft n 0 = n", "Nat.shiftLeft n (.succ m) = Nat.shiftLeft (2 * n) m"),
    "Nat.shiftRight": ("Nat.shiftRight n 0 = n", "Nat.shiftRight n (.succ m) = Nat.shiftRight n m / 2"),
    "String.ofList": ('String.ofList [Char.ofNat 97, Char.ofNat 98] = "ab"', '"é".toList = [Char.ofNat 233]'),
    "Char.ofNat": ("(Char.ofNat 97).toNat = 97", "(Char.ofNat 0xd800).toNat = 0"),
    "eagerReduce": ("eagerReduce n = n",),
}
"""Equations with variables, which the kernel cannot shortcut: by induction they leave one possible function each."""
PROOF = "by first | rfl | exact Nat.div_eq n m | exact Nat.mod_eq n m | exact Nat.gcd_succ n m | exact Nat.log2_def n"
BITWISE = (
    "Nat.bitwise f 0 m = cond (f false true) m 0 := rfl",
    "Nat.bitwise f n 0 = cond (f true false) n 0 := Nat.bitwise_zero_right f n",
    "Nat.bitwise f (n + 1) (m + 1) = cond (f (decide ((n + 1) % 2 = 1)) (decide ((m + 1) % 2 = 1)))"
    " (2 * Nat.bitwise f ((n + 1) / 2) ((m + 1) / 2) + 1) (2 * Nat.bitwise f ((n + 1) / 2) ((m + 1) / 2))"
    " := Nat.bitwise_of_ne_zero (Nat.succ_ne_zero n) (Nat.succ_ne_zero m)",
)

OPERATIONS = {
    "Nat.add": lambda a, b: a + b,
    "Nat.sub": lambda a, b: max(a - b, 0),
    "Nat.mul": lambda a, b: a * b,
    "Nat.div": lambda a, b: a // b if b else 0,
    "Nat.mod": lambda a, b: a % b if b else a,
    "Nat.gcd": gcd,
    "Nat.land": lambda a, b: a & b,
    "Nat.lor": lambda a, b: a | b,
    "Nat.xor": lambda a, b: a ^ b,
    "Nat.beq": lambda a, b: str(a == b).lower(),
    "Nat.ble": lambda a, b: str(a <= b).lower(),
}
SMALL_OPERATIONS = {
    "Nat.pow": lambda a, b: a**b,
    "Nat.shiftLeft": lambda a, b: a << b,
    "Nat.shiftRight": lambda a, b: a >> b,
    "(fun a _ => Nat.log2 a)": lambda a, b: max(a.bit_length() - 1, 0),
}


def test_the_defining_equations_of_every_computed_name_hold() -> None:
    theorems = {
        f"{name}: {equation}": f"(n m : Nat) : {equation} := {PROOF}"
        for name, equations in EQUATIONS.items()
        for equation in equations
    }
    theorems |= {body: f"(f : Bool → Bool → Bool) (n m : Nat) : {body}" for body in BITWISE}
    verdicts = dict(zip(theorems, accepted(list(theorems.values())), strict=True))
    assert [name for name, fine in verdicts.items() if not fine] == []


def _values(seed: int) -> Iterator[tuple[str, int, int, object]]:
    rng = random.Random(seed)
    pairs = [(0, 0), (0, 5), (5, 0), (12, 10), (7, 7), *((rng.getrandbits(90), rng.getrandbits(60)) for _ in range(6))]
    small = [(0, 0), (0, 3), (3, 0), (2, 10), *((rng.getrandbits(30), rng.randrange(40)) for _ in range(4))]
    for operations, cases in ((OPERATIONS, pairs), (SMALL_OPERATIONS, small)):
        for name, operation in operations.items():
            yield from ((name, a, b, operation(a, b)) for a, b in cases)


def test_the_kernel_computes_what_python_computes() -> None:
    cases = list(_values(seed=11))
    right = accepted([f": {name} {a} {b} = {value} := rfl" for name, a, b, value in cases])
    assert [case for case, fine in zip(cases, right, strict=True) if not fine] == []
    numbers = [case for case in cases if isinstance(case[3], int)]
    off_by_one = accepted([f": {name} {a} {b} = {int(value) + 1} := rfl" for name, a, b, value in numbers])
    assert [case for case, fine in zip(numbers, off_by_one, strict=True) if fine] == []


@pytest.mark.parametrize(
    ("unfolded", "computed"),
    [
        ("Nat.bitwise and", "Nat.land"),
        ("Nat.bitwise or", "Nat.lor"),
        ("Nat.bitwise Bool.xor", "Nat.xor"),
        ("fun a b => Nat.div.go (b + 1) (a + 1) a", "fun a b => Nat.div a (b + 1)"),
        ("fun a b => Nat.modCore a (b + 1)", "fun a b => Nat.mod a (b + 1)"),
        ("fun a b => Nat.gcd.go (a + 1) a b", "Nat.gcd"),
        ("fun a _ => Nat.log2.go a a", "fun a _ => Nat.log2 a"),
    ],
)
def test_the_definition_unfolds_to_what_the_kernel_computes(unfolded: str, computed: str) -> None:
    theorem = f": ∀ a < 24, ∀ b < 24, ({unfolded}) a b = ({computed}) a b := by decide +kernel"
    assert accepted([theorem, theorem.replace("= (", "= Nat.succ <| (", 1)], "-DmaxRecDepth=10000") == [True, False]


def test_no_document_can_define_a_computed_name() -> None:
    names = ["Bool", "List", "Char", "String", "Quot.mk", "Lean.reduceBool", "Lean.reduceNat", "Nat", *EQUATIONS]
    said = messages_by_line("".join(f"axiom {name} : Prop\n" for name in names))
    for line, name in enumerate(names, start=1):
        assert any("already been declared" in message["data"] for message in said.get(line, [])), name


# The prelude itself


def _declared(file: Path, keyword: str) -> Iterator[str]:
    """The full names of the declarations of one source file."""
    spaces: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"namespace (\S+)", line):
            spaces += found[1].split(".")
        elif (found := re.match(r"end (\S+)", line)) and spaces:
            del spaces[-len(found[1].split(".")) :]
        elif found := re.match(rf"(?:@\[.*?\] )?(?:protected |private |unsafe )*{keyword} (\S+?)(?:\.\{{|\s|$)", line):
            name = found[1]
            yield name.removeprefix("_root_.") if name.startswith("_root_.") else ".".join([*spaces, name])


def test_everything_in_the_prelude_rests_on_standard_axioms() -> None:
    files = [file for file in WRITTEN if file.stem not in SYNTAX_MODULES]
    names = [
        name for file in files for name in _declared(file, "(?:theorem|instance|def|abbrev)") if name[0] not in ":({["
    ]
    assert len(names) > 900
    said = messages_by_line("".join(f"#print axioms {name}\n" for name in names))
    for line, name in enumerate(names, start=1):
        (answer,) = [message["data"] for message in said[line]]
        assert axioms_in(answer) <= STANDARD_AXIOMS, (name, answer)


def test_the_modules_about_syntax_prove_nothing() -> None:
    for name in SYNTAX_MODULES:
        assert not list(_declared(embedded.SOURCES / "Remains" / f"{name}.lean", "theorem"))


def test_the_axioms_of_the_prelude_are_the_known_ones() -> None:
    declared = {
        name for file in WRITTEN if file.name in ("Types.lean", "Kernel.lean") for name in _declared(file, "axiom")
    }
    assert declared == STANDARD_AXIOMS | COMPILER_AXIOMS | TAKEN_AXIOMS
    for name in ("Logic.lean", "Numbers.lean", "Lists.lean"):
        assert not list(_declared(embedded.SOURCES / "Remains" / name, "axiom"))


def test_no_bound_name_is_a_proposition() -> None:
    bindings = (embedded.SOURCES / "Remains" / "Bindings.lean").read_text(encoding="utf-8")
    types = re.findall(r"^@\[.*\] axiom .* : (\S+)$", bindings, re.MULTILINE)
    assert set(types) == SYNTAX_TYPES
    assert len(types) == bindings.count("axiom ")


def test_nothing_in_the_prelude_is_sorried() -> None:
    for file in SOURCES:
        words = re.findall(r"[\w.]+", file.read_text(encoding="utf-8"))
        assert not {"sorry", "admit", "native_decide", "skipKernelTC"} & set(words), file
