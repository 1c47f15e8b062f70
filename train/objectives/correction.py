"""Samples of q used for π_θ: the ratio π_θ/q, of sequences or tokens, truncated or masked.

Every objective that multiplies ∇ log π_θ by a weight goes through here, so the correction is one choice for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from train.objective import LOG_LARGEST, LOG_RATIO_CAP
from train.objectives.samples import Samples


@dataclass(frozen=True, kw_only=True)
class Correction:
    """How π_θ/q enters."""

    ratio: Literal["sequence", "token", "none"] = "sequence"
    """sequence: one ratio a sample, exact; token: one a token, less variance and a bias; none: as if q were π_θ."""
    bound: Literal["truncate", "mask"] = "truncate"
    """What becomes of a ratio above the cap: it is the cap (as in IMPALA, arXiv 1802.01561), or 0."""
    log_ratio_cap: float | None = LOG_RATIO_CAP
    """Nats; None: no bound."""

    def __post_init__(self) -> None:
        """Refuse a cap below which every ratio lies."""
        if self.log_ratio_cap is not None and not self.log_ratio_cap >= 0:
            raise ValueError(f"log_ratio_cap = {self.log_ratio_cap}: must be 0 or more, or none")

    @property
    def needs_tokens(self) -> bool:
        """Whether log-probabilities of single tokens are used."""
        return self.ratio == "token"


def bounded(log_ratio: Tensor, correction: Correction) -> Tensor:
    """Return the log of the bounded ratio, −inf where it is masked, without gradient; any shape."""
    log_ratio, cap = log_ratio.detach(), correction.log_ratio_cap
    if cap is None:
        return log_ratio
    if correction.bound == "truncate":
        return log_ratio.clamp(max=cap)
    return torch.where(log_ratio > cap, -torch.inf, log_ratio)


def log_ratio_of(samples: Samples) -> Tensor:
    """Return log π_θ/q of the sequences, (M,), without gradient."""
    return samples.log_policy.detach() - samples.log_sampler


def effective_log_ratio(samples: Samples, correction: Correction) -> Tensor:
    """Return the log of the ratio that a sample's weight holds, (M,): 0 where it stands at the tokens or nowhere."""
    if correction.ratio == "sequence":
        return bounded(log_ratio_of(samples), correction)
    return torch.zeros_like(samples.log_sampler)


def weighted_loss(samples: Samples, log_weight: Tensor, sign: Tensor, correction: Correction) -> Tensor:
    """Return −sg(sign · e^log_weight · ρ) log π_θ, (M,), with ρ the bounded ratio.

    The ratio of sequences is added to `log_weight` before the exponential, so neither can overflow alone; ratios of
    tokens stand at each token: −sg(sign · e^log_weight) Σ_t sg(ρ_t) log π_t.
    """
    log_weight = log_weight.detach() + effective_log_ratio(samples, correction)
    weight = sign * log_weight.clamp(max=LOG_LARGEST).exp()
    if correction.ratio != "token":
        return -weight * samples.log_policy
    tokens = samples.tokens
    assert tokens is not None
    ratio = bounded(tokens.log_policy - tokens.log_sampler, correction).exp()
    return -weight * samples.on(ratio * tokens.log_policy)


def signed_loss(samples: Samples, advantage: Tensor, correction: Correction) -> Tensor:
    """Return −sg(ρ A) log π_θ, (M,), for advantages (M,) of either sign."""
    return weighted_loss(samples, advantage.abs().log(), advantage.sign(), correction)
