"""What an objective is given, and what it gives back.

Shapes: M samples of a step, P problems of it, T completion tokens of all M samples, one after the other. A completion
that was drawn twice is two samples. Log-probabilities are in nats, of whole sequences unless they stand in `tokens`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

State = Mapping[str, Tensor]
"""What an objective remembers from step to step, by name; a checkpoint holds it."""


@dataclass(frozen=True)
class TokenLogProbs:
    """The same log-probabilities token by token, each (T,) in float64."""

    sample: Tensor
    """Which of the M samples a token belongs to, ascending."""
    log_policy: Tensor
    """With gradient where the samples' `log_policy` has one."""
    log_base: Tensor
    log_sampler: Tensor


@dataclass(frozen=True)
class Samples:
    """The samples of one step: float64 and (M,) unless said otherwise."""

    log_policy: Tensor
    """log π_θ(y|x). An objective whose `needs.whole_step` is false may read this of a sample only for its own loss: it
    is called for parts of the step, and the values outside the part are placeholders."""
    log_base: Tensor
    log_sampler: Tensor
    """log q(y|x) of the distribution really drawn from."""
    reward: Tensor
    """In [0, 1]: 1 or 0 for verified or not, unless rewards are graded."""
    log_partition: Tensor
    """log Z_x of the sample's problem."""
    problem: Tensor
    """0 … P−1, whole numbers; each problem's samples are a group."""
    num_drawn: Tensor
    """n_x: how many samples of its problem were drawn, those left out because their reward is 0 included."""
    share: Tensor
    """1/(P n_x): what a sample's loss is multiplied by in the step's loss."""
    num_tokens: Tensor
    """|y|, the end token included."""
    round: Tensor
    """Of the online loop, whole numbers."""
    greedy_reward: Tensor | None = None
    """Reward of the greedy sample of the policy that drew the sample; None unless needed."""
    tokens: TokenLogProbs | None = None
    """None unless needed."""
    row: Tensor | None = None
    """(P,) which of the training set's problems each one is, whole numbers: the place of its entry in `state`."""
    progress: float = 0.0
    """Share of the steps already taken: 0 in the first."""
    state: State = field(default_factory=dict)

    @property
    def verified(self) -> Tensor:
        """Which samples are in the target's support: reward above 0."""
        return self.reward > 0

    @property
    def num_problems(self) -> int:
        """P."""
        return int(self.problem.max()) + 1

    def on(self, values: Tensor) -> Tensor:
        """Return values (T,) summed over each sample's tokens, (M,)."""
        assert self.tokens is not None
        return torch.zeros_like(self.log_base).index_add(0, self.tokens.sample, values)


@dataclass(frozen=True)
class Terms:
    """What an objective says of a step."""

    loss: Tensor
    """(M,), with gradient: the step's loss is Σ share · loss."""
    metrics: dict[str, Tensor] = field(default_factory=dict)
    """Scalars. Of the whole step; right only in a call that knows every sample's `log_policy`."""
    state: State = field(default_factory=dict)
    """For the next step, without gradient; right in the same calls."""


def by_verdict(name: str, values: Tensor, samples: Samples) -> dict[str, Tensor]:
    """Return the mean of values (M,) over the verified and over the other samples, those that there are."""
    groups = {"verified": samples.verified, "wrong": ~samples.verified}
    return {f"{name}_{which}": values.detach()[kept].mean() for which, kept in groups.items() if bool(kept.any())}


@dataclass(frozen=True)
class Needs:
    """What an objective cannot do without; the trainer loads and computes no more than that."""

    wrong: bool = True
    """The samples of reward 0; where they count as 0 only their number is needed."""
    tokens: bool = False
    greedy: bool = False
    whole_step: bool = False
    """A sample's loss depends on π_θ of others: all of them are computed before the first gradient."""
