"""Ask a corpus in SQL: one query to a table, CSV, JSON or Parquet, or a shell. Read-only, and closed to other files."""

from __future__ import annotations

import contextlib
import json
import math
import re
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from store.corpus import Corpus
from store.database import ORDER, VIEWS
from store.errors import CorpusError, UsageError
from store.schema import TABLES
from store.shards import atomic_path

FORMATS = ("table", "csv", "json", "parquet")
LARGEST_TABLE = 200
"""Rows that a table on the screen shows; the other formats give them all."""
_EXPLAIN = re.compile(r"\s*EXPLAIN\b(\s+ANALYZE\b)?(\s*\([^()]*\))?", re.IGNORECASE)
PROMPT, CONTINUED = "corpus> ", "   ...> "
HISTORY = Path.home() / ".remains_history"


def open_read_only(corpus: Corpus) -> duckdb.DuckDBPyConnection:
    """Return a connection whose queries can read this corpus and nothing else, and write nowhere."""
    connection = corpus.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET python_enable_replacements = false")  # else FROM finds variables of this process
    folders = ", ".join("'" + f"{corpus.root.resolve() / table}/".replace("'", "''") + "'" for table in TABLES)
    connection.execute(f"SET allowed_directories = [{folders}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def run_query(corpus: Corpus, query: str, format: str = "table", out: Path | None = None) -> None:
    """Run one query and print its rows, or write them to `out`.

    Raises UsageError for SQL that DuckDB refuses, an unknown format, or Parquet without a file.
    """
    if format not in FORMATS:
        raise UsageError(f"--format {format}: unknown; there are {', '.join(FORMATS)}.")
    if format == "parquet" and out is None:
        raise UsageError("--format parquet: needs a file, --out FILE.")
    root = corpus.root.resolve()
    if out is not None and isinstance(root, Path) and out.resolve().is_relative_to(root):
        raise UsageError(f"--out {out}: inside the corpus; write the result elsewhere.")
    with open_read_only(corpus) as connection:
        _emit(_select(connection, query), format, out)


def _select(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise UsageError(f"SQL: {_one_line(error)}") from error
    if len(statements) != 1:
        raise UsageError(f"SQL: one query at a time, here are {len(statements)}.")
    if not _only_reads(connection, query):
        raise UsageError("SQL: the corpus is read-only: SELECT, FROM, DESCRIBE, SUMMARIZE or EXPLAIN of these.")
    try:
        return connection.sql(query).to_arrow_table()
    except duckdb.Error as error:
        store = re.search(r"CorpusError: (.*)", str(error))  # what reads an object store for DuckDB says so
        if store:
            raise CorpusError(store[1]) from error
        raise UsageError(f"SQL: {_one_line(error)}") from error


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


def _emit(rows: pa.Table, format: str, out: Path | None) -> None:
    if format == "table":
        _put(_as_table(rows), out)
    elif format == "json":
        _put("".join(_json(row) + "\n" for row in rows.to_pylist()), out)
    elif out is None:
        pa.csv.write_csv(_flat(rows), sys.stdout.buffer)
    else:
        with atomic_path(out) as temporary:
            if format == "csv":
                pa.csv.write_csv(_flat(rows), temporary)
            else:
                pa.parquet.write_table(rows, temporary, compression="zstd")


def _flat(table: pa.Table) -> pa.Table:
    """Write lists and structs as JSON: CSV has no way to hold them."""
    for index, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            texts = [None if value is None else _json(value) for value in table[index].to_pylist()]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
    return table


def _json(value: object) -> str:
    return json.dumps(_plain(value), default=str, ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    """Turn what JSON has no word for into what it has: NaN and infinities into null, big integers into integers."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _as_table(rows: pa.Table) -> str:
    from rich.console import Console
    from rich.table import Table

    columns = rows.column_names
    shown = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows.slice(0, LARGEST_TABLE).to_pylist():
        shown.add_row(*(_cell(row[column]) for column in columns))
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else 200, no_color=not terminal)
    with console.capture() as capture:
        console.print(shown)
        if rows.num_rows > LARGEST_TABLE:
            console.print(f"{LARGEST_TABLE} of {rows.num_rows:,} rows; --format csv, json or parquet gives all of them")
    return capture.get()


def _cell(value: object) -> str:
    from rich.markup import escape

    if value is None:
        return "-"
    return escape(f"{value:.6g}" if isinstance(value, float) else str(value))


def _put(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="" if text.endswith("\n") else "\n")
        return
    with atomic_path(out) as temporary:
        temporary.write_text(text, encoding="utf-8")


def shell(corpus: Corpus) -> None:
    """Read statements that end in `;` until `.quit` or the end of the input; `.views` says what can be asked."""
    _remember_history()
    print(f"{corpus.root}: end a query with ;   .views says what there is, .quit leaves")
    with open_read_only(corpus) as connection:
        while (statement := _read_statement()) is not None:
            try:
                print(views() if statement == ".views" else _as_table(_select(connection, statement)))
            except UsageError as error:
                print(error)
            except KeyboardInterrupt:
                print("stopped")


def _read_statement() -> str | None:
    lines: list[str] = []
    while True:
        try:
            line = input(CONTINUED if lines else PROMPT)
        except EOFError:
            return None
        except KeyboardInterrupt:
            print()
            lines = []
            continue
        if not lines and line.strip() in (".quit", ".exit"):
            return None
        if not lines and line.strip() == ".views":
            return ".views"
        if not lines and line.startswith("."):
            print("there are .views and .quit; everything else is SQL and ends with ;")
            continue
        if line.strip() or lines:
            lines.append(line)
        if _is_complete("\n".join(lines)):
            return "\n".join(lines)


def _is_complete(text: str) -> bool:
    """Say whether SQL ends with a semicolon that is none of a string or comment."""
    text = text.rstrip()
    tokens = duckdb.tokenize(text)
    return text.endswith(";") and bool(tokens) and tokens[-1][0] == len(text) - 1


def views() -> str:
    """Return the header comment of every view and macro."""
    parts = [f"tables: {', '.join(TABLES)}"]
    for name in ORDER:
        lines = (VIEWS / f"{name}.sql").read_text(encoding="utf-8").splitlines()
        parts.append("\n".join(line.removeprefix("-- ") for line in lines[: _comment_end(lines)]))
    return "\n\n".join(parts)


def _comment_end(lines: list[str]) -> int:
    return next(index for index, line in enumerate(lines) if not line.startswith("--"))


def _remember_history() -> None:
    try:
        import atexit
        import readline
    except ImportError:
        return
    with contextlib.suppress(OSError):
        readline.read_history_file(HISTORY)
    atexit.register(_write_history)


def _write_history() -> None:
    import readline

    with contextlib.suppress(OSError):
        readline.write_history_file(HISTORY)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split("\n\n")[0].split())
