"""The draws of a step's problems as tensors: what the trainer knows, in the shape that objectives are given it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from train.data import Completion, SolvedProblem
from train.objectives import Samples, State, TokenLogProbs


@dataclass(frozen=True)
class DrawTable:
    """The draws of a step's P problems: M draws of R distinct completions; tensors (M,), nats, float64.

    Completion tokens of all R rows, one after the other, are (C,).
    """

    rows: list[Completion]
    row: Tensor
    """Which completion each draw is, ascending."""
    problem: Tensor
    """0 … P−1."""
    log_base: Tensor
    log_sampler: Tensor
    log_partition: Tensor
    reward: Tensor
    num_drawn: Tensor
    share: Tensor
    """1/(P n_x): the weight of a draw in the step's loss."""
    round: Tensor
    greedy_reward: Tensor | None
    length: Tensor
    """(R,) completion tokens of each row."""

    @classmethod
    def of(cls, problems: Sequence[SolvedProblem]) -> DrawTable:
        """Lay out the draws of `problems`."""
        owned = [(owner, row) for owner, problem in enumerate(problems) for row in problem.completions]
        rows = [row for _, row in owned]
        owners = [owner for owner, row in owned for _ in row.log_base]
        drawn = _doubles(problems[owner].num_samples for owner in owners)
        greedy = [value for row in rows for value in row.greedy_reward]
        return cls(
            rows=rows,
            row=torch.tensor([index for index, row in enumerate(rows) for _ in row.log_base]),
            problem=torch.tensor(owners),
            log_base=_doubles(value for row in rows for value in row.log_base),
            log_sampler=_doubles(value for row in rows for value in row.log_sampler),
            log_partition=_doubles(problems[owner].log_partition for owner in owners),
            reward=_doubles(row.reward for row in rows for _ in row.log_base),
            num_drawn=drawn,
            share=1 / (len(problems) * drawn),
            round=torch.tensor([value for row in rows for value in row.round] or [0] * len(owners)),
            greedy_reward=_doubles(greedy) if greedy else None,
            length=torch.tensor([len(row.tokens.completion) for row in rows]),
        )

    def draws_of(self, rows: Sequence[int]) -> Tensor:
        """Return the draws of `rows`, ascending."""
        wanted = torch.zeros(len(self.rows), dtype=torch.bool)
        wanted[list(rows)] = True
        return wanted[self.row].nonzero()[:, 0]

    def places(self, rows: Sequence[int]) -> Tensor:
        """Return where the completion tokens of `rows`, in that order, stand among all (C,)."""
        start = self.length.cumsum(0) - self.length
        chosen = torch.tensor(rows)
        return _ranges(start[chosen], self.length[chosen])

    def placeholder(self) -> Tensor:
        """Return a finite log-probability for every completion token, (C,) in float32: the mean one under q."""
        first = torch.searchsorted(self.row, torch.arange(len(self.rows)))
        return (self.log_sampler[first] / self.length).repeat_interleave(self.length).float()

    def samples(
        self, log_policy: Tensor, *, tokens: bool, which: Tensor | None = None, progress: float, state: State
    ) -> Samples:
        """Return the draws as an objective wants them, on the device of `log_policy` (C,), log π_θ of each token.

        `which` (P,) has the problems' places in the training set; `tokens` adds what is known token by token.
        """
        device = log_policy.device
        of_row = torch.arange(len(self.rows)).repeat_interleave(self.length).to(device)
        sums = torch.zeros(len(self.rows), dtype=torch.float64, device=device).index_add(0, of_row, log_policy.double())
        greedy = self.greedy_reward
        return Samples(
            log_policy=sums[self.row.to(device)],
            log_base=self.log_base.to(device),
            log_sampler=self.log_sampler.to(device),
            reward=self.reward.to(device),
            log_partition=self.log_partition.to(device),
            problem=self.problem.to(device),
            num_drawn=self.num_drawn.to(device),
            share=self.share.to(device),
            num_tokens=self.length[self.row].to(device, torch.float64),
            round=self.round.to(device),
            greedy_reward=None if greedy is None else greedy.to(device),
            tokens=self._tokens(log_policy) if tokens else None,
            row=None if which is None else which.to(device),
            progress=progress,
            state={name: value.to(device) for name, value in state.items()},
        )

    def _tokens(self, log_policy: Tensor) -> TokenLogProbs:
        device, length = log_policy.device, self.length[self.row]
        place = self.places(self.row.tolist()).to(device)
        known = [draw for row in self.rows for draw in row.token_logprobs]
        return TokenLogProbs(
            sample=torch.arange(len(length)).repeat_interleave(length).to(device),
            log_policy=log_policy[place].double(),
            log_base=_doubles(value for base, _ in known for value in base).to(device),
            log_sampler=_doubles(value for _, sampler in known for value in sampler).to(device),
        )


def _ranges(start: Tensor, length: Tensor) -> Tensor:
    """Return start₀ … start₀ + length₀ − 1, start₁ … one after the other."""
    before = length.cumsum(0) - length
    return torch.arange(int(length.sum())) + (start - before).repeat_interleave(length)


def _doubles(values: Iterable[float]) -> Tensor:
    return torch.tensor(list(values), dtype=torch.float64)
