"""Policies over several seeds: each seed has problems of its own, and numbers are pooled over all of them.

Intervals are 95 % bootstrap intervals over the problems; differences are taken problem by problem.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Protocol

import numpy as np
import numpy.typing as npt

from store.drawing import INK, SERIES, Series, standalone
from store.figures import gains_over_base, precision_coverage
from store.metrics import Counts, Interval, bootstrap, pass_curves, ratio


class Counted(Protocol):
    """Judged draws of one training, problem by problem: (problems,) each; `store.metrics.Counts` is one."""

    @property
    def n(self) -> npt.ArrayLike:
        """Draws."""

    @property
    def verified(self) -> npt.ArrayLike:
        """Verified draws."""

    @property
    def distinct(self) -> npt.ArrayLike:
        """Different verified proofs."""


@dataclass(frozen=True)
class Drawn:
    """Such draws as numbers that a JSON file holds."""

    n: list[int]
    verified: list[int]
    distinct: list[int]

    @classmethod
    def of(cls, counts: Counts) -> Drawn:
        """Return what `counts` says of every problem, in its order."""
        return cls(counts.n.tolist(), counts.verified.tolist(), counts.distinct.tolist())


@dataclass(frozen=True)
class Point:
    """One way to train, or the base policy: its numbers on the problems of every seed, averaged over its trainings."""

    label: str
    curves: np.ndarray
    """pass@1 … pass@n, (problems, n)."""
    distinct: np.ndarray
    """Distinct verified proofs, (problems,)."""
    solved: np.ndarray
    """Share of the trainings that solved it, (problems,)."""
    each: list[np.ndarray]
    """Mean pass@1 … pass@n of every training, (n,)."""
    alpha: float | None = None
    kind: str = ""

    @property
    def num_draws(self) -> int:
        """The largest k."""
        return self.curves.shape[1]

    def at(self, k: int, share: np.ndarray) -> Interval:
        """Return pass@k; `share` is that of `store.metrics.resample`."""
        return mean(self.curves[:, k - 1], share)

    def gain(self, other: Point, k: int, share: np.ndarray) -> Interval:
        """Return pass@k minus that of `other`, in pairs."""
        return mean(self.curves[:, k - 1] - other.curves[:, k - 1], share)

    def diversity(self, share: np.ndarray) -> Interval | None:
        """Return the distinct proofs per solved problem, None where none is."""
        return ratio(self.distinct, self.solved, share)


def pooled(
    label: str, counts: Sequence[Sequence[Counted]], largest: int, *, alpha: float | None = None, kind: str = ""
) -> Point:
    """Return the point of `counts[seed][training]`; the trainings of a seed have the same problems."""

    def curves(one: Counted) -> np.ndarray:
        return pass_curves(np.asarray(one.n), np.asarray(one.verified), largest)

    def over(value: Callable[[Counted], np.ndarray]) -> np.ndarray:
        """Return a value problem by problem, averaged over the trainings."""
        return np.concatenate([np.mean([value(one) for one in trainings], axis=0) for trainings in counts])

    return Point(
        label=label,
        curves=over(curves),
        distinct=over(lambda one: np.asarray(one.distinct)),
        solved=over(lambda one: np.asarray(one.verified) > 0),
        each=[curves(one).mean(axis=0) for trainings in counts for one in trainings],
        alpha=alpha,
        kind=kind,
    )


def mean(values: np.ndarray, share: np.ndarray) -> Interval:
    """Return the mean of a column (problems,) with its interval."""
    return bootstrap(values[:, None], share)[0]


def as_markdown(points: Sequence[Point], ks: Sequence[int], share: np.ndarray, head: str = "policy") -> str:
    """Return a table of pass@k and diversity, a line a point."""
    lines: list[list[object]] = [[head, *(f"pass@{k}" for k in ks), "distinct proofs per solved problem"]]
    lines.append(["---"] * len(lines[0]))
    lines += [[point.label, *(point.at(k, share) for k in ks), point.diversity(share) or "–"] for point in points]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def looks(points: Sequence[Point]) -> list[Series]:
    """Return how each point is drawn: the base, the first of them, is a diamond, an α a circle, others have shapes."""
    colours, shapes = cycle(SERIES), cycle(_SHAPES)
    return [
        Series(point.label, INK, is_base=True)
        if point is points[0]
        else Series(point.label, next(colours), False, point.alpha, "o" if point.alpha is not None else next(shapes))
        for point in points
    ]


def plane(points: Sequence[Point], k: int, share: np.ndarray) -> str:
    """Return the precision-coverage plane as an SVG file."""
    drawn = [(look, point.at(1, share), point.at(k, share)) for look, point in zip(looks(points), points, strict=True)]
    return standalone(precision_coverage(drawn, k))


def plane_of_gains(points: Sequence[Point], k: int, share: np.ndarray, series: Sequence[Series] | None = None) -> str:
    """Return what the points gain over the first of them in pass@1 and pass@k as an SVG file; `series`: their looks."""
    base, *others = points
    pairs = zip((series or looks(points))[1:], others, strict=True)
    drawn = [(look, point.gain(base, 1, share), point.gain(base, k, share)) for look, point in pairs]
    return standalone(gains_over_base(drawn, k))


_SHAPES = ("s", "^", "v", "P", "X", "p")
"""Of policies without an α, as matplotlib names them."""
