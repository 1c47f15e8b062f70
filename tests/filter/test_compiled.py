"""What a compiled module may hold, and whose word counts where two modules declare the same name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from filter.compiled import intruder, odd_table, reached, shape
from filter.olean import Olean
from filter.process import ERROR, Limits, run_lean
from filter.toolchain import Toolchain

SPACE = "s_0123456789abcdef"
Compile = Callable[[str], Olean]


@pytest.fixture
def compiled(toolchain: Toolchain, tmp_path: Path) -> Compile:
    def run(text: str) -> Olean:
        target = tmp_path / f"{len(list(tmp_path.iterdir()))}.olean"
        outcome = run_lean(toolchain, toolchain.preamble + text, Limits(30.0, 2048, 500), olean=target)
        assert outcome.failure is None
        assert not [each for each in outcome.diagnostics if each.severity == ERROR]
        return Olean.read(target)

    return run


def test_an_axiom_of_the_header_stays_one_though_the_module_calls_it_a_theorem(compiled: Compile) -> None:
    header = compiled("axiom given : True\n")
    module = compiled("theorem given : True := trivial\ntheorem t : True := given\n")
    kinds = {each.name: each.kind for each in reached(module, module.constants[("t",)], set(), header)}
    assert kinds == {("t",): "theorem", ("given",): "axiom"}


def test_a_statement_with_a_match_is_itself_whichever_matcher_lean_took(compiled: Compile) -> None:
    """The second theorem takes the first one's matcher; the third one's pattern is another."""
    match, spaces = "(match n with | 0 => 1 | k + 1 => {}) = 0", [f"s_{digit * 16}" for digit in "abc"]
    texts = [
        f"namespace {space}\naxiom t (n : Nat) : {match.format(what)}\nend {space}\n"
        for space, what in zip(spaces, ("k", "k", "n"), strict=True)
    ]
    module, apart = compiled("".join(texts)), compiled(texts[1])
    a, b, c = (shape(module, module.constants[(space, "t")], module) for space in spaces)
    assert a == b == shape(apart, apart.constants[(spaces[1], "t")], apart)
    assert c != a


@pytest.mark.parametrize(
    ("text", "stranger"),
    [
        ("theorem t (n : Nat) : List.length [n] = 1 := by simp [List.length]\n", None),
        (
            "theorem t (n : Nat) : n = n := go n where\n  go : (n : Nat) → n = n\n    | 0 => rfl\n    | _ + 1 => rfl\n",
            None,
        ),
        ("theorem t : True := trivial\ntheorem u : True := trivial\n", (SPACE, "u")),
        ("theorem t : True := trivial\naxiom t.eq_1 : True\n", (SPACE, "t", "eq_1")),
        ("theorem t : True := trivial\naxiom _root_.Nat.Mine.eq_1 : True\n", ("Nat", "Mine", "eq_1")),
    ],
)
def test_a_name_that_is_neither_the_theorems_own_nor_made_on_demand_is_found(
    compiled: Compile, text: str, stranger: tuple[str, ...] | None
) -> None:
    header, module = compiled(""), compiled(f"namespace {SPACE}\n{text}end {SPACE}\n")
    assert intruder(module, header, {(SPACE, "t")}) == stranger
    assert odd_table(module, header) is None


def test_an_attribute_leaves_a_table_that_no_theorem_fills(compiled: Compile) -> None:
    header, module = compiled(""), compiled("@[reducible, instance] def t : Inhabited Nat := ⟨0⟩\n")
    assert odd_table(module, header) is not None
