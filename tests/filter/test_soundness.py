"""No text that does not prove its statement is ever verified, and no odd but true proof is refused."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from filter.pool import LeanPool, PoolConfig
from filter.toolchain import Toolchain
from filter.verdict import ALARMS, Verdict
from tests.filter import honest, hostile
from tests.filter.conftest import candidate

REFUSALS = {
    Verdict.POLICY,
    Verdict.ERROR,
    Verdict.SORRY,
    Verdict.AXIOM,
    Verdict.MISMATCH,
    Verdict.EMPTY,
    Verdict.NOT_UTF8,
    Verdict.TOO_LONG,
    Verdict.TIMEOUT,
}
HOSTILE = [
    candidate(statement, text, f"{family} {index}") for index, (family, statement, text) in enumerate(hostile.ROWS)
]
HONEST = [candidate(statement, text, f"honest {index}") for index, (statement, text) in enumerate(honest.ROWS)]


def test_no_hostile_text_is_verified_and_none_raises_an_alarm(pool: LeanPool) -> None:
    verdicts = {found.key: judgement for found, judgement in pool.judge(HOSTILE)}
    wrong = {key: found for key, found in verdicts.items() if found is None or found.verdict not in REFUSALS}
    assert len(verdicts) == len(HOSTILE) > 400
    assert wrong == {}


def test_every_odd_but_true_proof_is_verified(pool: LeanPool) -> None:
    verdicts = {found: judgement for found, judgement in pool.judge(HONEST)}
    refused = {
        found.completion: judgement
        for found, judgement in verdicts.items()
        if judgement is None or judgement.verdict is not Verdict.VERIFIED
    }
    assert len(verdicts) == len(HONEST) > 100
    assert refused == {}


def test_proofs_may_use_all_that_lean_makes_of_a_headers_declarations(pool: LeanPool) -> None:
    rows = [replace(candidate(*row), header=honest.HEADER) for row in honest.UNDER_HEADER]
    refused = [found for found in pool.judge(rows) if not found[1] or found[1].verdict is not Verdict.VERIFIED]
    assert refused == []


def test_a_verified_proof_names_its_axioms(pool: LeanPool) -> None:
    em = candidate("theorem t (p : Prop) : p ∨ ¬p := by", "\n  exact Classical.em p")
    plain = candidate("theorem t (p : Prop) (h : p) : p := by", "\n  exact h")
    found = {each.completion: judgement for each, judgement in pool.judge([em, plain])}
    assert found[plain.completion].axioms == ()
    assert set(found[em.completion].axioms) == {"propext", "Classical.choice", "Quot.sound"}


@pytest.mark.slow
def test_every_text_is_judged_in_a_crowd_as_in_a_document_of_its_own(toolchain: Toolchain) -> None:
    """Random mixtures of honest and hostile texts against documents of one sample each."""
    rng = random.Random(7)
    mixed = rng.sample([*HOSTILE, *HONEST], 240)
    with LeanPool(toolchain, PoolConfig(workers=2, document_size=1)) as single:
        alone = {found.key: judgement for found, judgement in single.judge(mixed)}
    for document_size in (7, 256):
        rng.shuffle(mixed)
        with LeanPool(toolchain, PoolConfig(workers=2, document_size=document_size, audit_share=0.2)) as pool:
            crowd = {found.key: judgement for found, judgement in pool.judge(mixed)}
            assert pool.counts.disagreements == []
        for each in mixed:
            here, there = crowd[each.key], alone[each.key]
            assert here is not None
            assert there is not None
            assert (here.verdict, here.axioms) == (there.verdict, there.axioms), each


def test_the_alarms_are_verdicts_that_no_refusal_uses() -> None:
    assert not ALARMS & REFUSALS
