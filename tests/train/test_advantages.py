"""Advantages, surrogates and trajectory balance against examples worked by hand."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from train.objectives import Samples, TokenLogProbs, choose
from train.objectives.advantages import (
    best_only,
    gpg,
    grpo,
    pass_k,
    remax,
    rloo,
    unlikely_reward,
    unlikely_reward_by_reward,
)
from train.objectives.balance import LOG_Z, balance_loss

ONE = torch.zeros(4, dtype=torch.long)
"""Four samples of one problem."""


def rewards(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def about(*values: float) -> object:
    return pytest.approx(list(values), abs=1e-5)


def test_grpo_one_of_four() -> None:
    # Mean ¼; Σ (r − ¼)² = 9/16 + 3/16 = ¾, over 3 is ¼, so the standard deviation is ½.
    assert grpo(rewards(1, 0, 0, 0), ONE).tolist() == about(1.5, -0.5, -0.5, -0.5)
    assert grpo(rewards(1, 0, 0, 0), ONE, std=False).tolist() == about(0.75, -0.25, -0.25, -0.25)


def test_groups_are_kept_apart() -> None:
    group = torch.tensor([1, 0, 1, 0])
    assert grpo(rewards(1, 3, 0, 5), group, std=False).tolist() == about(0.5, -1, -0.5, 1)
    assert rloo(rewards(1, 3, 0, 5), group).tolist() == about(1, -2, -1, 2)


def test_a_group_without_spread_teaches_nothing() -> None:
    for reward in (rewards(1, 1, 1, 1), rewards(0, 0, 0, 0)):
        for advantage in (grpo(reward, ONE), rloo(reward, ONE), gpg(reward, ONE), best_only(reward, ONE)):
            assert advantage.tolist() == about(0, 0, 0, 0)


def test_rloo_one_of_four() -> None:
    assert rloo(rewards(1, 0, 0, 0), ONE).tolist() == about(1, -1 / 3, -1 / 3, -1 / 3)


def test_remax_compares_with_the_greedy_sample() -> None:
    assert remax(rewards(1, 0, 0, 0), rewards(0, 0, 0, 0)).tolist() == [1, 0, 0, 0]
    assert remax(rewards(1, 0, 0, 0), rewards(1, 1, 1, 1)).tolist() == [0, -1, -1, -1]


def test_gpg_counts_the_samples_in_groups_with_spread() -> None:
    # Four of eight samples are useful: a = 8/4 = 2.
    group = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    assert gpg(rewards(1, 0, 0, 0, 0, 0, 0, 0), group).tolist() == about(1.5, -0.5, -0.5, -0.5, 0, 0, 0, 0)


def test_pass_at_two_of_four_samples() -> None:
    # One right: ρ = 1 − C(3,2)/C(4,2) = ½, σ = ½; right (1 − ½)/½ = 1, wrong (½ − C(2,1)/C(3,1))/½ = −⅓.
    assert pass_k(rewards(1, 0, 0, 0), ONE, k=2).tolist() == about(1, -1 / 3, -1 / 3, -1 / 3)
    # Two right: ρ = 5/6, σ = √5/6; right 1/√5, wrong (1/6 − 1/3)·6/√5 = −1/√5.
    even = 1 / math.sqrt(5)
    assert pass_k(rewards(1, 1, 0, 0), ONE, k=2).tolist() == about(even, even, -even, -even)
    assert pass_k(rewards(1, 1, 1, 0), ONE, k=2).tolist() == [0, 0, 0, 0]
    assert pass_k(rewards(0, 0, 0, 0), ONE, k=2).tolist() == about(0, 0, 0, 0)


def test_pass_at_one_is_grpo() -> None:
    """With the standard deviation of the whole group, √(¾ · ¼)."""
    sigma = math.sqrt(3 / 16)
    assert pass_k(rewards(1, 0, 0, 0), ONE, k=1).tolist() == about(0.75 / sigma, *[-0.25 / sigma] * 3)


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("right", [1, 2, 3])
def test_pass_k_is_the_mean_over_all_subsets(k: int, right: int) -> None:
    reward = rewards(*[1] * right, *[0] * (5 - right))
    subsets = list(itertools.combinations(range(5), k))
    passed = torch.tensor([float(reward[list(subset)].max()) for subset in subsets])
    sigma = passed.std(correction=0).item()
    if 5 - right < k:
        return  # every subset passes
    gains = [
        sum(passed[i].item() - passed.mean().item() for i, subset in enumerate(subsets) if member in subset)
        / sum(member in subset for subset in subsets)
        for member in range(5)
    ]
    found = pass_k(reward, torch.zeros(5, dtype=torch.long), k=k)
    assert found.tolist() == about(*[gain / sigma for gain in gains])


def test_only_the_best_sample_counts() -> None:
    assert best_only(rewards(0, 1, 0, 0), ONE).tolist() == [0, 1, 0, 0]
    assert best_only(rewards(1, 1, 0, 0), ONE).tolist() == [0, 0, 0, 0]
    assert best_only(rewards(0.2, 0.9, 0.6, 0), ONE).tolist() == about(0, 0.3, 0, 0)


def test_the_unlikely_are_ranked_by_likelihood() -> None:
    # Ranks 3, 0, 1, 2 of 4, β = ¼: 1 − 3/16, 1, 0, 1 − 2/16.
    likelihood = rewards(-0.2, -0.9, -0.5, -0.4)
    reward = unlikely_reward(rewards(1, 1, 0, 1), likelihood, ONE, discount=0.25)
    assert reward.tolist() == about(0.8125, 1, 0, 0.875)
    assert grpo(reward, ONE).tolist() == about(0.309304, 0.721709, -1.477785, 0.446772)


def test_the_variant_ranks_by_reward() -> None:
    # The wrong one is rank 0, the others 1, 2, 3 of 3 as they come.
    reward = unlikely_reward_by_reward(rewards(1, 1, 0, 1), ONE, discount=0.25)
    assert reward.tolist() == about(1 - 0.25 / 3, 1 - 0.5 / 3, 0, 0.75)


def samples(policy: list[list[float]], sampler: list[list[float]], reward: list[float], **more: object) -> Samples:
    """Return one problem's samples from the log-probabilities of their tokens; the base is the sampler; Z = ½."""
    lengths = torch.tensor([len(row) for row in policy])
    flat, drawn = (torch.tensor([value for row in rows for value in row]).double() for rows in (policy, sampler))
    flat.requires_grad_()
    of = torch.arange(len(policy)).repeat_interleave(lengths)
    zeros = torch.zeros(len(policy), dtype=torch.float64)
    log_sampler = zeros.index_add(0, of, drawn)
    group = torch.zeros(len(policy), dtype=torch.long)
    given = Samples(
        log_policy=zeros.index_add(0, of, flat), log_base=log_sampler, log_sampler=log_sampler,
        reward=rewards(*reward), log_partition=zeros + math.log(0.5), problem=group, num_drawn=zeros + len(policy),
        share=zeros + 1 / len(policy), num_tokens=lengths.double(), round=group,
        tokens=TokenLogProbs(of, flat, drawn, drawn), row=torch.tensor([0]),
    )  # fmt: skip
    return replace(given, **more)


def slopes(name: str, given: Samples, **options: object) -> list[float]:
    """Return the slope of the summed loss in each token's log-probability."""
    assert given.tokens is not None
    loss = choose(name, options)(given).loss.sum()
    return torch.autograd.grad(loss, given.tokens.log_policy, retain_graph=True)[0].tolist()


RISEN, FALLEN = math.log(1.5), math.log(0.5)


def test_the_clip_of_ppo_stops_tokens_that_have_moved_far_enough() -> None:
    # A = ±½. Ratios of the right sample 1.5 (stopped) and ½ (goes on: −½·½); of the wrong one 1.5 (½·1.5), ½ (stopped).
    given = samples([[RISEN - 1, FALLEN - 1]] * 2, [[-1, -1]] * 2, [1, 0])
    assert slopes("dr-grpo", given) == pytest.approx([0, -0.25, 0.75, 0])
    # GRPO: A = ±½ by the standard deviation √½, and the mean over two tokens.
    assert slopes("grpo", given) == pytest.approx([0, -0.25 / math.sqrt(2), 0.75 / math.sqrt(2), 0], rel=1e-5)


def test_the_clip_may_be_higher_above() -> None:
    given = samples([[RISEN - 1, FALLEN - 1]] * 2, [[-1, -1]] * 2, [1, 0])
    assert slopes("dr-grpo", given, clip_high=0.6)[0] == pytest.approx(-0.75)


def test_the_cap_bounds_what_the_clip_lets_through() -> None:
    """A wrong sample that has become 40 times likelier: PPO alone would push with 40 times the force."""
    given = samples([[-1.0], [math.log(40) - 6]], [[-1.0], [-6.0]], [1, 0])
    assert slopes("dr-grpo", given, log_ratio_cap="none")[1] == pytest.approx(20)
    assert slopes("dr-grpo", given)[1] == 0
    assert slopes("dr-grpo", given, bound="mask")[1] == 0


def test_gspo_clips_the_geometric_mean_of_the_ratios() -> None:
    # Ratios 1.5 and ½ have the mean √0.75 = 0.866, inside 1 ± 0.2: A s at both tokens.
    given = samples([[RISEN - 1, FALLEN - 1]] * 2, [[-1, -1]] * 2, [1, 0])
    side = math.sqrt(0.75) / 2
    assert slopes("rloo", given, surrogate="gspo") == pytest.approx([-2 * side, -2 * side, 2 * side, 2 * side])


def test_lengths_divide_a_samples_loss_if_asked() -> None:
    given = samples([[-1.0], [-1.0, -1.0, -1.0]], [[-1.0], [-1.0, -1.0, -1.0]], [1, 0])
    assert slopes("rloo", given) == pytest.approx([-1, 1, 1, 1])
    assert slopes("rloo", given, normalize="length") == pytest.approx([-1, *[1 / 3] * 3])
    assert slopes("rloo", given, normalize="tokens") == pytest.approx([-0.5, *[0.5] * 3])


def test_the_kl_penalty_of_a_token_half_as_likely_as_under_the_base() -> None:
    # d = log 2: e^d − d − 1 = 1 − log 2, with slope 1 − e^d = −1 in log π_θ.
    given = samples([[FALLEN - 1]], [[-1.0]], [0])
    loss = choose("dr-grpo", {"kl": 3.0})(given).loss
    assert loss.item() == pytest.approx(3 * (1 - math.log(2)))
    assert slopes("dr-grpo", given, kl=3.0) == pytest.approx([-3])


def test_the_advantage_is_reported_by_verdict() -> None:
    given = samples([[-1.0]] * 4, [[-1.0]] * 4, [1, 0, 0, 0])
    metrics = choose("grpo", {})(given).metrics
    assert metrics["advantage_verified"].item() == pytest.approx(1.5, abs=1e-5)
    assert metrics["advantage_wrong"].item() == pytest.approx(-0.5, abs=1e-5)


def test_the_likelihood_may_be_of_the_whole_or_by_token() -> None:
    """A long proof: less likely in all, likelier token by token."""
    given = samples([[-0.5] * 4, [-1.0], [-3.0]], [[-0.5] * 4, [-1.0], [-3.0]], [1, 1, 0])
    by_mean, by_sum = (choose("unlikely", {"rank_by": rank})(given).loss.tolist() for rank in ("mean", "sum"))
    assert by_mean[0] > by_mean[1]  # less advantage: a loss nearer 0 from below
    assert by_sum[0] < by_sum[1]


# Trajectory balance


def test_balance_by_hand() -> None:
    """Two plans with rewards 10 and 1 and no base, log P_F = −2 and −3, log Z = 5."""
    log_weight = rewards(math.log(10), 0)
    assert balance_loss(rewards(-2, -3), rewards(5, 5), log_weight).mean().item() == pytest.approx(2.243194, abs=1e-6)
    best = (log_weight - rewards(-2, -3)).mean()
    assert best.item() == pytest.approx(3.651293, abs=1e-6)
    assert balance_loss(rewards(-2, -3), best, log_weight).mean().item() == pytest.approx(0.424182, abs=1e-6)


def test_the_cancelled_log_z_makes_the_loss_a_variance() -> None:
    given = samples([[-2.0], [-3.0]], [[-2.5], [-2.5]], [1, 0])
    gaps = torch.tensor([-2.0 + 2.5, -3 + 2.5 - math.log(0.001)])
    assert choose("tb", {"log_z": "cancelled"})(given).loss.mean().item() == pytest.approx(
        gaps.var(correction=0).item()
    )


def test_the_balance_of_a_wrong_proof_is_ruled_by_the_floor() -> None:
    # log Z = log(½ + ½/1000) here; the gaps are log Z + 0.5 and log Z − 0.5 + log 1000.
    given = samples([[-2.0], [-3.0]], [[-2.5], [-2.5]], [1, 0])
    log_z = math.log(0.5005)
    expected = (log_z + 0.5) ** 2, (log_z - 0.5 + math.log(1000)) ** 2
    assert choose("tb", {})(given).loss.tolist() == pytest.approx(expected)


def test_a_learned_log_z_goes_where_the_gaps_cancel() -> None:
    given = samples([[-2.0], [-3.0]], [[-2.5], [-2.5]], [1, 0])
    objective = choose("tb", {"log_z": "learned", "log_z_rate": 0.1})
    given = replace(given, state=objective.start(rewards(math.log(0.5))))
    first = objective(given).state[LOG_Z].item()
    # Gaps at log Z = log ½: their mean is ½ (0 + log 1000) + log ½; a step of 0.1 · 2 of it.
    gap = math.log(1000) / 2 + math.log(0.5)
    assert first == pytest.approx(math.log(0.5) - 0.2 * gap)
    for _ in range(100):
        given = replace(given, state=objective(given).state)
    assert given.state[LOG_Z].item() == pytest.approx(-math.log(1000) / 2)
