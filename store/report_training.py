"""The training section of a report: metrics of every step, as the runs wrote them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from store import figures
from store.drawing import Series
from store.errors import UsageError
from store.report_data import Measured, ReportConfig, query, safe

METRICS_FILE = "metrics.jsonl"

TRAINING = {
    "forward_kl": "forward KL from the target, nats",
    "ess": "effective share of the draws",
    "grad_norm": "gradient norm",
    "log_ratio_mean": "mean log π/q, nats",
}
"""Metrics of the training runs that are drawn, and what their axes say."""


def training_section(
    config: ReportConfig, measured: Sequence[Measured], connection: duckdb.DuckDBPyConnection
) -> list[dict[str, Any]]:
    """Return a picture for each metric that the runs wrote."""
    runs = _runs(config, measured, connection)
    pictures = []
    for metric, title in TRAINING.items():
        curves = [(series, *_points(rows, metric)) for series, rows in runs if any(metric in row for row in rows)]
        if curves:
            pictures.append({"title": title, "svg": safe(figures.training_curve(metric, title, curves))})
    return pictures


def _points(rows: Sequence[Mapping[str, float]], metric: str) -> tuple[np.ndarray, np.ndarray]:
    found = [(row["step"], row[metric]) for row in rows if metric in row]
    return np.array([step for step, _ in found]), np.array([value for _, value in found], dtype=float)


def _runs(
    config: ReportConfig, measured: Sequence[Measured], connection: duckdb.DuckDBPyConnection
) -> list[tuple[Series, list[dict[str, float]]]]:
    """Return each metrics file's rows and the look of the policy that was trained there."""
    registered = query(connection, "report_policies", {"split": config.split})
    folder_of = {row["policy_id"]: Path(row["path"]).resolve() for row in registered if row["path"]}
    trained = [one.series for one in measured[1:]]
    by_folder = {folder_of.get(one.policy.policy_id): one.series for one in measured}
    runs = []
    for index, file in enumerate(config.metrics):
        series = by_folder.get(file.parent.resolve())
        if series is None and len(config.metrics) == len(trained):
            series = trained[index]
        rows = _metrics(file)
        if series is not None and rows:
            runs.append((series, rows))
    return runs


def _metrics(file: Path) -> list[dict[str, float]]:
    """Read a metrics file; the last line of a run that was killed may be cut and is left out."""
    if not file.is_file():
        raise UsageError(f"{file}: no such file; name a {METRICS_FILE} of a training run.")
    rows = []
    lines = file.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            if number < len(lines):
                raise UsageError(f"{file}, line {number}: not JSON: {error}") from error
    return [row for row in rows if "step" in row]
