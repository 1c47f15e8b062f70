"""Estimates against their definitions, summed over every completion."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.train.toy import Toy
from train.diagnostics import clipping, diagnose, divergences, effective_sizes, gradient_weights, of_the_policy
from train.names import OBJECTIVES
from train.objectives import choose
from train.objectives.correction import Correction


def uniform(toy: Toy) -> Tensor:
    """Under a uniform q a list of all completions is an exact sample, so weights p/q give exact expectations."""
    return torch.full_like(toy.log_base, -math.log(len(toy.log_base)))


def estimates(toy: Toy, alpha: float) -> dict[str, float]:
    inside, policy = toy.verified, toy.log_policy().detach()
    zeros = torch.zeros(int(inside.sum()), dtype=torch.long)
    return divergences(policy[inside], toy.log_target[inside], uniform(toy)[inside], zeros, alpha=alpha)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("alpha", [0.0, 0.25, 1.0])
def test_every_divergence_is_its_definition(seed: int, alpha: float) -> None:
    toy = Toy(seed)
    policy, target, inside = toy.log_policy().detach().exp(), toy.log_target.exp(), toy.verified
    middle = (policy + target) / 2
    mass = policy[inside].sum()
    forward = (target[inside] * (target[inside] / policy[inside]).log()).sum()
    conditional = policy[inside] / mass
    found = estimates(toy, alpha)
    assert found == pytest.approx(
        {
            "mass": mass.item(),
            "forward_kl": forward.item(),
            "reverse_kl": (conditional * (conditional / target[inside]).log()).sum().item(),
            "alpha_divergence": ((1 - (target ** (1 - alpha) * policy**alpha)[inside].sum()) / alpha).item()
            if alpha
            else forward.item(),
            "js": ((policy * (policy / middle).log()).sum() / 2).item()
            + ((target[inside] * (target[inside] / middle[inside]).log()).sum() / 2).item(),
            "tv": ((policy - target).abs().sum() / 2).item(),
        }
    )


def test_the_alpha_divergence_tends_to_the_forward_kl() -> None:
    toy = Toy(3)
    assert estimates(toy, 1e-6)["alpha_divergence"] == pytest.approx(estimates(toy, 0)["alpha_divergence"], abs=1e-5)


def test_problems_count_alike() -> None:
    """Two problems, one with a single sample: the mean over problems, not over samples."""
    log_target = torch.tensor([0.5, 0.5, 1.0]).double().log()
    log_policy = torch.tensor([0.25, 0.25, 0.5]).double().log()
    found = divergences(log_policy, log_target, torch.zeros(3).double(), torch.tensor([0, 0, 1]), alpha=0.5)
    assert found["forward_kl"] == pytest.approx(math.log(2))
    assert found["mass"] == pytest.approx(0.5)


def test_entropy_and_distance_to_the_base_are_those_of_the_policy() -> None:
    toy = Toy(4)
    policy = toy.log_policy().detach()
    found = of_the_policy(replace(toy.samples("base"), log_policy=policy, log_sampler=uniform(toy)))
    assert found["entropy"] == pytest.approx(-(policy.exp() * policy).sum().item())
    assert found["kl_base"] == pytest.approx((policy.exp() * (policy - toy.log_base)).sum().item())


def test_without_the_wrong_samples_nothing_is_said_of_the_whole_policy() -> None:
    toy, objective = Toy(5), choose("alpha-dpg", {"alpha": 0.5})
    whole = toy.samples("other")
    assert "entropy" in diagnose(whole, objective)[0]
    fewer = replace(whole, num_drawn=whole.num_drawn + 1)
    assert "entropy" not in diagnose(fewer, objective)[0]


def test_equal_weights_have_the_full_effective_sample_size() -> None:
    found = effective_sizes(torch.tensor([2.0, 2, 2, 2, 0]).double(), torch.tensor([0, 0, 0, 1, 1]))
    assert found == pytest.approx({"ess": 1, "ess_samples": 4, "ess_problem": 1, "ess_problem_min": 1})


def test_effective_sample_sizes_by_hand() -> None:
    # Problem 0: weights 1, 3: 16/10 of 2 samples. Problem 1: weight 2. Over all: 36/14 of 3.
    found = effective_sizes(torch.tensor([1.0, 3, 2]).double(), torch.tensor([0, 0, 1]))
    expected = {"ess": 36 / 14 / 3, "ess_samples": 36 / 14, "ess_problem": 0.9, "ess_problem_min": 0.8}
    assert found == pytest.approx(expected)


def test_where_nothing_has_a_weight_nothing_is_left() -> None:
    assert effective_sizes(torch.zeros(3).double(), torch.tensor([0, 0, 1]))["ess"] == 0


def test_the_weights_are_the_slopes_of_the_loss() -> None:
    toy = Toy(6)
    samples = toy.samples("other")
    weight, _, _ = gradient_weights(samples, choose("alpha-dpg", {"alpha": 0.5, "log_ratio_cap": None}))
    target, policy, other = toy.log_target, toy.log_policy().detach(), samples.log_sampler
    expected = torch.where(toy.verified, (0.5 * (target - other) + 0.5 * (policy - other)).exp(), 0.0)
    torch.testing.assert_close(weight, expected)
    by_token, _, _ = gradient_weights(samples, choose("dr-grpo", {"clip_low": 1.0, "clip_high": 1e9}))
    tokens = samples.tokens
    assert tokens is not None
    ratio = samples.on((tokens.log_policy - tokens.log_sampler).detach().exp()) / samples.num_tokens
    gain = (samples.reward - samples.reward.mean()).abs()
    torch.testing.assert_close(by_token, ratio * gain)


def test_capped_ratios_are_counted_and_weighed() -> None:
    # Ratios 4 and ½, each twice, cap 2: half of them; of the sum 9, truncated 5 is left, masked 1.
    toy = Toy(7)
    samples = toy.samples("other")
    rows = torch.arange(4)
    ratio = torch.tensor([4.0, 0.5, 4.0, 0.5]).double()
    four = replace(samples, log_policy=samples.log_sampler[rows] + ratio.log(), log_sampler=samples.log_sampler[rows])
    for bound, left in (("truncate", 5 / 9), ("mask", 1 / 9)):
        found = clipping(four, Correction(bound=bound, log_ratio_cap=math.log(2)))
        assert found == pytest.approx({"clip_fraction": 0.5, "clipped_mass": 1 - left})
    assert clipping(four, Correction(log_ratio_cap=None))["clipped_mass"] == pytest.approx(0)


def test_pseudo_rewards_are_reported_by_verdict() -> None:
    toy = Toy(8)
    found, _ = diagnose(toy.samples("base"), choose("alpha-dpg", {"alpha": 0.0, "clip": 3.0}))
    gain = ((toy.log_target - toy.log_policy().detach()).exp() - 1).clamp(max=3)[toy.verified]
    assert found["pseudo_reward_verified"] == pytest.approx(gain.mean().item())
    assert found["pseudo_reward_wrong"] == -1
    assert found["pseudo_reward_clipped"] == pytest.approx((gain == 3).sum().item() / len(toy.verified))


def test_log_probabilities_of_minus_two_thousand_stay_finite() -> None:
    far = torch.tensor([-2000.0, -1500.0], dtype=torch.float64)
    near = torch.tensor([-1.0, -2.0], dtype=torch.float64)
    for policy, target in ((far, near), (near, far)):
        found = divergences(policy, target, near, torch.tensor([0, 1]), alpha=0.25)
        assert all(math.isfinite(value) for value in found.values())


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_is_finite_far_away_from_the_samples(name: str) -> None:
    """π_θ/q from e^−2000 to e^2000: the numbers of a step stay numbers, and so do the slopes."""
    toy = Toy(9)
    samples = toy.samples("other")
    tokens = samples.tokens
    assert tokens is not None
    shift = torch.linspace(-2000, 2000, len(tokens.log_policy)).double()
    tokens = replace(tokens, log_policy=(tokens.log_sampler + shift).clamp(max=0))
    log_policy = torch.zeros_like(toy.log_base).index_add(0, tokens.sample, tokens.log_policy)
    objective = choose(name, {"alpha": 0.25} if name == "alpha-dpg" else {})
    greedy = torch.zeros_like(toy.log_base)
    far = replace(samples, log_policy=log_policy, tokens=tokens, greedy_reward=greedy, share=greedy + 0.1)
    found, _ = diagnose(replace(far, state=objective.start(samples.log_partition[:1])), objective)
    assert all(math.isfinite(value) for value in found.values()), found
    assert bool(torch.isfinite(gradient_weights(far, objective)[0]).all())
