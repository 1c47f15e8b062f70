"""Every objective offline on the same pools: `python -m benchmarks.objectives WORK OUT OUT OUT --picture FILE.svg`.

Each OUT is a finished `cli quickstart --seed S --out OUT`, S = 0, 1, … in this order: problems, a base policy and a
pool of its samples. It is only read; the corpus is copied into WORK once and gets one greedy sample a training problem
(for ReMax). Then every row of `ROWS` is trained on the pool with the same steps, problems and learning rate, and
evaluated. The problems of all OUTs are pooled; values are averaged over the trainings problem by problem, intervals are
95 % bootstrap intervals over the problems. What is done already is not done again, so an interrupted run goes on,
and commands with other `--pools` may run side by side before one without it makes the table.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from filter.run import FilterConfig, check
from gen.run import GenConfig, generate
from recipes.quickstart.pipeline import LEARNING_RATE, QuickstartConfig
from store.corpus import Corpus
from store.drawing import INK, SERIES, Series
from store.frontier import Drawn, Point, as_markdown, plane_of_gains, pooled
from store.ids import policy_id
from store.metrics import load_counts, resample
from store.shards import write_text
from train.config import TrainConfig
from train.evaluate import EvalConfig, evaluate_policy
from train.trainer import train

KS = (1, 16, 256)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    objective: str
    options: tuple[tuple[str, Any], ...] = ()
    kind: str = "advantage"
    """divergence, advantage or balance: a colour of the picture."""

    @property
    def label(self) -> str:
        """Return the name and what it was told."""
        return " ".join([self.objective, *(f"{key}={value}" for key, value in self.options)])

    @property
    def folder(self) -> str:
        """Return the label as the name of a folder."""
        return self.label.replace(" ", "_").replace("=", "-")


ROWS = (
    *(Row("alpha-dpg", (("alpha", alpha),), "divergence") for alpha in (0.25, 0.5, 0.999)),
    Row("alpha-dpg", (("alpha", 0.25), ("baseline", "leave-one-out"), ("clip", 10)), "divergence"),
    *(Row(name, (), "divergence") for name in ("kl-dpg", "rs-ft", "js", "tv", "reverse-kl")),  # kl-dpg: α = 0
    Row("tb", (("log_z", "stored"),), "balance"),
    *(Row(name) for name in ("reinforce", "grpo", "dr-grpo", "rloo", "remax", "gpg", "pass-k", "grpo-pass-k")),
    *(Row(name) for name in ("unlikely", "unlikely-by-reward")),
    Row("grpo", (("kl", 0.1),)),
    *(Row("tb", (("log_z", kind),), "balance") for kind in ("learned", "cancelled")),
)


@dataclass(frozen=True)
class Plan:
    """What is asked of every row."""

    work: Path
    outs: tuple[Path, ...]
    train_seeds: int
    n_eval: int
    steps: int
    learning_rate: float
    fast: bool
    """The OUTs are of `cli quickstart --fast`."""

    def quickstart(self, pool: int) -> QuickstartConfig:
        """Return the quickstart that a pool comes from."""
        return QuickstartConfig(self.outs[pool], fast=self.fast, seed=pool)

    def corpus(self, pool: int) -> Path:
        """Return the copy that is worked on."""
        return self.work / f"pool-{pool}" / "corpus"

    def base(self, pool: int) -> Path:
        """Return the policy that was sampled."""
        return self.quickstart(pool).policy(None)


def main() -> None:
    """Train and evaluate what is missing; print the table and draw it."""
    arguments = _arguments()
    rows = [row for row in ROWS if not arguments.only or row.objective in arguments.only]
    plan = Plan(
        arguments.work, tuple(arguments.outs), arguments.train_seeds, arguments.n_eval, arguments.steps,
        arguments.learning_rate, arguments.fast,
    )  # fmt: skip
    pools = arguments.pools or range(len(plan.outs))
    untrained = [[_untrained(plan, pool)] for pool in pools]
    points = [pooled("base", untrained, plan.n_eval, kind="base")]
    for row in rows:
        done = [_file(plan, pool, row, seed).is_file() for pool in pools for seed in range(plan.train_seeds)]
        if arguments.table_only and not all(done):
            continue
        counts = [[_trained(plan, pool, row, seed) for seed in range(plan.train_seeds)] for pool in pools]
        points.append(pooled(row.label, counts, plan.n_eval, kind=row.kind))
    share = resample(len(points[0].curves), 0)
    print(
        f"{len(pools)} pools, {len(points[0].curves)} held-out problems, {plan.train_seeds} trainings a row and "
        f"pool, {plan.steps} steps at learning rate {plan.learning_rate:g}, {plan.n_eval} samples a problem\n"
    )
    print(as_markdown(points, _shown(plan.n_eval), share, head="objective"))
    print("\n| minus base |", " | ".join(f"pass@{k}" for k in _shown(plan.n_eval)), "| pass@1 of each pool |")
    print("| --- " * (len(_shown(plan.n_eval)) + 2) + "|")
    for point in points[1:]:
        gains = [point.gain(points[0], k, share).signed() for k in _shown(plan.n_eval)]
        each = " ".join(f"{curve[0]:.3f}" for curve in point.each)
        print("|", " | ".join([point.label, *gains, each]), "|")
    if arguments.picture:
        _draw(points, plan.n_eval, share, arguments.picture)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("outs", type=Path, nargs="+")
    parser.add_argument("--pools", type=int, nargs="+", help="the pools of these OUTs alone, counted from 0")
    parser.add_argument("--train-seeds", type=int, default=1, help="trainings of a row on a pool: other problem orders")
    parser.add_argument("--n-eval", type=int, default=256)
    parser.add_argument("--steps", type=int, default=80)
    parser.add_argument("--learning-rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--only", nargs="*", default=[], help="these objectives alone")
    parser.add_argument("--fast", action="store_true", help="the OUTs are of cli quickstart --fast")
    parser.add_argument("--table-only", action="store_true", help="of what is done by now")
    parser.add_argument("--picture", type=Path)
    return parser.parse_args()


@cache
def _prepare(plan: Plan, pool: int) -> None:
    """Copy the corpus whole or not at all, without what other policies drew, and draw the greedy samples."""
    corpus, config = plan.corpus(pool), plan.quickstart(pool)
    if not corpus.exists():
        temporary = corpus.with_name("corpus.tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.copytree(config.corpus, temporary, ignore=_others(policy_id(plan.base(pool))))
        temporary.rename(corpus)
    longest = config.size.max_new_tokens
    generate(GenConfig(corpus, plan.base(pool), n=1, split="train", temperature=0.0, max_new_tokens=longest))
    check(FilterConfig(corpus=corpus))


def _others(policy: str) -> Callable[[str, list[str]], list[str]]:
    """Return what leaves the samples of other policies out of a copy."""
    return lambda _, names: [name for name in names if name.startswith("policy=") and name != f"policy={policy}"]


def _trained(plan: Plan, pool: int, row: Row, seed: int) -> Drawn:
    """Return what one row draws, trained on one pool."""
    return _once(_file(plan, pool, row, seed), partial(_train, plan, pool, row, seed))


def _file(plan: Plan, pool: int, row: Row, seed: int) -> Path:
    """Return where it is kept what a row draws."""
    out = _out(plan, pool, row, seed)
    return out.with_name(f"{out.name}_n-{plan.n_eval}.json")


def _out(plan: Plan, pool: int, row: Row, seed: int) -> Path:
    """Return the folder of a row's policy."""
    steps = plan.work / f"pool-{pool}" / f"steps-{plan.steps}-lr-{plan.learning_rate:g}"
    return steps / f"{row.folder}_seed-{seed}"


def _train(plan: Plan, pool: int, row: Row, seed: int) -> Drawn:
    _prepare(plan, pool)
    out = _out(plan, pool, row, seed)
    train(
        TrainConfig(
            corpus=plan.corpus(pool), model=plan.base(pool), out=out, objective=row.objective,
            objective_args=dict(row.options), steps=plan.steps, learning_rate=plan.learning_rate,
            seed=1000 * seed + pool,
        )
    )  # fmt: skip
    return _evaluated(plan, pool, out)


def _untrained(plan: Plan, pool: int) -> Drawn:
    file = plan.work / f"pool-{pool}" / f"base_n-{plan.n_eval}.json"
    return _once(file, partial(_evaluated, plan, pool, plan.base(pool)))


def _once(file: Path, compute: Callable[[], Drawn]) -> Drawn:
    """Return what stands in the file, or is computed and put there."""
    if not file.is_file():
        write_text(json.dumps(asdict(compute())) + "\n", file)
    return Drawn(**json.loads(file.read_text(encoding="utf-8")))


def _evaluated(plan: Plan, pool: int, folder: Path) -> Drawn:
    _prepare(plan, pool)
    longest = plan.quickstart(pool).size.max_new_tokens
    evaluate_policy(EvalConfig(plan.corpus(pool), folder, n=plan.n_eval, seed=pool, max_new_tokens=longest))
    return Drawn.of(load_counts(Corpus.open(plan.corpus(pool)), policy_id(folder), "test"))


def _draw(points: Sequence[Point], n_eval: int, share: np.ndarray, file: Path) -> None:
    """Draw what each row gains in precision and in coverage over the base, with the intervals of the differences."""
    kinds = dict.fromkeys(point.kind for point in points[1:])
    colours = {"base": INK} | dict(zip(kinds, SERIES[::3], strict=False))
    series = [Series(_short(point.label), colours[point.kind], point is points[0]) for point in points]
    file.write_text(plane_of_gains(points, n_eval, share, series), encoding="utf-8")


def _short(label: str) -> str:
    label = label.replace("alpha-dpg alpha=", "α = ").replace(" baseline=leave-one-out clip=10", ", centred")
    return label.replace(" log_z=", ", ")


def _shown(n_eval: int) -> list[int]:
    return sorted({k for k in KS if k <= n_eval} | {n_eval})


if __name__ == "__main__":
    main()
