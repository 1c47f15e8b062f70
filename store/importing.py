"""Problems from JSONL and Parquet files into the corpus; a bad row is refused before anything is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from store.corpus import Corpus
from store.errors import UsageError
from store.ids import problem_id
from store.location import Address
from store.schema import PROBLEMS

ALIASES = {
    "name": ("name", "theorem_full_name", "problem_name", "id"),
    "header": ("header", "src_context", "src_header"),
    "statement": ("statement", "theorem_statement", "formal_statement"),
    "informal": ("informal", "informal_statement", "informal_prefix", "natural_language"),
    "split": ("split",),
}
"""Our column and the names that other data sets give it (miniF2F, Lean Workbook, "Rewarding the Unlikely")."""


_COMMENT = re.compile(r"/-.*?-/|--[^\n]*", re.DOTALL)


@dataclass(frozen=True)
class ImportSummary:
    """What an import did."""

    num_rows: int
    num_distinct: int
    """Rows that differ in header or statement."""
    num_new: int
    """Of these, problems that the corpus did not hold."""

    def as_text(self) -> str:
        """Return what `cli import problems` prints."""
        return (
            f"{self.num_rows:,} rows: {self.num_new:,} new problems, {self.num_distinct - self.num_new:,} were there, "
            f"{self.num_rows - self.num_distinct:,} duplicates"
        )


def import_problems(corpus: Address, files: Sequence[Path], *, split: str = "train") -> ImportSummary:
    """Add the problems of `files` to the corpus, which is made if it is not there; `split` is for rows that name none.

    Raises UsageError naming file and row for anything that is no problem.
    """
    rows = [problem for file in files for problem in _problems(file, split)]
    opened = Corpus.open(corpus, create=True)
    num_new = opened.append_problems(pa.Table.from_pylist(rows, PROBLEMS))
    return ImportSummary(len(rows), len({row["problem_id"] for row in rows}), num_new)


def _problems(file: Path, split: str) -> Iterator[dict[str, Any]]:
    empty = True
    for number, row in _rows(file):
        empty = False
        yield _problem(row, f"{file}, row {number}", file.name, split)
    if empty:
        raise UsageError(f"{file}: no rows.")


def _rows(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if not file.is_file():
        raise UsageError(f"{file}: no such file.")
    if file.suffix == ".parquet":
        try:
            wanted = {name for names in ALIASES.values() for name in names}
            table = pq.read_table(file, columns=[name for name in pq.read_schema(file).names if name in wanted])
        except (pa.ArrowInvalid, OSError) as error:
            raise UsageError(f"{file}: not a Parquet file: {str(error).splitlines()[0]}") from error
        yield from enumerate(table.to_pylist(), 1)
        return
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")  # str.splitlines would also cut at U+2028 in a string
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: neither Parquet (by its name) nor UTF-8 text.") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _json_object(line, f"{file}, row {number}")


def _json_object(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{where}: not JSON: {error}") from error
    if not isinstance(row, dict):
        raise UsageError(f"{where}: a JSON object was expected, with a statement.")
    return row


def _problem(row: Mapping[str, Any], where: str, source: str, split: str) -> dict[str, Any]:
    found = {ours: _first_text(row, theirs, where) for ours, theirs in ALIASES.items()}
    statement = (found["statement"] or "").rstrip()
    if not statement:
        raise UsageError(f"{where}: no statement (a column {' or '.join(ALIASES['statement'])}).")
    if not re.search(r":=(\s*by)?$", statement):
        raise UsageError(f"{where}: the statement does not end in `:= by` or `:=`, so no proof can follow it.")
    declared = re.search(r"\b(?:theorem|lemma)\s+([^\s:({\[⦃]+)", _COMMENT.sub(" ", statement))
    if declared is None:
        raise UsageError(f"{where}: the statement declares no `theorem NAME`.")
    header = (found["header"] or "").rstrip()
    return {
        "problem_id": problem_id(header, statement),
        "name": declared.group(1),
        "header": header,
        "statement": statement,
        "informal": _in_words(found["informal"]),
        "source": source,
        "split": found["split"] or split,
    }


def _in_words(informal: str | None) -> str | None:
    """Return the text of a documentation comment, or of plain words."""
    return informal and informal.strip().removeprefix("/--").removesuffix("-/").strip()


def _first_text(row: Mapping[str, Any], names: Sequence[str], where: str) -> str | None:
    for name in names:
        value = row.get(name)
        if value is not None:
            if not isinstance(value, str):
                raise UsageError(f"{where}: column {name} is no text.")
            if any("\ud800" <= letter <= "\udfff" for letter in value):
                raise UsageError(f"{where}: column {name} is no valid Unicode (half of a surrogate pair).")
            return value
    return None
