"""Which files of a table are to be read: the manifest of a corpus at one moment.

`cli compact` writes many shards again as one file, whose footer names them (`SOURCES_KEY`). Such a file takes the place
of its sources from the moment it is listed, whether they still stand there or not, so a reader sees every row once
before, while and after shards are compacted. Nothing else is needed: no lock, no list of files that could be stale.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from store.errors import CorpusError
from store.location import Location
from store.schema import ADDED, SCHEMA_VERSION, TABLES, VERSION_KEY

SOURCES_KEY = b"remains.sources"
"""JSON in the footer of a compacted file: [name, bytes, rows] of each shard it was made of."""
SETTLED_KEY = b"remains.settled"
"""Says of a compacted file that its keys stand in no other compacted file, and its optional columns are filled in."""
AT_KEY = b"remains.compacted_at"
"""Seconds since 1970."""
SHARD_COLUMN = "shard"
"""The column of a compacted file that says which source a row comes from."""


@dataclass(frozen=True)
class Source:
    """A shard as its writer left it."""

    name: str
    """Its path below the corpus."""
    num_bytes: int
    num_rows: int


@dataclass(frozen=True)
class Footer:
    """What a file says of itself."""

    path: Location
    itself: Source
    columns: frozenset[str]
    num_uncompressed: int
    """Bytes of its columns, uncompressed."""
    sources: tuple[Source, ...] = ()
    """Empty unless compacted."""
    settled: bool = False
    compacted_at: float = 0.0

    @property
    def shards(self) -> tuple[Source, ...]:
        """The shards whose rows it holds: itself, or its sources."""
        return self.sources or (self.itself,)


@dataclass(frozen=True)
class Part:
    """A file to read, or those of its rows that come from some shards."""

    footer: Footer
    only: frozenset[str] | None = None
    """Names of shards; None: all rows."""

    @property
    def shards(self) -> list[Source]:
        """The shards that are read."""
        return [shard for shard in self.footer.shards if self.only is None or shard.name in self.only]


Manifest = Mapping[str, Sequence[Part]]
"""Of every table, what to read."""


def read_footer(path: Location, name: str, num_bytes: int, table: str) -> Footer:
    """Return the footer of a shard of `table`.

    Raises CorpusError for a file that is none, or of a newer version.
    """
    try:
        found = pq.read_metadata(path if isinstance(path, Path) else path.open())
    except FileNotFoundError:
        raise
    except (pa.ArrowInvalid, OSError) as error:
        raise CorpusError(
            f"{path}: unreadable shard of {table}. Move it away, or read the rest with --skip-bad."
        ) from error
    schema = found.schema.to_arrow_schema()
    said = schema.metadata or {}
    version = int(said.get(VERSION_KEY, b"0"))
    if version > SCHEMA_VERSION:
        raise CorpusError(f"{path}: written by a newer Remains (schema {version} > {SCHEMA_VERSION}). Upgrade remains.")
    missing = missing_columns(table, schema.names)
    if missing:
        raise CorpusError(f"{path}: no shard of {table}, it has no column {missing[0]}. Move it away.")
    return Footer(
        path=path,
        itself=Source(name, num_bytes, found.num_rows),
        columns=frozenset(schema.names),
        num_uncompressed=sum(found.row_group(index).total_byte_size for index in range(found.num_row_groups)),
        sources=tuple(Source(*entry) for entry in json.loads(said.get(SOURCES_KEY, b"[]"))),
        settled=SETTLED_KEY in said,
        compacted_at=float(said.get(AT_KEY, b"0")),
    )


def missing_columns(table: str, found: Collection[str]) -> list[str]:
    """Return the columns that a file of this table must have and has not."""
    added = ADDED.get(table, frozenset())
    return [name for name in TABLES[table].names if name not in found and name not in added]


def current(footers: Iterable[Footer]) -> list[Part]:
    """Return what to read so that the rows of every shard are read once."""
    footers = list(footers)
    # The widest first: a file compacted again holds all that its predecessors hold. The name decides between equals.
    compacted = sorted(
        (f for f in footers if f.sources), key=lambda f: (-len(f.sources), -len(f.columns), f.itself.name)
    )
    covered: set[str] = set()
    chosen: list[Part] = []
    overlapping = []
    for footer in compacted:
        names = {shard.name for shard in footer.sources}
        if names.isdisjoint(covered):
            chosen.append(Part(footer))
            covered |= names
        else:
            overlapping.append(footer)
    plain = [Part(f) for f in footers if not f.sources and f.itself.name not in covered]
    covered |= {part.footer.itself.name for part in plain}
    for footer in overlapping:  # two compacted at once, and the sources of one are gone already
        lost = frozenset(shard.name for shard in footer.sources) - covered
        if lost:
            chosen.append(Part(footer, lost))
            covered |= lost
    return sorted([*chosen, *plain], key=lambda part: part.footer.itself.name)


def restricted(parts: Iterable[Part], table: str, wanted: Mapping[str, int]) -> list[Part]:
    """Return what to read so that the rows of these shards are read, and no others; `wanted` is name to bytes.

    Raises CorpusError when one is gone or is not what it was.
    """
    found: dict[str, int] = {}
    chosen = []
    for part in parts:
        mine = {shard.name: shard.num_bytes for shard in part.shards if shard.name in wanted}
        found.update(mine)
        if len(mine) == len(part.footer.shards):
            chosen.append(Part(part.footer))
        elif mine:
            chosen.append(Part(part.footer, frozenset(mine)))
    for name, num_bytes in wanted.items():
        if found.get(name) != num_bytes:
            what = "is gone" if name not in found else f"had {num_bytes:,} bytes then and has {found[name]:,} now"
            raise CorpusError(f"shard {name} of {table} {what}: the corpus as that run saw it cannot be shown.")
    return chosen


def record(manifest: Manifest) -> dict[str, list[list[object]]]:
    """Return the shards that a manifest reads, as a run keeps them: [name, bytes] of each, by table."""
    return {
        table: sorted([shard.name, shard.num_bytes] for part in parts for shard in part.shards)
        for table, parts in manifest.items()
        if parts
    }
