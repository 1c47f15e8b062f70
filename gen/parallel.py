"""Many engines, one stream: every engine is a process of its own and pulls draws from one queue.

Nobody waits for the slowest: a worker always holds more draws than it can run at once, and gets new ones as it hands in
finished ones. A worker that dies, by whatever cause, is replaced, and what it had not handed in is drawn again: a draw
has its own randomness, wherever it is made. Workers die with the process that started them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, Protocol

from gen.engine import Request, Sample
from gen.spec import EngineSpec
from store.errors import RemainsError

SLACK = 2
"""Draws that wait at a worker for each one that it can take in."""
FLUSH = 64
"""Samples that a worker hands in together, at most."""
MAX_DEATHS = 3
"""Deaths of a worker in a row, without a sample in between, after which the run ends."""


@dataclass(frozen=True)
class Ready:
    """What a worker says when its model is loaded."""

    name: str
    version: str
    dtype: str
    device: str
    capacity: int
    """Draws that it takes in at once."""


@dataclass(frozen=True)
class Failed:
    """What a worker says when it cannot go on for a reason that a new one would meet again."""

    reason: str


@dataclass(frozen=True)
class Call:
    """What a worker is told to do with its idle engine; it answers `Ready`."""

    method: str
    """update_weights, sleep or wake."""
    arguments: tuple[Path, ...] = ()


Message = Ready | Failed | list[Sample]
Order = list[Request] | Call | None
"""Draws; something else; or that no more draws are coming for now, so that what is there is finished."""


class Worker(Protocol):
    """One engine somewhere else."""

    number: int

    def send(self, order: Order) -> None:
        """Tell it what to do."""

    def close(self) -> None:
        """End it at once."""


class Workers(Protocol):
    """How workers are started and heard."""

    spec: EngineSpec
    """What those started from now on shall load."""

    def start(self, number: int) -> Worker:
        """Start worker `number`."""

    def receive(self, workers: list[Any]) -> list[tuple[Any, Message | None]]:
        """Wait until a worker says something; None: it died."""


@dataclass
class _Desk:
    """What the queue knows of one worker."""

    worker: Worker
    ready: Ready | None = None
    outstanding: dict[tuple[str, int], Request] = field(default_factory=dict)
    told_to_finish: bool = False
    deaths: int = 0


class ParallelEngine:
    """Several engines behind the interface of one."""

    def __init__(self, workers: Workers, count: int) -> None:
        self.workers = workers
        self.desks = [_Desk(workers.start(number)) for number in range(count)]
        self._await_ready()
        ready = [desk.ready for desk in self.desks if desk.ready]
        self.name, self.version, self.dtype = ready[0].name, ready[0].version, ready[0].dtype
        self.device: object = f"{count} × {ready[0].device}"
        self.capacity = sum(one.capacity for one in ready)

    def generate(self, requests: Iterable[Request]) -> Iterator[Sample]:
        """Yield every draw of every request once."""
        waiting = deque[Request]()
        source = iter(requests)
        while True:
            self._feed(waiting, source)
            if not waiting and not any(desk.outstanding for desk in self.desks):
                return
            for samples in self._hear(waiting):
                yield from samples

    def update_weights(self, model: Path) -> None:
        """Take over the weights of another policy in every worker."""
        self.workers.spec = replace(self.workers.spec, model=model)
        self._call(Call("update_weights", (model,)))

    def sleep(self) -> None:
        """Let every worker's engine sleep."""
        self._call(Call("sleep"))

    def wake(self) -> None:
        """Wake every worker's engine; one that died asleep is replaced by one that is awake."""
        self._call(Call("wake"))

    def _call(self, call: Call) -> None:
        for desk in self.desks:
            desk.ready = None
            desk.worker.send(call)
        self._await_ready()

    def _await_ready(self) -> None:
        while not all(desk.ready for desk in self.desks):
            self._hear()

    def close(self) -> None:
        """End all workers."""
        for desk in self.desks:
            desk.worker.close()

    def _feed(self, waiting: deque[Request], source: Iterator[Request]) -> None:
        """Give each worker what it has room for, the emptiest first; say so when there is no more."""
        ended = False
        for desk in sorted(self.desks, key=lambda desk: len(desk.outstanding)):
            batch: list[Request] = []
            room = (1 + SLACK) * desk.ready.capacity - len(desk.outstanding) if desk.ready else 0
            while room > 0 and not ended:
                request = waiting.popleft() if waiting else next(source, None)
                if request is None:
                    ended = True
                    break
                batch.append(replace(request, indices=request.indices[:room]))
                if len(request.indices) > room:
                    waiting.appendleft(replace(request, indices=request.indices[room:]))
                room -= len(batch[-1].indices)
            if batch:
                desk.outstanding |= {(one.problem_id, index): one for one in batch for index in one.indices}
                desk.told_to_finish = False
                desk.worker.send(batch)
        for desk in self.desks if ended else ():
            if not desk.told_to_finish:
                desk.told_to_finish = True
                desk.worker.send(None)

    def _hear(self, waiting: deque[Request] | None = None) -> Iterator[list[Sample]]:
        """Take what the workers say and return the samples; replace the dead."""
        found: list[list[Sample]] = []
        by_worker = {id(desk.worker): desk for desk in self.desks}
        for worker, message in self.workers.receive([desk.worker for desk in self.desks]):
            desk = by_worker[id(worker)]
            if isinstance(message, Ready):
                desk.ready = message
            elif isinstance(message, Failed):
                self.close()
                raise RemainsError(message.reason)
            elif message is None:
                self._replace(desk, waiting)
            else:
                desk.deaths = 0
                for sample in message:
                    del desk.outstanding[sample.problem_id, sample.index]
                found.append(message)
        return iter(found)

    def _replace(self, desk: _Desk, waiting: deque[Request] | None) -> None:
        desk.deaths += 1
        if desk.deaths > MAX_DEATHS:
            self.close()
            raise RemainsError(
                f"engine {desk.worker.number} died {desk.deaths} times without a sample in between (out of memory?). "
                "What was finished is written; run the same command again."
            )
        if waiting is not None:
            waiting.extendleft(
                replace(request, indices=(index,)) for (_, index), request in reversed(desk.outstanding.items())
            )
        desk.outstanding.clear()
        desk.ready, desk.told_to_finish = None, False
        desk.worker.close()
        desk.worker = self.workers.start(desk.worker.number)


class LocalWorkers:
    """Worker processes on this machine; each sees its own GPUs, or its share of the cores."""

    def __init__(self, spec: EngineSpec, count: int) -> None:
        self.spec = spec
        self.count = count

    def start(self, number: int) -> LocalWorker:
        """Start worker `number`."""
        return LocalWorker(self.spec, number, self.count)

    def receive(self, workers: list[LocalWorker]) -> list[tuple[LocalWorker, Message | None]]:
        """Wait until a worker says something or dies."""
        by_pipe = {worker.pipe: worker for worker in workers}
        return [(by_pipe[pipe], by_pipe[pipe].receive()) for pipe in wait(list(by_pipe))]  # type: ignore[index]


class LocalWorker:
    """A process with an engine in it, at the other end of a pipe."""

    def __init__(self, spec: EngineSpec, number: int, count: int) -> None:
        self.number = number
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        # Not a daemon: vLLM has child processes of its own. It is killed when this process ends in an orderly way; else
        # the pipe breaks, and it ends by itself.
        self.process = context.Process(target=_work, args=(spec, number, count, theirs))
        self.process.start()
        theirs.close()
        self.close = Finalize(self, _kill, args=(self.process, self.pipe), exitpriority=10)

    def send(self, order: Order) -> None:
        """Tell it what to do; a worker that is dead by now is found out at the next `receive`."""
        try:
            self.pipe.send(order)
        except (BrokenPipeError, ConnectionResetError):
            return

    def receive(self) -> Message | None:
        """Return what the worker says, None if it died."""
        try:
            return self.pipe.recv()
        except (EOFError, ConnectionResetError):
            return None


def _kill(process: Any, pipe: Connection) -> None:
    process.kill()
    process.join()
    pipe.close()


def _work(spec: EngineSpec, number: int, count: int, pipe: Connection) -> None:
    """Be a worker: load the engine, draw what comes in, hand it in."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _take_share(number, count, spec.gpus_per_engine)
    serve(spec, pipe)


def serve(spec: EngineSpec, pipe: Any) -> None:
    """Load the engine, draw what comes in through the pipe, hand it in, until the other end is gone."""
    os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")  # this is a process of its own already
    try:
        engine = spec.load()
        ready = Ready(engine.name, engine.version, engine.dtype, str(engine.device), engine.capacity)
        pipe.send(ready)
        finished: list[Sample] = []
        calls: list[Call] = []
        while True:
            for sample in engine.generate(_incoming(pipe, finished, calls)):
                finished.append(sample)
                if len(finished) >= FLUSH:
                    _flush(pipe, finished)
            _flush(pipe, finished)
            while calls:
                call = calls.pop()
                getattr(engine, call.method)(*call.arguments)
                pipe.send(ready)
    except RemainsError as error:
        pipe.send(Failed(str(error)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _incoming(pipe: Any, finished: list[Sample], calls: list[Call]) -> Iterator[Request]:
    """Yield requests as they come. Before it waits for more, what is finished goes out: it makes room for them."""
    while True:
        if not pipe.poll():
            _flush(pipe, finished)
        order = pipe.recv()
        if isinstance(order, Call):
            calls.append(order)
            return
        if order is None:
            return
        yield from order


def _flush(pipe: Any, finished: list[Sample]) -> None:
    if finished:
        pipe.send(list(finished))
        finished.clear()


def _take_share(number: int, count: int, gpus: int) -> None:
    """See only the worker's own GPUs; without any, take a share of the cores."""
    import torch

    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    devices = visible.split(",") if visible else [str(device) for device in range(torch.cuda.device_count())]
    if len(devices) >= count * gpus:
        os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(devices[number * gpus : (number + 1) * gpus])
    elif not devices:
        torch.set_num_threads(max(1, torch.get_num_threads() // count))
