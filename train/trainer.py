"""Offline training: distil the samples of a corpus into a policy.

Each step takes some solved problems with all their draws that the objective needs. With n_x draws of problem x,
verified or not, the loss of a problem is (1/n_x) Σ over its draws of the objective, and the loss of a step their mean.
The model sees every distinct completion once.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import accelerate
import torch
import transformers
from accelerate import Accelerator

from gen.models import ModelFolder, default_device, open_folder
from store.corpus import Corpus
from store.errors import RemainsError, UsageError
from store.ids import config_hash
from store.progress import progress
from store.shards import atomic_path
from train.checkpoint import State, checkpoints_of, latest_checkpoint, save_checkpoint, save_state
from train.config import TrainConfig, TrainSummary
from train.data import stream_problems
from train.diagnostics import diagnose
from train.draws import DrawTable
from train.launch import inside_a_group, run_processes
from train.learner import Learner, by_the_first, open_group
from train.model import ADAPTER, check_lora, finished_policy, save_weights
from train.order import problem_batches
from train.policy import register_policy, save_policy
from train.problem_file import ProblemFile, remove_problems, write_problems
from train.schedule import learning_rate
from train.tracking import METRICS, Tracking, check_trackers, read_steps

SUMMARY = "train.json"


def train(config: TrainConfig) -> TrainSummary:
    """Train, save and register the policy; a finished one is left as it is, an interrupted one goes on.

    Raises UsageError before the first step for anything that cannot be used, RemainsError when the loss is no number.
    """
    check_lora(config.lora)
    check_trackers(config.trackers)
    if config.processes > 1 and not inside_a_group():
        run_processes(config)
        return _read_summary(config.out / SUMMARY)
    accelerator = open_group(default_device(), config)
    corpus = Corpus.open(config.corpus).pinned()
    folder = open_folder(config.model)
    with _training_set(config, corpus, folder, accelerator) as problems:
        identity = config_hash({**config.settings(), "parent": folder.policy_id, "rows": problems.fingerprint})
        finished = _finished(config, identity)
        if finished:
            return finished
        run = _Run(config, folder, problems, identity, accelerator)
        run.fit()
        return run.finish(corpus)


@contextmanager
def _training_set(
    config: TrainConfig, corpus: Corpus, folder: ModelFolder, accelerator: Accelerator
) -> Iterator[ProblemFile]:
    """Write the training set beside `out`, where every process sees it, open it in all, and remove it in the end."""
    path = config.out.with_name(f".{config.out.name}.problems")
    selection = replace(config.selection, needs=config.chosen().needs)
    by_the_first(accelerator, lambda: write_problems(path, stream_problems(corpus, folder, selection)))
    problems = ProblemFile(path)
    accelerator.wait_for_everyone()
    try:
        yield problems
    finally:
        problems.close()
        if accelerator.is_main_process:
            remove_problems(path)


class _SampleAgain(Exception):
    """The samples say too little of the policy that has been reached."""

    def __init__(self, ess: float) -> None:
        super().__init__(ess)
        self.ess = ess


class _Run:
    """One training: what it learns from, who learns, and where it stands."""

    def __init__(
        self,
        config: TrainConfig,
        folder: ModelFolder,
        problems: ProblemFile,
        identity: str,
        accelerator: Accelerator,
    ) -> None:
        self.config, self.folder, self.problems, self.identity = config, folder, problems, identity
        self.objective = config.chosen()
        self.state = self.objective.start(torch.from_numpy(problems.log_partition))
        self.start = time.monotonic()
        self.accelerator = accelerator
        checkpoint = latest_checkpoint(config.out, identity)
        self.learner = Learner(config, folder, accelerator, checkpoint)
        self.taken = checkpoint.state.step if checkpoint else 0
        if checkpoint:
            self.state = checkpoint.state.objective
        self.last: dict[str, float] = {}
        self.stopped: float | None = None

    def fit(self) -> None:
        """Take the steps that are left, writing metrics and checkpoints."""
        config, first = self.config, self.taken
        config.out.mkdir(parents=True, exist_ok=True)
        log = Tracking(self.accelerator, config.out, first, run=self.identity, config=config.settings())
        batches = problem_batches(len(self.problems), config.problems_per_step, config.seed, first)
        shown = progress(f"train {self.objective.label}", config.steps, "steps", done=first)
        with shown if self.accelerator.is_main_process else nullcontext(lambda done: None) as advance, log:
            try:
                for step in range(first + 1, config.steps + 1):
                    self.last = self._step(step, next(batches))
                    self.taken = step
                    log.write(self.last)
                    if step % config.checkpoint_every == 0 and step < config.steps:
                        self._save_checkpoint()
                    advance(1)
            except _SampleAgain as error:
                self._stop(error.ess)
        if not self.last:  # every step was taken before the interruption
            self.last = log.read_last()

    def _stop(self, ess: float) -> None:
        """Keep what has been reached. Raises RemainsError where that is what it started from."""
        if self.taken == 0:
            raise RemainsError(
                f"before the first step the effective sample size is {ess:.1%}, below --min-ess "
                f"{self.config.min_ess:.1%}: the samples say too little of {self.config.model}. Sample again: "
                f"cli gen --model {self.config.model}."
            )
        self.stopped = ess
        self._save_checkpoint()

    def finish(self, corpus: Corpus) -> TrainSummary:
        """Write the policy, register it, and say so; checkpoints are kept only where the training was stopped."""
        config, weights = self.config, self.learner.weights()
        state = self._state() if config.keep_optimizer else None
        if self.accelerator.is_main_process:
            if state:
                save_state(config.out, state)
            policy = self._save_policy(corpus, weights)
            summary = self._summary(policy)
            corpus.write_run("train", {**self._record(summary), "shards": corpus.shards()})
            with atomic_path(config.out / SUMMARY) as temporary:  # the last: what has a summary is finished
                temporary.write_text(json.dumps({"identity": self.identity, **asdict(summary)}, indent=2) + "\n")
            if self.stopped is None:
                shutil.rmtree(checkpoints_of(config.out), ignore_errors=True)
        self.accelerator.wait_for_everyone()
        return _read_summary(config.out / SUMMARY)

    def _record(self, summary: TrainSummary) -> dict[str, object]:
        return {
            "config": self.config.settings(),
            "versions": _versions(),
            "processes": self.accelerator.num_processes,
            "result": asdict(summary),
            "steps": read_steps(self.config.out),
        }

    def _save_policy(self, corpus: Corpus, weights: dict[str, torch.Tensor] | None) -> str:
        config, folder = self.config, self.folder
        model = finished_policy(folder, self.learner.trained, weights, config.out / ADAPTER)
        save_policy(model, folder.tokenizer, config.out)
        settings = config.settings()
        return register_policy(corpus, config.out, parent=folder.policy_id, step=self.taken, config=settings)

    def _summary(self, policy: str) -> TrainSummary:
        return TrainSummary(
            policy_id=policy,
            path=str(self.config.out),
            parent_policy_id=self.folder.policy_id,
            objective=self.objective.label,
            steps=self.taken,
            num_problems=len(self.problems),
            num_verified=self.problems.num_verified,
            num_distinct=self.problems.num_distinct,
            last=self.last,
            seconds=time.monotonic() - self.start,
            stopped=self.stopped,
        )

    def _state(self) -> State:
        scale = self.learner.scale
        return State(self.taken, self.learner.optimizer_state(), dict(self.state), (scale.factor, scale.calm))

    def _save_checkpoint(self) -> None:
        learner = self.learner
        weights, state = learner.weights(), self._state()
        if self.accelerator.is_main_process:
            write = partial(save_weights, self.folder, learner.trained, weights)
            save_checkpoint(self.config.out, state, write, self.identity)
        self.accelerator.wait_for_everyone()

    def _step(self, step: int, chosen: Sequence[int]) -> dict[str, float]:
        """Take one optimiser step on these problems and return its metrics.

        Raises _SampleAgain, the step not taken, where the effective sample size is too small.
        """
        clock, config, learner = time.monotonic(), self.config, self.learner
        torch.manual_seed(config.seed * 1_000_003 + step)  # nothing random needs to be saved
        problems = [self.problems[place] for place in chosen]
        table = DrawTable.of(problems)
        samples_of = partial(
            table.samples,
            tokens=self.objective.needs.tokens,
            which=torch.tensor(chosen),
            progress=(step - 1) / config.steps,
            state=self.state,
        )
        rate = learning_rate(
            step, config.steps, peak=config.learning_rate, warmup=config.warmup, schedule=config.schedule
        )
        num_drawn = sum(problem.num_samples for problem in problems)
        norm: float | None = None
        while norm is None:
            loss, log_policy = learner.gradients(table, self.objective, samples_of)
            if not torch.isfinite(torch.tensor(loss)):
                raise RemainsError(f"step {step}: the loss is {loss}. Lower --learning-rate, or the cap of the ratio.")
            metrics, state = diagnose(samples_of(log_policy), self.objective)
            if 0 < metrics["ess"] < config.min_ess:  # 0: no sample weighs anything, which an objective may want
                learner.forget()
                raise _SampleAgain(metrics["ess"])
            norm = learner.update(rate)
        self.state = state
        num_tokens = sum(len(row.tokens) for row in table.rows)
        return {
            "step": step,
            "loss": loss,
            "grad_norm": norm,
            "learning_rate": rate,
            "verified": sum(problem.num_verified for problem in problems) / num_drawn,
            **metrics,
            "tokens": num_tokens,
            "tokens_per_second": num_tokens / (time.monotonic() - clock),
        }


def _versions() -> dict[str, str]:
    return {"torch": torch.__version__, "transformers": transformers.__version__, "accelerate": accelerate.__version__}


def _finished(config: TrainConfig, identity: str) -> TrainSummary | None:
    """Return the summary of the same training if it is finished; refuse a folder that holds something else."""
    out = config.out
    if (out / SUMMARY).exists():
        if json.loads((out / SUMMARY).read_text())["identity"] != identity:
            raise UsageError(
                f"--out {out}: holds a policy trained with other settings or on other samples. Name another folder, or "
                "remove this one."
            )
        summary = _read_summary(out / SUMMARY)
        goes_on = summary.stopped is not None and summary.stopped >= config.min_ess
        return None if goes_on else summary
    # Metrics without a summary: a training of ours that was killed, maybe while it saved the policy.
    if out.is_file() or ((out / "config.json").exists() and not (out / METRICS).exists()):
        raise UsageError(f"--out {out}: something else stands there already. Name another folder.")
    return None


def _read_summary(path: Path) -> TrainSummary:
    record: dict[str, Any] = json.loads(path.read_text())
    del record["identity"]
    return TrainSummary(**record)
