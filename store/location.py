"""Where a corpus stands: a local folder, or a prefix of an object store that a URL names (s3://bucket/prefix).

A local place is a `pathlib.Path`. A place in an object store is an `ObjectPath`, which has the few methods of a Path
that the corpus needs; credentials and endpoint come from where the store's fsspec package looks for them (for S3 the
AWS_* variables and ~/.aws). Not here: storage that fsspec knows but that cannot put a file whole (sftp, hdfs, http).
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from store.errors import CorpusError, UsageError

STORES = {"s3": "'remains[s3]'", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
"""Schemes of object stores, and what `pip install` needs for them. Only S3 is tested."""
REQUESTS_AT_ONCE = 32
SHARDS = "*.parquet"
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(.*)")


@dataclass(frozen=True)
class ObjectPath:
    """An object, or the beginning of the names of many."""

    url: str
    """Without a slash at its end."""
    num_bytes: int | None = field(default=None, compare=False)
    """Known of an object that was listed."""

    def __str__(self) -> str:
        """Return the URL."""
        return self.url

    def __truediv__(self, name: str) -> ObjectPath:
        """Return what stands below under this name."""
        return ObjectPath(f"{self.url}/{name}")

    @property
    def name(self) -> str:
        """What follows the last slash."""
        return self.url.rsplit("/", 1)[1]

    def resolve(self) -> ObjectPath:
        """Return the same: a URL is absolute."""
        return self

    def is_file(self) -> bool:
        """Say whether there is such an object."""
        with _asking(self.url):
            try:
                return self._filesystem().info(self.url)["type"] == "file"
            except FileNotFoundError:
                return False

    def rglob(self, pattern: str) -> Iterator[ObjectPath]:
        """Yield the objects below whose names match, as they are now."""
        yield from self.glob(f"**/{pattern}")

    def glob(self, pattern: str) -> Iterator[ObjectPath]:
        """Yield the objects below whose paths match, as they are now."""
        scheme = self.url.split("://")[0]
        with _asking(self.url):
            found = self._filesystem().glob(f"{self.url}/{pattern}", detail=True)
        yield from (ObjectPath(f"{scheme}://{path}", entry["size"]) for path, entry in found.items())

    def read_text(self, encoding: str = "utf-8") -> str:
        """Return the object's text."""
        with _asking(self.url):
            data: bytes = self._filesystem().cat_file(self.url)
        return data.decode(encoding)

    def open(self) -> io.RawIOBase:
        """Open for reading anywhere in it."""
        return _ObjectFile(self)

    def read_range(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`."""
        with _asking(self.url):
            return self._filesystem().cat_file(self.url, start=start, end=end)

    def size(self) -> int:
        """Return the number of bytes, which a request finds out if no listing has said so."""
        if self.num_bytes is not None:
            return self.num_bytes
        with _asking(self.url):
            return self._filesystem().size(self.url)

    def write_bytes(self, data: bytes) -> None:
        """Put the object: it appears whole or not at all."""
        with _asking(self.url):
            self._filesystem().pipe_file(self.url, data)

    def unlink(self) -> None:
        """Remove the object; nothing happens if it is gone."""
        with _asking(self.url), contextlib.suppress(FileNotFoundError):
            self._filesystem().rm_file(self.url)

    def _filesystem(self) -> Any:
        """Return the fsspec filesystem, of which fsspec keeps one; others write too, so it keeps no listing."""
        import fsspec

        return fsspec.filesystem(self.url.split("://")[0], use_listings_cache=False)


class _ObjectFile(io.RawIOBase):
    """An object as a file. Each read is one request for just these bytes.

    s3fs reads ahead instead: for one narrow column of a Parquet file that was a hundred times the bytes.
    """

    def __init__(self, path: ObjectPath) -> None:
        super().__init__()
        self._path = path
        self._size = path.size()
        self._position = 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Return where the next read begins."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move as every file does."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """Return `size` bytes, fewer at the end, all that are left if it is negative."""
        wanted = self._size if size is None or size < 0 else self._position + size
        end = min(wanted, self._size)
        if end <= self._position:
            return b""
        data = self._path.read_range(self._position, end)
        self._position += len(data)
        return data


Location = Path | ObjectPath
Address = str | Location
"""A place as its user names it, a path or a URL, or as it was found."""
Result = TypeVar("Result")


def locate(address: Address) -> Location:
    """Return the place that a path or URL names.

    Raises UsageError for a URL of a kind that cannot hold a corpus, or whose package is not installed.
    """
    if isinstance(address, ObjectPath):
        return address
    url = _URL.fullmatch(str(address))
    if url is None:
        return Path(address)
    scheme, rest = url[1].lower(), url[2].rstrip("/")
    if isinstance(address, Path):  # "s3://bucket" has lost a slash in it, and would be a folder named "s3:"
        raise UsageError(f"--corpus {address}: a URL must be given as text, not as a Path.")
    if scheme == "file":
        return Path("/" + rest)
    if scheme not in STORES:
        raise UsageError(
            f"--corpus {address}: no corpus can stand there; name a folder, or a URL of {', '.join(STORES)}."
        )
    if not rest:
        raise UsageError(f"--corpus {address}: names no bucket; {scheme}://BUCKET/PREFIX was expected.")
    place = ObjectPath(f"{scheme}://{rest}")
    _filesystem_class(scheme, str(address))
    return place


def apply(function: Callable[[Location], Result], files: Iterable[Location]) -> Iterator[Result]:
    """Yield the function of each file in order; objects of a store, whose answers take long, are asked side by side."""
    files = list(files)
    if not any(isinstance(file, ObjectPath) for file in files):
        yield from map(function, files)
        return
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as threads:
        yield from threads.map(function, files)


def shards_below(folder: Location) -> list[Location]:
    """Return the finished Parquet files below a folder, in order of their paths."""
    found = (path for path in folder.rglob(SHARDS) if not path.name.startswith("."))
    return sorted(found, key=lambda path: str(path).split("/"))


def num_bytes(file: Location) -> int:
    """Return the size of a file."""
    return file.stat().st_size if isinstance(file, Path) else file.size()


def _filesystem_class(scheme: str, address: str) -> Any:
    missing = f"--corpus {address}: needs a package that is not installed: pip install {STORES[scheme]}"
    try:
        import fsspec
    except ImportError as error:
        raise UsageError(missing) from error
    try:
        return fsspec.get_filesystem_class(scheme)
    except ImportError as error:
        raise UsageError(missing) from error


@contextmanager
def _asking(url: str) -> Iterator[None]:
    """Turn the errors of a store into one of ours: every kind of store has exceptions of its own."""
    try:
        yield
    except Exception as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise CorpusError(f"{url}: {said}. Check the bucket, the credentials and the network.") from error
