"""A corpus: one folder of Parquet files that all commands share, on a disk or in an object store.

Parquet is the truth; DuckDB is how it is asked.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from store.database import create_views, named_in
from store.errors import CorpusError, UsageError
from store.ids import content_hash
from store.location import Address, Location, apply, locate, num_bytes, shards_below
from store.manifest import Footer, Manifest, current, missing_columns, read_footer, record, restricted
from store.schema import SCHEMA_VERSION, TABLES
from store.shards import read_schema, write_shard, write_text

MARKER = "corpus.json"
PROVENANCE_KEY = b"remains.provenance"


@dataclass(frozen=True)
class Problem:
    """A formal statement with its header; the proof is to be written after `statement`."""

    problem_id: str
    name: str
    header: str
    statement: str
    informal: str | None
    source: str | None
    split: str


class Corpus:
    """The tables under one folder. Writing adds files and never changes one, so any number of processes may do it."""

    def __init__(self, root: Location, *, skip_bad: bool = False) -> None:
        self.root = root
        self.skip_bad = skip_bad
        self.skipped: list[str] = []
        """Why files were set aside when the corpus was last read; empty unless `skip_bad`."""
        self._pinned: Manifest | None = None
        self._footers: dict[Location, Footer] = {}

    @classmethod
    def open(cls, address: Address, *, create: bool = False, skip_bad: bool = False) -> Corpus:
        """Open the corpus at a path or URL; with `create`, make an empty one where nothing stands.

        With `skip_bad`, files that cannot be read are left out and named in `skipped` instead of refused.

        Raises UsageError when a file stands there, or no corpus, or one written by a newer version.
        """
        root = locate(address)
        if isinstance(root, Path) and root.exists() and not root.is_dir():
            raise UsageError(f"--corpus {root}: this is a file; a corpus is a folder. Name another path.")
        if not (root / MARKER).is_file():
            if not create:
                raise UsageError(
                    f"--corpus {root}: no corpus here. Start one with `cli import problems FILE --corpus {root}`."
                )
            _initialise(root)
        _refuse_newer(root)
        return cls(root, skip_bad=skip_bad)

    # What is there

    def files(self, table: str) -> list[Location]:
        """Return the finished files of a table, in order of their paths."""
        return shards_below(self.root / table)

    def sample_files(self, policy_id: str) -> list[Location]:
        """Return the files that hold the samples of a policy, each sample once or more."""
        folder = f"/policy={policy_id}/"
        return [part.footer.path for part in self.manifest()["samples"] if folder in f"/{part.footer.itself.name}"]

    def all_files(self) -> dict[str, list[Location]]:
        """Return the finished files of every table; an object store is asked once for all."""
        if isinstance(self.root, Path):
            return {table: self.files(table) for table in TABLES}
        found = shards_below(self.root)
        return {table: [path for path in found if str(path).startswith(f"{self.root / table}/")] for table in TABLES}

    def problems(self, split: str | None = None) -> list[Problem]:
        """Return the problems of a split (all of them if None), ordered by problem_id, each once."""
        columns = [field.name for field in TABLES["problems"]]
        query = f"SELECT DISTINCT ON (problem_id) {', '.join(columns)} FROM problems"
        with self.connect(()) as connection:
            where = "" if split is None else " WHERE split = $split"
            parameters = {} if split is None else {"split": split}
            rows = connection.execute(f"{query}{where} ORDER BY problem_id", parameters).fetchall()
        return [Problem(*row) for row in rows]

    def connect(self, views: Collection[str] | None = None) -> duckdb.DuckDBPyConnection:
        """Return an in-memory DuckDB connection with every table and view of this corpus.

        `views`: only these and those they build on, which is ready sooner; tables are always there.
        It shows the shards that are there now; those that are added later are in the next connection.
        Raises CorpusError naming a file that cannot be read as a shard of its table.
        """
        manifest = self.manifest()
        connection = duckdb.connect()
        connection.execute("SET enable_progress_bar = false")  # it would stand between the lines of a result
        aside = str(Path(tempfile.gettempdir()) / "remains-duckdb")  # else what memory cannot hold goes into ./.tmp
        connection.execute("SET temp_directory = $aside", {"aside": aside})
        connection.execute("SET parquet_metadata_cache = true")  # views upon views bind the same files again and again
        create_views(connection, self.root, manifest, views)
        return connection

    def connect_for(self, *sql: str) -> duckdb.DuckDBPyConnection:
        """Return a connection with the tables, and the views that these texts name: half a second sooner than all."""
        return self.connect(frozenset().union(*map(named_in, sql)))

    def manifest(self) -> Manifest:
        """Return what is to be read of every table: now, or at the moment that this corpus is pinned to."""
        if self._pinned is not None:
            return self._pinned
        footers = self.footers()
        return {table: current(footers[table]) for table in TABLES}

    def footers(self) -> dict[str, list[Footer]]:
        """Return what every finished file says of itself; a file that was read before is not opened again.

        Raises CorpusError naming a file that is no shard of its table, unless bad files are skipped (`skipped`).
        """
        self.skipped = []
        return {table: self._footers_of(table, files) for table, files in self.all_files().items()}

    def _footers_of(self, table: str, files: Sequence[Location]) -> list[Footer]:
        found = []
        for path, footer in zip(files, apply(partial(self._footer, table=table), files), strict=True):
            if isinstance(footer, Footer):
                found.append(footer)
                self._footers[path] = footer
            elif footer is not None:
                self.skipped.append(str(footer))
        return found

    def _footer(self, path: Location, table: str) -> Footer | CorpusError | None:
        """Return what a file says of itself, why it is set aside, or None for one that was compacted meanwhile."""
        try:
            size = num_bytes(path)
            known = self._footers.get(path)
            if known is not None and known.itself.num_bytes == size:
                return known
            return read_footer(path, self.name_of(path), size, table)
        except FileNotFoundError:
            return None
        except CorpusError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            if not self.skip_bad:
                raise
            return error

    def name_of(self, path: Location) -> str:
        """Return the path of a file below the corpus."""
        return str(path).removeprefix(f"{self.root}/")

    def pinned(self, as_of: str | None = None) -> Corpus:
        """Return this corpus as it is now, or as a run saw it; whatever is added or compacted, it shows these rows.

        `as_of` is the name of a run record, with or without `.json`, or a beginning that only one has.

        Raises UsageError for a run that is not there or recorded no shards, CorpusError when a shard of it is gone.
        """
        other = Corpus(self.root, skip_bad=self.skip_bad)
        manifest = self.manifest()
        if as_of is not None:
            wanted = self._shards_of(as_of)
            manifest = {table: restricted(manifest[table], table, wanted.get(table, {})) for table in TABLES}
        other._pinned = manifest
        return other

    def shards(self) -> dict[str, list[list[object]]]:
        """Return the shards that are read, [name, bytes] of each by table, as runs record them."""
        return record(self.manifest())

    def _shards_of(self, run: str) -> dict[str, dict[str, int]]:
        folder = self.root / "runs"
        name = run.rsplit("/", 1)[-1].removesuffix(".json")
        found = [path for path in folder.glob("*.json") if path.name.startswith(name)]
        if len(found) != 1:
            said = "no such run" if not found else f"{len(found)} runs begin so"
            raise UsageError(f"--as-of {run}: {said} in {folder}. Name one as its file is called.")
        shards = json.loads(found[0].read_text(encoding="utf-8")).get("shards")
        if not isinstance(shards, dict):
            raise UsageError(f"--as-of {run}: that run recorded no shards; `cli train` and `cli eval` record theirs.")
        return {table: {name: int(size) for name, size in entries} for table, entries in shards.items()}

    # Adding

    def append_problems(self, table: pa.Table) -> int:
        """Add the problems that are not there yet; return how many."""
        known = {problem.problem_id for problem in self.problems()}
        fresh = [row for row in _unique(table.to_pylist(), "problem_id") if row["problem_id"] not in known]
        if fresh:
            name = content_hash(*(str(row["problem_id"]) for row in fresh))
            self._write("problems", pa.Table.from_pylist(fresh, TABLES["problems"]), f"{name}.parquet")
        return len(fresh)

    def append_policies(self, table: pa.Table) -> None:
        """Register policies; the same policy registered twice is one."""
        name = content_hash(*table["policy_id"].to_pylist())
        if not (self.root / "policies" / f"{name}.parquet").is_file():
            self._write("policies", table, f"{name}.parquet")

    def sample_shard_path(self, round: int, policy_id: str, shard: str) -> Location:
        """Return where a shard of samples stands, or will."""
        return self.root / "samples" / f"round={round:03d}" / f"policy={policy_id}" / f"{shard}.parquet"

    def append_samples(
        self,
        table: pa.Table,
        *,
        round: int,
        policy_id: str,
        shard: str,
        provenance: Mapping[str, object] | None = None,
    ) -> None:
        """Write one shard of samples; `shard` is its name without the suffix.

        `provenance` says where they come from; it is written into the file's metadata as JSON, see `provenance_of`.
        """
        path = self.sample_shard_path(round, policy_id, shard)
        text = json.dumps(provenance or {}, sort_keys=True, default=str)
        rows = conform(table, "samples")
        metadata = {**rows.schema.metadata, PROVENANCE_KEY: text.encode()}
        write_shard(rows.replace_schema_metadata(metadata), path)

    def append_scores(self, table: pa.Table, *, policy_id: str) -> None:
        """Write log-probabilities of stored samples under the policy `policy_id`."""
        name = content_hash(*table["sample_id"].to_pylist())
        self._write("scores", table, f"policy={policy_id}/{name}.parquet")

    def append_token_stats(self, table: pa.Table, *, policy_id: str) -> None:
        """Write per-token statistics of stored samples under the policy `policy_id`."""
        name = content_hash(*table["sample_id"].to_pylist())
        self._write("token_stats", table, f"policy={policy_id}/{name}.parquet")

    def append_verdicts(self, table: pa.Table, *, checker_id: str) -> None:
        """Write verdicts of one checker; the file is named after its samples, so the same work twice is one file."""
        name = content_hash(*table["sample_id"].to_pylist())
        self._write("verdicts", table, f"checker={checker_id}/{name}.parquet")

    def append_proof_facts(self, table: pa.Table) -> None:
        """Write what the proofs of some samples are made of."""
        self._write("proof_facts", table, f"{content_hash(*table['sample_id'].to_pylist())}.parquet")

    def append_stops(self, table: pa.Table, *, policy_id: str) -> None:
        """Write where adaptive sampling of some problems ended."""
        rows = table.drop_columns("stopped_at").to_pylist()
        self._write("stops", table, f"policy={policy_id}/{content_hash(*map(str, rows))}.parquet")

    def write_run(self, kind: str, record: dict[str, object]) -> Location:
        """Write what a command did (configuration, versions, seed, results) as JSON; return the file."""
        text = json.dumps(record, indent=2, sort_keys=True, default=str) + "\n"
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        path = self.root / "runs" / f"{stamp}-{kind}-{content_hash(text)[:8]}.json"
        write_text(text, path)
        return path

    def _write(self, table: str, rows: pa.Table, name: str) -> None:
        write_shard(conform(rows, table), self.root / table / name)


def open_pinned(address: Address, *, as_of: str | None = None, skip_bad: bool = False) -> Corpus:
    """Return a corpus as it is now, or as the run `as_of` saw it; with `skip_bad`, bad files are named on stderr."""
    corpus = Corpus.open(address, skip_bad=skip_bad)
    pinned = corpus.pinned(as_of)
    for reason in corpus.skipped:
        print(f"set aside: {reason}", file=sys.stderr)
    return pinned


def provenance_of(shard: Location) -> dict[str, object]:
    """Return where a shard of samples comes from: model, weights, dtype, engine, sampling, template, seed, hardware."""
    found: dict[str, object] = json.loads((read_schema(shard).metadata or {}).get(PROVENANCE_KEY, b"{}"))
    return found


def _initialise(root: Location) -> None:
    try:
        for table in TABLES:
            if isinstance(root, Path):  # an object store has no folders
                (root / table).mkdir(parents=True, exist_ok=True)
        write_text(json.dumps({"schema_version": SCHEMA_VERSION}) + "\n", root / MARKER)
    except OSError as error:
        raise CorpusError(f"cannot create a corpus at {root}: {error.strerror}") from error


def _refuse_newer(root: Location) -> None:
    try:
        version = int(json.loads((root / MARKER).read_text(encoding="utf-8"))["schema_version"])
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise CorpusError(
            f'{root / MARKER} is damaged; write {{"schema_version": {SCHEMA_VERSION}}} into it.'
        ) from error
    if version > SCHEMA_VERSION:
        raise UsageError(
            f"{root} was written by a newer Remains (schema {version} > {SCHEMA_VERSION}). Upgrade remains."
        )


def conform(rows: pa.Table, table: str) -> pa.Table:
    """Order and cast the columns as the schema says; raise CorpusError naming table and column."""
    schema = TABLES[table]
    missing = missing_columns(table, rows.column_names)
    if missing:
        raise CorpusError(f"table {table}: column {missing[0]} is missing.")
    columns = []
    for field in schema:
        if field.name not in rows.column_names:
            columns.append(pa.nulls(len(rows), field.type))
            continue
        try:
            columns.append(rows[field.name].cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
            raise CorpusError(f"table {table}: column {field.name} is no {field.type}: {error}") from error
    conformed = pa.table(columns, schema=schema)
    for field in schema:
        if not field.nullable and conformed[field.name].null_count:
            raise CorpusError(f"table {table}: column {field.name} has a null.")
    return conformed


def _unique(rows: Iterable[dict[str, object]], key: str) -> list[dict[str, object]]:
    return list({row[key]: row for row in rows}.values())
