"""Plotly figures as plain dictionaries. Colours are names of the style's variables, which the page fills in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from store.sql import plain

Figure = dict[str, Any]
KINDS = ("points", "bars", "line", "histogram")
DIFFICULTIES = ("unsolved", "hard", "medium", "easy")
SERIES = ("--s0", "--s1", "--s2", "--s3", "--s4", "--s5", "--s6", "--s7")
"""As many colours as the style has; what comes after them is grey."""


def difficulty(rows: Sequence[dict[str, Any]]) -> Figure:
    """Draw how many problems have which pass rate; the unsolved stand apart, at the left."""
    traces = []
    for name in DIFFICULTIES:
        mine = [row for row in rows if row["difficulty"] == name]
        place = [-0.06 if row["bin"] < 0 else (row["bin"] + 0.5) / 20 for row in mine]
        text = [
            "unsolved" if row["bin"] < 0 else f"{row['bin'] / 20:.2f} – {(row['bin'] + 1) / 20:.2f}" for row in mine
        ]
        traces.append({
            "type": "bar", "name": name, "x": place, "y": [row["n"] for row in mine], "text": text, "width": 0.044,
            "textposition": "none", "marker": {"color": f"--{name}"},
            "hovertemplate": "pass rate %{text}<br>%{y} problems<extra></extra>",
        })  # fmt: skip
    ticks = {"tickvals": [-0.06, 0.25, 0.5, 0.75, 1], "ticktext": ["unsolved", ".25", ".5", ".75", "1"]}
    return _figure(traces, {"title": "pass rate", "range": [-0.1, 1.02], **ticks}, {"title": "problems"}, stacked=True)


def samples(rows: Sequence[dict[str, Any]]) -> Figure:
    """Draw a problem's samples, log π against the verdict; a verified one is the larger the more it weighs."""
    names = list(dict.fromkeys(["verified", *sorted({row["verdict"] or "waiting" for row in rows})]))
    most = max((row["weight"] or 0.0 for row in rows), default=0.0) or 1.0
    traces = []
    for place, name in enumerate(names):
        mine = [row for row in rows if (row["verdict"] or "waiting") == name and row["logprob_policy"] is not None]
        traces.append({
            "type": "scatter", "mode": "markers", "name": name, "x": [row["logprob_policy"] for row in mine],
            "y": [place + 0.5 * (int(row["sample_id"][:4], 16) / 65536 - 0.5) for row in mine],
            "customdata": [f"/compare?s={row['sample_id']}" for row in mine],
            "marker": {
                "color": f"--v-{name}", "opacity": 0.65, "line": {"width": 0},
                "size": [6 + 12 * (row["weight"] or 0.0) / most if row["verified"] else 6 for row in mine],
            },
            "hovertemplate": "log π %{x:.2f}<extra>" + name + "</extra>",
        })  # fmt: skip
    y = {"tickvals": list(range(len(names))), "ticktext": names, "range": [len(names) - 0.5, -0.5], "title": ""}
    return _figure(traces, {"title": "log π(y|x), nats"}, y)


def choose(rows: pa.Table, x: str, y: str, color: str, kind: str) -> dict[str, str]:
    """Return the columns of a chart: those asked for where they exist, else the first that make sense."""
    names = rows.column_names
    numbers = [field.name for field in rows.schema if _is_number(field.type)]
    if kind not in KINDS:
        kind = "histogram" if len(names) == 1 else "points" if names[0] in numbers else "bars"
    x = x if x in names else names[0]
    rest = [name for name in numbers if name != x]
    y = y if y in numbers else (rest[0] if rest else "")
    return {"x": x, "y": y, "color": color if color in names else "", "kind": kind}


def of_query(rows: pa.Table, chosen: dict[str, str]) -> Figure | None:
    """Draw the rows of a query; None where no column is a number."""
    x, y, color, kind = chosen["x"], chosen["y"], chosen["color"], chosen["kind"]
    if kind == "histogram" and not _is_number(rows.schema.field(x).type):
        kind = "bars"
    if not rows.num_rows or (kind != "histogram" and not y):
        return None
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows.to_pylist():
        groups.setdefault(str(row[color]) if color else "", []).append(row)
    traces = [_trace(name, mine, x, y, kind, index) for index, (name, mine) in enumerate(groups.items())]
    return _figure(traces, {"title": x}, {"title": "rows" if kind == "histogram" else y}, legend=bool(color))


def _trace(name: str, rows: list[dict[str, Any]], x: str, y: str, kind: str, index: int) -> dict[str, Any]:
    hue = SERIES[index] if index < len(SERIES) else "--muted"
    types = {"points": "scatter", "line": "scatter", "bars": "bar", "histogram": "histogram"}
    trace: dict[str, Any] = {"type": types[kind], "name": escape(name), "x": [_value(row[x]) for row in rows]}
    trace["marker"] = {"color": hue, "opacity": 0.8, "line": {"width": 0}}
    if kind != "histogram":
        trace["y"] = [_value(row[y]) for row in rows]
    if kind in ("points", "line"):
        trace["mode"] = "markers" if kind == "points" else "lines+markers"
    return trace


def escape(text: str) -> str:
    """Take the meaning from the marks that Plotly reads in texts."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _value(value: Any) -> Any:
    value = plain(value)
    return value if isinstance(value, int | float) or value is None else escape(str(value)[:60])


def _figure(
    traces: list[dict[str, Any]], x: Figure, y: Figure, *, stacked: bool = False, legend: bool = False
) -> Figure:
    axes = [axis | {"title": {"text": escape(axis["title"])}} for axis in (x, y)]
    layout = {"xaxis": axes[0], "yaxis": axes[1], "showlegend": legend, "barmode": "stack" if stacked else "group"}
    return {"data": traces, "layout": layout}


def _is_number(type_: pa.DataType) -> bool:
    return pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_)
