"""How good a policy is on a set of problems: pass@k and diversity, with intervals over the problems."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from store.corpus import Corpus
from store.errors import UsageError

QUERIES = Path(__file__).parent / "queries"
NUM_RESAMPLES = 2000
LEVEL = 0.95
SHOWN = (1, 4, 16, 64, 256)
"""The k that a table shows."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval: percentiles of the bootstrap over problems."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return the estimate and its interval in brackets."""
        return f"{self.estimate:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class EvalResult:
    """One policy on the problems of one split."""

    policy_id: str
    split: str
    n: int
    """Draws per problem: the least over the problems."""
    n_problems: int
    n_solved: int
    """Problems with a verified proof among the draws."""
    pass_at: tuple[Interval, ...]
    """pass@1 … pass@n."""
    distinct: Interval
    """Distinct verified proofs of the problems that were solved, per problem."""
    cut_share: float
    """Share of the draws cut at the length limit."""

    def at(self, k: int) -> Interval:
        """Return pass@k. Raises UsageError for a k outside 1 … n."""
        if not 1 <= k <= self.n:
            raise UsageError(f"pass@{k}: there are only {self.n} draws per problem.")
        return self.pass_at[k - 1]

    def record(self) -> dict[str, object]:
        """Return everything as JSON can hold it."""
        return asdict(self)

    def as_json(self) -> str:
        """Return `record` as text."""
        return json.dumps(self.record(), indent=2)

    def as_text(self) -> str:
        """Return what `cli eval` prints."""
        lines = [
            f"policy {self.policy_id}, {self.n_problems} problems of split {self.split}, {self.n} draws each: "
            f"{self.n_solved} solved"
        ]
        lines += [f"  pass@{k:<4} {self.at(k)}" for k in shown(self.n)]
        lines.append(f"  distinct proofs per solved problem {self.distinct}")
        lines.append("Brackets: 95 % bootstrap intervals over the problems.")
        return "\n".join(lines)


def shown(n: int) -> list[int]:
    """Return the k ≤ n that a table shows, n itself among them."""
    return sorted({k for k in SHOWN if k <= n} | {n})


def pass_at_k(n: np.ndarray, c: np.ndarray, k: int) -> np.ndarray:
    """Return 1 − C(n−c, k)/C(n, k) for arrays of draws n and verified draws c, shape (problems,): unbiased.

    As a product of ratios, which neither overflows nor cancels (arXiv 2107.03374, section 2.1).
    """
    steps = np.arange(k)
    ratios = 1 - c[:, None] / (n[:, None] - steps)
    return 1 - np.clip(ratios, 0, None).prod(axis=1)


def evaluate(corpus: Corpus, policy_id: str, split: str, seed: int = 0) -> EvalResult:
    """Count the judged draws of a policy on a split.

    Raises UsageError when there are none.
    """
    query = (QUERIES / "evaluation.sql").read_text(encoding="utf-8")
    with corpus.connect() as connection:
        columns = connection.execute(query, {"policy_id": policy_id, "split": split}).fetchnumpy()
    n, c, distinct, cut = (np.asarray(columns[name]) for name in ("n", "n_verified", "n_distinct", "n_cut"))
    if not len(n):
        raise UsageError(f"policy {policy_id} has no judged samples of split {split}: run `cli gen` and `cli filter`.")
    resamples = np.random.default_rng(seed).integers(len(n), size=(NUM_RESAMPLES, len(n)))
    least = int(n.min())
    return EvalResult(
        policy_id=policy_id,
        split=split,
        n=least,
        n_problems=len(n),
        n_solved=int((c > 0).sum()),
        pass_at=tuple(bootstrap(pass_at_k(n, c, k), resamples) for k in range(1, least + 1)),
        distinct=_mean_of_solved(distinct, c > 0, resamples),
        cut_share=float(cut.sum() / n.sum()),
    )


def bootstrap(values: np.ndarray, resamples: np.ndarray) -> Interval:
    """Return the mean of `values` (problems,) and its percentiles over `resamples` (times, problems) of indices."""
    return _interval(float(values.mean()), values[resamples].mean(axis=1))


def paired_difference(first: Sequence[float], second: Sequence[float], seed: int = 0) -> Interval:
    """Return the mean difference of two policies' values on the same problems, resampling problems."""
    values = np.asarray(first) - np.asarray(second)
    return bootstrap(values, np.random.default_rng(seed).integers(len(values), size=(NUM_RESAMPLES, len(values))))


def _mean_of_solved(values: np.ndarray, solved: np.ndarray, resamples: np.ndarray) -> Interval:
    if not solved.any():
        return Interval(0.0, 0.0, 0.0)
    sums, counts = (values * solved)[resamples].sum(axis=1), solved[resamples].sum(axis=1)
    return _interval(float(values[solved].mean()), sums[counts > 0] / counts[counts > 0])


def _interval(estimate: float, resampled: np.ndarray) -> Interval:
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(estimate, float(low), float(high))
