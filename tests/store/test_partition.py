"""The views of the method's quantities against independent Python, and against enumeration."""

from __future__ import annotations

import itertools
import math
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from store.corpus import Corpus
from tests.store.building import fill, problem, sample, verdict


def ask(corpus: Corpus, query: str) -> list[dict[str, Any]]:
    with corpus.connect() as connection:
        return connection.sql(query).to_arrow_table().to_pylist()


def one_problem(root: Path, results: list[bool], **columns: Any) -> Corpus:
    row = problem("a")
    draws = [sample(row["problem_id"], "base", index, **columns) for index in range(len(results))]
    verdicts = [verdict(draw, "verified" if ok else "error") for draw, ok in zip(draws, results, strict=True)]
    return fill(root, problems=[row], samples=draws, verdicts=verdicts)


@pytest.mark.parametrize("n", [1, 2, 7, 48, 64, 256])
def test_the_interval_is_jeffreys(n: int, tmp_path: Path) -> None:
    corpus = Corpus.open(tmp_path, create=True)
    ks = sorted({0, 1, n // 3, n // 2, n - 1, n})
    found = ask(
        corpus,
        f"SELECT k, jeffreys_quantile(0.025, k, {n}) AS low, jeffreys_quantile(0.975, k, {n}) AS high FROM unnest({ks}) t(k)",
    )
    for row in found:
        expected = beta(row["k"] + 0.5, n - row["k"] + 0.5).ppf([0.025, 0.975])
        np.testing.assert_allclose([row["low"], row["high"]], expected, atol=1e-10)


def test_a_solved_problem_has_its_pass_rate(tmp_path: Path) -> None:
    (row,) = ask(one_problem(tmp_path, [True, False, False, True]), "FROM partition")
    expected = beta(2.5, 2.5).ppf([0.025, 0.975])
    assert (row["n"], row["n_verified"], row["z"], row["status"]) == (4, 2, 0.5, "solved")
    assert (row["z_importance"], row["ess"]) == (0.5, 4.0)
    assert row["log_partition"] == math.log(0.5)
    np.testing.assert_allclose([row["z_low"], row["z_high"]], expected, atol=1e-10)


def test_an_unsolved_problem_is_named_and_has_the_floor(tmp_path: Path) -> None:
    (row,) = ask(one_problem(tmp_path, [False, False]), "FROM partition")
    assert (row["status"], row["z"], row["z_low"]) == ("unsolved", 0.0, 0.0)
    assert row["log_partition"] == pytest.approx(math.log(1e-4))
    assert row["z_high"] == pytest.approx(beta(0.5, 2.5).ppf(0.975))


def test_a_verified_draw_of_an_unknown_distribution_gives_no_estimate(tmp_path: Path) -> None:
    (row,) = ask(one_problem(tmp_path, [True, False], logprob_sampler=None), "FROM partition")
    assert (row["status"], row["z"], row["z_importance"], row["log_partition"]) == ("unknown", None, None, None)


def test_imported_text_counts_as_plain_draws(tmp_path: Path) -> None:
    (row,) = ask(one_problem(tmp_path, [True, False], log_policy=None), "FROM partition")
    assert (row["status"], row["z"], row["z_importance"]) == ("solved", 0.5, None)
    assert row["log_partition"] == math.log(0.5)


def test_a_truncated_sampler_is_weighted(tmp_path: Path) -> None:
    # q is twice as likely as π to give each of these draws, so the estimate is half the pass rate.
    (row,) = ask(one_problem(tmp_path, [True, False], logprob_sampler=-1.0 + math.log(2)), "FROM partition")
    assert (row["z"], row["z_low"]) == (None, None)
    assert row["z_importance"] == pytest.approx(0.25)
    assert row["log_partition"] == pytest.approx(math.log(0.25))


def policies_of_three_tokens() -> dict[str, dict[str, float]]:
    """Two policies over all 27 sequences of three letters; tokens depend on the one before."""
    random = np.random.default_rng(5)
    policies = {}
    for name, sharpness in (("base", 1.0), ("tuned", 2.0)):
        tables = np.exp(sharpness * random.normal(size=(4, 3)))
        tables /= tables.sum(axis=1, keepdims=True)
        policies[name] = {
            "".join(map(str, tokens)): float(np.prod(tables[[3, *tokens[:-1]], tokens]))
            for tokens in itertools.product(range(3), repeat=3)
        }
    return policies


PROOFS_OF_THREE_TOKENS = ("012", "200", "111")


def drawn_corpus(root: Path, n_base: int, n_tuned: int, seed: int) -> tuple[Corpus, float]:
    """Draw from both policies and score each under the other; return the exact Z of the base too."""
    policies, random, row = policies_of_three_tokens(), np.random.default_rng(seed), problem("a")
    draws, scores, verdicts = [], [], []
    for name, other, n in (("base", "tuned", n_base), ("tuned", "base", n_tuned)):
        texts = random.choice(list(policies[name]), size=n, p=list(policies[name].values()))
        for index, text in enumerate(texts):
            draw = sample(
                row["problem_id"], name, index, completion=str(text), log_policy=math.log(policies[name][text])
            )
            draws.append(draw)
            scores.append((draw["sample_id"], other, math.log(policies[other][text])))
            verdicts.append(verdict(draw, "verified" if text in PROOFS_OF_THREE_TOKENS else "error"))
    exact = sum(policies["base"][text] for text in PROOFS_OF_THREE_TOKENS)
    return fill(root, problems=[row], samples=draws, verdicts=verdicts, scores=scores), exact


def test_the_balance_heuristic_finds_the_exact_partition_function(tmp_path: Path) -> None:
    corpus, exact = drawn_corpus(tmp_path, 4000, 8000, seed=1)
    (row,) = ask(corpus, "FROM partition WHERE policy_id = 'base'")
    assert row["z_importance"] == pytest.approx(exact, rel=0.06)
    assert row["log_partition"] == math.log(row["z_importance"])
    assert 4000 < row["ess"] <= 12000


def test_the_balance_heuristic_is_its_formula(tmp_path: Path) -> None:
    corpus, _ = drawn_corpus(tmp_path, 7, 11, seed=2)
    policies = policies_of_three_tokens()
    texts = [row["completion"] for row in ask(corpus, "SELECT completion FROM samples")]
    for name in ("base", "tuned"):
        weights = [
            policies[name][text] / (7 / 18 * policies["base"][text] + 11 / 18 * policies["tuned"][text])
            for text in texts
        ]
        proved = [text in PROOFS_OF_THREE_TOKENS for text in texts]
        (row,) = ask(corpus, f"FROM partition WHERE policy_id = '{name}'")
        assert row["z_importance"] == pytest.approx(np.dot(weights, proved) / 18)
        assert row["ess"] == pytest.approx(sum(weights) ** 2 / sum(weight**2 for weight in weights))


def test_a_missing_score_leaves_the_pass_rate(tmp_path: Path) -> None:
    corpus, _ = drawn_corpus(tmp_path, 40, 30, seed=3)
    row = problem("a")
    stranger = sample(row["problem_id"], "base", 99, log_policy=math.log(0.01), completion="012")
    fill(tmp_path, samples=[stranger], verdicts=[verdict(stranger)])  # nobody scored it under `tuned`
    (found,) = ask(corpus, "FROM partition WHERE policy_id = 'base'")
    assert (found["z_importance"], found["ess"]) == (None, None)
    assert found["log_partition"] == math.log(found["n_verified"] / 41)


def test_a_policys_own_rescoring_changes_nothing(tmp_path: Path) -> None:
    corpus = one_problem(tmp_path, [True, False, False])
    (before,) = ask(corpus, "FROM partition")
    identities = [row["sample_id"] for row in ask(corpus, "SELECT sample_id FROM samples")]
    fill(tmp_path, scores=[(identity, "base", -1.01) for identity in identities])
    assert ask(corpus, "FROM partition") == [before]
    assert len(ask(corpus, "FROM weights")) == 3


def test_other_policies_draws_alone_give_an_estimate(tmp_path: Path) -> None:
    row = problem("a")
    draws = [sample(row["problem_id"], "tuned", index, log_policy=math.log(0.5)) for index in range(4)]
    verdicts = [verdict(draw, "verified" if index == 0 else "error") for index, draw in enumerate(draws)]
    scores = [(draw["sample_id"], "base", math.log(0.1)) for draw in draws]
    corpus = fill(tmp_path, problems=[row], samples=draws, verdicts=verdicts, scores=scores)
    (found,) = ask(corpus, "FROM partition WHERE policy_id = 'base'")
    assert (found["n"], found["z"], found["status"]) == (0, None, "solved")
    assert found["z_importance"] == pytest.approx(0.25 * 0.1 / 0.5)


draw_of_a_proof = st.tuples(st.booleans(), st.floats(-2000, -0.01), st.floats(-3, 3))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(draw_of_a_proof, min_size=1, max_size=6), min_size=1, max_size=4), st.floats(0, 1))
def test_sql_and_torch_agree_on_the_weights(table: list[list[tuple[bool, float, float]]], alpha: float) -> None:
    rows = [problem(f"t{index}") for index in range(len(table))]
    draws, verdicts, expected = [], [], {}
    for row, results in zip(rows, table, strict=True):
        log_policy = torch.tensor([value for _, value, _ in results], dtype=torch.float64)
        log_sampler = log_policy + torch.tensor([shift for _, _, shift in results], dtype=torch.float64)
        verified = torch.tensor([ok for ok, _, _ in results])
        z = (verified * (log_policy - log_sampler).exp()).mean()
        log_ratio = log_policy - z.log() - log_sampler if z > 0 else torch.zeros_like(log_policy)
        weights = torch.where(verified, ((1 - alpha) * log_ratio).exp(), 0.0)
        for index, (ok, _, _) in enumerate(results):
            draw = sample(row["problem_id"], "base", index, log_policy=float(log_policy[index]))
            draws.append({**draw, "logprob_sampler": float(log_sampler[index])})
            verdicts.append(verdict(draw, "verified" if ok else "error"))
            expected[draw["sample_id"]] = float(weights[index])
    with tempfile.TemporaryDirectory() as folder:
        corpus = fill(Path(folder), problems=rows, samples=draws, verdicts=verdicts)
        with corpus.connect() as connection:
            query = "SELECT sample_id, weight FROM importance_weight($alpha)"
            found = dict(connection.execute(query, {"alpha": alpha}).fetchall())
    assert found.keys() == expected.keys()
    for identity, weight in expected.items():
        assert found[identity] == pytest.approx(weight, rel=1e-9)


def test_weights_know_base_sampler_and_target_apart(tmp_path: Path) -> None:
    row = problem("a")
    mine = sample(row["problem_id"], "base", 0, log_policy=-2000.0)
    theirs = sample(row["problem_id"], "tuned", 1, log_policy=-1990.0)
    corpus = fill(
        tmp_path, problems=[row], samples=[mine, theirs], verdicts=[verdict(mine), verdict(theirs, "error")],
        scores=[(theirs["sample_id"], "base", -2005.0), (mine["sample_id"], "tuned", -1995.0)],
    )  # fmt: skip
    found = {row["sample_id"]: row for row in ask(corpus, "FROM weights WHERE base_policy_id = 'base'")}
    assert len(found) == 2
    first, second = found[mine["sample_id"]], found[theirs["sample_id"]]
    assert (first["log_base"], first["log_sampler"], first["verified"]) == (-2000.0, -2000.0, True)
    assert first["log_target"] == -2000.0 - first["log_partition"]
    assert first["log_ratio"] == pytest.approx(-first["log_partition"])
    assert (second["log_base"], second["log_sampler"], second["log_target"]) == (-2005.0, -1990.0, None)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=9), min_size=1, max_size=4), st.integers(1, 9))
def test_pass_at_k_is_the_share_of_subsets_with_a_proof(table: list[list[bool]], k: int) -> None:
    rows = [problem(f"t{index}") for index in range(len(table))]
    draws = [
        (sample(row["problem_id"], "base", index), ok)
        for row, results in zip(rows, table, strict=True)
        for index, ok in enumerate(results)
    ]
    with tempfile.TemporaryDirectory() as folder:
        corpus = fill(
            Path(folder), problems=rows, samples=[draw for draw, _ in draws],
            verdicts=[verdict(draw, "verified" if ok else "error") for draw, ok in draws],
        )  # fmt: skip
        found = {row["problem_id"]: row["pass"] for row in ask(corpus, f"FROM pass_at_k({k})")}
    expected = {}
    for row, results in zip(rows, table, strict=True):
        subsets = list(itertools.combinations(results, k))
        if subsets:
            expected[row["problem_id"]] = float(Fraction(sum(map(any, subsets)), len(subsets)))
    assert found == pytest.approx(expected, abs=1e-12)


def test_diversity_counts_verified_proofs_only(tmp_path: Path) -> None:
    row = problem("a")
    texts = ["x", "x", "x", "y", "wrong", "wronger"]
    draws = [sample(row["problem_id"], "base", index, completion=text) for index, text in enumerate(texts)]
    verdicts = [verdict(draw, "verified" if index < 4 else "error") for index, draw in enumerate(draws)]
    (found,) = ask(fill(tmp_path, problems=[row], samples=draws, verdicts=verdicts), "FROM diversity")
    assert (found["n_verified"], found["n_distinct"], found["n_once"]) == (4, 2, 1)
    assert found["entropy"] == pytest.approx(0.75 * math.log2(4 / 3) + 0.25 * 2)
