"""Estimates of divergences against their definitions, where every completion is listed once."""

from __future__ import annotations

import math

import pytest
import torch

from train.diagnostics import estimate

TARGET = torch.tensor([0.5, 0.3, 0.2, 0.9, 0.1], dtype=torch.float64)  # of two problems: three completions, and two
POLICY = torch.tensor([0.2, 0.2, 0.1, 0.5, 0.4], dtype=torch.float64)
PROBLEM = torch.tensor([0, 0, 0, 1, 1])
UNIFORM = torch.tensor([1 / 3, 1 / 3, 1 / 3, 0.5, 0.5], dtype=torch.float64)


def estimates(alpha: float, cap: float | None = None, sampler: torch.Tensor = UNIFORM):
    """Under a uniform q a list of all completions is an exact sample, so p/q weights give exact expectations."""
    return estimate(POLICY.log(), TARGET.log(), sampler.log(), PROBLEM, alpha=alpha, log_ratio_cap=cap)


def expectation(values: list[float]) -> float:
    products = [p * g for p, g in zip(TARGET.tolist(), values, strict=True)]
    return (sum(products[:3]) + sum(products[3:])) / 2


def test_the_forward_kl_is_the_expected_log_ratio() -> None:
    gaps = [math.log(p / q) for p, q in zip(TARGET.tolist(), POLICY.tolist(), strict=True)]
    assert estimates(0.3).forward_kl == pytest.approx(expectation(gaps))
    assert estimates(0).alpha_divergence == pytest.approx(expectation(gaps))


@pytest.mark.parametrize("alpha", [0.25, 0.5, 1.0])
def test_the_alpha_divergence_is_its_definition(alpha: float) -> None:
    powers = [(q / p) ** alpha for p, q in zip(TARGET.tolist(), POLICY.tolist(), strict=True)]
    assert estimates(alpha).alpha_divergence == pytest.approx((1 - expectation(powers)) / alpha)


def test_the_alpha_divergence_tends_to_the_forward_kl() -> None:
    assert estimates(1e-6).alpha_divergence == pytest.approx(estimates(0).alpha_divergence, abs=1e-5)


def test_equal_weights_have_the_full_effective_sample_size() -> None:
    same = torch.full((5,), math.log(0.1), dtype=torch.float64)
    assert estimate(same, same, same, PROBLEM, alpha=0.5, log_ratio_cap=None).ess == pytest.approx(1)


def test_one_heavy_weight_is_one_effective_sample() -> None:
    log_target = torch.tensor([0.0, -40, -40, -40, -40], dtype=torch.float64)
    zero = torch.zeros(5, dtype=torch.float64)
    assert estimate(zero, log_target, zero, PROBLEM, alpha=0, log_ratio_cap=None).ess == pytest.approx(0.2)


def test_capped_ratios_are_counted() -> None:
    # π/q: 0.6, 0.6, 0.3, 1, 0.8; a cap of 0.7 is passed by two of five.
    found = estimates(0.5, cap=math.log(0.7))
    assert found.clip_fraction == pytest.approx(0.4)
    assert found.log_ratio_max == pytest.approx(-math.log(0.3))


def test_log_probabilities_of_minus_two_thousand_stay_finite() -> None:
    far = torch.tensor([-2000.0, -1500.0], dtype=torch.float64)
    near = torch.tensor([-1.0, -2.0], dtype=torch.float64)
    for policy, target in ((far, near), (near, far)):
        found = estimate(policy, target, near, torch.tensor([0, 1]), alpha=0.25, log_ratio_cap=3.0)
        assert all(math.isfinite(value) for value in vars(found).values())
