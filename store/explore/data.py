"""What the pages ask of a corpus."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from store.corpus import Corpus
from store.database import read_sql
from store.errors import UsageError
from store.focus import focus
from store.jeffreys import interval
from store.sample import SampleRecord, read_sample
from store.sql import close_to_others, fetch, select

QUERIES = Path(__file__).parent / "queries"
PAGE = 50
"""Rows of a page."""
PLOTTED = 5_000
"""Rows that a chart of a query shows."""
KEPT = 8
"""Problems whose rows stay in memory."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Policy:
    """A policy with judged draws."""

    policy_id: str
    n: int
    n_verified: int
    path: str | None
    parent: str | None

    @property
    def label(self) -> str:
        """Return the name of its folder, the beginning of its id where it has none."""
        return self.path.rstrip("/").rsplit("/", 1)[-1] if self.path else self.policy_id[:8]


class Explorer:
    """An open corpus. Counts are of the moment when it was opened; each query has at most `seconds`."""

    def __init__(self, corpus: Corpus, seconds: float = 20.0) -> None:
        self.corpus = corpus
        self.seconds = seconds
        self._connection = corpus.connect()
        self._connection.execute(_text("tables"))
        close_to_others(corpus, self._connection)
        self._problems: OrderedDict[str, duckdb.DuckDBPyConnection] = OrderedDict()
        self._lock = threading.Lock()
        found = self._connection.execute("SELECT policy_id, n, n_verified, path, parent FROM explored_policies")
        self.policies = tuple(Policy(*row) for row in found.fetchall())

    def close(self) -> None:
        """Give all memory back."""
        for small in self._problems.values():
            small.close()
        self._connection.close()

    def splits(self) -> list[str]:
        """Return the splits of the problems."""
        with self._asking(self._connection) as cursor:
            found = cursor.execute("SELECT DISTINCT split FROM explored_problems ORDER BY split").fetchall()
        return [split for (split,) in found]

    def problems(self, filters: Row, page: int) -> tuple[list[Row], int]:
        """Return a page of problems with their 95 % intervals, and how many there are on all pages."""
        rows = self._rows(self._connection, "problems", {**filters, "limit": PAGE, "offset": PAGE * page})
        low, high = interval([row["n"] for row in rows], [row["n_verified"] for row in rows])
        for row, left, right in zip(rows, low, high, strict=True):
            row |= {"low": float(left), "high": float(right)}
        return rows, rows[0]["n_all"] if rows else 0

    def histogram(self, filters: Row) -> list[Row]:
        """Return how many of these problems have which pass rate."""
        wanted = ("policy", "split", "difficulty", "text")
        return self._rows(self._connection, "histogram", {name: filters[name] for name in wanted})

    def problem(self, problem_id: str) -> Row:
        """Return a problem with what each policy made of it. Raises UsageError when there is no such problem."""
        with self._asking(self._connection) as cursor:
            found = cursor.sql("FROM problems WHERE problem_id = $id", params={"id": problem_id})
            rows = found.to_arrow_table().to_pylist()
            tried = cursor.sql("FROM explored WHERE problem_id = $id", params={"id": problem_id})
            counts = {row["policy_id"]: row for row in tried.to_arrow_table().to_pylist()}
        if not rows:
            raise UsageError(f"problem {problem_id}: not in this corpus.")
        mine = [counts[policy.policy_id] | {"policy": policy} for policy in self.policies if policy.policy_id in counts]
        low, high = interval([row["n"] for row in mine], [row["n_verified"] for row in mine])
        for row, left, right in zip(mine, low, high, strict=True):
            row |= {"low": float(left), "high": float(right)}
        return {**rows[0], "policies": mine}

    def samples(self, problem_id: str, filters: Row, page: int, limit: int = PAGE) -> tuple[list[Row], int]:
        """Return a page of a problem's samples with their weights, and how many there are on all pages."""
        small = self._focus(problem_id)
        rows = self._rows(small, "samples", {**filters, "limit": limit, "offset": limit * page})
        return rows, rows[0]["n_all"] if rows else 0

    def verdicts(self, problem_id: str, policy: str) -> list[Row]:
        """Return a problem's samples by verdict."""
        return self._rows(self._focus(problem_id), "verdicts", {"policy": policy})

    def sample(self, sample_id: str, alpha: float) -> SampleRecord:
        """Return a sample with its tokens and weights. Raises UsageError when there is no such sample."""
        with self._asking(self._connection) as cursor:
            query = "SELECT problem_id FROM explored_samples WHERE sample_id = $id"
            found = cursor.execute(query, {"id": sample_id}).fetchone()
            if found is None:
                raise UsageError(f"sample {sample_id}: not in this corpus, or newer than this page.")
            return read_sample(cursor, self._focus(found[0]), sample_id, alpha)

    def query(self, query: str, page: int) -> tuple[pa.Table, bool, pa.Table]:
        """Return a page of what a user's query gives, whether there is more, and the rows that a chart may show.

        Raises UsageError for SQL that DuckDB refuses, that could write, or that takes too long.
        """
        start = PAGE * page
        with self._asking(self._connection) as cursor:
            if start + PAGE < PLOTTED:  # the page is among the rows of the chart
                plotted = fetch(select(cursor, query), PLOTTED)
                rows = plotted.slice(start, PAGE + 1)
            else:
                rows = fetch(select(cursor, query), PAGE + 1, start)
                plotted = rows.slice(0, 0)
        return rows.slice(0, PAGE), rows.num_rows > PAGE, plotted

    def _rows(self, connection: duckdb.DuckDBPyConnection, name: str, parameters: Row) -> list[Row]:
        with self._asking(connection) as cursor:
            rows: list[Row] = cursor.sql(_text(name), params=parameters).to_arrow_table().to_pylist()
        return rows

    def _focus(self, problem_id: str) -> duckdb.DuckDBPyConnection:
        """Return the connection of one problem, made when it is first asked for."""
        with self._lock:
            if problem_id not in self._problems:
                with self._asking(self._connection) as cursor:
                    self._problems[problem_id] = focus(cursor, problem_id)
            self._problems.move_to_end(problem_id)
            while len(self._problems) > KEPT:
                self._problems.popitem(last=False)
            return self._problems[problem_id]

    @contextmanager
    def _asking(self, connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor of its own to a request, and stop what it runs when the time is over."""
        cursor = connection.cursor()
        clock = threading.Timer(self.seconds, cursor.interrupt)
        clock.start()
        try:
            yield cursor
        except duckdb.InterruptException as error:
            raise self._too_long() from error
        except UsageError as error:
            if "INTERRUPT" in str(error):
                raise self._too_long() from error
            raise
        finally:
            clock.cancel()
            cursor.close()

    def _too_long(self) -> UsageError:
        return UsageError(f"stopped after {self.seconds:g} s. Ask for less, or give more with --seconds.")


def _text(name: str) -> str:
    return read_sql(QUERIES, name)
