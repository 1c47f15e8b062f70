"""DuckDB over a corpus: one view per table of Parquet files, then the views and macros of `store/views/*.sql`."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from store.location import SHARDS, Location, ObjectPath, shards_below
from store.schema import ADDED, KEYS, TABLES

VIEWS = Path(__file__).parent / "views"

ORDER = (
    "corpus",
    "jeffreys",
    "draws",
    "partition",
    "z_adaptive",
    "weights",
    "importance_weight",
    "pass_at_k",
    "diversity",
    "sampler_gap",
)
"""Files of `views/` in the order in which they build on each other."""

_TYPES = {
    pa.string(): "VARCHAR",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.list_(pa.int32()): "INTEGER[]",
    pa.list_(pa.float32()): "FLOAT[]",
    pa.list_(pa.string()): "VARCHAR[]",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
}


def create_views(
    connection: duckdb.DuckDBPyConnection, root: Location, files: Mapping[str, Sequence[Location]]
) -> None:
    """Create every table view and every view of `store/views` on `connection`; `files` are those of each table."""
    if isinstance(root, ObjectPath):
        from store.snapshot import Snapshot

        listed = itertools.chain.from_iterable(files.values())
        connection.register_filesystem(Snapshot(root, (path for path in listed if isinstance(path, ObjectPath))))
    for statement in _statements(root, files):
        connection.execute(statement)


def describe_views() -> list[tuple[str, str]]:
    """Return the name and the header comment of every view and macro: grain, columns, units, formula."""
    found = []
    for name in ORDER:
        lines = (VIEWS / f"{name}.sql").read_text(encoding="utf-8").splitlines()
        header = itertools.takewhile(lambda line: line.startswith("--"), lines)
        found.append((name, "\n".join(line.removeprefix("--").removeprefix(" ") for line in header)))
    return found


def init_script(root: Location) -> str:
    """Return the script that makes the corpus at `root` queryable in the plain duckdb client (`duckdb -init FILE`)."""
    return "\n".join(_statements(root, {table: shards_below(root / table) for table in TABLES}))


def _statements(root: Location, files: Mapping[str, Sequence[Location]]) -> list[str]:
    """Return the SQL of every table view, view and macro, in order."""
    tables = [_table_view(root / table, table, schema, empty=not files[table]) for table, schema in TABLES.items()]
    return [*tables, *((VIEWS / f"{name}.sql").read_text(encoding="utf-8") for name in ORDER)]


def _table_view(folder: Location, table: str, schema: pa.Schema, *, empty: bool) -> str:
    if empty:
        columns = ", ".join(f"NULL::{_TYPES[field.type]} AS {field.name}" for field in schema)
        return f"CREATE OR REPLACE VIEW {table} AS SELECT {columns} WHERE false;"
    pattern = _quoted(f"{folder.resolve()}/**/{SHARDS}")
    options = "hive_partitioning = false, union_by_name = true"
    columns = ", ".join(schema.names)
    # Where no file has a column that came later, it must come from somewhere.
    later = [f"NULL::{_TYPES[schema.field(name).type]} AS {name}" for name in sorted(ADDED.get(table, ()))]
    added = f" UNION ALL BY NAME SELECT {', '.join(later)} WHERE false" if later else ""
    if table not in KEYS:
        return f"CREATE OR REPLACE VIEW {table} AS SELECT {columns} FROM read_parquet({pattern}, {options});"
    # A row that stands in two files counts once. Only keys are grouped, and the rest of a row passes by unread or
    # unkept: grouping whole rows would hold every token list in memory.
    key = ", ".join(KEYS[table])
    stored = f"FROM read_parquet({pattern}, {options}, filename = true, file_row_number = true){added}"
    return (
        f"CREATE OR REPLACE VIEW {table} AS\n"
        f"WITH stored AS NOT MATERIALIZED ({stored}),\n"
        "repeated AS (\n"
        f"    SELECT {key}, min(row(filename, file_row_number)) AS kept\n"
        f"    FROM stored GROUP BY {key} HAVING count(*) > 1\n"
        ")\n"
        f"SELECT {columns} FROM stored LEFT JOIN repeated USING ({key})\n"
        "WHERE kept IS NULL OR kept = row(filename, file_row_number);"
    )


def _quoted(text: str) -> str:
    """Quote a path as an SQL string: DuckDB binds no parameters in a view's definition."""
    return "'" + text.replace("'", "''") + "'"
