"""One sampling engine for many policies: new weights are handed over in place, and the hand-over is proved.

On GPUs the engine sleeps while others need them, unless it works beside them.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import torch

from gen.engine import Engine
from gen.models import default_device, open_folder
from gen.parallel import LocalWorkers, ParallelEngine
from gen.run import GenConfig
from store.errors import RemainsError
from train.probe import probe, probe_prompts
from train.score import TransformersScorer

MAX_GAP = {"float32": 1e-3}
"""Mean difference of a token's log-probability, sampled against scored, in nats: more is another policy."""
MAX_GAP_HALVES = 0.1
"""The same for 16-bit types, whose kernels round differently."""
NUM_PROMPTS = 4


class KeptEngine:
    """Loads when it is first needed; with `beside` in a process of its own, beside a training in this one."""

    def __init__(self, config: GenConfig, *, beside: bool = False) -> None:
        self.config, self.beside = config, beside
        self.gap: float | None = None
        """Of the last hand-over, in nats."""
        self.sleeps = default_device() == "cuda" and not beside and config.distributed is None
        self._engine: Engine | None = None
        self._model: Path | None = None

    def at(self, model: Path) -> Engine:
        """Return the engine with this policy's weights.

        Raises RemainsError when its log-probabilities are not those of the policy.
        """
        if self._engine is None:
            self._engine = self._load(model)
        else:
            if self.sleeps:
                torch.cuda.empty_cache()  # what a training in this process leaves
                self._engine.wake()
            if model != self._model:
                self._engine.update_weights(model)
        if model != self._model:
            self.gap = self._proved(self._engine, model)
        self._model = model
        return self._engine

    def rest(self) -> None:
        """Let the engine sleep, if it is one that does, until `at` is called again."""
        if self._engine is not None and self.sleeps:
            self._engine.sleep()

    def close(self) -> None:
        """End the engine."""
        if self._engine is not None:
            self._engine.close()

    def _load(self, model: Path) -> Engine:
        config = self.config
        spec = config.spec_of(model)
        if self.sleeps and config.engine == "vllm":
            spec = replace(spec, engine_args=("enable_sleep_mode=true", *spec.engine_args))
        if self.beside and config.distributed is None and config.data_parallel == 1:
            return ParallelEngine(LocalWorkers(spec, 2), 1)  # half of the cores; the training has the others
        return config.load(spec)

    def _proved(self, engine: Engine, model: Path) -> float:
        folder = open_folder(model)
        with closing(TransformersScorer(folder)) as scorer:
            gap = probe(engine, folder, scorer, probe_prompts(folder, NUM_PROMPTS)).mean
        if not gap <= MAX_GAP.get(engine.dtype, MAX_GAP_HALVES):
            raise RemainsError(
                f"{model}: its weights did not reach the engine ({engine.version}): a token's log-probability differs "
                f"by {gap:.2g} nats in the mean from what the policy gives it."
            )
        return gap
