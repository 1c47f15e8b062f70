"""The teacher before the real Lean: every kind of proof of every family, in one document of many theorems."""

from __future__ import annotations

from random import Random

import pytest

from recipes.quickstart.noise import corrupt
from recipes.quickstart.problems import FAMILIES, Mix, generate
from recipes.quickstart.teacher import proofs
from tests.recipes.lean import first_errors


def test_lean_accepts_every_proof_of_the_teacher() -> None:
    pairs = [
        (problem.statement, proof)
        for problem in generate(320, seed=11)
        for proof in proofs(problem, Random(problem.statement), 3)
    ]
    errors = first_errors(pairs)
    assert not errors, "\n".join(f"{''.join(pairs[index])}\n-- {error}" for index, error in errors.items())


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_lean_accepts_every_proof_in_each_family(family: str) -> None:
    mix = Mix(families=((family, 1.0),), difficulties=(0.1, 0.2, 0.3, 0.2, 0.2))
    pairs = [
        (problem.statement, proof)
        for problem in generate(300, seed=12, mix=mix)
        for proof in proofs(problem, Random(problem.statement), 5)
    ]
    errors = first_errors(pairs)
    assert not errors, "\n".join(f"{''.join(pairs[index])}\n-- {error}" for index, error in errors.items())


def test_lean_refuses_most_spoilt_proofs() -> None:
    rng = Random(0)
    pairs = [
        (problem.statement, corrupt(proof, rng))
        for problem in generate(200, seed=13)
        for proof in proofs(problem, rng, 1)
    ]
    assert 0.6 < len(first_errors(pairs)) / len(pairs) < 1


def test_lean_refuses_the_proof_of_another_statement() -> None:
    statement = "theorem t (p q : Prop) (h1 : p ∨ q) : q ∨ p := by"
    assert first_errors([(statement, "\n  exact h1"), (statement, "\n  exact h1.symm")]).keys() == {0}
