"""When enough samples of a problem are drawn, and what its pass rate is then: pure functions of counts.

A plan looks at a problem after fixed numbers of samples and stops there when the counts so far say so, at the latest
when the budget is spent. Where the end depends on the outcomes, the plain pass rate is biased: a run of luck that makes
the interval short also ends the sampling. The counts at the end still determine an exactly unbiased estimate. The order
of the verdicts given the end point is uniform over the paths that the plan lets through, whatever Z is, so the chance
that the first sample was verified, given the end point,

    Ẑ(n, k) = (paths to (n, k) whose first sample is verified) / (paths to (n, k)),

has expectation E[first sample] = Z (Girshick, Mosteller and Savage, "Unbiased estimates for certain binomial sampling
problems with applications", Ann. Math. Statist. 17, 1946). Where the points that go on form one run at every look, as
they do for either precision alone, it is the only unbiased estimate that is a function of the end point.

The interval needs no correction: Z's likelihood at the end point is a constant times Z^k (1−Z)^(n−k), the same as
without a stopping rule, so the Jeffreys posterior and its interval stand. Its frequentist coverage does depend on the
rule, and `behaviour` computes it exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from store.errors import UsageError
from store.ids import config_hash
from store.jeffreys import interval

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rule = Sequence[tuple[int, Flags]]
"""Looks in order: the samples, and for each number of verified ones, 0 … n, whether to stop; the last stops all."""


@dataclass(frozen=True)
class Precision:
    """How well Z is to be known; where both are given, both must hold.

    Both speak of the interval [z_low, z_high] that the view `partition` shows, 95 % and Jeffreys. The absolute error is
    what pass rates are compared with; it treats Z near 0 and near 1 alike and gives most samples to Z near ½. The
    relative one is what the target's weights feel, v/Z_x at α = 0: an error of log Z is the same factor for every
    sample of the problem, so it gives most samples to the hard ones, and a problem never solved takes them all.
    """

    z_error: float | None = None
    """Half the interval's width, (z_high − z_low)/2, is at most this."""
    z_rel_error: float | None = None
    """Half the width of the interval of log Z, (log z_high − log z_low)/2, is at most this, in nats: 0.5 knows Z within
    a factor of 1.65 either way. Never so while nothing is verified."""

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        if self.z_error is None and self.z_rel_error is None:
            raise UsageError("no precision asked: give --until-z-error or --until-z-rel-error.")
        if self.z_error is not None and not 0 < self.z_error < 1:
            raise UsageError(f"--until-z-error {self.z_error}: must be between 0 and 1.")
        if self.z_rel_error is not None and not 0 < self.z_rel_error < math.inf:
            raise UsageError(f"--until-z-rel-error {self.z_rel_error}: must be positive and finite.")

    def __str__(self) -> str:
        """Return the flags as they are given."""
        asked = {"--until-z-error": self.z_error, "--until-z-rel-error": self.z_rel_error}
        return " ".join(f"{flag} {value:g}" for flag, value in asked.items() if value is not None)

    def reached(self, n: npt.ArrayLike, verified: npt.ArrayLike) -> Flags:
        """Say for arrays of draws and verified draws whether Z is known well enough."""
        low, high = interval(n, verified)
        reached = np.ones(low.shape, bool)
        if self.z_error is not None:
            reached &= (high - low) / 2 <= self.z_error
        if self.z_rel_error is not None:
            reached &= (low > 0) & (np.log(high) - np.log(np.where(low > 0, low, 1)) <= 2 * self.z_rel_error)
        return reached

    def samples_for(self, z: float, most: int) -> int:
        """Return the least number of samples that gives the precision when a share `z` is verified; at most `most`."""
        few, enough = 0, most
        while enough - few > 1:
            middle = (few + enough) // 2
            few, enough = (few, middle) if self.reached(middle, z * middle) else (middle, enough)
        return enough


@dataclass(frozen=True)
class Plan:
    """Looks after `first`, twice, four times … as many samples, until the precision is reached or `most` are drawn."""

    precision: Precision
    first: int
    most: int

    @cached_property
    def looks(self) -> tuple[int, ...]:
        """The numbers of samples after which is decided: none at which nothing can stop, none after everything has."""
        last = self.most
        if self.precision.z_rel_error is None:
            last = max(self.first, self.precision.samples_for(0.5, self.most))  # the widest interval is that of ½
        doubled = [self.first << step for step in range(64) if self.first << step < last]
        return (*(n for n in doubled if self.precision.reached(n, np.arange(n + 1)).any()), last)

    @cached_property
    def rule(self) -> Rule:
        """Whether to stop, at each look, for each number of verified samples."""
        precise = [self.precision.reached(n, np.arange(n + 1)) for n in self.looks]
        precise[-1] = np.ones_like(precise[-1])
        return list(zip(self.looks, precise, strict=True))

    @cached_property
    def ends(self) -> Ends:
        """Where it can end."""
        return ends(self.rule)

    @property
    def record(self) -> dict[str, object]:
        """What decides it, as JSON can hold it."""
        return {**asdict(self.precision), "looks": list(self.looks)}

    @property
    def plan_id(self) -> str:
        """Hash of the record."""
        return config_hash(self.record)


@dataclass(frozen=True)
class Ends:
    """The points at which a plan can end; arrays (points,)."""

    n: npt.NDArray[np.int64]
    verified: npt.NDArray[np.int64]
    log_paths: Floats
    """Log of the number of orders of verdicts that end there."""
    unbiased: Floats
    """Ẑ."""

    @cached_property
    def estimate(self) -> dict[tuple[int, int], float]:
        """(samples, verified) to Ẑ."""
        keys = zip(self.n.tolist(), self.verified.tolist(), strict=True)
        return dict(zip(keys, self.unbiased.tolist(), strict=True))

    def probability(self, z: float) -> Floats:
        """Return the chance of each end for a problem of pass rate 0 < z < 1."""
        return np.exp(self.log_paths + self.verified * math.log(z) + (self.n - self.verified) * math.log1p(-z))


def ends(rule: Rule) -> Ends:
    """Count the paths to every point at which `rule` ends; in exact integers, so any budget is safe from rounding."""
    found = [point for point in _counted(rule) if point[2]]
    n, verified, paths, first = zip(*found, strict=True)
    return Ends(
        n=np.array(n),
        verified=np.array(verified),
        log_paths=np.array([math.log(count) for count in paths]),
        unbiased=np.array([some / count for some, count in zip(first, paths, strict=True)]),
    )


def _counted(rule: Rule) -> Iterator[tuple[int, int, int, int]]:
    """Yield (samples, verified, paths, paths whose first sample is verified) of the points where `rule` stops."""
    paths, first = [1, 1], [0, 1]  # after one sample
    for n, stops in rule:
        while len(paths) <= n:
            paths, first = _one_more(paths), _one_more(first)
        for k in np.flatnonzero(stops).tolist():
            yield n, k, paths[k], first[k]
            paths[k] = first[k] = 0


def _one_more(counts: list[int]) -> list[int]:
    """Return the counts after another sample, verified or not: a line of Pascal's triangle."""
    return [here + before for here, before in zip([*counts, 0], [0, *counts], strict=True)]


@dataclass(frozen=True)
class Behaviour:
    """What a plan does on average to problems of given pass rates; arrays (rates,)."""

    samples: Floats
    """Expected number of samples."""
    bias: Floats
    """Expectation of the plain pass rate at the end, minus Z; that of Ẑ is Z."""
    coverage: Floats
    """Chance that the 95 % Jeffreys interval at the end holds Z."""


def behaviour(found: Ends, rates: Floats) -> Behaviour:
    """Sum over every end of a plan: no simulation."""
    low, high = interval(found.n, found.verified)
    chance = np.array([found.probability(z) for z in rates])  # (rates, points)
    holds = (low <= rates[:, None]) & (rates[:, None] <= high)
    return Behaviour(
        samples=chance @ found.n,
        bias=chance @ (found.verified / found.n) - rates,
        coverage=(chance * holds).sum(axis=1),
    )
