"""The frontier of α over several seeds: `python -m benchmarks.frontier --train-seeds 3 --picture FILE.svg OUT OUT OUT`.

Each OUT is a finished `cli quickstart --seed S --out OUT`: other problems, another base policy, another pool. On each
pool every α is trained with as many seeds as asked (the order of the problems differs), evaluated and averaged, problem
by problem. The problems of all OUTs are pooled: intervals are 95 % bootstrap intervals over them, differences are taken
problem by problem. What is done already is not done again.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from recipes.quickstart.pipeline import ALPHAS, QuickstartConfig, distillation
from store.corpus import Corpus
from store.frontier import Point, as_markdown, plane, pooled
from store.ids import policy_id
from store.metrics import Counts, load_counts, resample
from train.evaluate import EvalConfig, evaluate_policy
from train.trainer import train

KS = (1, 16, 64)


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
    print(as_markdown(points, KS, share))
    _differences(points, share)
    if arguments.picture:
        arguments.picture.write_text(plane(points, KS[-1], share), encoding="utf-8")


def _differences(points: list[Point], share: np.ndarray) -> None:
    base, zero = points[0], points[1]
    for k in KS:
        print()
        for point in points:
            each = " ".join(f"{curve[k - 1]:.3f}" for curve in point.each)
            from_base, from_zero = (point.gain(other, k, share) for other in (base, zero))
            print(f"pass@{k:<3} {point.label:<10} minus base {from_base}   minus α = 0 {from_zero}   each {each}")


def _point(configs: list[QuickstartConfig], alpha: float | None, train_seeds: int) -> Point:
    counts = [[_counts(config, folder) for folder in _policies(config, alpha, train_seeds)] for config in configs]
    return pooled("base" if alpha is None else f"α = {alpha:g}", counts, KS[-1], alpha=alpha)


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


if __name__ == "__main__":
    main()
