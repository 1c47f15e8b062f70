"""Draws of several policies taken together: the SQL against plain Python, and against a policy that can be enumerated."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from store.corpus import Corpus
from store.schema import SCORES
from tests.store.building import fill, problem, sample, verdict
from train.objectives import Needs
from train.replay import choose_window, look_at
from train.selection import Drawn, Mixture, Selection
from train.selection import rows as select

POLICIES = ("base", "first", "second")
ROUNDS = tuple(enumerate(POLICIES))
Row = dict[str, object]


def mixture_rows(corpus: Corpus, drawn: Drawn, z: Drawn) -> list[dict[str, object]]:
    return list(select(corpus, Selection(split=None, mixture=Mixture(drawn, z)), "base"))


def random_corpus(root: Path, seed: int):
    """Two problems; each policy draws 1 to 6 samples of each, and has scored the proofs of the others."""
    rng = random.Random(seed)
    problems = [problem("a"), problem("b")]
    draws, scores, verdicts = [], [], []
    for one in problems:
        for number, policy in ROUNDS:
            for index in range(rng.randint(1, 6)):
                draw = sample(one["problem_id"], policy, index, completion=f"proof {rng.randint(0, 2)}")
                draw |= {"round": number, "logprob_policy": -rng.uniform(1, 9)}
                draw["logprob_sampler"] = draw["logprob_policy"]
                draws.append(draw)
                right = rng.random() < 0.6
                verdicts.append(verdict(draw, "verified" if right else "error"))
                if right:
                    scores += [
                        (str(draw["sample_id"]), other, -rng.uniform(1, 9)) for other in POLICIES if other != policy
                    ]
    return fill(root, problems=problems, samples=draws, verdicts=verdicts, scores=scores), draws, scores, verdicts


def expected(
    draws: list[Row], scores: list[tuple[str, str, float]], verdicts: list[Row], taken: tuple[str, ...]
) -> dict[str, dict]:
    """Σ over the mixture by hand: sample_id to log q, and problem_id to (n, log Z)."""
    right = {row["sample_id"] for row in verdicts if row["verdict"] == "verified"}
    density = {(sample_id, policy): value for sample_id, policy, value in scores}
    density |= {(row["sample_id"], row["policy_id"]): row["logprob_policy"] for row in draws}
    found: dict[str, dict] = {"log_q": {}, "n": {}, "z": {}}
    for name in {row["problem_id"] for row in draws}:
        mine = [row for row in draws if row["problem_id"] == name and row["policy_id"] in taken]
        proofs = [row["sample_id"] for row in mine if row["sample_id"] in right]
        counts = {policy: sum(row["policy_id"] == policy for row in mine) for policy in taken}
        for proof in proofs:
            q = sum(count / len(mine) * math.exp(density[proof, policy]) for policy, count in counts.items())
            found["log_q"][proof] = math.log(q)
        found["n"][name] = len(mine)
        found["z"][name] = sum(math.exp(density[one, "base"] - found["log_q"][one]) for one in proofs) / len(mine)
    return found


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("taken", [POLICIES, ("first", "second"), ("second",)])
def test_the_mixture_in_sql_is_the_sum_over_the_policies(tmp_path: Path, seed: int, taken: tuple[str, ...]) -> None:
    corpus, draws, scores, verdicts = random_corpus(tmp_path / "corpus", seed)
    rows, z = expected(draws, scores, verdicts, taken), expected(draws, scores, verdicts, POLICIES)
    drawn = tuple(pair for pair in ROUNDS if pair[1] in taken)
    found = mixture_rows(corpus, drawn, ROUNDS)
    got = {row["sample_id"]: row["log_sampler"] for row in found}
    assert got == pytest.approx(rows["log_q"], abs=1e-12)
    for row in found:
        assert row["n_samples"] == rows["n"][row["problem_id"]]
        assert math.exp(row["log_partition"]) == pytest.approx(z["z"][row["problem_id"]], abs=1e-12)


def test_single_tokens_are_known_of_one_policy_and_of_no_mixture(tmp_path: Path) -> None:
    one = problem("a")
    draws = [sample(one["problem_id"], policy, 0) | {"round": number} for number, policy in ROUNDS[:2]]
    for draw, values in zip(draws, ([-0.25, -0.75], [-0.5, -0.5]), strict=True):
        draw["token_logprobs"] = values
    corpus = fill(tmp_path / "corpus", problems=[one], samples=draws, verdicts=[verdict(draw) for draw in draws])
    scores = [
        {"sample_id": draws[place]["sample_id"], "logprob": -2.0, "token_logprobs": values}
        for place, values in ((0, [-1.5, -0.5]), (1, [-1.75, -0.25]))
    ]
    for policy, row in (("first", scores[0]), ("base", scores[1])):
        corpus.append_scores(pa.Table.from_pylist([row | {"policy_id": policy}], SCORES), policy_id=policy)

    def tokens(drawn: Drawn) -> dict[object, tuple[object, object]]:
        selection = Selection(split=None, mixture=Mixture(drawn, drawn), needs=Needs(tokens=True))
        rows = select(corpus, selection, "base")
        return {row["policy_id"]: (row["token_log_base"], row["token_log_sampler"]) for row in rows}

    assert tokens(ROUNDS[1:2]) == {"first": ([-1.75, -0.25], [-0.5, -0.5])}
    assert tokens(ROUNDS[:1]) == {"base": ([-0.25, -0.75], [-0.25, -0.75])}
    assert tokens(ROUNDS[:2]) == {"base": ([-0.25, -0.75], None), "first": ([-1.75, -0.25], None)}


def test_a_missing_score_leaves_no_number(tmp_path: Path) -> None:
    one = problem("a")
    draws = [sample(one["problem_id"], policy, 0) | {"round": number} for number, policy in ROUNDS[:2]]
    corpus = fill(tmp_path / "corpus", problems=[one], samples=draws, verdicts=[verdict(draw) for draw in draws])
    found = mixture_rows(corpus, ROUNDS[:2], ROUNDS[:2])
    assert [(row["log_partition"], row["log_sampler"]) for row in found] == [(None, None)] * 2
    assert {row["log_base"] for row in found} == {None, -1.0}


def test_z_and_the_weights_are_unbiased_for_a_policy_that_can_be_enumerated(tmp_path: Path) -> None:
    """E[1/n Σ f(y) v π_base/q] = Σ_y f(y) π_base(y) v(y) for draws of two policies of four completions."""
    rng = np.random.default_rng(0)
    base, other = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.05, 0.15, 0.3, 0.5])
    right = np.array([True, False, True, True])
    n, repeats = 4, 400
    problems = [problem(f"p{index}") for index in range(repeats)]
    draws, scores, verdicts = [], [], []
    for one in problems:
        for number, (policy, own, foreign) in enumerate((("base", base, other), ("first", other, base))):
            for index, y in enumerate(rng.choice(4, size=n, p=own)):
                draw = sample(one["problem_id"], policy, index, completion=f"y{y}")
                draw |= {"round": number, "logprob_policy": math.log(own[y]), "logprob_sampler": math.log(own[y])}
                draws.append(draw)
                verdicts.append(verdict(draw, "verified" if right[y] else "error"))
                name = "first" if policy == "base" else "base"
                scores.append((draw["sample_id"], name, math.log(foreign[y])))
    corpus = fill(tmp_path / "corpus", problems=problems, samples=draws, verdicts=verdicts, scores=scores)
    found = mixture_rows(corpus, ROUNDS[:2], ROUNDS[:2])
    sums = np.zeros((repeats, 4))
    place = {one["problem_id"]: index for index, one in enumerate(problems)}
    for row in found:
        weight = math.exp(row["log_base"] - row["log_sampler"]) / row["n_samples"]
        sums[place[row["problem_id"]], int(row["completion"][1])] += weight
    mean, error = sums.mean(axis=0), sums.std(axis=0) / math.sqrt(repeats)
    assert np.all(np.abs(mean - base * right) <= 4 * error)
    assert error.max() < 0.02


def test_rounds_that_the_policy_has_left_behind_are_left_out(tmp_path: Path) -> None:
    """Four proofs: the old policy's are nearly impossible under the new one, so two of four carry all the weight."""
    one = problem("a")
    draws, scores = [], []
    for number, (policy, own, foreign) in enumerate((("base", -1.0, -40.0), ("first", -1.0, -1.0))):
        for index in range(2):
            draw = sample(one["problem_id"], policy, index, completion=f"{policy} {index}")
            draws.append(draw | {"round": number, "logprob_policy": own, "logprob_sampler": own})
            name = "first" if policy == "base" else "base"
            scores.append((draw["sample_id"], name, foreign))
    corpus = fill(
        tmp_path / "corpus", problems=[one], samples=draws, scores=scores, verdicts=[verdict(draw) for draw in draws]
    )
    both = ROUNDS[:2]
    assert look_at(corpus, None, both, "first").ess == pytest.approx(0.5, abs=1e-6)
    assert choose_window(corpus, None, both, "first", 0.4).drawn == both
    assert choose_window(corpus, None, both, "first", 0.6).drawn == both[1:]
