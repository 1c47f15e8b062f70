"""A corpus: one folder of Parquet files that all commands share, on a disk or in an object store.

Parquet is the truth; DuckDB is how it is asked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from store.database import create_views
from store.errors import CorpusError, UsageError
from store.ids import content_hash
from store.location import Address, Location, ObjectPath, apply, locate, shards_below
from store.schema import ADDED, SCHEMA_VERSION, TABLES, VERSION_KEY
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

    def __init__(self, root: Location) -> None:
        self.root = root
        self._checked: set[Location] = set()

    @classmethod
    def open(cls, address: Address, *, create: bool = False) -> Corpus:
        """Open the corpus at a path or URL; with `create`, make an empty one where nothing stands.

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
        return cls(root)

    # What is there

    def files(self, table: str) -> list[Location]:
        """Return the finished files of a table, in order of their paths."""
        return shards_below(self.root / table)

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
        with self.connect() as connection:
            where = "" if split is None else " WHERE split = $split"
            parameters = {} if split is None else {"split": split}
            rows = connection.execute(f"{query}{where} ORDER BY problem_id", parameters).fetchall()
        return [Problem(*row) for row in rows]

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return an in-memory DuckDB connection with every table and view of this corpus.

        In an object store it shows the shards that are there now; on a disk also those that are added later.
        Raises CorpusError naming a file that cannot be read as a shard of its table.
        """
        files = self.all_files()
        self._check(files)
        connection = duckdb.connect()
        create_views(connection, self.root, files)
        return connection

    def _check(self, files: Mapping[str, Sequence[Location]]) -> None:
        """Read every footer; raise CorpusError for a file that is no shard of its table.

        An object that passed is not asked again: that would take a request, and shards do not change.
        """
        for table, schema in TABLES.items():
            waiting = [path for path in files[table] if path not in self._checked]
            for _ in apply(partial(_check_file, table=table, schema=schema), waiting):
                pass
            self._checked.update(path for path in waiting if isinstance(path, ObjectPath))

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
        rows = _conform(table, "samples")
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
        write_shard(_conform(rows, table), self.root / table / name)


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


def _check_file(path: Location, table: str, schema: pa.Schema) -> None:
    try:
        found = read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise CorpusError(f"{path}: unreadable shard of {table}. Move it away and run the command again.") from error
    version = int((found.metadata or {}).get(VERSION_KEY, b"0"))
    if version > SCHEMA_VERSION:
        raise CorpusError(f"{path}: written by a newer Remains (schema {version} > {SCHEMA_VERSION}). Upgrade remains.")
    missing = _missing(table, schema, found.names)
    if missing:
        raise CorpusError(f"{path}: no shard of {table}, it has no column {missing[0]}. Move it away.")


def _conform(rows: pa.Table, table: str) -> pa.Table:
    """Order and cast the columns as the schema says; raise CorpusError naming table and column."""
    schema = TABLES[table]
    missing = _missing(table, schema, rows.column_names)
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


def _missing(table: str, schema: pa.Schema, found: Collection[str]) -> list[str]:
    added = ADDED.get(table, frozenset())
    return [field.name for field in schema if field.name not in found and field.name not in added]


def _unique(rows: Iterable[dict[str, object]], key: str) -> list[dict[str, object]]:
    return list({row[key]: row for row in rows}.values())
