"""The second look refuses by itself, without the scan and without the first look."""

from __future__ import annotations

import pytest

from filter.confirm import Confirmer, Refuted
from filter.document import Problem, Proof
from filter.engine import Engine
from filter.process import Limits
from filter.toolchain import Toolchain

SWAP = Problem("", "t", "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by")
FALSE = Problem("", "t", "theorem t (p q : Prop) (h : p) : q := by")
GOOD = Proof(SWAP, "\n  exact match h with | ⟨a, b⟩ => ⟨b, a⟩")


@pytest.fixture(scope="module")
def confirmer(toolchain: Toolchain) -> Confirmer:
    return Confirmer(Engine(toolchain, 2000), Limits(30.0, 2048, 2000))


def test_proofs_that_share_a_matcher_are_confirmed_together(confirmer: Confirmer) -> None:
    assert confirmer.confirm([GOOD, GOOD, GOOD]) == [None, None, None]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\n  sorry", "rests on sorryAx"),
        ("\n  exact h.1", "does not compile"),
        ("\n  exact ⟨h.2, h.1⟩\naxiom more : False", "declares"),
        ("\n  exact ⟨h.2, h.1⟩\naxiom t.more : False", "declares"),
        ("\n  exact ⟨h.2, h.1⟩\ntheorem more : True := trivial", "declares"),
        ("\n  exact ⟨h.2, h.1⟩\ninductive t.More | one", "it "),
        ("\n  exact ⟨h.2, h.1⟩\ninductive More | one", "it "),
        ("\n  exact ⟨h.2, h.1⟩\nend Nowhere", "does not compile"),
    ],
)
def test_what_leaves_more_than_a_theorem_is_refuted(confirmer: Confirmer, text: str, reason: str) -> None:
    first, found, last = confirmer.confirm([GOOD, Proof(SWAP, text), GOOD])
    assert (first, last) == (None, None)
    assert isinstance(found, Refuted)
    assert reason in found.reason


def test_a_helper_that_rests_on_sorry_refutes_the_theorem(confirmer: Confirmer) -> None:
    text = "\n  exact u\nwhere\n  u : q := sorry"
    [found] = confirmer.confirm([Proof(FALSE, text)])
    assert isinstance(found, Refuted)
    assert "sorryAx" in found.reason


def test_a_proof_that_leans_on_another_sample_is_looked_at_alone(confirmer: Confirmer) -> None:
    """`exact?` finds the theorem of the sample before it; alone it has nothing to find."""
    odd = Problem("", "t", "theorem t (f : Nat → Nat) (h : ∀ n, f n = 2 * n) : f 3 = f 2 + 2 := by")
    proof = Proof(odd, "\n  rw [h, h]")
    assert confirmer.confirm([proof]) == [None]
    first, second = confirmer.confirm([proof, Proof(odd, "\n  exact?")])
    assert first is None
    assert isinstance(second, Refuted)
