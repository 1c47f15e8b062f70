"""Parquet files that appear whole or not at all.

A shard is written under a temporary name, flushed to the disk and renamed; readers list `*.parquet` and so never see
half of one. A process killed while writing leaves a `.tmp` file, which nobody reads. On an object store a shard is made
in memory and put at once: the store shows it when all of it has arrived.
"""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from store.errors import CorpusError
from store.location import Location, ObjectPath, apply

ROWS_PER_GROUP = 65_536


def write_shard(table: pa.Table, path: Location) -> None:
    """Write `table` to `path` atomically, zstd-compressed; an existing file is replaced.

    Raises CorpusError when the disk is full or the place cannot be written; no partial file is left.
    """
    if isinstance(path, ObjectPath):
        stream = io.BytesIO()
        _write(table, stream)
        path.write_bytes(stream.getvalue())
        return
    _make_folder(path.parent)
    with atomic_path(path) as temporary:
        _write(table, temporary)


def write_text(text: str, path: Location) -> None:
    """Write a small file as `write_shard` does."""
    if isinstance(path, ObjectPath):
        path.write_bytes(text.encode())
        return
    _make_folder(path.parent)
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_schema(path: Location) -> pa.Schema:
    """Return the schema in a shard's footer."""
    if isinstance(path, Path):
        return pq.read_schema(path)
    return pq.read_schema(path.open())


def read_table(path: Location) -> pa.Table:
    """Return all rows of a shard."""
    if isinstance(path, Path):
        return pq.read_table(path, partitioning=None)
    return _read_here(io.BytesIO(path.read_range(0, path.size())))


def read_columns(files: Iterable[Location], columns: Sequence[str]) -> Iterator[pa.Table]:
    """Yield these columns of each shard, in order."""

    def read(path: Location) -> pa.Table:
        if isinstance(path, Path):
            return pq.read_table(path, columns=columns, partitioning=None)
        return _read_here(path.open(), columns).select(columns)

    return apply(read, files)


def _read_here(file: io.RawIOBase | io.BytesIO, columns: Sequence[str] | None = None) -> pa.Table:
    """Read on this thread alone: one of Arrow's may hold a Python file longer, and abort an interpreter that ends."""
    return pq.ParquetFile(file, pre_buffer=False).read(columns=columns, use_threads=False)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(f"cannot create {folder}: {error.strerror}") from error


def _write(table: pa.Table, where: Path | io.BytesIO) -> None:
    pq.write_table(table, where, compression="zstd", row_group_size=ROWS_PER_GROUP)


class atomic_path:
    """`with atomic_path(path) as temporary:` write `temporary`; on a clean exit it becomes `path`, else it goes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")

    def __enter__(self) -> Path:
        """Return the name to write under."""
        return self.temporary

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Flush to the disk and rename; an OSError becomes a CorpusError."""
        try:
            if error is None:
                _sync(self.temporary)
                os.replace(self.temporary, self.path)
                _sync(self.path.parent)
        except OSError as failure:
            error = failure
        finally:
            self.temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise CorpusError(
                f"cannot write {self.path}: {error.strerror or error}. Free some space or choose another folder, "
                "then run the same command again; finished shards are kept."
            ) from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
