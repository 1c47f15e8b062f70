"""The SQL of the tables: views over Parquet files, made of what the schema and a manifest say.

A row that stands in two files counts once. Nothing needs to be compared for that in compacted files that are settled:
no two of them share a key. The other files' rows are compared with each other and with the settled ones; only keys are
read for it, and the rest of a row passes by.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from store.location import Location
from store.manifest import SHARD_COLUMN, Manifest, Part
from store.schema import KEYS, TABLES

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


def table_views(manifest: Manifest) -> list[str]:
    """Return the statements that create every table, and `verdicts_settled` and `verdicts_open` beside `verdicts`."""
    return [
        *(_view(table, _relation(table, manifest[table])) for table in TABLES),
        _view("verdicts_settled", _rows("verdicts", _settled(manifest["verdicts"]))),
        _view("verdicts_open", _rows("verdicts", _open(manifest["verdicts"]))),
    ]


def _relation(table: str, parts: Sequence[Part]) -> str:
    return _once(table, parts) if table in KEYS else _rows(table, parts)


def _view(name: str, query: str) -> str:
    return f"CREATE OR REPLACE VIEW {name} AS\n{query};"


def _settled(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if part.footer.settled]


def _open(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if not part.footer.settled]


def _once(table: str, parts: Sequence[Part]) -> str:
    """Return the query for the rows of a table with a key, each once."""
    settled, waiting = _settled(parts), _open(parts)
    if not waiting:
        return _rows(table, settled)
    columns, key = ", ".join(TABLES[table].names), ", ".join(KEYS[table])
    once = (
        f"SELECT {columns} FROM (\n"
        f"WITH stored AS NOT MATERIALIZED (\n{_rows(table, waiting, numbered=True)}\n),\n"
        f"repeated AS (SELECT {key} FROM stored GROUP BY {key} HAVING count(*) > 1),\n"
        f"chosen AS (\n"
        f"    SELECT {key}, min(row(filename, file_row_number)) AS kept FROM stored SEMI JOIN repeated USING ({key})\n"
        f"    GROUP BY {key}\n"
        f")\n"
        f"SELECT {columns} FROM stored LEFT JOIN chosen USING ({key})\n"
        "WHERE kept IS NULL OR kept = row(filename, file_row_number)\n)"
    )
    if not settled:
        return once
    known = _rows(table, settled, columns=KEYS[table])
    return f"{_rows(table, settled)}\nUNION ALL\n{once} ANTI JOIN (\n{known}\n) USING ({key})"


def _rows(
    table: str, parts: Sequence[Part], *, columns: Sequence[str] | None = None, numbered: bool = False
) -> str:  # fmt: skip
    """Return the query for all rows of some files; `numbered` adds filename and file_row_number."""
    columns = TABLES[table].names if columns is None else columns
    if not parts:
        nothing = ", ".join(f"NULL::{_type(table, name)} AS {name}" for name in columns)
        more = ", NULL::VARCHAR AS filename, NULL::BIGINT AS file_row_number" if numbered else ""
        return f"SELECT {nothing}{more} WHERE false"
    return "\nUNION ALL\n".join(_select(table, group, columns, numbered) for group in _alike(parts))


def _alike(parts: Iterable[Part]) -> list[list[Part]]:
    """Group the files that one statement can read: of the same columns, whole ones together.

    DuckDB's union_by_name would do for all, at the price of opening every file each time a view is bound.
    """
    groups: dict[object, list[Part]] = {}
    for part in parts:
        groups.setdefault((part.footer.columns, part.only), []).append(part)
    return list(groups.values())


def _select(table: str, parts: Sequence[Part], columns: Sequence[str], numbered: bool) -> str:
    there = parts[0].footer.columns
    shown = [name if name in there else f"NULL::{_type(table, name)} AS {name}" for name in columns]
    shown += ["filename", "file_row_number"] if numbered else []
    files = ", ".join(_quoted(_absolute(part.footer.path)) for part in parts)
    options = "hive_partitioning = false" + (", filename = true, file_row_number = true" if numbered else "")
    only = parts[0].only
    where = f" WHERE {SHARD_COLUMN} IN ({', '.join(map(_quoted, sorted(only)))})" if only is not None else ""
    return f"SELECT {', '.join(shown)} FROM read_parquet([{files}], {options}){where}"


def _type(table: str, name: str) -> str:
    return _TYPES[TABLES[table].field(name).type]


def _absolute(path: Location) -> str:
    return os.path.abspath(path) if isinstance(path, Path) else str(path)  # resolve() would ask the disk


def _quoted(text: str) -> str:
    """Quote a text for SQL: DuckDB binds no parameters in a view's definition."""
    return "'" + text.replace("'", "''") + "'"
