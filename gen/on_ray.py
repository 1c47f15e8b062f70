"""Engines as Ray actors, on whatever machines the Ray cluster has; one actor takes the GPUs that one engine needs."""

from __future__ import annotations

import logging
import queue
import threading
from typing import Any

from gen.parallel import Failed, Message, Order, serve
from gen.spec import EngineSpec
from store.errors import UsageError


def connect() -> Any:
    """Return Ray, connected to the cluster at $RAY_ADDRESS or else to one started on this machine.

    Raises UsageError where it is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise UsageError("--distributed ray: Ray is not installed. Install it: pip install 'remains[ray]'.") from error
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
    return ray


class RayWorkers:
    """Actors of one cluster."""

    def __init__(self, spec: EngineSpec) -> None:
        self.ray = ray = connect()
        self.spec = spec
        has_gpus = ray.cluster_resources().get("GPU", 0) > 0
        self.actor = ray.remote(EngineActor).options(
            num_gpus=spec.gpus_per_engine if has_gpus else 0, num_cpus=1, max_concurrency=2
        )

    def start(self, number: int) -> RayWorker:
        """Start worker `number`."""
        return RayWorker(self.ray, self.actor.remote(self.spec), number)

    def receive(self, workers: list[RayWorker]) -> list[tuple[RayWorker, Message | None]]:
        """Wait until a worker says something or dies."""
        by_answer = {worker.answer: worker for worker in workers}
        ready, _ = self.ray.wait(list(by_answer), num_returns=1)
        return [(by_answer[answer], by_answer[answer].receive()) for answer in ready]


class RayWorker:
    """An actor with an engine in it."""

    def __init__(self, ray: Any, actor: Any, number: int) -> None:
        self.ray = ray
        self.actor = actor
        self.number = number
        self.answer = actor.take.remote()

    def send(self, order: Order) -> None:
        """Tell it what to do."""
        self.actor.give.remote(order)

    def receive(self) -> Message | None:
        """Return what the actor says, None if it died."""
        try:
            message: Message = self.ray.get(self.answer)
        except self.ray.exceptions.RayActorError:
            return None
        self.answer = self.actor.take.remote()
        return message

    def close(self) -> None:
        """Kill it."""
        self.ray.kill(self.actor)


class EngineActor:
    """The other end: `serve` in a thread, between two queues in place of a pipe."""

    def __init__(self, spec: EngineSpec) -> None:
        self._orders: queue.Queue[Order] = queue.Queue()
        self._messages: queue.Queue[Message] = queue.Queue()
        threading.Thread(target=self._serve, args=(spec,), daemon=True).start()

    def give(self, order: Order) -> None:
        """Take in an order."""
        self._orders.put(order)

    def take(self) -> Message:
        """Wait for something to say."""
        return self._messages.get()

    def _serve(self, spec: EngineSpec) -> None:
        try:
            serve(spec, self)
        except Exception as error:
            self.send(Failed(f"an engine on Ray failed: {type(error).__name__}: {error}"))

    def poll(self) -> bool:
        """Return whether an order has come in."""
        return not self._orders.empty()

    def recv(self) -> Order:
        """Wait for an order."""
        return self._orders.get()

    def send(self, message: Message) -> None:
        """Say something."""
        self._messages.put(message)
