"""What a report is made of: its configuration, a policy with what the corpus says of it, and queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa

from store.database import read_sql
from store.drawing import Series
from store.location import Address
from store.metrics import Counts, EvalResult

QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class PolicyInReport:
    """A policy to show; `alpha` is None for the base policy, and for one that was not trained with an α."""

    label: str
    policy_id: str
    alpha: float | None
    folder: Path | None = None
    """Where its weights are, or were."""


@dataclass(frozen=True)
class ReportConfig:
    """What to show. The first policy is the base, with which the others are compared."""

    corpus: Address
    policies: tuple[PolicyInReport, ...]
    metrics: tuple[Path, ...] = ()
    """metrics.jsonl of training runs: in the policies' order, or in folders named as the policies are registered."""
    out: Path = Path("report.html")
    split: str = "test"
    num_rare_proofs: int = 8
    seed: int = 0
    figures: Path | None = None
    """A folder for every figure as SVG and PNG."""


@dataclass(frozen=True)
class Measured:
    """A policy with what the corpus says of it."""

    policy: PolicyInReport
    series: Series
    result: EvalResult
    counts: Counts


def query(connection: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of `queries/NAME.sql`."""
    text = read_sql(QUERIES, name)
    found: pa.Table = connection.sql(text, params=dict(parameters)).to_arrow_table()
    return found.to_pylist()


def safe(svg: str) -> Any:
    """Mark our own SVG as HTML; labels inside it were escaped by matplotlib."""
    return jinja2.filters.Markup(svg)
