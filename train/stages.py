"""What runs beside what: one line of work a stage, in its own thread or in the caller's, and when it was busy."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """When a stage of a round ran, in seconds since the epoch."""

    stage: str
    """gen, filter, score or train."""
    round: int
    start: float
    end: float


@contextmanager
def timed(stages: list[Stage], name: str, number: int) -> Iterator[None]:
    """Add the time of the block to `stages`, also if it fails."""
    start = time.time()
    try:
        yield
    finally:
        stages.append(Stage(name, number, start, time.time()))


def busy_share(stages: Sequence[Stage]) -> float:
    """Return the share of the time from the first start to the last end in which at least one stage ran."""
    if not stages:
        return 0.0
    busy, reached = 0.0, min(stage.start for stage in stages)
    first = reached
    for stage in sorted(stages, key=lambda stage: stage.start):
        busy += max(0.0, stage.end - max(stage.start, reached))
        reached = max(reached, stage.end)
    return busy / (reached - first) if reached > first else 1.0


class Line:
    """Does one job after the other; `beside` in a thread of its own, which ends with the process."""

    def __init__(self, *, beside: bool) -> None:
        self._jobs: queue.SimpleQueue[tuple[Callable[[], None], Future[None]] | None] = queue.SimpleQueue()
        self._beside = beside
        if beside:
            threading.Thread(target=self._work, daemon=True).start()

    def submit(self, job: Callable[[], None]) -> Future[None]:
        """Let the job be done; its result or exception is in the future."""
        future: Future[None] = Future()
        if self._beside:
            self._jobs.put((job, future))
        else:
            _do(job, future)
        return future

    def close(self) -> None:
        """Take no more jobs; one that runs is not waited for."""
        self._jobs.put(None)

    def _work(self) -> None:
        while entry := self._jobs.get():
            _do(*entry)


def _do(job: Callable[[], None], future: Future[None]) -> None:
    try:
        job()
    except Exception as error:
        future.set_exception(error)
    else:
        future.set_result(None)
