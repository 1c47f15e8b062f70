"""The report's figures of policies: precision and coverage, pass@k, α, diversity, Z, verdicts, training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from store.drawing import INK, MUTED, PAGE, SERIES, Series, figure
from store.drawing import standalone as standalone
from store.metrics import Interval


def precision_coverage(points: Sequence[tuple[Series, Interval, Interval]], k: int) -> str:
    """Draw pass@1 against pass@k, a point a policy with its 95 % intervals, and a line through the α in order.

    A ring marks the policies of the Pareto front: no other is better in one and as good in the other.
    """
    with figure("plane", 4.9, 4.0) as (axes, picture):
        _line_through_alphas(axes, points)
        front = pareto_front([(x.estimate, y.estimate) for _, x, y in points])
        for index, (series, x, y) in enumerate(points):
            axes.errorbar(
                x.estimate, y.estimate, xerr=_arms(x), yerr=_arms(y), color=series.color, elinewidth=0.9, alpha=0.5,
                zorder=2.5,
            )  # fmt: skip
            if index in front and len(points) > 1:
                axes.plot(
                    x.estimate, y.estimate, "o", markersize=13, markerfacecolor="none", markeredgecolor=INK,
                    markeredgewidth=0.9, zorder=3,
                )  # fmt: skip
            axes.plot(
                x.estimate, y.estimate, series.marker, color=series.color, markersize=6.5 if series.is_base else 7.5,
                markerfacecolor=PAGE if series.is_base else series.color,
                markeredgecolor=series.color if series.is_base else PAGE,
                markeredgewidth=1.5 if series.is_base else 0.8, zorder=4,
            )  # fmt: skip
        axes.set_xlabel("precision: pass@1")
        axes.set_ylabel(f"coverage: pass@{k}")
        _probabilities(axes.xaxis)
        _probabilities(axes.yaxis)
        axes.margins(0.06)
        _place_labels(axes, points)
    return picture[0]


def gains_over_base(points: Sequence[tuple[Series, Interval, Interval]], k: int) -> str:
    """Draw what policies gain over the base in pass@1 and in pass@k, with the 95 % intervals of the differences."""
    with figure("gains", 7.6, 5.2) as (axes, picture):
        axes.axvline(0, color=INK, lw=0.8, ls="--")
        axes.axhline(0, color=INK, lw=0.8, ls="--")
        _line_through_alphas(axes, points)
        for series, x, y in points:
            axes.errorbar(
                x.estimate, y.estimate, xerr=_arms(x), yerr=_arms(y), color=series.color, elinewidth=0.7, alpha=0.35
            )
            axes.plot(
                x.estimate, y.estimate, series.marker, color=series.color, markersize=6.5, markeredgecolor=PAGE,
                markeredgewidth=0.7, zorder=4,
            )  # fmt: skip
        axes.set_xlabel("gain in precision over the base: pass@1")
        axes.set_ylabel(f"gain in coverage over the base: pass@{k}")
        _place_labels(axes, points)
    return picture[0]


def _line_through_alphas(axes: Axes, points: Sequence[tuple[Series, Interval, Interval]]) -> None:
    ordered = sorted((point for point in points if point[0].alpha is not None), key=lambda point: point[0].alpha or 0.0)
    places = np.array([(x.estimate, y.estimate) for _, x, y in ordered]).reshape(-1, 2)
    axes.plot(places[:, 0], places[:, 1], color=MUTED, lw=1.1, zorder=2)


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the places of the points that no other point is at least as good as in both, and better in one."""
    return [
        place
        for place, (x, y) in enumerate(points)
        if not any(a >= x and b >= y and (a > x or b > y) for a, b in points)
    ]


def alpha_sweep(name: str, title: str, points: Sequence[tuple[Series, Interval]], base: Interval | None) -> str:
    """Draw one number of the trained policies against their α, with intervals; the base is a dashed line."""
    with figure(f"alpha-{name}", 3.1, 2.4) as (axes, picture):
        if base is not None:
            axes.axhspan(base.low, base.high, color=INK, alpha=0.06, linewidth=0)
            axes.axhline(base.estimate, color=INK, lw=1.2, ls="--")
        ordered = sorted(points, key=lambda point: point[0].alpha or 0.0)
        alphas = [series.alpha or 0.0 for series, _ in ordered]
        axes.plot(alphas, [value.estimate for _, value in ordered], color=MUTED, lw=1.0, zorder=2)
        for (series, value), alpha in zip(ordered, alphas, strict=True):
            axes.errorbar(
                alpha, value.estimate, yerr=_arms(value), fmt="o", color=series.color, elinewidth=1.1, markersize=6,
                markeredgecolor=PAGE, markeredgewidth=0.7, zorder=3,
            )  # fmt: skip
        axes.set_xlim(-0.06, 1.06)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", ".25", ".5", ".75", "1"])
        axes.set_xlabel("α")
        axes.set_ylabel(title)
        _probabilities(axes.yaxis)
    return picture[0]


def pass_curves(curves: Sequence[tuple[Series, Sequence[Interval]]]) -> str:
    """Draw pass@k against k on a logarithmic axis, a line a policy with its 95 % band."""
    with figure("curves", 4.6, 3.6) as (axes, picture):
        for series, intervals in curves:
            k = np.arange(1, len(intervals) + 1)
            low, high = [point.low for point in intervals], [point.high for point in intervals]
            axes.fill_between(k, low, high, color=series.color, alpha=0.10, linewidth=0)
            estimates = [point.estimate for point in intervals]
            axes.plot(k, estimates, series.dashes, color=series.color, lw=1.7, marker=None)
        axes.set_xscale("log", base=2)
        largest = max(len(intervals) for _, intervals in curves)
        axes.xaxis.set_major_locator(FixedLocator([4**power for power in range(8) if 4**power <= largest] or [1]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda k, _: f"{k:g}"))
        axes.set_xlim(1, max(largest, 2))
        axes.set_ylim(bottom=0)
        axes.set_xlabel("tries k")
        axes.set_ylabel("pass@k: share of problems proved")
        _probabilities(axes.yaxis)
    return picture[0]


def diversity_coverage(points: Sequence[tuple[Series, Interval, Interval]], k: int) -> str:
    """Draw distinct verified proofs per solved problem against pass@k, a point a policy with its intervals."""
    with figure("diversity", 4.6, 3.6) as (axes, picture):
        for series, x, y in points:
            axes.errorbar(
                x.estimate, y.estimate, xerr=_arms(x), yerr=_arms(y), fmt=series.marker, color=series.color,
                elinewidth=0.9, markersize=6.5, markerfacecolor=PAGE if series.is_base else series.color,
                markeredgecolor=series.color,
            )  # fmt: skip
        axes.set_xlabel(f"coverage: pass@{k}")
        axes.set_ylabel("distinct proofs per solved problem")
        _probabilities(axes.xaxis)
        axes.margins(0.06)
        _place_labels(axes, points)
    return picture[0]


def partition_histogram(z: np.ndarray, num_unsolved: int) -> str:
    """Draw how many problems have which Z_x, in logarithmic bins, and apart from them those never solved."""
    with figure("histogram", 4.6, 3.2) as (axes, picture):
        edges = _log_bins(z)
        axes.hist(z, bins=edges.tolist(), color=SERIES[2], edgecolor=PAGE, linewidth=0.8)
        axes.set_xscale("log")
        ticks, names = _decade_ticks(edges)
        if num_unsolved:
            step = edges[1] / edges[0]
            left, right = edges[0] / step**1.7, edges[0] / step**0.7
            axes.bar(
                left, num_unsolved, right - left, align="edge", facecolor="none", edgecolor=MUTED, hatch="////", lw=0.8
            )
            ticks, names = [np.sqrt(left * right), *ticks], ["unsolved", *names]
        axes.set_xticks(ticks, names)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.grid(axis="x", visible=False)
        axes.set_xlabel("Z: the base policy's chance of a proof in one try")
        axes.set_ylabel("problems")
    return picture[0]


def partition_intervals(z: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    """Draw Z_x of every problem in rising order with its 95 % interval; arrays (problems,)."""
    with figure("intervals", 4.6, 3.2) as (axes, picture):
        order = np.lexsort((high, z))
        rank = np.arange(1, len(z) + 1)
        axes.fill_between(rank, low[order], high[order], step="mid", color=SERIES[2], alpha=0.3, linewidth=0)
        axes.plot(rank, z[order], color=SERIES[2], lw=1.6, drawstyle="steps-mid")
        axes.set_xlim(1, max(len(z), 2))
        axes.set_ylim(0, 1)
        axes.set_xlabel("problems, hardest first")
        axes.set_ylabel("Z, with 95 % interval")
        _probabilities(axes.yaxis)
    return picture[0]


def verdict_mix(labels: Sequence[str], shares: Mapping[str, Sequence[float]], colors: Mapping[str, str]) -> str:
    """Draw a stacked bar a policy; `shares` maps a verdict to its share in each policy's samples."""
    with figure("verdicts", 6.2, 0.7 + 0.33 * len(labels)) as (axes, picture):
        rows = np.arange(len(labels))[::-1]
        left = np.zeros(len(labels))
        for verdict, share in shares.items():
            axes.barh(rows, share, 0.72, left=left, color=colors[verdict], edgecolor=PAGE, linewidth=0.8)
            left += np.asarray(share)
        axes.set_yticks(rows, labels)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", visible=False)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        axes.set_xlabel("share of the samples")
    return picture[0]


def training_curve(name: str, title: str, curves: Sequence[tuple[Series, np.ndarray, np.ndarray]]) -> str:
    """Draw one metric of the training runs against the step."""
    with figure(f"training-{name}", 3.1, 2.3) as (axes, picture):
        for series, step, value in curves:
            axes.plot(step, value, series.dashes, color=series.color, lw=0.7, alpha=0.35)
            axes.plot(step, _smooth(value), series.dashes, color=series.color, lw=1.5)
        axes.set_xlabel("step")
        axes.set_ylabel(title)
        axes.margins(x=0.01)
    return picture[0]


def _place_labels(axes: Axes, points: Sequence[tuple[Series, Interval, Interval]]) -> None:
    """Write each policy's label beside its point, where it hides least; a thin line leads to a label further off."""
    whole = axes.figure
    assert isinstance(whole, Figure)  # no figure within a figure, see store.drawing.figure
    whole.draw_without_rendering()  # lays the figure out, so that places in the window are known
    places = axes.transData.transform([(x.estimate, y.estimate) for _, x, y in points])
    scale = whole.dpi / 72
    window = axes.get_window_extent()
    taken = [(x - 7 * scale, y - 7 * scale, x + 7 * scale, y + 7 * scale) for x, y in places]
    for (series, x, y), place in zip(points, places, strict=True):
        size = (5.3 * len(series.label) * scale, 12 * scale)
        boxes = [_box(place, offset, size, scale) for offset in _OFFSETS]
        best = min(range(len(boxes)), key=lambda index: _cost(boxes[index], taken, window) + index * scale)
        taken.append(boxes[best])
        dx, dy = _OFFSETS[best]
        leader = {"arrowstyle": "-", "color": MUTED, "lw": 0.6, "shrinkA": 1, "shrinkB": 5}
        axes.annotate(
            series.label, (x.estimate, y.estimate), (dx, dy), textcoords="offset points", fontsize=9, zorder=5,
            ha="left" if dx > 0 else "right" if dx < 0 else "center", va="center", color=INK,
            arrowprops=leader if np.hypot(dx, dy) > 16 else None,
        )  # fmt: skip


_OFFSETS = tuple(
    (round(radius * np.cos(angle), 3), round(0.9 * radius * np.sin(angle), 3))
    for radius in (12, 22, 34, 48)
    for angle in np.pi / 180 * np.array([40, -40, 140, -140, 90, -90, 0, 180, 65, -65, 115, -115])
)
"""Points to the right and up from a point to its label's near edge, in order of preference."""

Box = tuple[float, float, float, float]


def _box(place: np.ndarray, offset: tuple[float, float], size: tuple[float, float], scale: float) -> Box:
    dx, dy = offset
    left = place[0] + dx * scale - (size[0] if dx < 0 else size[0] / 2 if dx == 0 else 0)
    bottom = place[1] + dy * scale - size[1] / 2
    return left, bottom, left + size[0], bottom + size[1]


def _cost(box: Box, taken: Sequence[Box], window: mpl.transforms.Bbox) -> float:
    """Return the area that a label would hide, and very much for one that leaves the axes."""
    hidden = sum(_overlap(box, other) for other in taken)
    inside = _overlap(box, (window.x0, window.y0, window.x1, window.y1))
    return hidden + 10 * ((box[2] - box[0]) * (box[3] - box[1]) - inside)


def _overlap(first: Box, second: Box) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(width, 0.0) * max(height, 0.0)


def _arms(interval: Interval) -> list[list[float]]:
    """Return an interval as matplotlib's error bars have it."""
    return [[interval.estimate - interval.low], [interval.high - interval.estimate]]


def _probabilities(axis: mpl.axis.Axis) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value, 6):g}"))


def _log_bins(z: np.ndarray) -> np.ndarray:
    smallest = z.min() if len(z) else 0.1
    decades = -np.log10(min(smallest, 0.5))
    return np.logspace(-decades, 0, max(6, round(5 * decades)) + 1)


def _decade_ticks(edges: np.ndarray) -> tuple[list[float], list[str]]:
    """Return ticks at 1, 3, 10, … within the bins, and their texts."""
    ticks = [digit * 10.0**power for power in range(-6, 1) for digit in (1, 3)]
    inside = [tick for tick in ticks if edges[0] * 0.999 <= tick <= edges[-1]]
    return inside, [f"{tick:g}" for tick in inside]


def _smooth(values: np.ndarray, window: int = 9) -> np.ndarray:
    """Return the running median, which one odd step cannot move."""
    half = window // 2
    padded = np.pad(values, half, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, window), axis=1)
