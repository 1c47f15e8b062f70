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

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from train.objective import LOG_LARGEST, advantage, pseudo_reward
from train.objectives.correction import Correction, effective_log_ratio, signed_loss, weighted_loss
from train.objectives.groups import group_sum
from train.objectives.registry import Entry, register
from train.objectives.samples import Needs, Samples, Terms, by_verdict
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
        super().__post_init__()
        _check_positive(beta=self.beta, clip=self.clip)


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


@dataclass(frozen=True, kw_only=True)
class ReverseOptions(Correction):
    """What the reverse KL can be told."""

    baseline: Literal["none", "leave-one-out"] = "leave-one-out"
    clip: float | None = None
    """M: pseudo-rewards are at most this."""
    beta: float = 0.1
    """Of the soft target π_base exp(r/β)/Z_β."""

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        super().__post_init__()
        _check_positive(beta=self.beta, clip=self.clip)


@dataclass(frozen=True, kw_only=True)
class FineTuning(Correction):
    """What rejection-sampling fine-tuning can be told."""

    ratio: Literal["sequence", "token", "none"] = "none"
    per: Literal["sample", "problem"] = "sample"
    """sample: every verified sample counts alike, easy problems most; problem: every problem does."""


def _check_positive(**values: float | None) -> None:
    for name, value in values.items():
        if value is not None and not value > 0:
            raise ValueError(f"{name} = {value}: must be positive")


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
    return _alpha_terms(samples, options, alpha_of(samples, options))


def kl_dpg(samples: Samples, options: DivergenceOptions) -> Terms:
    """KL(p ‖ π_θ): f(t) = −log t + t − 1, so G = 1/t and the positive weight is p/q (arXiv 2302.08215."""
    return _alpha_terms(samples, options, torch.zeros_like(samples.log_base))


def js(samples: Samples, options: DivergenceOptions) -> Terms:
    """Jensen–Shannon: f(t) = ½ (t log t − (1 + t) log((1 + t)/2)), so G = ½ log(1 + 1/t), f′(∞) = ½ log 2.

    arXiv 2302.08215 has twice of it.
    """

    def log_gain(log_t: Tensor) -> Tensor:
        return functional.softplus(-log_t).clamp(min=torch.finfo(log_t.dtype).tiny).log() - math.log(2)

    return _terms(samples, options, log_gain, math.log(2) / 2)


def tv(samples: Samples, options: DivergenceOptions) -> Terms:
    """Total variation: f(t) = ½ |t − 1|, so G = 1 where π_θ < p, ½ where they are equal, else 0; f′(∞) = ½.

    arXiv 2302.08215.
    """

    def log_gain(log_t: Tensor) -> Tensor:
        return torch.heaviside(-log_t, torch.full_like(log_t, 0.5)).log()

    return _terms(samples, options, log_gain, 0.5)


def reverse_kl(samples: Samples, options: ReverseOptions) -> Terms:
    """KL(π_θ ‖ p) to the soft target: f(t) = t log t − t + 1, so R = log p − log π_θ (arXiv 2302.08215).

    f′(∞) is infinite: to the filtered target the divergence is too, and there is no positive form.
    """
    target = target_of(samples, options.beta)
    reward = target.log_prob - samples.log_policy.detach()
    return _reward_terms(samples, options, reward.clamp(max=math.inf if options.clip is None else options.clip))


def rs_ft(samples: Samples, options: FineTuning) -> Terms:
    """Rejection-sampling fine-tuning: −Σ r log π_θ / Σ r over the samples of the step, or problem by problem.

    With base samples and `per` problem this is α-DPG at α = 0 with Z_x the pass rate (arXiv 2512.05962).
    """
    reward, total = samples.reward, samples.reward.sum()
    if options.per == "problem":
        scale = 1 / (samples.share * samples.num_problems * group_sum(reward, samples.problem))
    else:
        scale = 1 / (samples.share * total)
    return Terms(weighted_loss(samples, (scale * reward).log(), torch.ones_like(reward), options))


def _alpha_terms(samples: Samples, options: DivergenceOptions, alpha: Tensor) -> Terms:
    target = target_of(samples, options.beta)
    given = samples.log_policy, target.log_weight, target.support, target.log_partition
    reward = pseudo_reward(*given, alpha=alpha, clip=options.clip)
    return _terms(samples, options, lambda log_t: (alpha - 1) * log_t, 1.0, reward)


def _terms(
    samples: Samples,
    options: DivergenceOptions,
    log_gain: LogGain,
    slope: float,
    reward: Tensor | None = None,
) -> Terms:
    """Return the loss in the form that the options choose; `slope` is f′(∞), `reward` R where it is known already."""
    target = target_of(samples, options.beta)
    if reward is None:
        log_t = samples.log_policy.detach() - target.log_weight + target.log_partition
        gain = torch.where(target.support, log_gain(log_t).clamp(max=LOG_LARGEST).exp(), 0.0)
        reward = (gain - slope).clamp(max=math.inf if options.clip is None else options.clip)
    if options.baseline == "positive":
        loss = _positive_loss(samples, options, target, log_gain, slope)
        return Terms(loss, _reward_metrics(samples, reward, options.clip))
    return _reward_terms(samples, options, reward)


def _reward_terms(samples: Samples, options: DivergenceOptions | ReverseOptions, reward: Tensor) -> Terms:
    """Return −sg(ρ (R − b)) log π_θ, with the baseline b that the options choose."""
    value = advantage(reward, samples.problem) if options.baseline == "leave-one-out" else reward
    return Terms(signed_loss(samples, value, options), _reward_metrics(samples, reward, options.clip))


def _reward_metrics(samples: Samples, reward: Tensor, clip: float | None) -> dict[str, Tensor]:
    """Return the mean pseudo-reward by verdict, and the share of them at the bound M."""
    at_bound = (reward >= (math.inf if clip is None else clip)).double().mean()
    return {**by_verdict("pseudo_reward", reward, samples), "pseudo_reward_clipped": at_bound}


def _positive_loss(
    samples: Samples, options: DivergenceOptions, target: Target, log_gain: LogGain, slope: float
) -> Tensor:
    """Return −sg(G ρ) log π_θ, (M,). A ratio that is truncated is so in t as well: π_θ is taken to be ρ q."""
    log_policy = samples.log_policy.detach()
    if options.ratio == "sequence" and options.bound == "truncate":
        log_policy = samples.log_sampler + effective_log_ratio(samples, options)
    log_weight = log_gain(log_policy - target.log_weight + target.log_partition)
    if options.clip is not None:
        log_weight = log_weight.clamp(max=math.log(options.clip + slope))
    return weighted_loss(samples, log_weight, target.support.double(), options)


def _needs(options: DivergenceOptions) -> Needs:
    positive = options.baseline == "positive"
    return Needs(
        wrong=not positive or options.beta is not None,
        tokens=options.needs_tokens,
        whole_step=options.baseline == "leave-one-out",
    )


def _needs_of_reverse(options: ReverseOptions) -> Needs:
    return Needs(tokens=options.needs_tokens, whole_step=options.baseline == "leave-one-out")


register(Entry("alpha-dpg", PAPER, AlphaOptions, alpha_dpg, _needs))
register(Entry("rs-ft", PAPER, FineTuning, rs_ft, lambda options: Needs(wrong=False, tokens=options.needs_tokens)))
register(Entry("kl-dpg", FDPG, DivergenceOptions, kl_dpg, _needs))
register(Entry("reverse-kl", FDPG, ReverseOptions, reverse_kl, _needs_of_reverse))
register(Entry("js", FDPG, DivergenceOptions, js, _needs))
register(Entry("tv", FDPG, DivergenceOptions, tv, _needs))
