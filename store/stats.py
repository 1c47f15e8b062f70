"""A corpus on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from store.corpus import Corpus
from store.location import Location, num_bytes

QUERIES = Path(__file__).parent / "queries"


def describe(corpus: Corpus) -> str:
    """Return problems by split, samples by policy with their verdicts, and what the files take."""
    with corpus.connect() as connection:
        problems = connection.execute((QUERIES / "stats_problems.sql").read_text(encoding="utf-8")).fetchall()
        policies = connection.execute((QUERIES / "stats_policies.sql").read_text(encoding="utf-8")).fetchall()
        verdicts = connection.execute((QUERIES / "stats_verdicts.sql").read_text(encoding="utf-8")).fetchall()
    parts = [
        _table(["split", "problems", "solved"], problems),
        _table(["policy", "folder", "split", "samples", "problems", "solved", "verified", "waiting"], policies),
        _table(["verdict", "samples"], verdicts),
        _table(["table", "files", "MiB"], [_size(*item) for item in corpus.all_files().items()]),
    ]
    return "\n\n".join([f"corpus {corpus.root}", *parts])


def _size(table: str, files: Sequence[Location]) -> tuple[str, int, str]:
    return table, len(files), f"{sum(map(num_bytes, files)) / 2**20:.1f}"


def _table(head: list[str], rows: list[tuple[object, ...]]) -> str:
    """Lay out rows in columns, numbers at the right."""
    texts = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(line[column]) for line in [head, *texts]) for column in range(len(head))]
    numeric = [bool(rows) and not isinstance(rows[0][column], str) for column in range(len(head))]
    lines = []
    for line in [head, *texts]:
        cells = zip(line, widths, numeric, strict=True)
        lines.append("  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in cells))
    return "\n".join(line.rstrip() for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else str(value)
