"""The α-divergence objective of "Whatever Remains Must Be True" (arXiv 2512.05962), as pure functions of tensors.

Target: p(y) = π_base(y) v(y) / Z. With t = π_θ(y)/p(y), f′_α(t) = 1 − t^(α−1) and the loss is
D_α(π_θ ‖ p) = 1 − E_p[(π_θ/p)^α]/α, for α = 0 −E_p[log π_θ] up to a constant (f-DPG, arXiv 2302.08215).

All log-probabilities are in nats, of whole sequences, shape (B,); α ∈ [0, 1]. Everything that multiplies a
log-probability is a constant of the gradient. Sums over tokens and differences are taken in float64.
"""

from __future__ import annotations

import torch
from torch import Tensor

LOG_RATIO_CAP = 3.0
"""Off policy, π_θ/q is capped at e³."""
LOG_LARGEST = 700.0
"""exp of it is still finite in float64."""


def pseudo_reward(
    log_policy: Tensor,
    log_base: Tensor,
    verified: Tensor,
    log_partition: Tensor,
    *,
    alpha: float | Tensor,
    clip: float | None = 10.0,
) -> Tensor:
    """Return −f′_α(π_θ/p) = min((p/π_θ)^(1−α) − 1, clip), exactly −1 where a sample is not verified; shape (B,).

    `verified` is boolean; `clip` is M of the paper, None for no bound; α may be one number a sample. α = 1 gives the
    verdict minus one.
    Raises ValueError for α outside [0, 1]. Source: arXiv 2512.05962, section 3.
    """
    _check_alpha(alpha)
    log_target = log_base.double() - log_partition.double()
    log_power = (1 - alpha) * (log_target - log_policy.detach().double())
    bound = torch.inf if clip is None else clip
    reward = torch.expm1(log_power.clamp(max=LOG_LARGEST)).clamp(max=bound)
    return torch.where(verified, reward, -1.0)


def advantage(pseudo_reward: Tensor, group: Tensor) -> Tensor:
    """Return R − b with b the mean of R over the *other* samples of the same problem; shape (B,).

    `group` (B,) holds any integer per problem. A sample alone in its group has no others: its baseline is 0.
    """
    reward = pseudo_reward.detach().double()
    _, index = torch.unique(group, return_inverse=True)
    total = torch.zeros(int(index.max()) + 1, dtype=reward.dtype, device=reward.device)
    count = total.index_add(0, index, torch.ones_like(reward))[index]
    others = total.index_add(0, index, reward)[index] - reward
    return reward - others / (count - 1).clamp(min=1)


def surrogate_loss(log_policy: Tensor, log_sampler: Tensor, advantage: Tensor) -> Tensor:
    """Return −sg(π_θ/q · A) log π_θ per sample, shape (B,); its mean over y ~ q has the gradient of D_α.

    On policy q = π_θ and the ratio is 1.
    """
    log_ratio = log_policy.detach().double() - log_sampler.double()
    return -(log_ratio.clamp(max=LOG_LARGEST).exp() * advantage.detach()) * log_policy


def static_log_weight(log_base: Tensor, log_partition: Tensor, log_sampler: Tensor, *, alpha: float) -> Tensor:
    """Return (1−α)(log p − log q), the factor of a verified sample's weight that training never changes; shape (B,)."""
    _check_alpha(alpha)
    return (1 - alpha) * (log_base.double() - log_partition.double() - log_sampler.double())


def positive_loss(
    log_policy: Tensor,
    log_sampler: Tensor,
    log_weight: Tensor,
    *,
    alpha: float,
    log_ratio_cap: float | None = LOG_RATIO_CAP,
) -> Tensor:
    """Return −sg((p/q)^(1−α) (π_θ/q)^α) log π_θ for verified samples, shape (B,): the offline default.

    `log_weight` is `static_log_weight`. As E_q[(π_θ/q) ∇ log π_θ] = 0 the constant −1 of the pseudo-reward may be
    dropped, and off policy it must be: it pushes every sample down without bound. The mean over *all* samples y ~ q,
    where those not verified count as 0, has the gradient of D_α, except where π_θ/q is capped at exp(log_ratio_cap).
    """
    _check_alpha(alpha)
    log_ratio = log_policy.detach().double() - log_sampler.double()
    if log_ratio_cap is not None:
        log_ratio = log_ratio.clamp(max=log_ratio_cap)
    return -(log_weight + alpha * log_ratio).clamp(max=LOG_LARGEST).exp() * log_policy


def alpha_divergence(log_policy: Tensor, log_target: Tensor, *, alpha: float) -> Tensor:
    """Return D_α(π_θ ‖ p) from the log-probabilities of every completion; a scalar.

    `log_target` is −inf off the support. For α = 0 this is KL(p ‖ π_θ) exactly, for α > 0 it is 1 − E_p[(π_θ/p)^α]/α,
    which is E_p[f(π_θ/p)] + f′(∞) π_θ(v = 0) up to a constant.
    """
    _check_alpha(alpha)
    inside = log_target > -torch.inf
    log_p, log_q = log_target[inside], log_policy[inside]
    if alpha == 0:
        return (log_p.exp() * (log_p - log_q)).sum()
    return 1 - (log_p + alpha * (log_q - log_p)).exp().sum() / alpha


def _check_alpha(alpha: float | Tensor) -> None:
    if not bool(torch.as_tensor((alpha >= 0) & (alpha <= 1)).all()):
        raise ValueError(f"alpha = {alpha}: outside [0, 1]")
