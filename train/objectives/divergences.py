"""f-divergences D_f(π_θ ‖ p) = E_p[f(t)] + f′(∞) π_θ(p = 0), t = π_θ/p (f-DPG, arXiv 2302.08215).

The gradient is E_π[f′(t) ∇ log π_θ]: a policy gradient with the pseudo-reward R = −f′(t), which is −f′(∞) where p = 0.
Three forms, by the option `baseline`:

- positive: the weight is the gain G = f′(∞) − f′(t) ≥ 0, which is 0 where p = 0. As E_q[(π_θ/q) ∇ log π_θ] = 0 the
  constant f′(∞) may be dropped, and off policy it must be: it pushes every sample down without bound.
- none: the pseudo-reward itself.
- leave-one-out: R minus its mean over the other samples of the problem, as in arXiv 2512.05962.

All weights are constants of the gradient; samples come from any stored q (`train.objectives.correction`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from train.objective import advantage, pseudo_reward
from train.objectives.correction import Correction, effective_log_ratio, weighted_loss
from train.objectives.registry import Entry, register
from train.objectives.samples import Needs, Samples, Terms
from train.objectives.target import Target, target_of

PAPER, FDPG = "arXiv 2512.05962", "arXiv 2302.08215"


@dataclass(frozen=True, kw_only=True)
class DivergenceOptions(Correction):
    """What every divergence can be told."""

    baseline: Literal["positive", "none", "leave-one-out"] = "positive"
    clip: float | None = None
    """M: pseudo-rewards are at most this; 10 in arXiv 2512.05962."""
    beta: float | None = None
    """None: the filtered target; else the soft one, π_base exp(r/β)/Z_β."""

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        if self.beta is not None and not self.beta > 0:
            raise ValueError(f"beta = {self.beta}: must be positive, or none for the filtered target")
        if self.clip is not None and not self.clip > 0:
            raise ValueError(f"clip = {self.clip}: must be positive, or none")


@dataclass(frozen=True, kw_only=True)
class AlphaOptions(DivergenceOptions):
    """What α-DPG can be told."""

    alpha: float
    alpha_end: float | None = None
    """α moves there in a straight line over the steps."""
    alpha_hard: float | None = None
    """α of a problem that is never solved; in between α_x = alpha_hard + Z_x (alpha − alpha_hard)."""

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        super().__post_init__()
        for name in ("alpha", "alpha_end", "alpha_hard"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} = {value}: must be in [0, 1]")


LogGain = Callable[[Tensor], Tensor]
"""From log t to log G, same shape."""


def alpha_of(samples: Samples, options: AlphaOptions) -> Tensor:
    """Return the α of each sample, (M,): by the step, then by how often the base solves the problem."""
    alpha = options.alpha
    if options.alpha_end is not None:
        alpha += samples.progress * (options.alpha_end - alpha)
    if options.alpha_hard is None:
        return torch.full_like(samples.log_base, alpha)
    return options.alpha_hard + samples.log_partition.exp().clamp(max=1.0) * (alpha - options.alpha_hard)


def alpha_dpg(samples: Samples, options: AlphaOptions) -> Terms:
    """α-DPG: f′(t) = 1 − t^(α−1), so G = t^(α−1) and R = (p/π_θ)^(1−α) − 1 (arXiv 2512.05962, section 3).

    Positive form: the weight is (p/q)^(1−α) (π_θ/q)^α.
    """
    target, alpha = target_of(samples, options.beta), alpha_of(samples, options)

    def log_gain(log_t: Tensor) -> Tensor:
        return (alpha - 1) * log_t

    def reward() -> Tensor:
        given = samples.log_policy, target.log_weight, target.support, target.log_partition
        return pseudo_reward(*given, alpha=alpha, clip=options.clip)

    return _terms(samples, options, target, log_gain, 1.0, reward)


def _terms(
    samples: Samples,
    options: DivergenceOptions,
    target: Target,
    log_gain: LogGain,
    slope: float,
    reward: Callable[[], Tensor],
) -> Terms:
    """Return the loss in the form that the options choose; `slope` is f′(∞)."""
    if options.baseline == "positive":
        return Terms(_positive_loss(samples, options, target, log_gain, slope))
    value = reward()
    if options.baseline == "leave-one-out":
        value = advantage(value, samples.problem)
    return Terms(weighted_loss(samples, value.abs().log(), value.sign(), options))


def _positive_loss(
    samples: Samples, options: DivergenceOptions, target: Target, log_gain: LogGain, slope: float
) -> Tensor:
    """Return −sg(G ρ) log π_θ, (M,). A ratio that is truncated is so in t as well: π_θ is taken to be ρ q."""
    log_policy = samples.log_policy.detach()
    if options.ratio == "sequence" and options.bound == "truncate":
        log_policy = samples.log_sampler + effective_log_ratio(samples, options)
    log_weight = log_gain(log_policy - target.log_weight + target.log_partition)
    if options.clip is not None:
        log_weight = log_weight.clamp(max=torch.tensor(options.clip + slope).log().item())
    return weighted_loss(samples, log_weight, target.support.double(), options)


def _needs(options: DivergenceOptions) -> Needs:
    positive = options.baseline == "positive"
    return Needs(
        wrong=not positive or options.beta is not None,
        tokens=options.needs_tokens,
        whole_step=options.baseline == "leave-one-out",
    )


register(
    Entry("alpha-dpg", "α-divergence to the target: 0 covers, 1 concentrates", PAPER, AlphaOptions, alpha_dpg, _needs)
)
