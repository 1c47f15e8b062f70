"""What a training is asked to do, and what it says at its end."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from store.errors import UsageError
from store.location import Address
from train.objectives import Objective, choose
from train.schedule import SCHEDULES
from train.selection import Selection

PRECISIONS = ("no", "bf16", "fp16")
PARALLEL = ("fsdp", "ddp")
LAYOUTS = ("auto", "shared", "packed", "padded")
TRACKERS = ("tensorboard", "wandb")


@dataclass(frozen=True)
class Lora:
    """Low-rank adapters in place of all weights (arXiv 2106.09685)."""

    rank: int = 16
    scale: float = 2.0
    """The adapters' product is multiplied by it: α/r of the paper."""
    quantized: bool = False
    """QLoRA (arXiv 2305.14314): the frozen weights in 4 bits, by bitsandbytes; needs CUDA."""

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        if self.rank < 1:
            raise UsageError(f"--lora {self.rank}: the rank must be 1 or more.")


@dataclass(frozen=True)
class TrainConfig:
    """What to learn from, towards which divergence, how far, and on what."""

    corpus: Address
    model: Path
    """The policy to start from."""
    out: Path
    alpha: float | None = None
    """The option of that name, for objectives that have it."""
    selection: Selection = field(default_factory=Selection)
    objective: str = "alpha-dpg"
    objective_args: Mapping[str, Any] = field(default_factory=dict)
    """Its other options."""
    steps: int = 80
    problems_per_step: int = 24
    learning_rate: float = 1e-4
    schedule: str = "constant"
    """constant, linear or cosine; the latter two end at 0."""
    warmup: float = 0.05
    """Share of the steps over which the learning rate rises."""
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    batch_tokens: int = 8192
    """Tokens that pass through the model at once, padding included; a step takes as many batches as it needs."""
    layout: str = "auto"
    """What a row of a batch is: shared (a prompt and its completions), packed (sequences one after the other), padded
    (one sequence); auto takes the first that the model supports."""
    lora: Lora | None = None
    mixed_precision: str = "no"
    """no, bf16 or fp16; weights, log-softmax and sums stay in float32 or wider."""
    gradient_checkpointing: bool = False
    """Keep no layer's activations: half the memory or less, a third more time."""
    seed: int = 0
    min_ess: float = 0.0
    """A step whose effective sample size is below this share is not taken: the training stops there."""
    checkpoint_every: int = 20
    """Steps."""
    processes: int = 1
    """On this machine, one a GPU. Under torchrun its number holds instead."""
    parallel: str = "fsdp"
    """fsdp: every process holds a share of weights and optimiser; ddp: all of them."""
    optimizer_from: Path | None = None
    """The folder of a training with `keep_optimizer`, whose optimiser this one goes on with; None: a new one."""
    keep_optimizer: bool = False
    """Leave the optimiser's state beside the policy."""
    trackers: tuple[str, ...] = ()
    """tensorboard, wandb; metrics.jsonl is always written."""

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        self.chosen()
        for flag, value, known in (
            ("--schedule", self.schedule, SCHEDULES),
            ("--precision", self.mixed_precision, PRECISIONS),
            ("--parallel", self.parallel, PARALLEL),
            ("--layout", self.layout, LAYOUTS),
            *(("--log", tracker, TRACKERS) for tracker in self.trackers),
        ):
            if value not in known:
                raise UsageError(f"{flag} {value}: unknown; there are {', '.join(known)}.")
        for name in _POSITIVE:
            if not 0 < getattr(self, name) < math.inf:
                raise UsageError(f"--{name.replace('_', '-')} {getattr(self, name)}: must be positive.")
        for name in ("warmup", "min_ess"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"--{name.replace('_', '-')} {getattr(self, name)}: must be in [0, 1].")
        if not 0 <= self.weight_decay < math.inf:
            raise UsageError(f"--weight-decay {self.weight_decay}: must be 0 or more.")
        if self.lora and self.lora.quantized and self.processes > 1 and self.parallel == "fsdp":
            raise UsageError("--qlora: 4-bit weights are not sharded; with several processes add --parallel ddp.")

    def chosen(self) -> Objective:
        """Return the objective. Raises UsageError for one that does not exist and options that it cannot have."""
        given = {} if self.alpha is None else {"alpha": self.alpha}
        return choose(self.objective, {**given, **self.objective_args})

    def settings(self) -> dict[str, Any]:
        """Return what decides the result: not paths, not how the work is spread, watched or saved."""
        found = {name: value for name, value in asdict(self).items() if name not in _HOW}
        told = {name: value for name, value in found["selection"].items() if name not in ("where", "sql", "needs")}
        goes_on = self.optimizer_from is not None
        return {**found, "optimizer_from": goes_on, "selection": {**told, "query": self.selection.query()}}


_POSITIVE = (
    "steps", "problems_per_step", "learning_rate", "max_grad_norm", "batch_tokens", "checkpoint_every", "processes"
)  # fmt: skip
_HOW = {"corpus", "model", "out", "checkpoint_every", "keep_optimizer", "min_ess", "processes", "parallel", "trackers"}


@dataclass(frozen=True)
class TrainSummary:
    """What came out."""

    policy_id: str
    path: str
    parent_policy_id: str
    objective: str
    """Its name and options."""
    steps: int
    """Taken."""
    num_problems: int
    """Solved problems."""
    num_verified: int
    """Verified draws, repetitions counted."""
    num_distinct: int
    """Different verified completions, which is what the model computes."""
    last: dict[str, float]
    """The metrics of the last step, of the first when none was taken."""
    seconds: float
    stopped: float | None = None
    """The effective sample size that stopped the training early."""

    def as_text(self) -> str:
        """Return what `cli train` prints."""
        last = self.last
        text = (
            f"{self.path}: policy {self.policy_id}, {self.objective}, {self.steps} steps from {self.parent_policy_id} "
            f"in {self.seconds:,.1f} s\n"
            f"{self.num_problems:,} solved problems, {self.num_verified:,} verified samples "
            f"({self.num_distinct:,} distinct); forward KL {last['forward_kl']:.3f} nats, "
            f"effective sample size {last['ess']:.0%}, {last['clip_fraction']:.0%} clipped"
        )
        if self.stopped is None:
            return text
        return (
            f"{text}\nstopped before step {self.steps + 1}: an effective sample size of {self.stopped:.1%} is too "
            f"small to learn from.\nSample again from the policy reached: cli gen --model {self.path}, then cli filter "
            "and cli score. Or go on from here: the same command with a smaller --min-ess."
        )
