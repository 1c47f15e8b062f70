"""Ask a corpus in SQL: one query to a table, CSV, JSON or Parquet, or a shell. Read-only, and closed to other files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from store.corpus import Corpus
from store.database import ORDER, VIEWS
from store.errors import UsageError
from store.schema import TABLES
from store.shards import atomic_path

FORMATS = ("table", "csv", "json", "parquet")
PROMPT, CONTINUED = "corpus> ", "   ...> "
HISTORY = Path.home() / ".remains_history"


def open_read_only(corpus: Corpus) -> duckdb.DuckDBPyConnection:
    """Return a connection whose queries can read this corpus and nothing else, and write nowhere."""
    connection = corpus.connect()
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
    with open_read_only(corpus) as connection:
        _emit(_select(connection, query), format, out)


def _select(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise UsageError(f"SQL: {_one_line(error)}") from error
    if len(statements) != 1:
        raise UsageError(f"SQL: one query at a time, here are {len(statements)}.")
    if statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        raise UsageError("SQL: the corpus is read-only: SELECT, FROM, DESCRIBE, SUMMARIZE or EXPLAIN.")
    try:
        return connection.sql(query).to_arrow_table()
    except duckdb.Error as error:
        raise UsageError(f"SQL: {_one_line(error)}") from error


def _emit(rows: pa.Table, format: str, out: Path | None) -> None:
    if format == "table":
        _put(_as_table(rows), out)
    elif format == "json":
        _put("".join(json.dumps(row, default=str, ensure_ascii=False) + "\n" for row in rows.to_pylist()), out)
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
            texts = [None if value is None else json.dumps(value, default=str) for value in table[index].to_pylist()]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
    return table


def _as_table(rows: pa.Table) -> str:
    from rich.console import Console
    from rich.table import Table

    columns = rows.column_names
    shown = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows.to_pylist():
        shown.add_row(*(_cell(row[column]) for column in columns))
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else 200, no_color=not terminal)
    with console.capture() as capture:
        console.print(shown)
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
        if line.strip() or lines:
            lines.append(line)
        if line.rstrip().endswith(";"):
            return "\n".join(lines)


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
    if HISTORY.exists():
        readline.read_history_file(HISTORY)
    atexit.register(readline.write_history_file, HISTORY)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split("\n\n")[0].split())
