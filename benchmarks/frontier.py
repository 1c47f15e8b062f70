"""The frontier of α over several seeds: `python -m benchmarks.frontier OUT OUT OUT`.

Each OUT is a finished `cli quickstart --seed S --out OUT`: other problems, another base policy, another pool. Problems
of all seeds are pooled, and the intervals are 95 % bootstrap intervals over them, the differences from the base taken
problem by problem. The spread between the seeds stands beside them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from recipes.quickstart.pipeline import ALPHAS, QuickstartConfig
from store.corpus import Corpus
from store.ids import policy_id
from store.metrics import Counts, bootstrap, load_counts, pass_curves, resample

KS = (1, 16, 64)


def main(folders: list[Path]) -> None:
    """Print, for each policy, pass@k over all seeds, the seeds' own values and the difference from the base."""
    base = _pooled(folders, None)
    num_problems = sum(len(counts.n) for counts in base)
    share = resample(num_problems, 0)
    print(f"{len(folders)} seeds, {num_problems} held-out problems in all, {int(base[0].n.min())} samples each")
    for alpha in (None, *ALPHAS):
        found = base if alpha is None else _pooled(folders, alpha)
        for k in KS:
            values, reference = _pass_at(found, k), _pass_at(base, k)
            own, gain = (bootstrap(column[:, None], share)[0] for column in (values, values - reference))
            seeds = " ".join(f"{_pass_at([one], k).mean():.3f}" for one in found)
            name = "base" if alpha is None else f"α = {alpha:g}"
            print(f"{name:<10} pass@{k:<3} {own}   seeds {seeds}   minus base {gain}")


def _pooled(folders: list[Path], alpha: float | None) -> list[Counts]:
    return [
        load_counts(Corpus.open(folder / "corpus"), policy_id(QuickstartConfig(folder).policy(alpha)), "test")
        for folder in folders
    ]


def _pass_at(counts: list[Counts], k: int) -> np.ndarray:
    return np.concatenate([pass_curves(one.n, one.verified, k)[:, -1] for one in counts])


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
