"""The shard plan: which samples are missing, cut into shards that are written whole.

The cut is a function of the problems and n alone; what the corpus already holds is then taken out of each shard. So two
processes that run the same command cut alike and write files of the same names, whichever started first, and a larger
n, other problems or a lost file leave exactly what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from store.ids import content_hash, sample_id
from store.location import Location
from store.shards import read_columns


@dataclass(frozen=True)
class Draws:
    """What is asked of one problem: sample_index to sample_id."""

    problem_id: str
    sample_ids: dict[int, str]


@dataclass(frozen=True)
class Shard:
    """The unit of writing."""

    draws: tuple[Draws, ...]

    @property
    def name(self) -> str:
        """A function of the samples in it."""
        return f"shard-{content_hash(*(name for draws in self.draws for name in draws.sample_ids.values()))}"

    @property
    def num_samples(self) -> int:
        """Samples in it."""
        return sum(len(draws.sample_ids) for draws in self.draws)


@dataclass(frozen=True)
class Source:
    """Where samples come from: with problem and index it determines a sample."""

    policy_id: str
    sampling: str
    """`SamplingConfig.hash`."""
    seed: int


class Known:
    """The samples that stand in some files, 8 bytes each."""

    def __init__(self, files: Iterable[Location]) -> None:
        columns = [table["sample_id"].to_pylist() for table in read_columns(files, ["sample_id"])]
        self._ids = np.unique(np.concatenate([_numbers(column) for column in columns] or [_numbers([])]))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._ids)

    def contains(self, ids: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Return for each id whether it is there."""
        return np.isin(_numbers(ids), self._ids)


def plan(problem_ids: Sequence[str], n: int, source: Source, known: Known, shard_size: int) -> Iterator[Shard]:
    """Yield the shards that hold samples 0 … n−1 of every problem, without what is known; no shard is empty."""
    for problems, indices in cut(problem_ids, n, shard_size):
        wanted = (_missing(problem, indices, source, known) for problem in problems)
        draws = tuple(part for part in wanted if part.sample_ids)
        if draws:
            yield Shard(draws)


def cut(problem_ids: Sequence[str], n: int, shard_size: int) -> Iterator[tuple[Sequence[str], range]]:
    """Yield (problems, indices), at most `shard_size` samples each: all of a few problems, or a part of one."""
    if n <= shard_size:
        step = shard_size // n
        yield from ((problem_ids[first : first + step], range(n)) for first in range(0, len(problem_ids), step))
        return
    for problem in problem_ids:
        yield from (([problem], range(i, min(i + shard_size, n))) for i in range(0, n, shard_size))


def _missing(problem: str, indices: range, source: Source, known: Known) -> Draws:
    ids = [sample_id(problem, source.policy_id, source.sampling, source.seed, index) for index in indices]
    there = known.contains(ids)
    return Draws(problem, {index: name for index, name, old in zip(indices, ids, there, strict=True) if not old})


def _numbers(ids: Sequence[str]) -> npt.NDArray[np.uint64]:
    return np.frombuffer(bytes.fromhex("".join(ids)), dtype=">u8").astype(np.uint64)
