"""Where everything of a twin stands, and what each stage of a run is asked to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filter.run import FilterConfig
from gen.run import GenConfig
from recipes.quickstart.pipeline import QuickstartConfig
from recipes.twin.rows import FAST, FULL, Row, Shape, Size, rows_of
from store.errors import UsageError
from store.shards import write_text
from train.config import TrainConfig
from train.evaluate import EvalConfig
from train.loop import LoopConfig

RECORD = "twin.json"
LEARNING_RATE = 3e-4
TRAINING_SEEDS = 10_000
"""From one training's seed to the next one's, on the same problems."""
REFERENCE_SEED = 1_000_000
"""Far from the seeds of the rounds, so that the reference of Z shares no sample with them."""
EPOCHS = Path(__file__).with_name("epochs.sql")


@dataclass(frozen=True)
class Plan:
    """What is run, and where to."""

    out: Path
    bases: tuple[Path, ...] = ()
    """Finished quickstarts, of seed 0, 1, … in this order; () makes problems and base policies in `out`."""
    num_seeds: int = 3
    fast: bool = False
    num_trainings: int = 2
    """Of each repeated row, a seed."""

    @property
    def size(self) -> Size:
        """Return the numbers of the short or the full form."""
        return FAST if self.fast else FULL

    def quickstart(self, seed: int) -> QuickstartConfig:
        """Return where problems and base policy of a seed are."""
        folder = self.bases[seed] if self.bases else self.out / f"seed-{seed}" / "base"
        return QuickstartConfig(folder, fast=self.fast, seed=seed, workers=1)

    def jobs(self) -> list[Job]:
        """Return everything that is to be done, seed by seed, then the repeated trainings, seed by seed."""
        rows: list[Row | None] = [None, *rows_of(self.size)]
        return [
            Job(self, seed, row, training)
            for training in range(self.num_trainings)
            for seed in range(self.num_seeds)
            for row in rows
            if training == 0 or (row is not None and row.repeated)
        ]


@dataclass(frozen=True)
class Job:
    """One policy, trained and measured in a corpus of its own; without a row the base policy."""

    plan: Plan
    seed: int
    """Of its problems and base policy."""
    row: Row | None
    training: int = 0
    """The first, or one more with other draws."""

    @property
    def folder(self) -> Path:
        """Return where everything of it stands."""
        name = self.row.name if self.row else "untrained"
        return self.plan.out / f"seed-{self.seed}" / (f"{name}-again-{self.training}" if self.training else name)

    @property
    def training_seed(self) -> int:
        """Return the seed of its draws and steps."""
        return self.seed + self.training * TRAINING_SEEDS

    @property
    def corpus(self) -> Path:
        """Return its corpus."""
        return self.folder / "corpus"

    @property
    def result(self) -> Path:
        """Return the file that says that it is done, and with what result."""
        return self.folder / "result.json"

    @property
    def base(self) -> Path:
        """Return the folder of the base policy."""
        return self.plan.quickstart(self.seed).policy(None)

    @property
    def label(self) -> str:
        """Return what the table calls it."""
        return self.row.label if self.row else "base"

    def sampling(self, n: int, seed: int) -> GenConfig:
        """Return how the base is sampled on the problems to train on."""
        longest = self.plan.quickstart(self.seed).size.max_new_tokens
        return GenConfig(self.corpus, self.base, n=n, split="train", seed=seed, max_new_tokens=longest)

    def checking(self) -> FilterConfig:
        """Return who judges: one Lean, as jobs run side by side."""
        return FilterConfig(self.corpus, workers=1)

    def loop(self, row: Row) -> LoopConfig:
        """Return the loop of a row."""
        shape, out = row.shape(self.plan.size), self.folder / "loop"
        return LoopConfig(
            gen=self.sampling(shape.n, self.training_seed), filter=self.checking(),
            train=self._training(row, shape, out), out=out, rounds=shape.rounds, problems_per_round=shape.problems,
            problems_sql=EPOCHS if shape.problems else None, replay=shape.replay, z=shape.z,
            carry_optimizer=shape.steps == 1,
        )  # fmt: skip

    def _training(self, row: Row, shape: Shape, out: Path) -> TrainConfig:
        return TrainConfig(
            self.corpus, self.base, out, objective=row.objective, objective_args=row.options, steps=shape.steps,
            problems_per_step=shape.problems_per_step, learning_rate=LEARNING_RATE, seed=self.training_seed,
        )  # fmt: skip

    def evaluation(self, policy: Path) -> EvalConfig:
        """Return how a policy is measured on the held-out problems."""
        sampling = self.sampling(self.plan.size.n_eval, self.seed)
        return EvalConfig(
            self.corpus, policy, n=sampling.n, seed=sampling.seed, max_new_tokens=sampling.max_new_tokens, workers=1
        )


def claim(plan: Plan) -> None:
    """Take the folder, or find that it holds the same twin.

    Raises UsageError for base policies that are not those of the seeds, and for a folder that holds something else.
    """
    if plan.bases and len(plan.bases) != plan.num_seeds:
        raise UsageError(f"--base: names {len(plan.bases)} quickstarts for --seeds {plan.num_seeds}.")
    for seed, folder in enumerate(plan.bases):
        wanted = {"fast": plan.fast, "seed": seed}
        found = _read(folder / "quickstart.json")
        if found != wanted:
            raise UsageError(f"--base {folder}: holds {found or 'no quickstart'}, not a quickstart with {wanted}.")
    record: dict[str, Any] = {"fast": plan.fast, "bases": [str(folder.resolve()) for folder in plan.bases]}
    found = _read(plan.out / RECORD)
    if found is None and plan.out.exists() and (not plan.out.is_dir() or any(plan.out.iterdir())):
        raise UsageError(f"{plan.out}: something else stands there already. Name another folder.")
    if found is not None and found != record:
        raise UsageError(f"{plan.out}: holds a twin with {found}, not {record}. Name another folder.")
    if found is None:
        write_text(json.dumps(record) + "\n", plan.out / RECORD)


def _read(record: Path) -> dict[str, Any] | None:
    return json.loads(record.read_text(encoding="utf-8")) if record.is_file() else None
