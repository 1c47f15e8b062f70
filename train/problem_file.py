"""A training set on the disk: written once as it comes out of SQL, read a problem at a time in any order.

In memory stand 16 bytes a problem, however many samples it has. The file is private to one training: the first process
writes it, all of them read it, and it goes when the training ends.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from store.errors import CorpusError
from store.ids import content_hash
from train.data import SolvedProblem


class ProblemFile(Sequence[SolvedProblem]):
    """The problems in the order they were written. To be closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream = path.open("rb")
        index = np.load(_index(path))
        self._starts = index["starts"]  # (P + 1,)
        self.log_partition = index["log_partition"]
        """(P,), nats."""
        self.num_verified = int(index["num_verified"])
        """Verified draws, repetitions counted."""
        self.num_distinct = int(index["num_distinct"])
        """Different verified completions."""
        self.fingerprint = str(index["fingerprint"])
        """A hash of everything that is in it."""

    def __len__(self) -> int:
        """Return the number of problems."""
        return len(self._starts) - 1

    @overload
    def __getitem__(self, place: int) -> SolvedProblem: ...
    @overload
    def __getitem__(self, place: slice) -> list[SolvedProblem]: ...
    def __getitem__(self, place: int | slice) -> SolvedProblem | list[SolvedProblem]:
        """Read one problem, or some."""
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        start, end = map(int, self._starts[place : place + 2])
        self._stream.seek(start)
        return pickle.loads(self._stream.read(end - start))

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def write_problems(path: Path, problems: Iterable[SolvedProblem]) -> None:
    """Write the problems, one at a time. Raises CorpusError when the disk is full; nothing is left then."""
    starts, log_partitions, prints = [0], [], []
    num_verified = num_distinct = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            for problem in problems:
                stream.write(pickle.dumps(problem, protocol=5))
                starts.append(stream.tell())
                log_partitions.append(problem.log_partition)
                prints.append(content_hash(repr(problem)))
                num_verified += problem.num_verified
                num_distinct += sum(completion.reward > 0 for completion in problem.completions)
        np.savez(
            _index(path),
            starts=np.array(starts, dtype=np.int64),
            log_partition=np.array(log_partitions, dtype=np.float64),
            num_verified=num_verified,
            num_distinct=num_distinct,
            fingerprint=content_hash(*prints),
        )
    except BaseException as error:
        remove_problems(path)
        if isinstance(error, OSError):
            raise CorpusError(f"cannot write the training set to {path}: {error}. Free some space.") from error
        raise


def remove_problems(path: Path) -> None:
    """Remove what `write_problems` wrote."""
    path.unlink(missing_ok=True)
    _index(path).unlink(missing_ok=True)


def _index(path: Path) -> Path:
    return path.with_name(f"{path.name}.npz")
