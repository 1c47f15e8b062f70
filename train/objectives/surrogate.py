"""How an advantage becomes a loss: REINFORCE with the importance correction, PPO's clip, GSPO's, and a KL penalty.

All of them agree in gradient where π_θ = q.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from train.objective import LOG_LARGEST
from train.objectives.correction import Correction, bounded, signed_loss
from train.objectives.samples import Needs, Samples, Terms, by_verdict


@dataclass(frozen=True, kw_only=True)
class Surrogate(Correction):
    """What every objective with an advantage can be told."""

    surrogate: Literal["reinforce", "ppo", "gspo"] = "reinforce"
    clip_low: float = 0.2
    """ε: PPO and GSPO give a ratio below 1 − ε no gradient where that would lower it further."""
    clip_high: float = 0.2
    """The same above 1 + ε."""
    normalize: Literal["sum", "length", "tokens"] = "sum"
    """A sample's loss: sum over its tokens; their mean; or that sum by the mean length of the step's samples."""
    kl: float = 0.0
    """Weight of KL(π_θ ‖ π_base), token by token: exp(d) − d − 1 with d = log π_base − log π_θ."""

    def __post_init__(self) -> None:
        """Refuse values out of range and what does not go together."""
        super().__post_init__()
        if not (0 < self.clip_low <= 1 and self.clip_high > 0):
            raise ValueError(f"clip_low = {self.clip_low}, clip_high = {self.clip_high}: in (0, 1], and above 0")
        if not self.kl >= 0:
            raise ValueError(f"kl = {self.kl}: must be 0 or more")
        if self.surrogate != "reinforce" and self.ratio == "none":
            raise ValueError(f"surrogate = {self.surrogate}: clips the ratio, so ratio cannot be none")

    @property
    def needs_tokens(self) -> bool:
        """Whether log-probabilities of single tokens are used."""
        return self.kl > 0 or (self.surrogate != "gspo" and self.ratio == "token")


def policy_gradient(samples: Samples, advantage: Tensor, options: Surrogate) -> Terms:
    """Return the surrogate's loss for advantages (M,), and the advantages' means by verdict."""
    loss = _LOSSES[options.surrogate](samples, advantage.detach(), options)
    if options.kl:
        loss = loss + options.kl * kl_penalty(samples)
    metrics = by_verdict("advantage", advantage, samples)
    if options.surrogate != "reinforce":
        metrics["surrogate_clipped"] = clipped_share(samples, advantage, options)
    return Terms(loss / _length(samples, options), metrics)


def ppo_loss(samples: Samples, advantage: Tensor, options: Surrogate) -> Tensor:
    """Return −Σ min(ρ A, clip(ρ, 1 − ε_low, 1 + ε_high) A), (M,): over tokens or of the sequence (arXiv 1707.06347).

    ρ = π_θ/q, with gradient. Above the cap of the correction it is constant, or 0 if masked (A < 0 has no other bound).
    """
    if options.ratio == "sequence":
        return _clipped(samples.log_policy - samples.log_sampler, advantage, options)
    tokens = samples.tokens
    assert tokens is not None
    return samples.on(_clipped(tokens.log_policy - tokens.log_sampler, advantage[tokens.sample], options))


def gspo_loss(samples: Samples, advantage: Tensor, options: Surrogate) -> Tensor:
    """Return −|y| min(s A, clip(s, …) A), (M,), with s = (π_θ(y)/q(y))^(1/|y|) (GSPO, arXiv 2507.18071)."""
    log_ratio = (samples.log_policy - samples.log_sampler) / samples.num_tokens
    return samples.num_tokens * _clipped(log_ratio, advantage, options)


def clipped_share(samples: Samples, advantage: Tensor, options: Surrogate) -> Tensor:
    """Return the share of ratios, of tokens or of sequences, that PPO's or GSPO's clip leaves without a gradient."""
    log_ratio, tokens = samples.log_policy - samples.log_sampler, samples.tokens
    if options.surrogate == "gspo":
        log_ratio = log_ratio / samples.num_tokens
    elif options.ratio == "token" and tokens is not None:
        log_ratio, advantage = tokens.log_policy - tokens.log_sampler, advantage[tokens.sample]
    ratio = log_ratio.detach().exp()
    high, low = (ratio > 1 + options.clip_high) & (advantage > 0), (ratio < 1 - options.clip_low) & (advantage < 0)
    return (high | low).double().mean()


def kl_penalty(samples: Samples) -> Tensor:
    """Return Σ_t exp(d_t) − d_t − 1, d = log π_base − log π_θ, (M,): as in GRPO (arXiv 2402.03300)."""
    tokens = samples.tokens
    assert tokens is not None
    gap = tokens.log_base - tokens.log_policy
    return samples.on(gap.clamp(max=LOG_LARGEST).exp() - gap - 1)


def _clipped(log_ratio: Tensor, advantage: Tensor, options: Surrogate) -> Tensor:
    """Return −min(ρ A, clip(ρ) A); `log_ratio` and `advantage` have one shape."""
    allowed = bounded(log_ratio, options)
    inside = log_ratio.detach() <= (torch.inf if options.log_ratio_cap is None else options.log_ratio_cap)
    ratio = torch.where(inside, log_ratio.clamp(max=LOG_LARGEST), allowed).exp()
    clipped = ratio.clamp(1 - options.clip_low, 1 + options.clip_high)
    loss = -torch.minimum(ratio * advantage, clipped * advantage)
    return torch.where(allowed > -torch.inf, loss, 0.0)


_LOSSES = {"reinforce": signed_loss, "ppo": ppo_loss, "gspo": gspo_loss}


def _length(samples: Samples, options: Surrogate) -> Tensor | float:
    """Return what the sum over a sample's tokens is divided by."""
    if options.normalize == "length":
        return samples.num_tokens
    return samples.num_tokens.mean() if options.normalize == "tokens" else 1.0


def surrogate_needs(options: Surrogate) -> Needs:
    """Return what an objective with an advantage of stored quantities needs."""
    return Needs(tokens=options.needs_tokens)
