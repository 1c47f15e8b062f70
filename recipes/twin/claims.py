"""What the paper claims of α, asked of the pooled points one by one, with 95 % intervals in pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recipes.twin.rows import ALPHAS
from recipes.twin.spread import Spread
from store.figures import pareto_front
from store.frontier import Point, mean
from store.metrics import Interval

Points = Mapping[str, Point]
"""By the name of the row; the base policy is `base`."""


@dataclass(frozen=True)
class Question:
    """A difference of pass@k, and what is claimed of it."""

    text: str
    weights: Mapping[str, float]
    """Of the rows' pass@k; their sum is 0."""
    first_k: bool
    """pass@1; else the largest k."""
    claim: str
    """above: > 0; below: < 0; least: ≥ 0; equal: 0; none."""


def _minus(minuends: Sequence[str], subtrahends: Sequence[str]) -> dict[str, float]:
    """Return the weights of the mean of some rows minus that of others."""
    return {name: 1 / len(minuends) for name in minuends} | {name: -1 / len(subtrahends) for name in subtrahends}


def _slope() -> dict[str, float]:
    """Return the weights of the least-squares slope over all α."""
    centred = np.array(ALPHAS) - np.mean(ALPHAS)
    weights = centred / (centred**2).sum()
    return {f"alpha-{alpha:g}": weight for alpha, weight in zip(ALPHAS, weights.tolist(), strict=True)}


CLAIMS = (
    Question("pass@1 rises from α = 0.25 to 0.999", _minus(["alpha-0.999"], ["alpha-0.25"]), True, "above"),
    Question("pass@1 rises from α = 0 to 1: slope over all α", _slope(), True, "above"),
    Question("pass@{n} falls from α = 0.25 to 0.999", _minus(["alpha-0.999"], ["alpha-0.25"]), False, "below"),
    Question("pass@{n} falls from α = 0 to 1: slope over all α", _slope(), False, "below"),
    Question("α = 0.25 keeps or exceeds the base's pass@{n}", _minus(["alpha-0.25"], ["base"]), False, "least"),
    Question("α = 0.999 matches GRPO's pass@1", _minus(["alpha-0.999"], ["grpo"]), True, "equal"),
    Question("α = 0.999 has at least GRPO's pass@{n}", _minus(["alpha-0.999"], ["grpo"]), False, "least"),
)
SAME = ("alpha-0.999", "grpo", "rloo")
"""One method under three names where a round is one step: nothing is clipped, and pseudo-rewards are 0 and 1."""
OURS = tuple(
    Question(f"{text}: pass@{'1' if first else '{n}'}", _minus(minuends, subtrahends), first, "none")
    for text, minuends, subtrahends in (
        ("α = 0.999, GRPO and RLOO in the mean, minus α = 0.25", SAME, ["alpha-0.25"]),
        (
            "α = 0.999, GRPO and RLOO in the mean, minus α = 0.25 with Z from the corpus, both forms",
            SAME,
            ["z-corpus", "replay-off"],
        ),
        ("Z from the corpus minus Z from the batch, α = 0.25", ["z-corpus"], ["alpha-0.25"]),
        ("Z from the corpus, α = 0.25, minus the base", ["z-corpus"], ["base"]),
        ("α = 0.999 minus α = 0.25 with Z from the corpus", ["alpha-0.999"], ["z-corpus"]),
        ("the positive form, α = 0.25, minus the base", ["replay-off"], ["base"]),
        ("the positive form minus the paper's, α = 0.25", ["replay-off"], ["alpha-0.25"]),
        ("pool, then refresh, minus pure online, α = 0", ["refresh-0"], ["alpha-0"]),
        ("pool, then refresh, minus pure online, α = 0.25", ["refresh-0.25"], ["alpha-0.25"]),
        ("pool, then refresh, in as many steps as online, minus online, α = 0.25", ["refresh-short"], ["alpha-0.25"]),
        ("the same in 160 steps, minus in 30", ["refresh-0.25"], ["refresh-short"]),
        ("the positive form with four rounds replayed minus with none, α = 0.25", ["replay-on"], ["replay-off"]),
    )
    for first in (True, False)
)


def answers(points: Points, questions: tuple[Question, ...], share: np.ndarray, between: Spread | None) -> str:
    """Return a table: a line for every question whose rows are done; `between` widens the intervals."""
    lines = ["| question | difference | answer |", "| --- | --- | --- |"]
    for one in questions:
        if all(name in points for name in one.weights):
            text = one.text.format(n=next(iter(points.values())).num_draws)
            gain = _gain(points, one, share, between)
            lines.append(f"| {text} | {gain.signed()} | {_ANSWERS[one.claim](gain)} |")
    return "\n".join(lines)


def _gain(points: Points, one: Question, share: np.ndarray, between: Spread | None) -> Interval:
    column = 0 if one.first_k else -1
    values = np.sum([weight * points[name].curves[:, column] for name, weight in one.weights.items()], axis=0)
    gain = mean(values, share)
    if between is None:
        return gain
    variance = sum(weight**2 / len(points[name].each) for name, weight in one.weights.items() if name != "base")
    return between.widened(gain, variance, first_k=one.first_k)


def _above(gain: Interval) -> str:
    return "yes" if gain.low > 0 else "no: the opposite" if gain.high < 0 else "not seen: the interval holds 0"


def _below(gain: Interval) -> str:
    return _above(Interval(-gain.estimate, -gain.high, -gain.low))


def _least(gain: Interval) -> str:
    return "yes, it is above" if gain.low > 0 else "no" if gain.high < 0 else "not contradicted: the interval holds 0"


def _equal(gain: Interval) -> str:
    return "not contradicted: the interval holds 0" if gain.low <= 0 <= gain.high else "no"


def _none(gain: Interval) -> str:
    return "more" if gain.low > 0 else "less" if gain.high < 0 else "not seen: the interval holds 0"


_ANSWERS: dict[str, Callable[[Interval], str]] = {
    "above": _above,
    "below": _below,
    "least": _least,
    "equal": _equal,
    "none": _none,
}


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
