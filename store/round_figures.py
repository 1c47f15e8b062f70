"""The report's figures of change: difficulty flows, verdicts over rounds, and when which stage of the loop worked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.ticker import MaxNLocator, PercentFormatter

from store.comparison import LEVELS
from store.drawing import INK, PAGE, SERIES, VERDICTS, figure

LEVEL_COLORS = dict(zip(LEVELS, ("ok", "spare-1", "cut", "other"), strict=True))
"""Level to its colour, by the name that the page's style gives it."""
_BAR, _GAP = 0.10, 0.02
"""Half the width of a column, and the space between its levels as a share of all problems."""


def difficulty_flows(name: str, labels: Sequence[str], levels: np.ndarray) -> str:
    """Draw how problems move between levels from column to column; `levels` (problems, columns): places in LEVELS."""
    num_problems, num_columns = levels.shape
    with figure(name, max(3.6, 1.5 * num_columns), 3.4) as (axes, picture):
        tops = [_stack(levels[:, column]) for column in range(num_columns)]
        for column in range(num_columns - 1):
            _bands(axes, column, levels[:, column : column + 2], tops[column], tops[column + 1])
        for column in range(num_columns):
            _column(axes, column, levels[:, column], tops[column])
        axes.set_xlim(-0.2, num_columns - 1 + 0.2)
        axes.set_ylim(-_GAP * len(LEVELS), 1.01)
        axes.set_xticks(range(num_columns), labels)
        axes.tick_params(length=0)
        axes.set_yticks([])
        axes.grid(visible=False)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_ylabel(f"{num_problems} problems")
    return picture[0]


def _stack(level: np.ndarray) -> np.ndarray:
    """Return the upper edge of every level, (levels,): the easy ones on top, as shares of all problems."""
    share = np.bincount(level, minlength=len(LEVELS)) / len(level)
    drawn_above: np.ndarray = np.cumsum(share > 0) - (share > 0)
    return 1 - (np.cumsum(share) - share) - _GAP * drawn_above


def _column(axes: Axes, column: int, level: np.ndarray, top: np.ndarray) -> None:
    counts = np.bincount(level, minlength=len(LEVELS))
    for place, (name, count) in enumerate(zip(LEVELS, counts, strict=True)):
        if count:
            height = count / len(level)
            axes.bar(
                column, height, 2 * _BAR, bottom=top[place] - height, color=VERDICTS[LEVEL_COLORS[name]],
                edgecolor=PAGE, linewidth=0.6,
            )  # fmt: skip
            axes.text(column, top[place] - height / 2, str(count), ha="center", va="center", fontsize=8.5, color=INK)


def _bands(axes: Axes, column: int, levels: np.ndarray, left_top: np.ndarray, right_top: np.ndarray) -> None:
    """Draw a band for every pair of levels, as wide as the problems that take it."""
    left, right = left_top.copy(), right_top.copy()
    x, y = column + _BAR, column + 1 - _BAR
    middle = (x + y) / 2
    for before in range(len(LEVELS)):
        for after in range(len(LEVELS)):
            share = float(np.mean((levels[:, 0] == before) & (levels[:, 1] == after)))
            if share:
                a, b = left[before], right[after]
                vertices = [
                    (x, a), (middle, a), (middle, b), (y, b),
                    (y, b - share), (middle, b - share), (middle, a - share), (x, a - share), (x, a),
                ]  # fmt: skip
                codes = [1, 4, 4, 4, 2, 4, 4, 4, 79]  # move, curve, line, curve, close
                color = VERDICTS[LEVEL_COLORS[LEVELS[before]]]
                axes.add_patch(PathPatch(Outline(vertices, codes), facecolor=color, alpha=0.45, linewidth=0))
                left[before], right[after] = a - share, b - share


def verdict_rounds(rounds: Sequence[int], shares: Mapping[str, Sequence[float]], colors: Mapping[str, str]) -> str:
    """Draw a stacked column a round; `shares` maps a verdict to its share in each round's samples."""
    with figure("rounds", 5.6, 3.0) as (axes, picture):
        bottom = np.zeros(len(rounds))
        edge = 0.8 if len(rounds) <= 40 else 0.0
        for verdict, share in shares.items():
            axes.bar(
                rounds,
                share,
                0.86 if edge else 1.0,
                bottom=bottom,
                color=colors[verdict],
                edgecolor=PAGE,
                linewidth=edge,
            )
            bottom += np.asarray(share)
        axes.set_ylim(0, 1)
        axes.set_xlim(min(rounds) - 0.6, max(rounds) + 0.6)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        axes.grid(axis="x", visible=False)
        axes.set_xlabel("round")
        axes.set_ylabel("share of the samples")
    return picture[0]


STAGES = ("gen", "filter", "score", "train")


def time_line(spans: Sequence[tuple[str, int, float, float]]) -> str:
    """Draw when each stage worked: (stage, round, start, end) in seconds. Even and odd rounds differ in shade."""
    first, last = min(span[2] for span in spans), max(span[3] for span in spans)
    unit, name = _unit(last - first)
    kinds = [*STAGES, *sorted({span[0] for span in spans} - set(STAGES))]
    kinds = [kind for kind in kinds if any(span[0] == kind for span in spans)]
    with figure("timeline", 7.2, 0.8 + 0.4 * len(kinds)) as (axes, picture):
        for stage, number, start, end in spans:
            row = len(kinds) - 1 - kinds.index(stage)
            width = (end - start) / unit
            color = SERIES[1] if number % 2 == 0 else SERIES[4]
            axes.barh(row, width, 0.72, left=(start - first) / unit, color=color, edgecolor=PAGE, linewidth=0.5)
        axes.set_yticks(range(len(kinds)), kinds[::-1])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", visible=False)
        axes.set_xlim(0, max((last - first) / unit, 1e-9))
        axes.set_xlabel(f"time since the start, {name}")
    return picture[0]


def _unit(seconds: float) -> tuple[float, str]:
    """Return the seconds of the unit that such a time is told in, and its name."""
    if seconds < 180:
        return 1.0, "seconds"
    return (60.0, "minutes") if seconds < 3 * 3600 else (3600.0, "hours")


def busy_share(spans: Sequence[tuple[str, int, float, float]]) -> float:
    """Return the share of the time from the first start to the last end in which at least one stage worked."""
    first = reached = min(span[2] for span in spans)
    busy = 0.0
    for _, _, start, end in sorted(spans, key=lambda span: span[2]):
        busy += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return busy / (reached - first) if reached > first else 1.0
