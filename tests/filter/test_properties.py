"""Whatever a model may write, over and over: no run breaks, nothing unprovable is verified, and no alarm is raised."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filter.pool import LeanPool, PoolConfig
from filter.toolchain import Toolchain
from filter.verdict import ALARMS, Candidate, Judgement, Verdict
from recipes.quickstart.problems import generate
from recipes.quickstart.teacher import proofs
from tests.filter import honest, hostile
from tests.filter.conftest import candidate

SLOW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
WORDS = sorted(
    {word for _, text in honest.ROWS for word in text.split()} | {"sorry", "«", "»", "/-", "-/", "by", "\n  "}
)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Z", "C"]), max_size=60).map(
        lambda text: f"\n  {text}"
    ),
    st.lists(st.sampled_from(WORDS), max_size=12).map(lambda words: "\n  " + " ".join(words)),
    st.sampled_from([text for _, _, text in hostile.ROWS]),
)


@pytest.fixture(scope="module")
def opened(toolchain: Toolchain) -> Iterator[LeanPool]:
    with LeanPool(toolchain, PoolConfig(workers=2, seconds=20.0, audit_share=0.0)) as pool:
        yield pool


def _judge(pool: LeanPool, candidates: list[Candidate]) -> list[Judgement]:
    found = list(pool.judge(candidates))
    assert len(found) == len(candidates)
    assert all(judgement is not None for _, judgement in found)
    return [judgement for _, judgement in found if judgement]


@pytest.mark.slow
@SLOW
@given(st.lists(TEXTS, min_size=20, max_size=60))
def test_no_text_proves_what_is_false(opened: LeanPool, texts: list[str]) -> None:
    statements = (hostile.FALSE, hostile.ABSURD, hostile.NUMBERS)
    found = _judge(opened, [candidate(statements[i % 3], text, str(i)) for i, text in enumerate(texts)])
    assert not [each for each in found if each.verdict is Verdict.VERIFIED or each.verdict in ALARMS]


@pytest.mark.slow
@SLOW
@given(st.integers(0, 2**32))
def test_edits_of_true_proofs_raise_no_alarm_and_prove_no_other_statement(opened: LeanPool, seed: int) -> None:
    """Every accepted edit stands the second look and the kernel, or it would be `unconfirmed`."""
    rng = random.Random(seed)
    edited = [(statement, _edit(text, rng)) for statement, text in rng.sample(honest.ROWS, 40)]
    found = _judge(opened, [candidate(statement, text, str(i)) for i, (statement, text) in enumerate(edited)])
    assert not [each for each in found if each.verdict in ALARMS]
    other = _judge(opened, [candidate(hostile.FALSE, text, f"other {i}") for i, (_, text) in enumerate(edited)])
    assert not [each for each in other if each.verdict is Verdict.VERIFIED or each.verdict in ALARMS]


def _edit(text: str, rng: random.Random) -> str:
    """Drop, double, swap or replace a piece, one to three times."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        start = rng.randrange(len(text))
        end = min(len(text), start + rng.choice((1, 1, 2, 5, 12)))
        piece = text[start:end]
        new = rng.choice(
            ("", piece * 2, piece[::-1], rng.choice(WORDS), chr(rng.choice((0x200B, 0x3BB, 0x2203, 0x27))))
        )
        text = text[:start] + new + text[end:] or " "
    return text


def test_more_than_two_hundred_true_proofs_are_verified(opened: LeanPool) -> None:
    rng = random.Random(5)
    taught = [(problem.statement, text) for problem in generate(90, 5) for text in proofs(problem, rng, 2)]
    rows = list(dict.fromkeys([*honest.ROWS, *taught]))
    assert len(rows) > 200
    found = _judge(opened, [candidate(statement, text, str(i)) for i, (statement, text) in enumerate(rows)])
    assert [each for each in found if each.verdict is not Verdict.VERIFIED] == []
