"""A corpus on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from store.corpus import Corpus
from store.database import read_sql
from store.location import Location, num_bytes
from store.tables import screen_console

QUERIES = Path(__file__).parent / "queries"
BAR = 30
"""Characters of the longest bar."""


def describe(corpus: Corpus) -> str:
    """Return problems by split, samples by policy with their verdicts, and what the files take."""
    with corpus.connect() as connection:
        problems, policies, verdicts = (
            connection.execute(read_sql(QUERIES, f"stats_{name}")).fetchall()
            for name in ("problems", "policies", "verdicts")
        )
    files = [_size(*item) for item in corpus.all_files().items()]
    parts = (
        _table(["split", "problems", "solved", ""], [(*row, _bar(row[2], row[1])) for row in problems]),
        _table(["policy", "folder", "split", "samples", "problems", "solved", "verified", "waiting"], policies),
        _table(["verdict", "samples", ""], [(*row, _bar(row[1], sum(n for _, n in verdicts))) for row in verdicts]),
        _table(["table", "files", "MiB"], [row for row in files if row[1]]),
    )
    console = screen_console()
    with console.capture() as capture:
        console.print(Text(f"corpus {corpus.root}\n", style="bold"), Group(*parts), sep="")
    return "\n".join(line.rstrip() for line in capture.get().splitlines()).rstrip()


def _size(table: str, files: Sequence[Location]) -> tuple[str, int, str]:
    return table, len(files), f"{sum(map(num_bytes, files)) / 2**20:.1f}"


def _bar(part: int, whole: int) -> Text:
    """Return a bar as long as the share, to an eighth of a character, and the share."""
    share = part / whole if whole else 0.0
    eighths = round(share * BAR * 8)
    bar = "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()
    return Text.assemble((bar, "cyan"), f" {100 * share:.1f} %")


def _table(head: list[str], rows: Sequence[Sequence[Any]]) -> Table:
    """Lay out rows in columns, numbers at the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", title=None)
    for index, name in enumerate(head):
        numeric = bool(rows) and name not in ("split", "policy", "folder", "verdict", "table", "")
        table.add_column(name, justify="right" if numeric else "left", no_wrap=not numeric, overflow="ellipsis")
        if numeric:
            table.columns[index].no_wrap = True
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    table.add_row()
    return table


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    return Text("-" if value is None else f"{value:,}" if isinstance(value, int) else str(value))
