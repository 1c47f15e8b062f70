"""Baselines of arXiv 2512.05962 and their relatives: each a function from rewards r and groups to advantages, (M,).

`group` (M,) has whole numbers 0 … P−1; G is the size of a sample's group. Nothing here depends on π_θ, so an advantage
serves any surrogate (`train.objectives.surrogate`) and any sampler. Standard deviations are with G − 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor

from train.objectives.groups import group_max, group_mean, group_std, group_sum, mean_of_others, rank_in_group
from train.objectives.registry import Entry, register
from train.objectives.samples import Needs, Samples, Terms
from train.objectives.surrogate import Surrogate, policy_gradient, surrogate_needs

TINY = 1e-6
"""Beside a standard deviation that may be 0."""


def grpo(reward: Tensor, group: Tensor, *, std: bool = True) -> Tensor:
    """Return (r − mean)/(std + 1e-6), or r − mean (GRPO, arXiv 2402.03300; without std Dr. GRPO, arXiv 2503.20783)."""
    centred = reward - group_mean(reward, group)
    return centred / (group_std(reward, group) + TINY) if std else centred


def rloo(reward: Tensor, group: Tensor) -> Tensor:
    """Return r less the mean of the others (RLOO, arXiv 2402.14740)."""
    return reward - mean_of_others(reward, group)


def remax(reward: Tensor, greedy_reward: Tensor) -> Tensor:
    """Return r less the reward of the greedy sample of the policy that drew it (ReMax, arXiv 2310.10505)."""
    return reward - greedy_reward


def gpg(reward: Tensor, group: Tensor) -> Tensor:
    """Return a (r − mean), a = B/(B − M), M of the B samples lying in groups without spread (GPG, arXiv 2504.02546)."""
    useful = group_std(reward, group) > TINY
    scale = len(reward) / useful.sum().clamp(min=1)
    return scale * (reward - group_mean(reward, group))


def pass_k(reward: Tensor, group: Tensor, *, k: int) -> Tensor:
    """Return each sample's expected advantage over the subsets of k that it is in (arXiv 2508.10751).

    With w of G samples wrong, ρ = 1 − C(w, k)/C(G, k) and σ = √(ρ(1 − ρ)): right (1 − ρ)/σ, wrong
    (1 − ρ − C(w−1, k−1)/C(G−1, k−1))/σ. Rewards above 0 count as right. 0 where w < k, or G < k.
    """
    right = (reward > 0).double()
    size, wrong = group_sum(torch.ones_like(right), group), group_sum(1 - right, group)
    rho = 1 - _share_of_subsets(wrong, size, k)
    without = torch.where(right > 0, 0.0, _share_of_subsets(wrong - 1, size - 1, k - 1))
    advantage = (1 - rho - without) / ((rho * (1 - rho)).sqrt() + TINY)
    return torch.where((wrong >= k) & (size >= k), advantage, 0.0)


def best_only(reward: Tensor, group: Tensor, *, std: bool = False) -> Tensor:
    """Return, for the best sample of a group, by how much it beats the second best, else 0 (arXiv 2503.19595).

    With verdicts that is 1 for the only verified sample of a group. The first of equal ones is the best.
    """
    size = group_sum(torch.ones_like(reward), group)
    best = rank_in_group(-reward, group) == 0
    others = torch.where(best, -torch.inf, reward)
    lead = torch.where(best & (size > 1), reward - group_max(others, group), 0.0)
    return lead / (group_std(reward, group) + TINY) if std else lead


def unlikely_reward(reward: Tensor, log_likelihood: Tensor, group: Tensor, *, discount: float) -> Tensor:
    """Return r (1 − β rank/G), rank 0 the least likely of the group, G − 1 the likeliest (arXiv 2506.02355)."""
    size = group_sum(torch.ones_like(reward), group)
    return reward * (1 - discount * rank_in_group(log_likelihood, group) / size)


def unlikely_reward_by_reward(reward: Tensor, group: Tensor, *, discount: float) -> Tensor:
    """Return r (1 − β rank/(G − 1)) with ranks of the rewards themselves, as the code of arXiv 2512.05962 computes it.

    Likelihoods play no part: among verified samples the order in the group decides.
    """
    size = group_sum(torch.ones_like(reward), group)
    return reward * (1 - discount * rank_in_group(reward, group) / (size - 1).clamp(min=1))


def _share_of_subsets(part: Tensor, whole: Tensor, k: int) -> Tensor:
    """Return C(part, k)/C(whole, k), the share of subsets of k that lie within `part`; 0 where part < k."""
    steps = torch.arange(k, device=part.device)
    factors = (part[:, None] - steps).clamp(min=0) / (whole[:, None] - steps).clamp(min=1)
    return factors.prod(1)


# What each can be told, and its entry


@dataclass(frozen=True, kw_only=True)
class Grpo(Surrogate):
    """GRPO as published: clipped ratios of tokens, mean over a sample's tokens, standard deviation."""

    surrogate: Literal["reinforce", "ppo", "gspo"] = "ppo"
    ratio: Literal["sequence", "token", "none"] = "token"
    normalize: Literal["sum", "length", "tokens"] = "length"
    std: bool = True


@dataclass(frozen=True, kw_only=True)
class DrGrpo(Surrogate):
    """Dr. GRPO, which is the GRPO baseline of arXiv 2512.05962."""

    surrogate: Literal["reinforce", "ppo", "gspo"] = "ppo"
    ratio: Literal["sequence", "token", "none"] = "token"


@dataclass(frozen=True, kw_only=True)
class PassK(Surrogate):
    """The analytic pass@k objective."""

    k: int = 4

    def __post_init__(self) -> None:
        """Refuse a k below 1."""
        super().__post_init__()
        if self.k < 1:
            raise ValueError(f"k = {self.k}: must be 1 or more")


@dataclass(frozen=True, kw_only=True)
class BestOnly(DrGrpo):
    """GRPO-Pass@k."""

    std: bool = False


@dataclass(frozen=True, kw_only=True)
class Unlikely(Grpo):
    """The unlikeliness reward."""

    discount: float = 0.25
    """β."""
    rank_by: Literal["mean", "sum"] = "mean"
    """Likelihood under the sampler: of the tokens on average, or of the whole."""

    def __post_init__(self) -> None:
        """Refuse a discount that would make a reward negative."""
        super().__post_init__()
        _check_discount(self.discount)


@dataclass(frozen=True, kw_only=True)
class UnlikelyByReward(DrGrpo):
    """The same by the rank of the reward."""

    discount: float = 0.25
    """β."""
    std: bool = False

    def __post_init__(self) -> None:
        """Refuse a discount that would make a reward negative."""
        super().__post_init__()
        _check_discount(self.discount)


def _check_discount(value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"discount = {value}: must be in [0, 1]")


def _remax(samples: Samples, options: Surrogate) -> Tensor:
    assert samples.greedy_reward is not None
    return remax(samples.reward, samples.greedy_reward)


def _unlikely(samples: Samples, options: Unlikely) -> Tensor:
    likelihood = samples.log_sampler / (samples.num_tokens if options.rank_by == "mean" else 1.0)
    discounted = unlikely_reward(samples.reward, likelihood, samples.problem, discount=options.discount)
    return grpo(discounted, samples.problem, std=options.std)


def _unlikely_by_reward(samples: Samples, options: UnlikelyByReward) -> Tensor:
    discounted = unlikely_reward_by_reward(samples.reward, samples.problem, discount=options.discount)
    return grpo(discounted, samples.problem, std=options.std)


def _enter(name: str, source: str, options: type, advantage: Callable[[Samples, Any], Tensor], **needs: bool) -> None:
    """Register an objective that is an advantage."""

    def terms(samples: Samples, chosen: Any) -> Terms:
        return policy_gradient(samples, advantage(samples, chosen), chosen)

    def needed(chosen: Surrogate) -> Needs:
        found = replace(surrogate_needs(chosen), **needs)
        return replace(found, wrong=found.wrong or chosen.kl > 0)

    register(Entry(name, source, options, terms, needed))


_enter("reinforce", "Williams 1992", Surrogate, lambda samples, options: samples.reward, wrong=False)
_enter("grpo", "arXiv 2402.03300", Grpo, lambda samples, o: grpo(samples.reward, samples.problem, std=o.std))
_enter("dr-grpo", "arXiv 2503.20783", DrGrpo, lambda samples, o: grpo(samples.reward, samples.problem, std=False))
_enter("rloo", "arXiv 2402.14740", Surrogate, lambda samples, o: rloo(samples.reward, samples.problem))
_enter("remax", "arXiv 2310.10505", Surrogate, _remax, greedy=True)
_enter("gpg", "arXiv 2504.02546", Surrogate, lambda samples, o: gpg(samples.reward, samples.problem))
_enter("pass-k", "arXiv 2508.10751", PassK, lambda samples, o: pass_k(samples.reward, samples.problem, k=o.k))
_enter(
    "grpo-pass-k",
    "arXiv 2503.19595",
    BestOnly,
    lambda samples, o: best_only(samples.reward, samples.problem, std=o.std),
)
_enter("unlikely", "arXiv 2506.02355", Unlikely, _unlikely)
_enter("unlikely-by-reward", "arXiv 2512.05962", UnlikelyByReward, _unlikely_by_reward)
