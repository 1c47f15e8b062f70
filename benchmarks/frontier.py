"""The frontier of α over several seeds: `python -m benchmarks.frontier --train-seeds 3 --picture FILE.svg OUT OUT OUT`.

Each OUT is a finished `cli quickstart --seed S --out OUT`: other problems, another base policy, another pool. On each
pool every α is trained with as many seeds as asked (the order of the problems differs), evaluated and averaged, problem
by problem. The problems of all OUTs are pooled: intervals are 95 % bootstrap intervals over them, differences are taken
problem by problem. What is done already is not done again.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from recipes.quickstart.pipeline import ALPHAS, QuickstartConfig, distillation
from store.corpus import Corpus
from store.drawing import INK, SERIES, Series, standalone
from store.figures import precision_coverage
from store.ids import policy_id
from store.metrics import Counts, Interval, bootstrap, load_counts, pass_curves, ratio, resample
from train.evaluate import EvalConfig, evaluate_policy
from train.trainer import train

KS = (1, 16, 64)


@dataclass(frozen=True)
class Point:
    """One α, or the base policy: its numbers on the problems of every pool, averaged over its trainings."""

    alpha: float | None
    curves: np.ndarray
    """pass@1 … pass@64, (problems, 64)."""
    distinct: np.ndarray
    """Distinct verified proofs, (problems,)."""
    solved: np.ndarray
    """Share of the trainings that solved it, (problems,)."""
    each: list[np.ndarray]
    """Mean pass@1 … pass@64 of every training, (64,)."""

    @property
    def name(self) -> str:
        """Return the label."""
        return "base" if self.alpha is None else f"α = {self.alpha:g}"


def main() -> None:
    """Train and evaluate what is missing; print the frontier as a Markdown table, with differences; draw it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-seeds", type=int, default=1)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("outs", type=Path, nargs="+")
    arguments = parser.parse_args()
    configs = [QuickstartConfig(out, seed=seed) for seed, out in enumerate(arguments.outs)]
    points = [_point(configs, alpha, arguments.train_seeds) for alpha in (None, *ALPHAS)]
    num_problems = len(points[0].curves)
    share = resample(num_problems, 0)
    print(
        f"{len(configs)} pools, {num_problems} held-out problems, {arguments.train_seeds} trainings of each α a pool\n"
    )
    _table(points, share)
    _differences(points, share)
    if arguments.picture:
        arguments.picture.write_text(_picture(points, share), encoding="utf-8")


def _table(points: list[Point], share: np.ndarray) -> None:
    print("| policy |", *(f"pass@{k} |" for k in KS), "distinct proofs per solved problem |")
    print("| --- |", *("--- |" for _ in KS), "--- |")
    for point in points:
        distinct = ratio(point.distinct, point.solved, share)
        print(f"| {point.name} |", *(f"{_pass_at(point, k, share)} |" for k in KS), f"{distinct} |")


def _differences(points: list[Point], share: np.ndarray) -> None:
    base, zero = points[0], points[1]
    for k in KS:
        print()
        for point in points:
            from_base, from_zero = (
                _mean(point.curves[:, k - 1] - other.curves[:, k - 1], share) for other in (base, zero)
            )
            each = " ".join(f"{curve[k - 1]:.3f}" for curve in point.each)
            print(f"pass@{k:<3} {point.name:<10} minus base {from_base}   minus α = 0 {from_zero}   each {each}")


def _picture(points: list[Point], share: np.ndarray) -> str:
    """Return the precision-coverage plane as an SVG file."""
    drawn = []
    for index, point in enumerate(points):
        is_base = point.alpha is None
        series = Series(point.name, INK if is_base else SERIES[index - 1], is_base, point.alpha)
        drawn.append((series, _pass_at(point, 1, share), _pass_at(point, KS[-1], share)))
    return standalone(precision_coverage(drawn, KS[-1]))


def _point(configs: list[QuickstartConfig], alpha: float | None, train_seeds: int) -> Point:
    counts = [[_counts(config, folder) for folder in _policies(config, alpha, train_seeds)] for config in configs]
    return Point(
        alpha=alpha,
        curves=_pooled(counts, lambda one: pass_curves(one.n, one.verified, KS[-1])),
        distinct=_pooled(counts, lambda one: one.distinct),
        solved=_pooled(counts, lambda one: one.verified > 0),
        each=[pass_curves(one.n, one.verified, KS[-1]).mean(axis=0) for trainings in counts for one in trainings],
    )


def _pooled(counts: list[list[Counts]], value: Callable[[Counts], np.ndarray]) -> np.ndarray:
    """Return a value problem by problem, averaged over the trainings."""
    return np.concatenate([np.mean([value(one) for one in trainings], axis=0) for trainings in counts])


def _policies(config: QuickstartConfig, alpha: float | None, train_seeds: int) -> list[Path]:
    """Return the folders of one α's policies on one pool, trained and evaluated."""
    folders = [config.policy(alpha)]
    if alpha is None:
        return folders
    for seed in range(1, train_seeds):
        folder = folders[0].with_name(f"{folders[0].name}-again-{seed}")
        train(replace(distillation(config, alpha), out=folder, seed=1000 * seed + config.seed))
        size = config.size
        evaluate_policy(
            EvalConfig(config.corpus, folder, n=size.n_eval, seed=config.seed, max_new_tokens=size.max_new_tokens)
        )
        folders.append(folder)
    return folders


def _counts(config: QuickstartConfig, folder: Path) -> Counts:
    return load_counts(Corpus.open(config.corpus), policy_id(folder), "test")


def _pass_at(point: Point, k: int, share: np.ndarray) -> Interval:
    return _mean(point.curves[:, k - 1], share)


def _mean(values: np.ndarray, share: np.ndarray) -> Interval:
    return bootstrap(values[:, None], share)[0]


if __name__ == "__main__":
    main()
