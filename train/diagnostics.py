"""How far a policy is from the target p, estimated on verified draws from q by self-normalised importance sampling."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Estimates:
    """Means over problems; divergences in nats."""

    forward_kl: float
    """KL(p ‖ π_θ) = E_p[log p − log π_θ]."""
    alpha_divergence: float
    """(1 − E_p[(π_θ/p)^α])/α, zero where π_θ = p; the forward KL for α = 0."""
    ess: float
    """Effective sample size of the training weights as a share of the verified draws: (Σw)²/(M Σw²)."""
    clip_fraction: float
    """Share of the draws whose ratio π_θ/q is capped."""
    log_ratio_mean: float
    """Mean of log π_θ − log q; before the first step, when q is the model itself, the gap between their engines."""
    log_ratio_max: float
    """Largest |log π_θ − log q|."""


def estimate(
    log_policy: Tensor,
    log_target: Tensor,
    log_sampler: Tensor,
    problem: Tensor,
    *,
    alpha: float,
    log_ratio_cap: float | None,
) -> Estimates:
    """Return the estimates from M verified draws; every tensor (M,), `problem` with values 0 … P−1, each present.

    E_p[g] of a problem is Σ (p/q) g / Σ (p/q) over its draws.
    """
    log_ratio = log_policy - log_sampler
    share = _share(log_target - log_sampler, problem)  # (M,), sums to 1 over a problem
    log_gap = log_target - log_policy
    num_problems = int(problem.max()) + 1
    forward_kl = float((share * log_gap).sum() / num_problems)
    capped = log_ratio if log_ratio_cap is None else log_ratio.clamp(max=log_ratio_cap)
    clipped = 0.0 if log_ratio_cap is None else float((log_ratio > log_ratio_cap).double().mean())
    return Estimates(
        forward_kl=forward_kl,
        alpha_divergence=_alpha_divergence(share, log_gap, alpha, num_problems) if alpha else forward_kl,
        ess=_effective_share((1 - alpha) * (log_target - log_sampler) + alpha * capped),
        clip_fraction=clipped,
        log_ratio_mean=float(log_ratio.mean()),
        log_ratio_max=float(log_ratio.abs().max()),
    )


def _alpha_divergence(share: Tensor, log_gap: Tensor, alpha: float, num_problems: int) -> float:
    power = (-alpha * log_gap).clamp(max=700.0).exp()
    return (1 - float((share * power).sum()) / num_problems) / alpha


def _share(log_weight: Tensor, problem: Tensor) -> Tensor:
    size = int(problem.max()) + 1
    largest = torch.full((size,), -torch.inf, dtype=log_weight.dtype).scatter_reduce(
        0, problem, log_weight, reduce="amax"
    )
    weight = (log_weight - largest[problem]).exp()
    total = torch.zeros(size, dtype=weight.dtype).index_add(0, problem, weight)
    return weight / total[problem]


def _effective_share(log_weight: Tensor) -> float:
    total = 2 * log_weight.logsumexp(0) - (2 * log_weight).logsumexp(0)
    return float(total.exp()) / len(log_weight)
