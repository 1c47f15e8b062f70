"""The sections of a report on change: problems that became easier or harder, and the loop's time line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np

from store.comparison import LEVELS, difficulty, level_of
from store.corpus import Corpus
from store.report_data import Measured, ReportConfig, query, safe
from store.round_figures import LEVEL_COLORS, busy_share, difficulty_flows, time_line

MOST_COLUMNS = 6
"""Rounds that the picture of their flows shows, at most."""


def flow_section(
    config: ReportConfig, measured: Sequence[Measured], connection: duckdb.DuckDBPyConnection
) -> dict[str, Any] | None:
    """Return how problems move from the base to the most precise and the widest policy, and from round to round."""
    pictures = [_pair(measured[0], one, index) for index, one in enumerate(_chosen(measured))]
    rounds = _rounds(query(connection, "report_levels", {"split": config.split}))
    svgs = [safe(svg) for svg in pictures if svg]
    if not svgs and rounds is None:
        return None
    legend = [(name, LEVEL_COLORS[name]) for name in LEVELS]
    return {"pairs": svgs, "rounds": None if rounds is None else safe(rounds), "legend": legend}


def _chosen(measured: Sequence[Measured]) -> list[Measured]:
    if len(measured) < 2:
        return []
    k = min(one.result.n for one in measured)
    precise = max(measured[1:], key=lambda one: one.result.at(1).estimate)
    wide = max(measured[1:], key=lambda one: one.result.at(k).estimate)
    return [precise] if wide is precise else [precise, wide]


def _pair(before: Measured, after: Measured, index: int) -> str | None:
    _, left, right = np.intersect1d(before.counts.problem_id, after.counts.problem_id, return_indices=True)
    if not len(left):
        return None
    levels = np.stack([difficulty(before.counts.select(left)), difficulty(after.counts.select(right))], axis=1)
    return difficulty_flows(f"flows-{index}", [before.policy.label, after.policy.label], levels)


def _rounds(rows: Sequence[dict[str, Any]]) -> str | None:
    """Draw the problems that every shown round has draws of; None where there are no two such rounds."""
    rounds = sorted({row["round"] for row in rows})
    if len(rounds) < 2:
        return None
    shown = [rounds[place] for place in np.unique(np.linspace(0, len(rounds) - 1, MOST_COLUMNS).round().astype(int))]
    found = {(row["problem_id"], row["round"]): (row["n_verified"], row["n"]) for row in rows}
    common = [
        problem
        for problem in sorted({row["problem_id"] for row in rows})
        if all((problem, number) in found for number in shown)
    ]
    if not common:
        return None
    counts = np.array([[found[problem, number] for number in shown] for problem in common])
    labels = [f"round {number}" for number in shown]
    return difficulty_flows("flows-rounds", labels, level_of(counts[..., 0], counts[..., 1]))


def time_section(corpus: Corpus) -> dict[str, Any] | None:
    """Return when each stage of the latest loop worked; None without a record of one."""
    records = [json.loads(file.read_text(encoding="utf-8")) for file in _loop_files(corpus)]
    if not records:
        return None
    out = records[-1].get("config", {}).get("out")
    spans = [
        (stage["stage"], stage["round"], stage["start"], stage["end"])
        for record in records
        if record.get("config", {}).get("out") == out
        for stage in record.get("stages", [])
    ]
    unique = sorted(set(spans), key=lambda span: span[2])
    return {"svg": safe(time_line(unique)), "busy": busy_share(unique)} if unique else None


def _loop_files(corpus: Corpus) -> list[Any]:
    """Return the records of loops, the oldest first: their names begin with the time."""
    return sorted((corpus.root / "runs").glob("*-loop-*.json"), key=lambda file: file.name)
