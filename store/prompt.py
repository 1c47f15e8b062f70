"""What the shell's line editor knows: SQL in colour, history in a file, completion of tables, columns and macros."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter, ThreadedCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

_WORD = re.compile(r"[\w.]*$")
_AFTER_FROM = re.compile(r"\b(FROM|JOIN|DESCRIBE|SUMMARIZE)\s+[\w]*$", re.IGNORECASE)
_NAME = re.compile(r"\w+")
_FILES = (".read ", ".export ")


def prompt_session(
    connection: duckdb.DuckDBPyConnection, history: Path, is_complete: Callable[[str], bool], **terminal: Any
) -> PromptSession[str]:
    """Return a line editor in which Enter ends a whole statement and else begins another line."""
    keys = KeyBindings()
    session: PromptSession[str] = PromptSession(
        history=_history(history),
        completer=ThreadedCompleter(SqlCompleter(connection.cursor())),
        complete_while_typing=False,
        lexer=PygmentsLexer(SqlLexer),
        multiline=True,
        key_bindings=keys,
        **terminal,
    )
    whole = Condition(lambda: is_complete(session.default_buffer.text))

    @keys.add("enter", filter=whole)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return session


def _history(file: Path) -> History:
    try:
        file.touch(mode=0o600)
    except OSError:  # a home that cannot be written
        return InMemoryHistory()
    return FileHistory(str(file))


class SqlCompleter(Completer):
    """Completes from what the connection has: tables after FROM, else the columns of the tables named so far first."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._paths = PathCompleter(expanduser=True)

    @cached_property
    def columns(self) -> dict[str, list[str]]:
        """The columns of each table and view."""
        found: dict[str, list[str]] = {}
        query = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY column_index"
        for table, column in self._connection.execute(query).fetchall():
            found.setdefault(table, []).append(column)
        return found

    @cached_property
    def macros(self) -> dict[str, str]:
        """Table macros and scalar macros by name, with their type."""
        query = "SELECT function_name, function_type FROM duckdb_functions() WHERE NOT internal"
        return dict(self._connection.execute(query).fetchall())

    @cached_property
    def keywords(self) -> list[str]:
        """SQL's reserved words."""
        query = "SELECT upper(keyword_name) FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
        return sorted(word for (word,) in self._connection.execute(query).fetchall())

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Yield what the word before the cursor may become."""
        before = document.text_before_cursor
        if before.startswith(_FILES):
            path = Document(before.split(" ", 1)[1])
            yield from self._paths.get_completions(path, complete_event)
            return
        match = _WORD.search(before)
        word = match.group() if match else ""
        for text, kind in self._candidates(document.text, before):
            if text.lower().startswith(word.lower()) and text != word:
                yield Completion(text, -len(word), display_meta=kind)

    def _candidates(self, text: str, before: str) -> Iterator[tuple[str, str]]:
        if before.startswith("."):
            from store.shell import COMMANDS

            yield from ((name, "command") for name in COMMANDS)
            return
        if not _AFTER_FROM.search(before):
            yield from self._columns_of(set(_NAME.findall(text)))
        yield from ((name, "table") for name in self.columns)
        yield from ((f"{name}(", "macro") for name in self.macros)
        if not _AFTER_FROM.search(before):
            yield from ((word, "keyword") for word in self.keywords)

    def _columns_of(self, named: set[str]) -> Iterator[tuple[str, str]]:
        """Yield the columns of the tables in the statement; of all tables where it names none yet."""
        tables = named & set(self.columns) or set(self.columns)
        seen: dict[str, str] = {}
        for table in self.columns:
            if table in tables:
                for column in self.columns[table]:
                    seen.setdefault(column, f"column of {table}")
        yield from seen.items()
