"""The views of a corpus for one problem alone.

Every quantity of the method belongs to one problem (its Z, its weights, its pass@k), so the same view files over the
rows of one problem give the same numbers, in the time that one problem takes.
"""

from __future__ import annotations

import duckdb

from store.database import ORDER, VIEWS

_ROWS = {
    "problems": "FROM problems WHERE problem_id = $problem",
    "samples": "SELECT * EXCLUDE (token_ids, token_logprobs), NULL::INTEGER[] AS token_ids, "
    "NULL::FLOAT[] AS token_logprobs FROM samples WHERE problem_id = $problem",
    "verdicts": "FROM verdicts WHERE problem_id = $problem",
    "scores": "SELECT * EXCLUDE (token_logprobs), NULL::FLOAT[] AS token_logprobs FROM scores "
    "WHERE sample_id IN (SELECT sample_id FROM samples WHERE problem_id = $problem)",
    "stops": "FROM stops WHERE problem_id = $problem",
}


def focus(connection: duckdb.DuckDBPyConnection, problem_id: str) -> duckdb.DuckDBPyConnection:
    """Return a connection of its own with the tables and views of one problem; token lists are left out.

    `policies` is whole; `token_stats` is absent, since no view reads it.
    """
    small = duckdb.connect()
    small.execute("SET TimeZone = 'UTC'")
    for table, query in _ROWS.items():
        _copy(connection, small, table, query, problem_id)
    _copy(connection, small, "policies", "FROM policies WHERE $problem IS NOT NULL", problem_id)
    for name in ORDER:
        small.execute((VIEWS / f"{name}.sql").read_text(encoding="utf-8"))
    return small


def _copy(
    source: duckdb.DuckDBPyConnection, target: duckdb.DuckDBPyConnection, table: str, query: str, problem_id: str
) -> None:
    rows = source.sql(query, params={"problem": problem_id}).to_arrow_table()
    target.register("incoming", rows)
    target.execute(f"CREATE TABLE {table} AS FROM incoming")
    target.unregister("incoming")
