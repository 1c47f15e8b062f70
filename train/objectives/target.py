"""The distribution that a divergence is measured to: the base with the wrong answers filtered out, or tilted.

Filtered: p(y) = π_base(y) r(y) / Z with Z = E_base[r] (arXiv 2512.05962; r = v, or a graded reward in [0, 1]).
Soft: p(y) = π_base(y) exp(r(y)/β) / Z_β with Z_β = E_base[exp(r/β)], the optimum of E_π[r] − β KL(π ‖ π_base)
(arXiv 2205.11275); for r = v, Z_β = 1 − Z + Z e^(1/β). β → 0 is the filtered one.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train.objectives.groups import group_logsumexp
from train.objectives.samples import Samples


@dataclass(frozen=True)
class Target:
    """log p of each sample is `log_weight` − `log_partition` where `support` holds; each (M,)."""

    log_weight: Tensor
    """log π_base + log r, or log π_base + r/β; finite off the support too."""
    log_partition: Tensor
    support: Tensor

    @property
    def log_prob(self) -> Tensor:
        """Return log p(y|x), −inf off the support."""
        return torch.where(self.support, self.log_weight - self.log_partition, -torch.inf)


def target_of(samples: Samples, beta: float | None = None) -> Target:
    """Return the filtered target, or for a temperature β > 0 the soft one."""
    if beta is None:
        log_reward = torch.where(samples.verified, samples.reward, 1.0).log()
        return Target(samples.log_base + log_reward, samples.log_partition, samples.verified)
    everywhere = torch.ones_like(samples.verified)
    return Target(samples.log_base + samples.reward / beta, soft_log_partition(samples, beta), everywhere)


def soft_log_partition(samples: Samples, beta: float) -> Tensor:
    """Return log Z_β, (M,): from Z where rewards are 0 or 1, and estimated from the problem's samples where graded.

    The estimate is Σ (π_base/q) e^(r/β) / Σ π_base/q.
    """
    log_z, reward = samples.log_partition, samples.reward
    log_rest = torch.log1p(-log_z.exp().clamp(max=1.0))
    if bool(((reward == 0) | (reward == 1)).all()):
        return torch.logaddexp(log_rest, log_z + 1 / beta)
    log_weight = samples.log_base - samples.log_sampler
    tilted = group_logsumexp(log_weight + reward / beta, samples.problem)
    return tilted - group_logsumexp(log_weight, samples.problem)
