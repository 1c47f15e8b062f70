"""The objectives of offline training by name, each a small pure function; a new one is added to `OBJECTIVES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from train.objective import positive_loss, static_log_weight


@dataclass(frozen=True)
class Draws:
    """Verified draws of some problems; every tensor (M,), float64, nats."""

    log_policy: Tensor
    """log π_θ(y|x), with gradient."""
    log_base: Tensor
    log_sampler: Tensor
    log_partition: Tensor


@dataclass(frozen=True)
class ObjectiveSettings:
    """The numbers that objectives take; each uses those it knows."""

    alpha: float
    log_ratio_cap: float | None


Objective = Callable[[Draws, ObjectiveSettings], Tensor]
"""From verified draws to a loss per draw, (M,); draws that are not verified have loss 0."""


def alpha_dpg(draws: Draws, settings: ObjectiveSettings) -> Tensor:
    """α-DPG, positive only: −sg((p/q)^(1−α) (π_θ/q)^α) log π_θ (arXiv 2512.05962, off policy)."""
    log_weight = static_log_weight(draws.log_base, draws.log_partition, draws.log_sampler, alpha=settings.alpha)
    return positive_loss(
        draws.log_policy, draws.log_sampler, log_weight, alpha=settings.alpha, log_ratio_cap=settings.log_ratio_cap
    )


OBJECTIVES: dict[str, Objective] = {"alpha-dpg": alpha_dpg}
