"""DuckDB over a corpus: one view per table of Parquet files, then the views and macros of `store/views/*.sql`."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from store.schema import TABLES

VIEWS = Path(__file__).parent / "views"

ORDER = ("corpus", "jeffreys", "draws", "partition", "weights", "importance_weight", "pass_at_k", "diversity")
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


def create_views(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Create every table view and every view of `store/views` on `connection`."""
    for statement in view_statements(root):
        connection.execute(statement)


def view_statements(root: Path) -> list[str]:
    """Return the SQL that makes the corpus at `root` queryable, for this process or the plain duckdb client."""
    tables = [_table_view(root, table, schema) for table, schema in TABLES.items()]
    return [*tables, *((VIEWS / f"{name}.sql").read_text(encoding="utf-8") for name in ORDER)]


def _table_view(root: Path, table: str, schema: pa.Schema) -> str:
    folder = root / table
    if not any(not path.name.startswith(".") for path in folder.rglob("*.parquet")):
        columns = ", ".join(f"NULL::{_TYPES[field.type]} AS {field.name}" for field in schema)
        return f"CREATE OR REPLACE VIEW {table} AS SELECT {columns} WHERE false"
    pattern = _quoted(f"{folder.resolve()}/**/*.parquet")
    columns = ", ".join(schema.names)
    return (
        f"CREATE OR REPLACE VIEW {table} AS SELECT {columns} "
        f"FROM read_parquet({pattern}, hive_partitioning = false, union_by_name = true)"
    )


def _quoted(text: str) -> str:
    """Quote a path as an SQL string: DuckDB binds no parameters in a view's definition."""
    return "'" + text.replace("'", "''") + "'"
