"""What the paper claims of α, asked of the pooled points one by one, with 95 % intervals in pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from recipes.twin.spread import Spread
from store.figures import pareto_front
from store.frontier import Point
from store.metrics import Interval

Points = Mapping[str, Point]
"""By the name of the row; the base policy is `base`."""


@dataclass(frozen=True)
class Question:
    """A difference of pass@k of two rows, and what is claimed of it."""

    text: str
    minuend: str
    subtrahend: str
    first_k: bool
    """pass@1; else the largest k."""
    claim: str
    """above: > 0; below: < 0; least: ≥ 0; equal: 0."""


CLAIMS = (
    Question("pass@1 rises from α = 0.25 to 0.999", "alpha-0.999", "alpha-0.25", True, "above"),
    Question("pass@{n} falls from α = 0.25 to 0.999", "alpha-0.999", "alpha-0.25", False, "below"),
    Question("α = 0.25 keeps or exceeds the base's pass@{n}", "alpha-0.25", "base", False, "least"),
    Question("α = 0.999 matches GRPO's pass@1", "alpha-0.999", "grpo", True, "equal"),
    Question("α = 0.999 has at least GRPO's pass@{n}", "alpha-0.999", "grpo", False, "least"),
)
OURS = tuple(
    Question(f"{text}: pass@{'1' if first else '{n}'}", minuend, subtrahend, first, "above")
    for text, minuend, subtrahend in (
        ("Z from the corpus minus Z from the batch, α = 0.25", "z-corpus", "alpha-0.25"),
        ("pool, then refresh, minus pure online, α = 0", "refresh-0", "alpha-0"),
        ("pool, then refresh, minus pure online, α = 0.25", "refresh-0.25", "alpha-0.25"),
        ("four rounds replayed minus none, α = 0.25", "replay-on", "replay-off"),
    )
    for first in (True, False)
)


def answers(points: Points, questions: tuple[Question, ...], share: np.ndarray, between: Spread | None) -> str:
    """Return a table: a line for every question whose rows are done; `between` widens the intervals."""
    lines = ["| question | difference | answer |", "| --- | --- | --- |"]
    for one in questions:
        if one.minuend in points and one.subtrahend in points:
            first, second = points[one.minuend], points[one.subtrahend]
            gain = first.gain(second, 1 if one.first_k else first.num_draws, share)
            if between:
                trained = [len(points[name].each) for name in (one.minuend, one.subtrahend) if name != "base"]
                gain = between.widened(gain, trained, first_k=one.first_k)
            text = one.text.format(n=first.num_draws)
            lines.append(f"| {text} | {gain.signed()} | {_ANSWERS[one.claim](gain)} |")
    return "\n".join(lines)


def _above(gain: Interval) -> str:
    return "yes" if gain.low > 0 else "no: the opposite" if gain.high < 0 else "not seen: the interval holds 0"


def _below(gain: Interval) -> str:
    return _above(Interval(-gain.estimate, -gain.high, -gain.low))


def _least(gain: Interval) -> str:
    return "yes, it is above" if gain.low > 0 else "no" if gain.high < 0 else "not contradicted: the interval holds 0"


def _equal(gain: Interval) -> str:
    return "not contradicted: the interval holds 0" if gain.low <= 0 <= gain.high else "no"


_ANSWERS: dict[str, Callable[[Interval], str]] = {"above": _above, "below": _below, "least": _least, "equal": _equal}


def on_the_front(points: Points, share: np.ndarray) -> str:
    """Return which policies no other beats in pass@1 and pass@n at once, and in how many resamples of the problems."""
    names = list(points)
    n = points[names[0]].num_draws
    whole = np.full((1, share.shape[1]), 1 / share.shape[1])
    estimated = set(_front(points, whole)[0])
    resampled = _front(points, share)
    lines = [f"| policy | on the front of pass@1 and pass@{n} | resamples |", "| --- | --- | --- |"]
    for place, name in enumerate(names):
        often = sum(place in front for front in resampled) / len(resampled)
        lines.append(f"| {points[name].label} | {'yes' if place in estimated else 'no'} | {often:.0%} |")
    return "\n".join(lines)


def _front(points: Points, share: np.ndarray) -> list[list[int]]:
    """Return the places of the front's points in every resample."""
    x, y = (np.stack([share @ point.curves[:, column] for point in points.values()], axis=1) for column in (0, -1))
    return [pareto_front(list(zip(*pair, strict=True))) for pair in zip(x.tolist(), y.tolist(), strict=True)]
