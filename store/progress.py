"""Progress for anything long: a bar with rate and time left on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress(what: str, total: int, unit: str, *, done: int = 0) -> Iterator[Callable[[int], None]]:
    """Yield `advance(count)`; everything is printed to stderr, so stdout stays free for results.

    `total` and `done` count `unit`s (samples, proofs, steps); `done` are those finished by an earlier run.
    """
    show = _bar if sys.stderr.isatty() else _lines
    with show(what, total, unit, done) as advance:
        yield advance


@contextmanager
def _bar(what: str, total: int, unit: str, done: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}  {task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    clock = _Clock()
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(what, total=total, completed=done, unit=unit, rate="")

        def advance(count: int) -> None:
            clock.count += count
            bars.update(task, advance=count, rate=f"{clock.rate():,.1f}/s")

        yield advance


@contextmanager
def _lines(what: str, total: int, unit: str, done: int) -> Iterator[Callable[[int], None]]:
    clock = _Clock()
    last_line = clock.start

    def advance(count: int) -> None:
        nonlocal last_line
        clock.count += count
        if time.monotonic() - last_line >= SECONDS_BETWEEN_LINES:
            last_line = time.monotonic()
            finished = done + clock.count
            left = (total - finished) / clock.rate() if clock.count else float("inf")
            _say(f"{what}: {finished:,} of {total:,} {unit}, {clock.rate():,.1f}/s, {left:,.0f} s left")

    yield advance
    _say(f"{what}: {done + clock.count:,} {unit} in {clock.elapsed():,.1f} s")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class _Clock:
    """Counts since it was made."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.count = 0

    def elapsed(self) -> float:
        return time.monotonic() - self.start

    def rate(self) -> float:
        return self.count / max(self.elapsed(), 1e-9)
