"""The formulas against enumeration: a policy over few completions, where every expectation is a finite sum."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.train.toy import Toy, gradient
from train.objective import (
    advantage,
    positive_loss,
    pseudo_reward,
    static_log_weight,
    surrogate_loss,
)

ALPHAS = (0.0, 0.25, 0.5, 0.75, 0.999)


def test_the_toy_policy_is_a_distribution() -> None:
    assert Toy(0).log_policy().exp().sum().item() == pytest.approx(1)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("seed", range(3))
def test_the_on_policy_surrogate_has_the_gradient_of_the_divergence(alpha: float, seed: int) -> None:
    toy = Toy(seed)
    log_policy = toy.log_policy()
    log_base, log_partition = toy.log_base, toy.log_partition.expand(len(log_policy))
    reward = pseudo_reward(log_policy, log_base, toy.verified, log_partition, alpha=alpha, clip=None)
    loss = (log_policy.detach().exp() * surrogate_loss(log_policy, log_policy.detach(), reward)).sum()
    torch.testing.assert_close(gradient(loss, toy.theta), toy.exactgradient(alpha), rtol=0, atol=1e-6)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_leave_one_out_baseline_leaves_the_expected_gradient_as_it_is(alpha: float) -> None:
    """All ordered pairs of completions are the groups of two; each pair's probability is the product."""
    toy = Toy(4)
    size = len(toy.completions)
    first, second = torch.arange(size).repeat_interleave(size), torch.arange(size).repeat(size)
    pairs = torch.stack([first, second], 1).flatten()
    log_policy = toy.log_policy()
    reward = pseudo_reward(
        log_policy, toy.log_base, toy.verified, toy.log_partition.expand(size), alpha=alpha, clip=None
    )
    gain = advantage(reward[pairs], torch.arange(size * size).repeat_interleave(2))
    losses = surrogate_loss(log_policy[pairs], log_policy.detach()[pairs], gain).view(-1, 2).mean(1)
    chance = (log_policy[first] + log_policy[second]).detach().exp()
    torch.testing.assert_close(
        gradient((chance * losses).sum(), toy.theta), toy.exactgradient(alpha), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("sampler", ["base", "other"])
def test_the_offline_form_has_the_gradient_of_the_divergence_whoever_sampled(alpha: float, sampler: str) -> None:
    toy = Toy(5)
    log_sampler = toy.log_base if sampler == "base" else toy.log_other
    log_policy = toy.log_policy()
    log_weight = static_log_weight(toy.log_base, toy.log_partition, log_sampler, alpha=alpha)
    losses = positive_loss(log_policy, log_sampler, log_weight, alpha=alpha, log_ratio_cap=None)
    loss = torch.where(toy.verified, log_sampler.exp() * losses, 0.0).sum()
    torch.testing.assert_close(gradient(loss, toy.theta), toy.exactgradient(alpha), rtol=0, atol=1e-6)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_off_policy_the_surrogate_agrees_too(alpha: float) -> None:
    toy = Toy(6)
    log_policy = toy.log_policy()
    reward = pseudo_reward(
        log_policy, toy.log_base, toy.verified, toy.log_partition.expand(len(log_policy)), alpha=alpha, clip=None
    )
    loss = (toy.log_other.exp() * surrogate_loss(log_policy, toy.log_other, reward)).sum()
    torch.testing.assert_close(gradient(loss, toy.theta), toy.exactgradient(alpha), rtol=0, atol=1e-6)


def test_offline_at_alpha_zero_from_the_base_is_fine_tuning_weighted_by_one_over_z() -> None:
    log_base = torch.tensor([-3.0, -5.0], dtype=torch.float64)
    log_weight = static_log_weight(log_base, torch.tensor(math.log(0.25)), log_base, alpha=0.0)
    torch.testing.assert_close(log_weight.exp(), torch.tensor([4.0, 4.0], dtype=torch.float64))


def test_pseudo_rewards_worked_by_hand() -> None:
    # p = 0.08 / 0.2 = 0.4; π = 0.1: p/π = 4, its square root 2, so R = 1; at α = 0 R = 3, clipped at 2.5.
    log_policy, log_base = torch.tensor([0.1, 0.1]).log(), torch.tensor([0.08, 0.08]).log()
    verified, log_partition = torch.tensor([True, False]), torch.tensor([0.2, 0.2]).log()

    def reward(alpha: float, clip: float | None) -> list[float]:
        return pseudo_reward(log_policy, log_base, verified, log_partition, alpha=alpha, clip=clip).tolist()

    assert reward(0.5, 10) == pytest.approx([1, -1], abs=1e-6)
    assert reward(0, None) == pytest.approx([3, -1], abs=1e-6)
    assert reward(0, 2.5) == pytest.approx([2.5, -1])
    assert reward(1, 10) == [0, -1]


def test_the_baseline_is_the_mean_of_the_others() -> None:
    reward = torch.tensor([1.0, 2.0, 6.0, 5.0, 7.0])
    group = torch.tensor([3, 3, 3, 9, 1])
    # 1 − (2+6)/2 = −3, 2 − (1+6)/2 = −1.5, 6 − (1+2)/2 = 4.5; the last two are alone.
    assert advantage(reward, group).tolist() == pytest.approx([-3, -1.5, 4.5, 5, 7])


@given(
    st.floats(-2000, 0), st.floats(-2000, 0), st.booleans(), st.floats(-10, 0), st.floats(0, 1),
    st.sampled_from([None, 10.0]),
)  # fmt: skip
def test_pseudo_rewards_are_finite_and_bounded(
    log_policy: float, log_base: float, verified: bool, log_partition: float, alpha: float, clip: float | None
) -> None:
    numbers = (torch.tensor([value]) for value in (log_policy, log_base, verified, log_partition))
    value = pseudo_reward(*numbers, alpha=alpha, clip=clip).item()
    assert math.isfinite(value)
    assert -1 <= value <= (clip or math.inf)
    assert verified or value == -1


@pytest.mark.parametrize("alpha", [-0.1, 1.1, math.nan])
def test_an_alpha_outside_the_unit_interval_is_refused(alpha: float) -> None:
    one = torch.zeros(1)
    with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
        pseudo_reward(one, one, one > 0, one, alpha=alpha, clip=None)
