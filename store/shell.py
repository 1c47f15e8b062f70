"""The shell of `cli sql`: history, completion, statements over many lines, and commands that begin with a dot.

Not here: writing to the corpus. A result is written elsewhere with `.export FILE`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from store.corpus import Corpus
from store.errors import RemainsError, UsageError
from store.sql import emit, format_of, open_read_only, refuse_inside, screen, select, views
from store.tables import LAYOUTS

PROMPT, CONTINUED = "corpus> ", "   ...> "
HISTORY = Path.home() / ".remains_history"


@dataclass
class Session:
    """What the shell remembers between statements."""

    corpus: Corpus
    connection: duckdb.DuckDBPyConnection
    layout: str = "auto"
    last: str | None = None
    """The latest query that gave rows."""


def shell(corpus: Corpus) -> None:
    """Read statements until `.quit` or the end of the input; an error is said and the shell goes on."""
    with open_read_only(corpus) as connection:
        session = Session(corpus, connection)
        print(f"{corpus.root}: end a query with ;   .help says what else there is, .quit leaves")
        for entry in _typed(session) if sys.stdin.isatty() else _piped():
            if entry.strip() in (".quit", ".exit"):
                return
            answer(session, entry)


def answer(session: Session, entry: str) -> None:
    """Carry out one entry, a statement or a dot command, and print what comes of it."""
    try:
        text = _command(session, entry.strip()) if entry.lstrip().startswith(".") else _ask(session, entry)
        print(text, end="" if text.endswith("\n") else "\n")
    except RemainsError as error:
        print(error)
    except KeyboardInterrupt:
        print("stopped")


def is_complete(text: str) -> bool:
    """Say whether an entry is whole: a dot command, or SQL ending with a semicolon of no string or comment."""
    text = text.strip()
    if not text or text.startswith("."):
        return True
    return text.endswith(";") and len(text.encode()) - 1 in _ends(text)


def _ends(text: str) -> list[int]:
    """Return where the statements of a text end, in bytes: at semicolons of no string or comment."""
    data = text.encode()
    return [
        at for at, kind in duckdb.tokenize(text) if kind == duckdb.token_type.operator and data[at : at + 1] == b";"
    ]


def _ask(session: Session, query: str) -> str:
    if not query.strip().strip(";"):
        return ""
    shown = screen(select(session.connection, query), session.layout)
    session.last = query
    return shown


def _command(session: Session, line: str) -> str:
    name, _, argument = line.partition(" ")
    if name not in COMMANDS:
        raise UsageError(f"{name}: no such command; .help lists them. Everything else is SQL and ends with ;")
    return COMMANDS[name][1](session, argument.strip())


def _help(session: Session, argument: str) -> str:
    return "\n".join(f"{text.split(':')[0]:24}{text.split(': ', 1)[1]}" for text, _ in COMMANDS.values())


def _views(session: Session, argument: str) -> str:
    if not argument:
        return views()
    found = [part for part in views().split("\n\n") if part.startswith(argument)]
    if not found:
        raise UsageError(f".views {argument}: no such view; .views lists them all.")
    return "\n\n".join(found)


def _schema(session: Session, argument: str) -> str:
    if not argument:
        raise UsageError(".schema: name a table or view, for instance .schema corpus")
    quoted = argument.strip(';"').replace('"', '""')
    return screen(select(session.connection, f'SELECT column_name, column_type FROM (DESCRIBE "{quoted}")'))


def _read(session: Session, argument: str) -> str:
    path = _path(".read", argument)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f".read {path}: not a file of UTF-8 text that can be read.") from error
    try:
        statements = session.connection.extract_statements(text)
    except duckdb.Error as error:
        raise UsageError(f".read {path}: {' '.join(str(error).split())}") from error
    return "\n".join(_ask(session, _without_rest(statement.query)) for statement in statements)


def _without_rest(query: str) -> str:
    """Cut off the comments that follow a statement's semicolon: DuckDB does not take them back."""
    ends = _ends(query)
    return query.encode()[: ends[0]].decode() if ends else query


def _export(session: Session, argument: str) -> str:
    path = _path(".export", argument)
    if session.last is None:
        raise UsageError(".export: ask a query first; its rows are written.")
    if format_of(path) == "table":
        raise UsageError(f".export {path}: end the name in .csv, .json, .jsonl or .parquet.")
    refuse_inside(session.corpus, path, ".export")
    emit(select(session.connection, session.last), format_of(path), path)
    return f"wrote {path}"


def _mode(session: Session, argument: str) -> str:
    if argument not in LAYOUTS:
        raise UsageError(f".mode {argument}: unknown; there are {', '.join(LAYOUTS)}.")
    session.layout = argument
    return f"rows are shown as {argument}"


def _path(command: str, argument: str) -> Path:
    if not argument:
        raise UsageError(f"{command}: name a file.")
    return Path(argument).expanduser()


COMMANDS: dict[str, tuple[str, Callable[[Session, str], str]]] = {
    ".help": (".help: this list", _help),
    ".views": (".views [NAME]: every view and macro: grain, columns, units, formula", _views),
    ".schema": (".schema NAME: the columns of a table or view", _schema),
    ".read": (".read FILE: run the statements of a file", _read),
    ".export": (".export FILE: write the rows of the latest query to .csv, .json or .parquet", _export),
    ".mode": (".mode auto|table|records: how rows are shown; auto takes what fits", _mode),
    ".quit": (".quit: leave, as does Ctrl-D", lambda session, argument: ""),
}


def _piped() -> Iterator[str]:
    """Yield the entries of an input that is no terminal."""
    lines: list[str] = []
    for line in sys.stdin:
        if line.strip() or lines:
            lines.append(line.rstrip("\n"))
        if lines and is_complete("\n".join(lines)):
            yield "\n".join(lines)
            lines = []
    if "".join(lines).strip():
        print(f"the input ends within a statement: {' '.join(lines)[:80]}")


def _typed(session: Session) -> Iterator[str]:
    """Yield the entries that a user types; Ctrl-C drops the current one, Ctrl-D ends."""
    from store.prompt import prompt_session

    prompt = prompt_session(session.connection, HISTORY, is_complete)
    while True:
        try:
            yield prompt.prompt(PROMPT, prompt_continuation=CONTINUED)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
