"""The frontier of α over several seeds: `python -m benchmarks.frontier --train-seeds 3 OUT OUT OUT`.

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
from store.ids import policy_id
from store.metrics import Counts, Interval, bootstrap, load_counts, pass_curves, resample
from train.evaluate import EvalConfig, evaluate_policy
from train.trainer import train

KS = (1, 4, 16, 64)


def main() -> None:
    """Train and evaluate what is missing; print, for each policy, pass@k and its difference from the base and α = 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-seeds", type=int, default=1)
    parser.add_argument("outs", type=Path, nargs="+")
    arguments = parser.parse_args()
    configs = [QuickstartConfig(out, seed=seed) for seed, out in enumerate(arguments.outs)]
    policies = {
        alpha: [_policies(config, alpha, arguments.train_seeds if alpha is not None else 1) for config in configs]
        for alpha in (None, *ALPHAS)
    }
    curves = {alpha: [_curves(config, folders) for config, folders in zip(configs, found, strict=True)]
              for alpha, found in policies.items()}  # fmt: skip
    num_problems = sum(len(part[0]) for part in curves[None])
    share = resample(num_problems, 0)
    print(f"{len(configs)} pools, {num_problems} held-out problems, {arguments.train_seeds} trainings of each α a pool")
    for k in KS:
        base, zero = _pooled(curves[None], k), _pooled(curves[0.0], k)
        for alpha, parts in curves.items():
            values = _pooled(parts, k)
            own, from_base, from_zero = (
                _mean(column, share) for column in (values, values - base, values - zero)
            )  # fmt: skip
            each = " ".join(f"{run[:, k - 1].mean():.3f}" for part in parts for run in part)
            name = "base" if alpha is None else f"α = {alpha:g}"
            print(f"pass@{k:<3} {name:<10} {own}   minus base {from_base}   minus α = 0 {from_zero}   each {each}")


def _policies(config: QuickstartConfig, alpha: float | None, train_seeds: int) -> list[Path]:
    """Return the folders of one α's policies on one pool, trained and evaluated."""
    if alpha is None:
        return [config.policy(None)]
    folders = [config.policy(alpha)]
    for seed in range(1, train_seeds):
        folder = folders[0].with_name(f"{folders[0].name}-again-{seed}")
        train(replace(distillation(config, alpha), out=folder, seed=1000 * seed + config.seed))
        size = config.size
        evaluate_policy(
            EvalConfig(config.corpus, folder, n=size.n_eval, seed=config.seed, max_new_tokens=size.max_new_tokens)
        )
        folders.append(folder)
    return folders


def _curves(config: QuickstartConfig, folders: list[Path]) -> list[np.ndarray]:
    """Return pass@1 … pass@64 of every problem, (problems, 64), for each policy."""
    corpus = Corpus.open(config.corpus)
    found: list[Counts] = [load_counts(corpus, policy_id(folder), "test") for folder in folders]
    return [pass_curves(one.n, one.verified, KS[-1]) for one in found]


def _pooled(parts: list[list[np.ndarray]], k: int) -> np.ndarray:
    """Return pass@k problem by problem, averaged over the trainings."""
    return np.concatenate([np.mean([run[:, k - 1] for run in part], axis=0) for part in parts])


def _mean(values: np.ndarray, share: np.ndarray) -> Interval:
    return bootstrap(values[:, None], share)[0]


if __name__ == "__main__":
    main()
