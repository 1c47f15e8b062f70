"""Two policies on the same problems: paired differences of pass@k, and which problems became easier or harder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from store.errors import UsageError
from store.metrics import Counts, Interval, difference

LEVELS = ("easy", "medium", "hard", "unsolved")
"""A problem's difficulty for a policy, by its pass rate: from 0.9, from 0.3, above 0, 0."""


@dataclass(frozen=True)
class Comparison:
    """A policy against another, on the problems that both have draws of."""

    policy_id: str
    against: str
    n_problems: int
    n_left_out: int
    """Problems that only one of them has draws of."""
    gains: dict[int, Interval]
    """k to pass@k minus the other's, resampled in pairs."""
    transition: tuple[tuple[int, ...], ...]
    """Problems by difficulty for the other (rows) and for the policy (columns), in the order of `LEVELS`."""

    def as_text(self) -> str:
        """Return what `cli eval` prints."""
        lines = [f"policy {self.policy_id} minus {self.against} on {self.n_problems} problems of both"]
        if self.n_left_out:
            lines.append(f"  {self.n_left_out} more problems have draws of only one and are left out")
        lines += [f"  pass@{k:<4} {gain.signed()}" for k, gain in self.gains.items()]
        lines.append("  difficulty" + "".join(f"{name:>10}" for name in LEVELS) + "   (columns: after; rows: before)")
        for name, row in zip(LEVELS, self.transition, strict=True):
            lines.append(f"  {name:<10}" + "".join(f"{count:>10}" for count in row))
        return "\n".join(lines)


def compare_counts(names: tuple[str, str], first: Counts, second: Counts, ks: Sequence[int], seed: int) -> Comparison:
    """Return `first` against `second`.

    Raises UsageError when no problem has draws of both, or one has fewer than the largest k of either.
    """
    _, left, right = np.intersect1d(first.problem_id, second.problem_id, return_indices=True)
    if not len(left):
        raise UsageError(f"policies {names[0]} and {names[1]} have no problem with judged samples of both.")
    one, other = first.select(left), second.select(right)
    for name, counts in zip(names, (one, other), strict=True):
        if counts.n.min() < max(ks):
            raise UsageError(
                f"pass@{max(ks)}: policy {name} has only {counts.n.min()} judged draws of problem "
                f"{counts.problem_id[counts.n.argmin()]}. Ask for a smaller k, or run `cli gen` and `cli filter`."
            )
    return Comparison(
        policy_id=names[0],
        against=names[1],
        n_problems=len(left),
        n_left_out=len(np.union1d(first.problem_id, second.problem_id)) - len(left),
        gains={k: difference(one, other, k, seed) for k in ks},
        transition=transition(other, one),
    )


def transition(before: Counts, after: Counts) -> tuple[tuple[int, ...], ...]:
    """Count problems by difficulty before (rows) and after (columns); both hold the same problems in the same order."""
    table = np.zeros((len(LEVELS), len(LEVELS)), dtype=int)
    np.add.at(table, (difficulty(before), difficulty(after)), 1)
    return tuple(tuple(row) for row in table.tolist())


def difficulty(counts: Counts) -> np.ndarray:
    """Return the place in `LEVELS` of every problem, (problems,)."""
    return level_of(counts.verified, counts.n)


def level_of(verified: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return the place in `LEVELS` of a pass rate."""
    rate = verified / n
    return np.select([rate >= 0.9, rate >= 0.3, rate > 0], [0, 1, 2], 3)
