"""Trajectory balance: the squared gap between log π_θ and the log of what it should be (arXiv 2406.05673).

A proof is a path in a tree of tokens, so the backward policy of the general form is 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from train.objectives.correction import Correction, effective_log_ratio
from train.objectives.groups import group_mean, group_sum
from train.objectives.registry import Entry, register
from train.objectives.samples import Needs, Samples, State, Terms, by_verdict
from train.objectives.target import soft_log_partition

LOG_Z = "log_partition"
"""The state: log Z of every problem of the training set."""


@dataclass(frozen=True, kw_only=True)
class Balance(Correction):
    """What trajectory balance can be told. Any sampler will do, so by default nothing is corrected."""

    ratio: Literal["sequence", "none"] = "none"
    log_z: Literal["stored", "learned", "cancelled"] = "stored"
    """stored: from the corpus, exact for 0/1 rewards; learned: one number a problem, starting there; cancelled: its
    best value for the problem's samples, which makes the loss their variance."""
    log_z_rate: float = 0.1
    """Of learning log Z, a step being rate × slope of the problem's loss."""
    floor: float = 1e-3
    """ε: stands for a reward of 0, whose logarithm nothing could reach."""
    beta: float | None = None
    """None: the filtered target; else the soft one, and no floor."""

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        super().__post_init__()
        for name in ("log_z_rate", "floor", "beta"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} = {value}: must be positive")


def balance_loss(log_policy: Tensor, log_partition: Tensor, log_weight: Tensor) -> Tensor:
    """Return (log Z + log π_θ − log w)², (M,), 0 where π_θ = w/Z."""
    return (log_partition + log_policy - log_weight) ** 2


def trajectory_balance(samples: Samples, options: Balance) -> Terms:
    """(log Z + log π_θ(y) − log w(y))² with w = π_base max(r, ε), or π_base e^(r/β) (arXiv 2406.05673).

    Variance form: log Z = mean of log w − log π_θ over the problem's samples (arXiv 2302.05446).
    """
    log_weight = samples.log_base + _log_reward(samples, options)
    own = log_partition_of(samples, options)
    best = _cancelling(samples, log_weight)
    log_z = {"stored": own, "cancelled": best}.get(options.log_z)
    if log_z is None:
        assert samples.row is not None
        log_z = samples.state[LOG_Z][samples.row[samples.problem]]
    gap = (log_z + samples.log_policy - log_weight).detach()
    ratio = effective_log_ratio(samples, options).exp()
    loss = ratio * balance_loss(samples.log_policy, log_z, log_weight)
    return Terms(loss, by_verdict("balance_gap", gap.abs(), samples), _learned(samples, options, ratio * gap))


def log_partition_of(samples: Samples, options: Balance) -> Tensor:
    """Return log Σ w over all completions, (M,): Z + (1 − Z) ε for 0/1 rewards, or Z_β."""
    if options.beta is not None:
        return soft_log_partition(samples, options.beta)
    log_rest = torch.log1p(-samples.log_partition.exp().clamp(max=1.0))
    return torch.logaddexp(samples.log_partition, log_rest + math.log(options.floor))


def _log_reward(samples: Samples, options: Balance) -> Tensor:
    if options.beta is not None:
        return samples.reward / options.beta
    return samples.reward.clamp(min=options.floor).log()


def _cancelling(samples: Samples, log_weight: Tensor) -> Tensor:
    return group_mean((log_weight - samples.log_policy).detach(), samples.problem)


def _learned(samples: Samples, options: Balance, weighted_gap: Tensor) -> State:
    """Return log Z after a step against the slope 2 ρ (gap) of each problem's mean loss."""
    if options.log_z != "learned":
        return {}
    assert samples.row is not None
    slope = 2 * group_sum(weighted_gap / samples.num_drawn, samples.problem)
    learned = samples.state[LOG_Z].clone()
    learned[samples.row[samples.problem]] -= options.log_z_rate * slope
    return {LOG_Z: learned}


def _start(log_partition: Tensor, options: Balance) -> State:
    return {LOG_Z: log_partition} if options.log_z == "learned" else {}


register(
    Entry(
        "tb",
        "arXiv 2406.05673",
        Balance,
        trajectory_balance,
        lambda options: Needs(whole_step=options.log_z == "cancelled"),
        _start,
    )
)
