"""The shards of an object store as DuckDB reads them: those of one listing, without a request for what it has said.

Every view binds the views below it again, and DuckDB then lists the files and asks for the size and date of each: on a
corpus of three files `cli stats` made 230 requests so, and makes 11 through this. (DuckDB's own httpfs is not used: it
would have to be downloaded.)
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from fsspec import AbstractFileSystem
from fsspec.utils import glob_translate

from store.location import ObjectPath

_DATE = datetime(2000, 1, 1, tzinfo=UTC)


class Snapshot(AbstractFileSystem):
    """What DuckDB asks of an fsspec filesystem, read-only. Shards that others add meanwhile are not in it."""

    cachable = False

    def __init__(self, root: ObjectPath, files: Iterable[ObjectPath]) -> None:
        super().__init__()
        self.protocol = root.url.split("://")[0]
        self._files = {file.url: file for file in files}

    def glob(self, path: str, **_: Any) -> list[str]:
        """Return the files whose URLs match."""
        pattern = re.compile(glob_translate(path))
        return [url for url in self._files if pattern.match(url)]

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Return the name and size of a file."""
        return {"name": path, "size": self._file(path).size(), "type": "file"}

    def modified(self, path: str) -> datetime:
        """Return one date for all, as a shard does not change. With 1970 DuckDB would keep nothing of what it read."""
        return _DATE

    def open(self, path: str, mode: str = "rb", **_: Any) -> io.RawIOBase:
        """Open a file for reading."""
        if mode != "rb":
            raise PermissionError(f"{path}: a corpus is read-only here")
        return self._file(path).open()

    def _file(self, path: str) -> ObjectPath:
        try:
            return self._files[path]
        except KeyError:
            raise FileNotFoundError(path) from None
