"""`cli compact`: many small shards written again as few large files, without ever being absent or double for a reader.

A compacted file appears whole and names its sources in its footer; from then on readers take it in their place
(`store.manifest`). The sources stand for a while longer, for readers that listed the corpus before, and are then
removed. Each row keeps the name of its shard, so the corpus can still be shown as an earlier run saw it.

A shard that shares a key with another stays as it is: one row would have to give way, and an earlier run may have seen
only that one. Such shards are few, and readers compare them with the rest.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from store.corpus import PROVENANCE_KEY, Corpus, conform
from store.database import read_sql
from store.errors import CorpusError, UsageError
from store.ids import content_hash
from store.location import Address, Location, ObjectPath
from store.manifest import AT_KEY, SETTLED_KEY, SHARD_COLUMN, SOURCES_KEY, Footer, Part, Source, current
from store.progress import progress
from store.schema import COPIED, KEYS, TABLES
from store.shards import read_schema, read_table, write_shard

QUERIES = Path(__file__).parent / "queries"
UNIQUE = {**KEYS, "verdicts": ("sample_id",)}
"""What may stand only once in settled files: of a sample's verdicts the latest counts, so one at most is settled."""
ORDER = ("problem_id", "sampled_problem", "policy_id", "sample_index", "sample_id")
"""What the rows of a compacted file are sorted by, as far as the table has it."""


@dataclass(frozen=True)
class CompactConfig:
    """What to compact, and how large."""

    corpus: Address
    max_rows: int = 500_000
    """Rows of a compacted file, at most, unless one shard has more."""
    max_bytes: int = 512 * 2**20
    """Uncompressed bytes of a compacted file, at most: all are in memory at once."""
    keep_minutes: float = 60.0
    """How long sources stand after they were compacted."""

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        for flag, value, least in (("--max-rows", self.max_rows, 1), ("--keep-minutes", self.keep_minutes, 0)):
            if value < least:
                raise UsageError(f"{flag} {value}: must be at least {least}.")


@dataclass
class CompactSummary:
    """What a run did."""

    num_sources: int = 0
    """Files that were compacted."""
    num_written: int = 0
    num_rows: int = 0
    num_removed: int = 0
    """Sources of earlier runs that were removed."""
    num_kept_apart: int = 0
    """Files that share a key with another."""

    def as_text(self) -> str:
        """Return what `cli compact` prints."""
        lines = [
            f"{self.num_sources:,} files are now {self.num_written:,} ({self.num_rows:,} rows); "
            f"{self.num_removed:,} replaced ones removed"
        ]
        if self.num_kept_apart:
            lines.append(f"{self.num_kept_apart:,} files share rows with others and stay as they are")
        return "\n".join(lines)


@dataclass(frozen=True)
class _Batch:
    """Files of one folder that become one."""

    table: str
    parts: tuple[Part, ...]
    settle: bool
    """Whether their keys stand nowhere else."""


def compact(config: CompactConfig) -> CompactSummary:
    """Compact every folder of shards, then remove what was replaced long enough ago; return what was done.

    Any number may run at once, beside writers and readers. Raises CorpusError for a file that is no shard.
    """
    corpus = Corpus.open(config.corpus)
    summary = CompactSummary()
    pinned = corpus.pinned()
    with pinned.connect() as connection:
        connection.execute("SET preserve_insertion_order = false")
        batches = [batch for table in TABLES for batch in _batches(pinned, connection, table, config, summary)]
        with progress("compact", sum(len(batch.parts) for batch in batches), "files") as advance:
            for batch in batches:
                _write(corpus, connection, batch, summary)
                advance(len(batch.parts))
    summary.num_removed = _remove_replaced(corpus, config.keep_minutes)
    return summary


def _batches(
    corpus: Corpus, connection: duckdb.DuckDBPyConnection, table: str, config: CompactConfig, summary: CompactSummary
) -> Iterator[_Batch]:
    """Yield what becomes one file each."""
    parts = [part for part in corpus.manifest()[table] if part.only is None]
    sharing = _sharing(connection, table, parts)
    if table in KEYS:
        summary.num_kept_apart += len(sharing)
        parts = [part for part in parts if part.footer.itself.name not in sharing]
    folders: dict[tuple[str, bool], list[Part]] = {}
    for part in parts:
        name = part.footer.itself.name
        settle = table in UNIQUE and name not in sharing
        folders.setdefault((name.rsplit("/", 1)[0], settle), []).append(part)
    for (_, settle), found in folders.items():
        yield from (_Batch(table, group, settle) for group in _groups(found, config) if _worth(table, group, settle))


def _worth(table: str, group: Sequence[Part], settle: bool) -> bool:
    """Say whether there is something to gain: more than one file, or one that readers still compare with others."""
    first = group[0].footer
    return len(group) > 1 or (settle and not (first.sources and first.columns.issuperset(COPIED.get(table, ()))))


def _groups(parts: Iterable[Part], config: CompactConfig) -> Iterator[tuple[Part, ...]]:
    """Cut the files of a folder, in order, into groups that are large enough but not too large."""
    group: list[Part] = []
    rows = size = 0
    for part in parts:
        more_rows, more_bytes = part.footer.itself.num_rows, part.footer.num_uncompressed
        if group and (rows + more_rows > config.max_rows or size + more_bytes > config.max_bytes):
            yield tuple(group)
            group, rows, size = [], 0, 0
        group.append(part)
        rows, size = rows + more_rows, size + more_bytes
    if group:
        yield tuple(group)


def _sharing(connection: duckdb.DuckDBPyConnection, table: str, parts: Sequence[Part]) -> set[str]:
    """Return the names of unsettled files that share a key with another file, or hold one twice."""
    if table not in UNIQUE or all(part.footer.settled for part in parts):
        return set()
    names = {str(part.footer.path.resolve()): part for part in parts}
    query = read_sql(QUERIES, "compact_sharing")
    key = ", ".join(UNIQUE[table])
    rows = connection.execute(query.replace("{key}", key), {"files": list(names)}).fetchall()
    found = {names[path].footer for (path,) in rows}
    return {footer.itself.name for footer in found if not footer.settled}


def _write(corpus: Corpus, connection: duckdb.DuckDBPyConnection, batch: _Batch, summary: CompactSummary) -> None:
    """Write the rows of a batch as one file, sorted, each with the name of its shard."""
    rows = pa.concat_tables([_rows(part.footer, batch.table) for part in batch.parts])
    settled = batch.settle
    if batch.table in COPIED:
        rows = _with_samples(rows, COPIED[batch.table], connection)
    if batch.table == "verdicts":
        settled = settled and rows["policy_id"].null_count == 0
    rows = rows.sort_by([(name, "ascending") for name in ORDER if name in rows.column_names])
    sources = [source for part in batch.parts for source in part.footer.shards]
    metadata = {**TABLES[batch.table].metadata, **_provenance(batch), **_described(sources, settled)}
    folder = batch.parts[0].footer.itself.name.rsplit("/", 1)[0]
    name = content_hash(*(f"{source.name} {source.num_bytes}" for source in sources), str(settled), *rows.column_names)
    write_shard(rows.replace_schema_metadata(metadata), corpus.root / folder / f"compact-{name}.parquet")
    summary.num_sources += len(batch.parts)
    summary.num_written += 1
    summary.num_rows += len(rows)


def _rows(footer: Footer, table: str) -> pa.Table:
    rows = read_table(footer.path)
    name = rows[SHARD_COLUMN] if footer.sources else pa.repeat(footer.itself.name, len(rows))
    return conform(rows, table).append_column(SHARD_COLUMN, name)


def _described(sources: Sequence[Source], settled: bool) -> dict[bytes, bytes]:
    entries = [[source.name, source.num_bytes, source.num_rows] for source in sources]
    said = {SOURCES_KEY: json.dumps(entries).encode(), AT_KEY: str(time.time()).encode()}
    return {**said, SETTLED_KEY: b"1"} if settled else said


def _provenance(batch: _Batch) -> dict[bytes, bytes]:
    """Return where the rows come from: by shard, as the shards said it."""
    found: dict[str, object] = {}
    for part in batch.parts:
        said = json.loads((read_schema(part.footer.path).metadata or {}).get(PROVENANCE_KEY, b"{}"))
        found.update(said if part.footer.sources else {part.footer.itself.name: said})
    return {PROVENANCE_KEY: json.dumps(found, sort_keys=True).encode()} if any(found.values()) else {}


def _with_samples(rows: pa.Table, copied: Sequence[str], connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Fill in the columns that are copied from samples; they stay null where the sample is not there."""
    if rows[copied[0]].null_count == 0:
        return rows
    waiting = rows.select(["sample_id"]).append_column("place", pa.array(range(len(rows)), pa.int64()))
    connection.register("waiting", waiting)
    found = connection.sql(read_sql(QUERIES, "compact_samples")).to_arrow_table()
    connection.unregister("waiting")
    for name in copied:
        rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), found[name])
    return rows


def _remove_replaced(corpus: Corpus, keep_minutes: float) -> int:
    """Remove the files that compacted ones replaced so long ago; return how many."""
    before = time.time() - 60 * keep_minutes
    removed = 0
    for footers in corpus.footers().values():
        read = current(footers)
        used = {part.footer.itself.name for part in read}
        old = {
            source.name for part in read if part.only is None and part.footer.compacted_at < before
            for source in part.footer.sources
        }  # fmt: skip
        for footer in footers:
            if footer.itself.name not in used and old.issuperset(shard.name for shard in footer.shards):
                _remove(footer.path)
                removed += 1
    return removed


def _remove(path: Location) -> None:
    if isinstance(path, ObjectPath):
        path.unlink()
        return
    try:
        path.unlink(missing_ok=True)  # another process may have been first
    except OSError as error:
        raise CorpusError(f"cannot remove {path}: {error.strerror}") from error
