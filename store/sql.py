"""Ask a corpus in SQL: one query to a table, CSV, JSON or Parquet. Read-only, and closed to other files.

The interactive shell is `store.shell`; how rows look on a screen is `store.tables`.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from store.corpus import Corpus
from store.database import describe_views, init_script
from store.errors import CorpusError, RemainsError, UsageError
from store.schema import TABLES
from store.shards import atomic_path
from store.tables import as_text

FORMATS = ("table", "csv", "json", "parquet")
LARGEST_TABLE = 200
"""Rows that a table on the screen shows; the other formats give them all."""
ROWS_AT_ONCE = 16_384
"""Rows in memory while a result is written to a file."""
_EXPLAIN = re.compile(r"\s*EXPLAIN\b(\s+ANALYZE\b)?(\s*\([^()]*\))?", re.IGNORECASE)


def open_read_only(corpus: Corpus) -> duckdb.DuckDBPyConnection:
    """Return a connection whose queries can read this corpus and nothing else, and write nowhere."""
    return close_to_others(corpus, corpus.connect())


def close_to_others(corpus: Corpus, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Keep what is asked on `connection` within the corpus, for good; return it."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET python_enable_replacements = false")  # else FROM finds variables of this process
    folders = ", ".join(
        "'" + f"{corpus.root.resolve() / table}/".replace("'", "''") + "'" for table in (*TABLES, "runs")
    )
    connection.execute(f"SET allowed_directories = [{folders}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def run_query(corpus: Corpus, query: str, format: str | None = None, out: Path | None = None) -> None:
    """Run one query and print its rows, or write them to `out`; without a format, `out`'s suffix says it.

    Raises UsageError for SQL that DuckDB refuses, an unknown format, or Parquet without a file.
    """
    format = format or format_of(out)
    if format not in FORMATS:
        raise UsageError(f"--format {format}: unknown; there are {', '.join(FORMATS)}.")
    if format == "parquet" and out is None:
        raise UsageError("--format parquet: needs a file, --out FILE.")
    refuse_inside(corpus, out)
    with open_read_only(corpus) as connection:
        emit(select(connection, query), format, out)


def format_of(out: Path | None) -> str:
    """Return the format that a file's suffix names; `table` where it names none."""
    suffix = out.suffix.lower().removeprefix(".") if out else ""
    return {"jsonl": "json", "ndjson": "json"}.get(suffix, suffix if suffix in FORMATS else "table")


def refuse_inside(corpus: Corpus, out: Path | None, flag: str = "--out") -> None:
    """Raise UsageError when a result would be written into the corpus."""
    root = corpus.root.resolve()
    if out is not None and isinstance(root, Path) and out.resolve().is_relative_to(root):
        raise UsageError(f"{flag} {out}: inside the corpus; write the result elsewhere.")


def write_init_script(corpus: Corpus, out: Path | None) -> None:
    """Print, or write to `out`, what makes the corpus queryable in the plain duckdb client: `duckdb -init FILE`."""
    if not isinstance(corpus.root, Path):
        raise UsageError(f"--init: the duckdb client reads no {corpus.root} as we do; copy the corpus to a folder.")
    refuse_inside(corpus, out)
    text = init_script(corpus.root) + "\n"
    if out is None:
        print(text, end="")
        return
    with atomic_path(out) as temporary:
        temporary.write_text(text, encoding="utf-8")


def select(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, object] | None = None
) -> duckdb.DuckDBPyRelation:
    """Return what a query that only reads would give; it runs when rows are asked for.

    Raises UsageError for SQL that DuckDB refuses, for several statements at once and for one that could write.
    """
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise UsageError(f"SQL: {one_line(error)}") from error
    if len(statements) != 1:
        raise UsageError(f"SQL: one query at a time, here are {len(statements)}.")
    if not _only_reads(connection, query):
        raise UsageError("SQL: the corpus is read-only: SELECT, FROM, DESCRIBE, SUMMARIZE or EXPLAIN of these.")
    try:
        relation = connection.sql(query, params=parameters) if parameters else connection.sql(query)
    except duckdb.Error as error:
        raise _explained(error) from error
    if relation is None:  # nothing that gives rows
        raise UsageError("SQL: this gives no rows.")
    return relation


def fetch(relation: duckdb.DuckDBPyRelation, num_rows: int, offset: int = 0) -> pa.Table:
    """Run a query for some of its rows. Raises UsageError for what DuckDB finds wrong while it runs."""
    try:
        return relation.limit(num_rows, offset).to_arrow_table()
    except duckdb.Error as error:
        raise _explained(error) from error


def rows_of(relation: duckdb.DuckDBPyRelation, num_rows: int) -> Iterator[pa.Table]:
    """Run a query and yield its rows so many at a time. Raises UsageError as `fetch`."""
    for batch in _batches(relation, num_rows):
        yield pa.Table.from_batches([batch])


def _batches(relation: duckdb.DuckDBPyRelation, num_rows: int = ROWS_AT_ONCE) -> Iterator[pa.RecordBatch]:
    try:
        yield from relation.to_arrow_reader(num_rows)
    except (duckdb.Error, pa.ArrowException) as error:
        raise _explained(error) from error


def _explained(error: Exception) -> RemainsError:
    store = re.search(r"CorpusError: (.*)", str(error))  # what reads an object store for DuckDB says so
    return CorpusError(store[1]) if store else UsageError(f"SQL: {one_line(error)}")


def _only_reads(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Say whether a statement is a SELECT or the EXPLAIN of one: EXPLAIN ANALYZE runs what it explains."""
    try:
        (statement,) = connection.extract_statements(query)
    except (duckdb.Error, ValueError):
        return False
    if statement.type != duckdb.StatementType.EXPLAIN:
        return statement.type == duckdb.StatementType.SELECT
    explained = _EXPLAIN.match(query)
    return explained is not None and _only_reads(connection, query[explained.end() :])


def emit(relation: duckdb.DuckDBPyRelation, format: str, out: Path | None) -> None:
    """Print the rows of a query, or write them to `out`, a piece at a time."""
    if out is not None:
        with atomic_path(out) as temporary:
            _write_file(relation, format, temporary)
    elif format == "table":
        print(screen(relation), end="")
    elif format == "json":
        _write_json(relation, sys.stdout)
    else:
        _write_csv(relation, sys.stdout.buffer)


def screen(relation: duckdb.DuckDBPyRelation, layout: str = "auto") -> str:
    """Return the first rows of a query as a terminal shows them, and a line if there are more."""
    rows = fetch(relation, LARGEST_TABLE + 1)
    text = as_text(rows.slice(0, LARGEST_TABLE), layout)
    if rows.num_rows > LARGEST_TABLE:
        text += f"the first {LARGEST_TABLE} rows; csv, json or parquet give all of them\n"
    return text


def _write_file(relation: duckdb.DuckDBPyRelation, format: str, file: Path) -> None:
    if format == "parquet":
        with pa.parquet.ParquetWriter(file, _schema(relation), compression="zstd") as writer:
            for batch in _batches(relation):
                writer.write_batch(batch)
    elif format == "csv":
        with file.open("wb") as stream:
            _write_csv(relation, stream)
    elif format == "json":
        with file.open("w", encoding="utf-8") as text:
            _write_json(relation, text)
    else:
        file.write_text(screen(relation), encoding="utf-8")


def _schema(relation: duckdb.DuckDBPyRelation) -> pa.Schema:
    return fetch(relation, 0).schema


def _write_json(relation: duckdb.DuckDBPyRelation, stream: IO[str]) -> None:
    for batch in _batches(relation):
        stream.writelines(as_json(row) + "\n" for row in batch.to_pylist())


def _write_csv(relation: duckdb.DuckDBPyRelation, stream: IO[bytes]) -> None:
    empty = flat(_schema(relation).empty_table())
    with pa.csv.CSVWriter(stream, empty.schema) as writer:
        for batch in _batches(relation):
            writer.write_table(flat(pa.Table.from_batches([batch])))


def flat(table: pa.Table) -> pa.Table:
    """Write lists and structs as JSON: CSV has no way to hold them."""
    for index, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            texts = [None if value is None else as_json(value) for value in table[index].to_pylist()]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
    return table


def as_json(value: object) -> str:
    """Return one line of JSON; what JSON has no word for becomes null or text."""
    return json.dumps(plain(value), default=str, ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """Turn what JSON has no word for into what it has: NaN and infinities into null, big integers into integers."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def views() -> str:
    """Return the header comment of every view and macro."""
    tables = f"tables: {', '.join(TABLES)}; run records: runs (name, kind, written_at, record)"
    return "\n\n".join([tables, *(header for _, header in describe_views())])


def one_line(error: Exception) -> str:
    """Return what DuckDB says, without the picture of the place."""
    return " ".join(str(error).split("\n\n")[0].split())
