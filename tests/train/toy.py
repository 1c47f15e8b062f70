"""A policy over few completions, where every expectation is a finite sum."""

from __future__ import annotations

import torch
from torch import Tensor

from train.objective import alpha_divergence
from train.objectives import Samples, TokenLogProbs


class Toy:
    """Two tokens and an end token, at most three tokens: 15 completions of an autoregressive policy, enumerated."""

    def __init__(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.completions = list(_completions(3))
        self.theta = torch.randn(7, 3, generator=generator, dtype=torch.float64, requires_grad=True)
        base = torch.randn(7, 3, generator=generator, dtype=torch.float64)
        other = torch.randn(7, 3, generator=generator, dtype=torch.float64)
        self.base, self.other = base, other
        self.log_base = self._log_probs(base)
        self.log_other = self._log_probs(other)
        self.verified = torch.rand(len(self.completions), generator=generator) < 0.4
        self.verified[0] = True
        self.graded = torch.where(self.verified, torch.rand(len(self.completions), generator=generator), 0.0).double()
        self.log_partition = self.log_base[self.verified].logsumexp(0)
        self.log_target = torch.where(self.verified, self.log_base - self.log_partition, -torch.inf)

    def log_policy(self) -> Tensor:
        return self._log_probs(self.theta)

    def _log_probs(self, table: Tensor) -> Tensor:
        return torch.stack([tokens.sum() for tokens in self.token_log_probs(table)])

    def token_log_probs(self, table: Tensor) -> list[Tensor]:
        """Return log π of every token of every completion."""
        steps = table.log_softmax(-1)
        return [torch.stack([steps[_state(y[:i]), y[i]] for i in range(len(y))]) for y in self.completions]

    def samples(self, sampler: str, reward: Tensor | None = None) -> Samples:
        """Return every completion as a sample whose share is its probability under q: the loss is an expectation."""
        tables = {"policy": self.theta.detach(), "base": self.base, "other": self.other}
        policy, base, drawn = (self.token_log_probs(table) for table in (self.theta, self.base, tables[sampler]))
        reward = self.verified.double() if reward is None else reward
        lengths = torch.tensor([len(y) for y in self.completions])
        log_sampler = torch.stack([tokens.sum() for tokens in drawn])
        zeros = torch.zeros(len(lengths), dtype=torch.long)
        return Samples(
            log_policy=torch.stack([tokens.sum() for tokens in policy]),
            log_base=self.log_base,
            log_sampler=log_sampler,
            reward=reward,
            log_partition=(self.log_base.exp() * reward).sum().log().expand(len(lengths)),
            problem=zeros,
            num_drawn=torch.full_like(self.log_base, len(lengths)),
            share=log_sampler.exp(),
            num_tokens=lengths.double(),
            round=zeros,
            tokens=TokenLogProbs(
                torch.arange(len(lengths)).repeat_interleave(lengths),
                torch.cat(policy),
                torch.cat(base),
                torch.cat(drawn),
            ),
            row=torch.tensor([0]),
        )

    def exactgradient(self, alpha: float) -> Tensor:
        return gradient(alpha_divergence(self.log_policy(), self.log_target, alpha=alpha), self.theta)


def _completions(longest: int, prefix: tuple[int, ...] = ()):
    """Every sequence of tokens 0 and 1 that ends in token 2, or is cut at `longest` tokens."""
    if len(prefix) == longest:
        yield prefix
        return
    yield (*prefix, 2)
    for token in (0, 1):
        yield from _completions(longest, (*prefix, token))


def _state(prefix: tuple[int, ...]) -> int:
    return 2 ** len(prefix) - 1 + sum(token * 2**i for i, token in enumerate(prefix))


def gradient(loss: Tensor, theta: Tensor) -> Tensor:
    return torch.autograd.grad(loss, theta)[0]
