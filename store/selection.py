"""Which problems a command takes: a split, a condition in SQL, or the answer of a query."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from store.corpus import Corpus
from store.errors import UsageError
from store.sql import open_read_only


def select_problems(
    corpus: Corpus, split: str | None, where: str | None = None, query: Path | None = None
) -> tuple[str, ...]:
    """Return the ids of the problems of the split that `where` keeps and that the query in the file `query` names.

    `where` is a condition on the columns of `problems`. Raises UsageError for SQL that cannot be asked, a query without
    a column problem_id, or when nothing is left.
    """
    ids = [problem.problem_id for problem in corpus.problems(split)]
    with open_read_only(corpus) as connection:
        if where is not None:
            ids = _kept(ids, _column("--where", lambda: connection.view("problems").filter(where)))
        if query is not None:
            text = _text(query)
            ids = _kept(ids, _column(f"--problems-sql {query}", lambda: connection.sql(text)))
    if not ids:
        flags = [name for name, given in (("--split", split), ("--where", where), ("--problems-sql", query)) if given]
        raise UsageError(f"{', '.join(flags) or corpus.root}: no problem is left. See `cli sql 'FROM problems'`.")
    return tuple(ids)


def _kept(ids: list[str], wanted: set[str]) -> list[str]:
    return [name for name in ids if name in wanted]


def _column(flag: str, ask: Callable[[], duckdb.DuckDBPyRelation | None]) -> set[str]:
    """Return the problem_id of every row."""
    try:
        rows = ask()
        if rows is None or "problem_id" not in rows.columns:
            raise UsageError(f"{flag}: needs one query with a column problem_id.")
        return {str(name) for (name,) in rows.project("problem_id").fetchall()}
    except duckdb.Error as error:
        raise UsageError(f"{flag}: {str(error).splitlines()[0]}") from error


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--problems-sql {file}: cannot be read: {error}. Name a file with one query.") from error
