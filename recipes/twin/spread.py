"""How far trainings differ that have all in common but their draws, and how much wider this makes an interval.

A bootstrap over problems takes the policies as given. Trained once more with other draws, each would be another one: a
difference says something of two rows only where it is large beside that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from store.frontier import Point
from store.metrics import Interval


@dataclass(frozen=True)
class Spread:
    """Standard deviations of mean pass@k between trainings of one row on the problems of one seed."""

    first: float
    """Of pass@1."""
    last: float
    """Of pass@n."""
    num_rows: int
    num_trainings: int
    """Of these rows on all seeds."""

    def widened(self, gain: Interval, variance: float, *, first_k: bool) -> Interval:
        """Return the interval of a weighted sum of rows with the spread of their trainings in it.

        `variance` is that of the sum where one training's is 1: Σ weight² / trainings. Each arm of the interval becomes
        the root of its square plus (2 s)² variance.
        """
        drawn = 2 * (self.first if first_k else self.last) * np.sqrt(variance)
        below, above = (float(np.hypot(arm, drawn)) for arm in (gain.estimate - gain.low, gain.high - gain.estimate))
        return Interval(gain.estimate, gain.estimate - below, gain.estimate + above)

    def as_text(self, n: int) -> str:
        """Return it in words."""
        return (
            "Trainings of one row on the same problems, which differ in their draws alone, have a standard deviation "
            f"of {self.first:.3f} in pass@1 and {self.last:.3f} in pass@{n} ({self.num_trainings} trainings of "
            f"{self.num_rows} rows)."
        )


def by_seed(point: Point, num_seeds: int) -> np.ndarray:
    """Return mean pass@1 … pass@n of every training, (seeds, trainings, n)."""
    return np.array(point.each).reshape(num_seeds, -1, point.num_draws)


def spread(points: Iterable[Point], num_seeds: int) -> Spread | None:
    """Return the spread within rows and seeds, pooled; None where no row is trained more than once on a seed."""
    each = [by_seed(point, num_seeds)[..., [0, -1]] for point in points]
    repeated = [numbers for numbers in each if numbers.shape[1] > 1]
    if not repeated:
        return None
    first, last = np.sqrt(np.mean([numbers.var(axis=1, ddof=1).mean(axis=0) for numbers in repeated], axis=0))
    return Spread(
        float(first), float(last), len(repeated), sum(len(numbers) * numbers.shape[1] for numbers in repeated)
    )
