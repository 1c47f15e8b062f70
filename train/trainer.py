"""Offline training: distil the verified samples of a corpus into a policy.

Each step takes some solved problems with all their verified draws. With n_x draws of problem x, verified or not, the
loss of a problem is (1/n_x) Σ over its verified draws of the objective, and the loss of a step their mean. The model
sees every distinct completion once, and the prompt once for all of them.
"""

from __future__ import annotations

import atexit
import json
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import accelerate
import torch
import transformers
from accelerate.utils import gather_object
from torch import Tensor

from gen.models import ModelFolder, default_device, open_folder
from store.corpus import Corpus
from store.errors import RemainsError, UsageError
from store.ids import config_hash
from store.location import Address
from store.progress import progress
from store.shards import atomic_path
from train.checkpoint import Checkpoint, checkpoints_of, latest_checkpoint, save_checkpoint
from train.data import Completion, Selection, SolvedProblem, fingerprint, load_problems
from train.diagnostics import estimate
from train.logprobs import Group, SequenceLogProbs, check_head, collate, plan_batches, shares_prompts
from train.objective import LOG_RATIO_CAP
from train.objectives import OBJECTIVES, Draws, ObjectiveSettings
from train.policy import register_policy, save_policy

SUMMARY = "train.json"
METRICS = "metrics.jsonl"

MAX_STRETCH = 1.2
"""Rows of a batch are padded by at most a fifth, unless the batch is tiny."""


@dataclass(frozen=True)
class TrainConfig:
    """What to learn from, towards which divergence, how far."""

    corpus: Address
    model: Path
    """The policy to start from."""
    out: Path
    alpha: float
    selection: Selection = field(default_factory=Selection)
    objective: str = "alpha-dpg"
    steps: int = 80
    problems_per_step: int = 24
    learning_rate: float = 1e-4
    warmup: float = 0.05
    """Share of the steps over which the learning rate rises; then it stays."""
    max_grad_norm: float = 1.0
    log_ratio_cap: float | None = LOG_RATIO_CAP
    """π_θ/q is capped at its exponential."""
    batch_tokens: int = 8192
    """Tokens that pass through the model at once, padding included; a step takes as many batches as it needs."""
    checkpoint_every: int = 20
    """Steps."""
    mixed_precision: str = "no"
    """no, bf16 or fp16, as accelerate has it."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        if not 0 <= self.alpha <= 1:
            raise UsageError(f"--alpha {self.alpha}: must be in [0, 1].")
        if self.objective not in OBJECTIVES:
            raise UsageError(f"--objective {self.objective}: unknown; there are {', '.join(sorted(OBJECTIVES))}.")
        for flag, value in (
            ("--steps", self.steps),
            ("--problems-per-step", self.problems_per_step),
            ("--learning-rate", self.learning_rate),
            ("--max-grad-norm", self.max_grad_norm),
            ("--batch-tokens", self.batch_tokens),
            ("--checkpoint-every", self.checkpoint_every),
        ):
            if not value > 0:
                raise UsageError(f"{flag} {value}: must be positive.")


@dataclass(frozen=True)
class TrainSummary:
    """What came out."""

    policy_id: str
    path: str
    parent_policy_id: str
    alpha: float
    steps: int
    num_problems: int
    """Solved problems."""
    num_verified: int
    """Verified draws, repetitions counted."""
    num_distinct: int
    """Different verified completions, which is what the model computes."""
    last: dict[str, float]
    """The metrics of the last step."""
    seconds: float

    def as_text(self) -> str:
        """Return what `cli train` prints."""
        last = self.last
        return (
            f"{self.path}: policy {self.policy_id}, α = {self.alpha}, {self.steps} steps from {self.parent_policy_id} "
            f"in {self.seconds:,.1f} s\n"
            f"{self.num_problems:,} solved problems, {self.num_verified:,} verified samples "
            f"({self.num_distinct:,} distinct); forward KL {last['forward_kl']:.3f} nats, "
            f"effective sample size {last['ess']:.0%}, {last['clip_fraction']:.0%} clipped"
        )


def train(config: TrainConfig) -> TrainSummary:
    """Train, save and register the policy; a finished one is left as it is, an interrupted one goes on.

    Raises UsageError before the first step for anything that cannot be used, RemainsError when the loss is no number.
    """
    corpus = Corpus.open(config.corpus).pinned()
    folder = open_folder(config.model)
    problems = load_problems(corpus, folder, config.selection)
    identity = config_hash({**_settings(config), "parent": folder.policy_id, "rows": fingerprint(problems)})
    finished = _finished(config.out, identity)
    if finished:
        return finished
    run = _Run(config, folder, problems, identity)
    run.fit()
    return run.finish(corpus)


def _leave_group() -> None:
    """Close the process group before the interpreter takes it apart: threads of it that still wait would abort."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


class _Run:
    """One training: the model, its optimiser, and where it stands."""

    def __init__(
        self, config: TrainConfig, folder: ModelFolder, problems: Sequence[SolvedProblem], identity: str
    ) -> None:
        self.config, self.folder, self.problems, self.identity = config, folder, problems, identity
        self.start = time.monotonic()
        self.accelerator = accelerate.Accelerator(mixed_precision=config.mixed_precision, cpu=default_device() == "cpu")
        if self.accelerator.num_processes > 1:
            atexit.register(_leave_group)
        self.checkpoint = latest_checkpoint(config.out, identity)
        model = _load(folder, self.checkpoint).to(self.accelerator.device)
        check_head(model)
        self.share_prompts = shares_prompts(model)
        self.pad = folder.tokenizer.pad_token_id or 0
        optimizer = torch.optim.AdamW(model.parameters(), lr=config.learning_rate, weight_decay=0.0, fused=True)
        if self.checkpoint:
            optimizer.load_state_dict(dict(self.checkpoint.optimizer))
        self.log_probs, self.optimizer = self.accelerator.prepare(SequenceLogProbs(model), optimizer)
        self.last: dict[str, float] = {}

    def fit(self) -> None:
        """Take the steps that are left, writing metrics and checkpoints."""
        config, first = self.config, self.checkpoint.step if self.checkpoint else 0
        config.out.mkdir(parents=True, exist_ok=True)
        log = _Metrics(config.out / METRICS, first, active=self.accelerator.is_main_process)
        batches = problem_batches(len(self.problems), config.problems_per_step, config.seed, first)
        with progress(f"train α = {config.alpha}", config.steps, "steps", done=first) as advance, log:
            for step in range(first + 1, config.steps + 1):
                self.last = self._step(step, [self.problems[index] for index in next(batches)])
                log.write(self.last)
                if step % config.checkpoint_every == 0 and step < config.steps:
                    self._save_checkpoint(step)
                advance(1)
        if not self.last:  # every step was taken before the interruption
            self.last = log.read_last()

    def finish(self, corpus: Corpus) -> TrainSummary:
        """Write the policy, register it, and say so; the checkpoints are no longer needed."""
        config, parent = self.config, self.folder.policy_id
        model = self.accelerator.unwrap_model(self.log_probs).model
        if self.accelerator.is_main_process:
            save_policy(model, self.folder.tokenizer, config.out)
            settings = _settings(config)
            policy = register_policy(corpus, config.out, parent=parent, step=config.steps, config=settings)
            summary = self._summary(policy)
            with atomic_path(config.out / SUMMARY) as temporary:
                temporary.write_text(json.dumps({"identity": self.identity, **asdict(summary)}, indent=2) + "\n")
            said = {"config": settings, "versions": _versions(), "result": asdict(summary)}
            corpus.write_run("train", {**said, "shards": corpus.shards()})
            shutil.rmtree(checkpoints_of(config.out), ignore_errors=True)
        self.accelerator.wait_for_everyone()
        return _read_summary(config.out / SUMMARY)

    def _summary(self, policy: str) -> TrainSummary:
        return TrainSummary(
            policy_id=policy,
            path=str(self.config.out),
            parent_policy_id=self.folder.policy_id,
            alpha=self.config.alpha,
            steps=self.config.steps,
            num_problems=len(self.problems),
            num_verified=sum(problem.num_verified for problem in self.problems),
            num_distinct=sum(len(problem.completions) for problem in self.problems),
            last=self.last,
            seconds=time.monotonic() - self.start,
        )

    def _save_checkpoint(self, step: int) -> None:
        if self.accelerator.is_main_process:
            model = self.accelerator.unwrap_model(self.log_probs).model
            save_checkpoint(self.config.out, step, model, self.optimizer.state_dict(), self.identity)
        self.accelerator.wait_for_everyone()

    def _step(self, step: int, problems: Sequence[SolvedProblem]) -> dict[str, float]:
        """Take one optimiser step and return its metrics."""
        clock, config = time.monotonic(), self.config
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * min(1.0, step / max(1, round(config.warmup * config.steps)))
        table = DrawTable.of(problems)
        loss, log_policy = self._backward(table)
        if not torch.isfinite(torch.tensor(loss)):
            raise RemainsError(f"step {step}: the loss is {loss}. Lower --learning-rate, or the cap of the ratio.")
        norm = self.accelerator.clip_grad_norm_(self.log_probs.parameters(), config.max_grad_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        num_tokens = sum(len(row.tokens) for row in table.rows)
        return {
            "step": step,
            "loss": loss,
            "grad_norm": float(norm),
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            "verified": len(table.row) / sum(problem.num_samples for problem in problems),
            **asdict(self._estimates(table, log_policy)),
            "tokens": num_tokens,
            "tokens_per_second": num_tokens / (time.monotonic() - clock),
        }

    def _estimates(self, table: DrawTable, log_policy: Tensor) -> Any:
        log_target = table.log_base - table.log_partition
        return estimate(
            log_policy[table.row],
            log_target,
            table.log_sampler,
            table.problem,
            alpha=self.config.alpha,
            log_ratio_cap=self.config.log_ratio_cap,
        )

    def _backward(self, table: DrawTable) -> tuple[float, Tensor]:
        """Accumulate the gradient over this process's share of the batches.

        Returns the loss and log π_θ of every row of the table, over all processes.
        """
        accelerator, world = self.accelerator, self.accelerator.num_processes
        sequences = [row.tokens for row in table.rows]
        batches = plan_batches(
            sequences, self.config.batch_tokens, share_prompts=self.share_prompts, max_stretch=MAX_STRETCH
        )
        mine = batches[accelerator.process_index :: world]
        # Every process takes equally many batches; one that has too few repeats a batch with weight 0.
        rounds = -(-len(batches) // world)
        found: list[tuple[float, list[int], Tensor]] = []
        for turn in range(rounds):
            groups, real = (mine[turn], 1.0) if turn < len(mine) else (batches[0], 0.0)
            with self._synchronised(turn == rounds - 1):
                loss, log_policy = self._batch_loss(table, groups)
                accelerator.backward(loss * real * world)
            if real:
                found.append((loss.item(), [row for group in groups for row in group], log_policy))
        everyone = gather_object(found)
        log_policy = torch.zeros(len(table.rows), dtype=torch.float64)
        for _, rows, values in everyone:
            log_policy[rows] = values
        return sum(loss for loss, _, _ in everyone), log_policy

    def _synchronised(self, last: bool) -> AbstractContextManager[None]:
        """Exchange gradients between processes in the last batch of a step only."""
        return nullcontext() if last else self.accelerator.no_sync(self.log_probs)

    def _batch_loss(self, table: DrawTable, groups: list[Group]) -> tuple[Tensor, Tensor]:
        """Return the part of the step's loss that these groups of rows make, and the rows' log π_θ detached."""
        device, config = self.accelerator.device, self.config
        batch = collate([[table.rows[row].tokens for row in group] for group in groups], self.pad).to(device)
        rows = [row for group in groups for row in group]
        log_policy = self.log_probs(batch)  # (rows,)
        draws, place = table.draws_of(rows)
        part = Draws(
            log_policy=log_policy[place.to(device)],
            log_base=table.log_base[draws].to(device),
            log_sampler=table.log_sampler[draws].to(device),
            log_partition=table.log_partition[draws].to(device),
        )
        losses = OBJECTIVES[config.objective](part, ObjectiveSettings(config.alpha, config.log_ratio_cap))
        return (table.share[draws].to(device) * losses).sum(), log_policy.detach().cpu()


@dataclass(frozen=True)
class DrawTable:
    """The verified draws of a step's P problems: M draws of R distinct completions; tensors (M,), nats, float64."""

    rows: list[Completion]
    row: Tensor
    """Which completion each draw is, ascending."""
    problem: Tensor
    """0 … P−1."""
    log_base: Tensor
    log_sampler: Tensor
    log_partition: Tensor
    share: Tensor
    """1/(P n_x): the weight of a draw in the step's loss."""

    @classmethod
    def of(cls, problems: Sequence[SolvedProblem]) -> DrawTable:
        """Lay out the draws of `problems`."""
        rows = [completion for problem in problems for completion in problem.completions]
        places = [index for index, row in enumerate(rows) for _ in row.log_base]
        owners = [index for index, problem in enumerate(problems) for _ in range(problem.num_verified)]
        return cls(
            rows=rows,
            row=torch.tensor(places),
            problem=torch.tensor(owners),
            log_base=_doubles(value for row in rows for value in row.log_base),
            log_sampler=_doubles(value for row in rows for value in row.log_sampler),
            log_partition=_doubles(problems[owner].log_partition for owner in owners),
            share=_doubles(1 / (len(problems) * problems[owner].num_samples) for owner in owners),
        )

    def draws_of(self, rows: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Return the draws of `rows`, and for each of them the place of its row in `rows`."""
        place = torch.full((len(self.rows),), -1)
        place[list(rows)] = torch.arange(len(rows))
        draws = (place[self.row] >= 0).nonzero()[:, 0]
        return draws, place[self.row[draws]]


def _doubles(values: Iterator[float]) -> Tensor:
    return torch.tensor(list(values), dtype=torch.float64)


def problem_batches(num_problems: int, size: int, seed: int, first: int = 0) -> Iterator[list[int]]:
    """Yield batches of problems from batch number `first` on: a new random order every epoch, batches cross its end.

    A batch holds a problem once, so it is smaller where there are fewer than `size` problems.
    """
    size = min(size, num_problems)
    rng, batch_number = random.Random(seed), 0
    queue: list[int] = []
    while True:
        if len(queue) < size:
            # A problem left over from the last epoch comes first; its second turn waits until after this batch.
            fresh = rng.sample(range(num_problems), num_problems)
            late = [index for index in fresh if index in queue]
            queue += [index for index in fresh if index not in late] + late
        batch, queue = queue[:size], queue[size:]
        if batch_number >= first:
            yield batch
        batch_number += 1


class _Metrics:
    """One JSON object a step; lines after the checkpoint that a run goes on from are dropped."""

    def __init__(self, path: Path, first: int, *, active: bool) -> None:
        self.path, self.active = path, active
        if active:
            lines = path.read_text().splitlines() if path.exists() else []
            path.write_text("".join(line + "\n" for line in lines if _step_of(line) <= first))

    def __enter__(self) -> _Metrics:
        self.stream = self.path.open("a") if self.active else None
        return self

    def __exit__(self, *_: object) -> None:
        if self.stream:
            self.stream.close()

    def write(self, metrics: dict[str, float]) -> None:
        """Append a step."""
        if self.stream:
            self.stream.write(json.dumps(metrics) + "\n")
            self.stream.flush()

    def read_last(self) -> dict[str, float]:
        """Return the newest step."""
        return json.loads(self.path.read_text().splitlines()[-1])


def _step_of(line: str) -> float:
    """Return the step of a line; one cut off by a kill counts as late."""
    try:
        return json.loads(line)["step"]
    except (ValueError, KeyError, TypeError):
        return float("inf")


def _load(folder: ModelFolder, checkpoint: Checkpoint | None) -> Any:
    source = ModelFolder(checkpoint.folder, folder.config, folder.tokenizer) if checkpoint else folder
    # Dropout stays off (`load` returns the model in evaluation mode): π_θ is one distribution, not a random one.
    return source.load("cpu", "float32")


def _settings(config: TrainConfig) -> dict[str, Any]:
    """Return what decides the result; paths and the checkpoints' rhythm do not."""
    hidden = {"corpus", "model", "out", "checkpoint_every"}
    return {key: value for key, value in asdict(config).items() if key not in hidden}


def _versions() -> dict[str, str]:
    return {"torch": torch.__version__, "transformers": transformers.__version__, "accelerate": accelerate.__version__}


def _finished(out: Path, identity: str) -> TrainSummary | None:
    """Return the summary of the same training if it is finished; refuse a folder that holds something else."""
    if (out / SUMMARY).exists():
        if json.loads((out / SUMMARY).read_text())["identity"] == identity:
            return _read_summary(out / SUMMARY)
        raise UsageError(
            f"--out {out}: holds a policy trained with other settings or on other samples. Name another folder, or "
            "remove this one."
        )
    # Metrics without a summary: a training of ours that was killed, maybe while it saved the policy.
    if out.is_file() or ((out / "config.json").exists() and not (out / METRICS).exists()):
        raise UsageError(f"--out {out}: something else stands there already. Name another folder.")
    return None


def _read_summary(path: Path) -> TrainSummary:
    record = json.loads(path.read_text())
    del record["identity"]
    return TrainSummary(**record)
