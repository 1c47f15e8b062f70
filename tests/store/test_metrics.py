from __future__ import annotations

import itertools
import json
from math import comb
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.corpus import Corpus
from store.errors import UsageError
from store.metrics import bootstrap, compare, evaluate, pass_at_k, pass_curves, resample, shown
from store.schema import PROOF_FACTS
from tests.store.building import fill, problem, sample, verdict


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_pass_at_k_is_one_minus_a_ratio_of_binomials(counts: tuple[int, int]) -> None:
    n, c = counts
    expected = [1 - comb(n - c, k) / comb(n, k) for k in range(1, n + 1)]
    (found,) = pass_curves(np.array([n]), np.array([c]), n)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_pass_at_k_is_stable_for_many_draws() -> None:
    (found,) = pass_at_k(np.array([100_000]), np.array([1]), 50_000)
    assert found == pytest.approx(0.5, abs=1e-9)


def test_pass_at_k_is_unbiased() -> None:
    # A policy that succeeds with chance p: the mean of the estimator over Binomial(n, p) must be 1 − (1 − p)^k.
    n, k, p = 9, 4, 0.3
    chances = np.array([comb(n, c) * p**c * (1 - p) ** (n - c) for c in range(n + 1)])
    estimates = pass_at_k(np.full(n + 1, n), np.arange(n + 1), k)
    assert chances @ estimates == pytest.approx(1 - (1 - p) ** k, abs=1e-12)


def test_the_bootstrap_interval_agrees_with_all_resamples() -> None:
    values = np.array([0.0, 0.2, 0.5, 1.0])
    every = np.sort([np.mean(drawn) for drawn in itertools.product(values, repeat=4)])
    (found,) = bootstrap(values[:, None], resample(4, seed=0, times=200_000))
    assert found.estimate == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(every, [0.025, 0.975])), abs=0.026)


@pytest.mark.slow
def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    covered = 0
    for seed in range(400):
        skill = random.beta(0.5, 2.0, size=120)  # mean 0.2
        c = random.binomial(32, skill)
        (found,) = bootstrap(pass_at_k(np.full(120, 32), c, 1)[:, None], resample(120, seed, times=500))
        covered += found.low <= 0.2 <= found.high
    assert 0.91 <= covered / 400 <= 0.98


@settings(max_examples=20)
@given(st.integers(1, 30), st.integers(0, 5))
def test_a_resample_draws_as_many_problems_as_there_are(num_problems: int, seed: int) -> None:
    share = resample(num_problems, seed, times=50)
    np.testing.assert_allclose(share.sum(axis=1), 1.0)
    assert np.array_equal(share, resample(num_problems, seed, times=50))


def test_the_k_of_a_table_end_with_n() -> None:
    assert shown(64) == [1, 4, 16, 64]
    assert shown(20) == [1, 4, 16, 20]
    assert shown(1) == [1]


def two_policies(root: Path) -> Corpus:
    """Five held-out problems, one never sampled; `base` solves the first two, `tuned` the first three."""
    rows = [problem(f"t{index}", split="test") for index in range(5)] + [problem("other")]
    solved = {"base": [1, 2, 0, 0], "tuned": [4, 4, 2, 0]}
    draws, verdicts = [], []
    for name, counts in solved.items():
        for row, count in zip([*rows[:4]], counts, strict=True):
            for index in range(4):
                draw = sample(
                    row["problem_id"], name, index, completion=f"proof {min(index, 1)}" if index < count else f"wrong {index}",
                    finish_reason="length" if index == 3 and count == 0 else "stop",
                )  # fmt: skip
                draws.append(draw)
                verdicts.append(verdict(draw, "verified" if index < count else "error"))
        stray = sample(rows[5]["problem_id"], name)
        draws.append(stray)
        verdicts.append(verdict(stray))
    return fill(root, problems=rows, samples=draws, verdicts=verdicts)


def test_an_evaluation_counts_what_is_there(tmp_path: Path) -> None:
    result = evaluate(two_policies(tmp_path), "base", "test")
    assert (result.n, result.n_problems, result.n_missing, result.n_solved) == (4, 4, 1, 2)
    assert result.at(1).estimate == pytest.approx((1 / 4 + 2 / 4) / 4)
    assert result.at(2).estimate == pytest.approx((1 - 3 / 6 + 1 - 1 / 6) / 4)
    assert result.at(4).estimate == pytest.approx(0.5)
    assert result.distinct is not None
    assert result.distinct.estimate == pytest.approx((1 + 2) / 2)
    assert result.cut_share == pytest.approx(2 / 16)
    assert all(point.low <= point.estimate <= point.high for point in result.pass_at)
    assert "4 problems of split test, 4 draws each: 2 solved" in result.as_text()
    assert json.loads(result.as_json())["pass_at"][0]["estimate"] == result.at(1).estimate
    with pytest.raises(UsageError, match="only 4 draws"):
        result.at(5)


def test_an_evaluation_is_repeatable(tmp_path: Path) -> None:
    corpus = two_policies(tmp_path)
    assert evaluate(corpus, "base", "test") == evaluate(corpus, "base", "test")


def test_ways_are_sequences_of_tactics(tmp_path: Path) -> None:
    row = problem("a", split="test")
    draws = [sample(row["problem_id"], "base", index, completion=f"proof {index}") for index in range(4)]
    corpus = fill(tmp_path, problems=[row], samples=draws, verdicts=[verdict(draw) for draw in draws])
    assert evaluate(corpus, "base", "test").tactics is None
    facts = [
        {
            "sample_id": draw["sample_id"],
            "tactics": tactics,
            "premises": [],
            "num_chars": 1,
            "num_lines": 1,
            "num_steps": 1,
        }
        for draw, tactics in zip(draws, (["intro", "exact"], ["intro", "exact"], [], ["exact", "intro"]), strict=True)
    ]
    corpus.append_proof_facts(pa.Table.from_pylist(facts[:3], PROOF_FACTS))
    assert evaluate(corpus, "base", "test").tactics is None  # one proof's tactics are not known
    corpus.append_proof_facts(pa.Table.from_pylist(facts[3:], PROOF_FACTS))
    result = evaluate(corpus, "base", "test")
    assert result.tactics is not None
    assert result.tactics_entropy is not None
    assert (result.tactics.estimate, result.tactics_entropy.estimate) == (3, pytest.approx(1.5))  # ½, ¼, ¼
    assert result.distinct is not None
    assert result.distinct.estimate == 4


def test_nothing_solved_has_no_diversity(tmp_path: Path) -> None:
    row = problem("a", split="test")
    draw = sample(row["problem_id"], "base")
    corpus = fill(tmp_path, problems=[row], samples=[draw], verdicts=[verdict(draw, "error")])
    result = evaluate(corpus, "base", "test")
    assert result.distinct is None
    assert "solved problem -" in result.as_text()


def test_a_policy_without_judged_samples_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no judged samples of split test"):
        evaluate(two_policies(tmp_path), "nobody", "test")


def test_a_paired_difference_is_narrower_than_the_intervals_suggest(tmp_path: Path) -> None:
    corpus = two_policies(tmp_path)
    gain = compare(corpus, "tuned", "base", "test", 1)
    assert gain.estimate == pytest.approx(((1 + 1 + 0.5 + 0) - (0.25 + 0.5 + 0 + 0)) / 4)
    assert 0 <= gain.low <= gain.estimate <= gain.high <= 0.75
    same = compare(corpus, "base", "base", "test", 1)
    assert (same.low, same.estimate, same.high) == (0, 0, 0)
