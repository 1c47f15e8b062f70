"""Parquet files that appear whole or not at all.

A shard is written under a temporary name, flushed to the disk and renamed; readers list `*.parquet` and so never see
half of one. A process killed while writing leaves a `.tmp` file, which nobody reads.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from store.errors import CorpusError

ROWS_PER_GROUP = 65_536


def write_shard(table: pa.Table, path: Path) -> None:
    """Write `table` to `path` atomically, zstd-compressed; an existing file is replaced.

    Raises CorpusError when the disk is full or the folder cannot be written; no partial file is left.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(f"cannot create {path.parent}: {error.strerror}") from error
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", row_group_size=ROWS_PER_GROUP)


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
