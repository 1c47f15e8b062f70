"""Pools as Ray actors, on whatever machines the Ray cluster has: one actor takes one core and runs one Lean at a time.

Each actor finds the Lean of its own machine, and it must be the one that the driver has. An actor that dies is
replaced, and the batch it was at is judged again by another.
"""

from __future__ import annotations

import platform
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

from filter.pool import LeanPool, PoolCounts
from filter.verdict import Candidate, Judgement
from gen.on_ray import connect
from gen.parallel import MAX_DEATHS
from store.errors import RemainsError

BATCH = 512
"""Samples that an actor is handed at once."""
AHEAD = 2
"""Batches that each actor has, one of them at work."""
Judged = list[tuple[Candidate, Judgement | None]]


@dataclass
class _Batch:
    candidates: Sequence[Candidate]
    deaths: int = 0
    """Actors that died with it at hand."""


class RayPool:
    """Judges like a LeanPool, elsewhere. Use as a context manager."""

    def __init__(self, open_pool: Callable[[], LeanPool], num_actors: int | None = None) -> None:
        """Join the cluster and start the actors; None: one for each of its cores.

        `open_pool` is called on every actor's machine, and must open a pool of one worker. Raises RemainsError for a
        machine with another Lean.
        """
        self._ray = connect()
        self._open_pool = self._ray.put(open_pool)
        self._actor_class = self._ray.remote(PoolActor).options(num_cpus=1)
        self._known = self._ray.put({})
        self._stopping = False
        self.counts = PoolCounts()
        with open_pool() as pool:
            self.checker_id, self.toolchain, self.confirms = pool.checker_id, pool.toolchain, pool.confirms
        self._actors = [self._start() for _ in range(num_actors or int(self._ray.cluster_resources().get("CPU", 1)))]

    def __enter__(self) -> RayPool:
        """Open."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the actors."""
        for actor in self._actors:
            self._ray.kill(actor)

    def remember(self, known: Mapping[str, Judgement]) -> None:
        """Take the judgements of an earlier run of the same checker, by proof hash."""
        self._known = self._ray.put(dict(known))
        for actor in self._actors:
            actor.remember.remote(self._known)

    def stop(self) -> None:
        """Let `judge` end with the batches in flight."""
        self._stopping = True

    def judge(self, candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, Judgement | None]]:
        """Yield every candidate with its judgement, None where our own failure left none; order by problem is fastest.

        Raises RemainsError when a machine has another Lean.
        """
        fresh, again = _batches(candidates), deque[_Batch]()
        running: dict[Any, tuple[int, _Batch]] = {}
        while True:
            for number in self._room(running):
                batch = again.popleft() if again else None if self._stopping else next(fresh, None)
                if batch is not None:
                    running[self._actors[number].judge.remote(batch.candidates)] = number, batch
            if not running:
                return
            [answer], _ = self._ray.wait(list(running))
            judged = self._receive(answer)
            if judged is not None:
                del running[answer]
                yield from judged
            else:
                given_up = self._replace(running[answer][0], running, again)
                yield from ((candidate, None) for candidate in given_up)

    def _replace(
        self, number: int, running: dict[Any, tuple[int, _Batch]], again: deque[_Batch]
    ) -> Sequence[Candidate]:
        """Start another actor in a dead one's place, with its batches; return the candidates that killed too many."""
        lost = [running.pop(answer)[1] for answer, (owner, _) in list(running.items()) if owner == number]
        self._actors[number] = self._start()
        lost[0].deaths += 1  # the first of them was at work
        given_up = lost.pop(0).candidates if lost[0].deaths >= MAX_DEATHS else ()
        again.extend(lost)
        return given_up

    def _room(self, running: Mapping[Any, tuple[int, _Batch]]) -> Iterator[int]:
        """Yield each actor as often as it can take another batch, all once before any twice."""
        at_hand = [sum(owner == number for owner, _ in running.values()) for number in range(len(self._actors))]
        for already in range(AHEAD):
            yield from (number for number, count in enumerate(at_hand) if count <= already)

    def _start(self) -> Any:
        actor = self._actor_class.remote(self._open_pool, self.checker_id)
        actor.remember.remote(self._known)
        return actor

    def _receive(self, answer: Any) -> Judged | None:
        """Return what an actor says, None if it died. Raises RemainsError when it refuses to work."""
        try:
            judged, counts = self._ray.get(answer)
        except self._ray.exceptions.RayTaskError as error:
            raise RemainsError(str(error.cause)) from error
        except self._ray.exceptions.RayActorError:
            return None
        for noticed in fields(counts):
            total = getattr(self.counts, noticed.name) + getattr(counts, noticed.name)
            setattr(self.counts, noticed.name, total)
        return judged


class PoolActor:
    """The other end: a pool of one worker."""

    def __init__(self, open_pool: Callable[[], LeanPool], checker_id: str) -> None:
        self._open_pool = open_pool
        self._wanted = checker_id
        self._known: dict[str, Judgement] = {}
        self._pool: LeanPool | None = None

    def remember(self, known: Mapping[str, Judgement]) -> None:
        """Take judgements of an earlier run."""
        self._known |= known

    def judge(self, candidates: Sequence[Candidate]) -> tuple[Judged, PoolCounts]:
        """Judge a batch; return also what was noticed. Raises RemainsError where this machine's Lean cannot be used."""
        pool = self._pool = self._pool or self._open()
        pool.counts = PoolCounts()
        return pool.judge_batch(candidates), pool.counts

    def _open(self) -> LeanPool:
        pool = self._open_pool()
        if pool.checker_id != self._wanted:
            raise RemainsError(
                f"--distributed ray: the Lean of {platform.node()} is not the one of the machine that asks (checker "
                f"{pool.checker_id}, not {self._wanted}). Install the same version of remains on both."
            )
        pool.remember(self._known)
        return pool


def _batches(candidates: Iterable[Candidate]) -> Iterator[_Batch]:
    stream = iter(candidates)
    while batch := list(islice(stream, BATCH)):
        yield _Batch(batch)
