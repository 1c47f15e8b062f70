"""The views of a corpus for one problem alone.

Every quantity of the method belongs to one problem (its Z, its weights, its pass@k), so the same view files over the
rows of one problem give the same numbers, in the time that one problem takes.
"""

from __future__ import annotations

import duckdb

from store.database import ORDER, VIEWS, read_sql
from store.runs import RUN_VIEWS
from store.schema import TABLES

_TOKEN_LISTS = {"token_ids": "INTEGER[]", "token_logprobs": "FLOAT[]"}
_UNREAD = frozenset({"token_stats"})
"""Tables that no view reads."""


def focus(connection: duckdb.DuckDBPyConnection, problem_id: str) -> duckdb.DuckDBPyConnection:
    """Return a connection of its own with the tables and views of one problem; token lists are null there.

    Tables that belong to no problem (`policies`) are whole.
    """
    small = duckdb.connect()
    small.execute("SET TimeZone = 'UTC'")
    for table in _relations(connection):
        small.register(
            "incoming", connection.sql(_query(connection, table), params={"problem": problem_id}).to_arrow_table()
        )
        small.execute(f"CREATE TABLE {table} AS FROM incoming")
        small.unregister("incoming")
    for name in (view for view in ORDER if view not in RUN_VIEWS):
        small.execute(read_sql(VIEWS, name))
    return small


def _relations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the tables, and what else stands for a part of one (`verdicts_…`), as far as views read them."""
    found = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY view_name").fetchall()
    parts = [name for (name,) in found if name.startswith("verdicts_")]
    return [table for table in (*TABLES, *parts) if table not in _UNREAD]


def _query(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    columns = connection.sql(f"FROM {table}").columns
    nulls = [f"NULL::{type_} AS {name}" for name, type_ in _TOKEN_LISTS.items() if name in columns]
    chosen = f"SELECT * REPLACE ({', '.join(nulls)}) FROM {table}" if nulls else f"FROM {table}"
    if "problem_id" in columns:
        return f"{chosen} WHERE problem_id = $problem"
    if "sample_id" in columns:
        return f"{chosen} WHERE sample_id IN (SELECT sample_id FROM samples WHERE problem_id = $problem)"
    return f"{chosen} WHERE $problem IS NOT NULL"
