"""How good a policy is on a set of problems: pass@k and diversity, with intervals over the problems."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from store.corpus import Corpus
from store.database import read_sql
from store.errors import UsageError

QUERIES = Path(__file__).parent / "queries"
NUM_RESAMPLES = 2000
LEVEL = 0.95
ENOUGH = 4
"""Verified draws of a problem from which it says something that they are all equal."""
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

    def signed(self) -> str:
        """Return the same of a difference."""
        return f"{self.estimate:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


@dataclass(frozen=True)
class Counts:
    """Judged draws of one policy, problem by problem: arrays (problems,) in order of problem_id."""

    problem_id: np.ndarray
    n: np.ndarray
    """Draws."""
    verified: np.ndarray
    distinct: np.ndarray
    """Different verified proofs."""
    cut: np.ndarray
    """Draws cut at the length limit."""
    entropy: np.ndarray
    """Of the verified proofs, in bits; 0 where there is none, as the next."""
    gini_simpson: np.ndarray
    """The chance that two of the verified proofs differ."""
    ways: np.ndarray
    """Different sequences of tactics among the verified proofs."""
    ways_entropy: np.ndarray
    """Of these, in bits."""
    plain: np.ndarray
    """Verified draws whose tactics are not known."""
    tokens: np.ndarray
    """Of the verified draws, end tokens included; 0 where no base was named."""
    log_base: np.ndarray
    """Σ log π_base of the verified draws, in nats."""
    unknown: np.ndarray
    """Verified draws whose tokens or log π_base are not known."""

    def select(self, rows: np.ndarray) -> Counts:
        """Return the problems at these indices."""
        return Counts(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class EvalResult:
    """One policy on one set of problems."""

    policy_id: str
    problems: str
    """Which problems, in words."""
    n: int
    """Draws per problem: the least over the problems."""
    n_problems: int
    """Problems with judged draws."""
    n_missing: int
    """Problems of the set without one: they are in no number below."""
    n_solved: int
    """Problems with a verified proof among the draws."""
    pass_at: tuple[Interval, ...]
    """pass@1 … pass@n."""
    distinct: Interval | None
    """Distinct verified proofs of the problems that were solved, per problem; None when none was."""
    entropy: Interval | None
    """Shannon entropy of the verified proofs of a problem, in bits: the mean over the solved problems."""
    gini_simpson: Interval | None
    """The chance that two verified draws of a problem are different proofs: the mean over the solved problems."""
    tactics: Interval | None
    """Different sequences of tactics per solved problem; None where a verified draw has no facts, as the next."""
    tactics_entropy: Interval | None
    """Of the sequences of a problem, in bits: the mean over the solved problems."""
    n_repeated: int
    """Problems with at least `ENOUGH` verified draws, …"""
    n_equal: int
    """… and those of them on which all verified draws are one and the same proof."""
    perplexity: Interval | None
    """Of the verified draws under the base policy, per token; None where no base was named or scores are missing."""
    cut_share: float
    """Share of the draws cut at the length limit."""

    @property
    def collapsed(self) -> bool:
        """Say whether most problems have one proof over and over."""
        return self.n_repeated > 0 and self.n_equal > self.n_repeated / 2

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

    def as_text(self, ks: Sequence[int] = ()) -> str:
        """Return pass@k at `ks` (the usual ones unless said), diversity and perplexity."""
        lines = [
            f"policy {self.policy_id}, {self.n_problems} problems of {self.problems}, {self.n} draws each: "
            f"{self.n_solved} solved"
        ]
        if self.n_missing:
            lines.append(f"  {self.n_missing} more problems have no judged draw and are left out")
        lines += [f"  pass@{k:<4} {self.at(k)}" for k in ks or shown(self.n)]
        lines.append(f"  distinct proofs per solved problem {self.distinct or '-'}")
        lines.append(f"  entropy of a problem's proofs, bits {self.entropy or '-'}")
        lines.append(f"  two of its proofs differ, chance    {self.gini_simpson or '-'}")
        lines.append(f"  ways: sequences of tactics, a problem {self.tactics or '- (run `cli facts`)'}")
        lines.append(f"  entropy of these, bits              {self.tactics_entropy or '-'}")
        lines.append(f"  perplexity under the base, a token  {self.perplexity or '-'}")
        if self.collapsed:
            lines.append(f"  COLLAPSED: on {self.n_equal} of {self.n_repeated} problems all verified proofs are equal")
        return "\n".join(lines)


def shown(n: int) -> list[int]:
    """Return the k ≤ n that a table shows, n itself among them."""
    return sorted({k for k in SHOWN if k <= n} | {n})


def load_counts(
    corpus: Corpus,
    policy_id: str,
    split: str | None,
    *,
    sample_ids: Sequence[str] | None = None,
    base: str | None = None,
) -> Counts:
    """Count the judged draws of a policy on the problems of a split; of these samples alone, if they are given.

    `base` is the policy under which the verified draws' likelihood is summed. Raises UsageError when there are none.
    """
    query = read_sql(QUERIES, "evaluation")
    wanted = pa.table({"sample_id": pa.array(sample_ids or [], pa.string())})
    parameters = {"policy_id": policy_id, "split": split, "base": base, "chosen": sample_ids is not None}
    with corpus.connect_for(query) as connection:
        connection.register("wanted", wanted)
        found = connection.execute(query, parameters).fetchnumpy()
    if not len(found["n"]):
        where = "" if split is None else f" of split {split}"
        raise UsageError(f"policy {policy_id} has no judged samples{where}: run `cli gen` and `cli filter`.")
    return Counts(
        problem_id=np.asarray(found["problem_id"]),
        n=np.asarray(found["n"]),
        verified=np.asarray(found["n_verified"]),
        distinct=np.asarray(found["n_distinct"]),
        cut=np.asarray(found["n_cut"]),
        entropy=np.asarray(found["entropy"]),
        gini_simpson=np.asarray(found["gini_simpson"]),
        ways=np.asarray(found["n_ways"]),
        ways_entropy=np.asarray(found["ways_entropy"]),
        plain=np.asarray(found["n_plain"]),
        tokens=np.asarray(found["n_tokens"]),
        log_base=np.asarray(found["log_base"]),
        unknown=np.asarray(found["n_unknown"]),
    )


def evaluate(corpus: Corpus, policy_id: str, split: str, seed: int = 0, base: str | None = None) -> EvalResult:
    """Return pass@k for k = 1 … n and diversity over all judged draws on a split, with intervals from `seed`.

    Raises UsageError when no draw of the policy on the split has been judged.
    """
    counts = load_counts(corpus, policy_id, split, base=base)
    return summarise(policy_id, counts, f"split {split}", len(corpus.problems(split)), seed)


def summarise(policy_id: str, counts: Counts, problems: str, num_problems: int, seed: int = 0) -> EvalResult:
    """Return what `counts` say of a policy on a set of `num_problems` problems, called `problems`."""
    least = int(counts.n.min())
    share = resample(len(counts.n), seed)
    repeated = counts.verified >= ENOUGH
    return EvalResult(
        policy_id=policy_id,
        problems=problems,
        n=least,
        n_problems=len(counts.n),
        n_missing=num_problems - len(counts.n),
        n_solved=int((counts.verified > 0).sum()),
        pass_at=bootstrap(pass_curves(counts.n, counts.verified, least), share),
        distinct=_mean_of_solved(counts, counts.distinct, share),
        entropy=_mean_of_solved(counts, counts.entropy, share),
        gini_simpson=_mean_of_solved(counts, counts.gini_simpson, share),
        tactics=None if counts.plain.any() else _mean_of_solved(counts, counts.ways, share),
        tactics_entropy=None if counts.plain.any() else _mean_of_solved(counts, counts.ways_entropy, share),
        n_repeated=int(repeated.sum()),
        n_equal=int((repeated & (counts.distinct == 1)).sum()),
        perplexity=_perplexity(counts, share),
        cut_share=float(counts.cut.sum() / counts.n.sum()),
    )


def pass_at_k(n: np.ndarray, c: np.ndarray, k: int) -> np.ndarray:
    """Return 1 − C(n−c, k)/C(n, k) for arrays of n ≥ k draws and c verified draws, shape (problems,): unbiased."""
    return pass_curves(n, c, k)[:, -1]


def pass_curves(n: np.ndarray, c: np.ndarray, largest: int) -> np.ndarray:
    """Return pass@1 … pass@largest of every problem, shape (problems, largest); `largest` is at most every n.

    The chance of k wrong draws is the running product of (n − c − j)/(n − j), j = 0 … k−1, which neither overflows
    nor cancels (arXiv 2107.03374, section 2.1).
    """
    steps = np.arange(largest)
    wrong = np.clip(n[:, None] - c[:, None] - steps, 0, None) / (n[:, None] - steps)
    return 1 - np.cumprod(wrong, axis=1)


def compare(corpus: Corpus, first: str, second: str, split: str, k: int, seed: int = 0) -> Interval:
    """Return pass@k of policy `first` minus that of `second` on the problems both have, resampled in pairs.

    Raises UsageError when a problem has fewer than k draws of either, or no problem has draws of both.
    """
    return difference(load_counts(corpus, first, split), load_counts(corpus, second, split), k, seed)


def difference(first: Counts, second: Counts, k: int, seed: int = 0) -> Interval:
    """Return pass@k of `first` minus that of `second`, as `compare`."""
    _, left, right = np.intersect1d(first.problem_id, second.problem_id, return_indices=True)
    if not len(left):
        raise UsageError("no problem has judged samples of both policies, so they cannot be compared.")
    first, second = first.select(left), second.select(right)
    if k > min(first.n.min(), second.n.min()):
        raise UsageError(f"pass@{k}: a problem has fewer judged draws.")
    gain = pass_at_k(first.n, first.verified, k) - pass_at_k(second.n, second.verified, k)
    return bootstrap(gain[:, None], resample(len(gain), seed))[0]


def resample(num_problems: int, seed: int, times: int = NUM_RESAMPLES) -> np.ndarray:
    """Return the share of each problem in each bootstrap resample, shape (times, problems); rows sum to 1."""
    even = np.full(num_problems, 1 / num_problems)
    return np.random.default_rng(seed).multinomial(num_problems, even, size=times) / num_problems


def bootstrap(values: np.ndarray, share: np.ndarray) -> tuple[Interval, ...]:
    """Return the column means of `values` (problems, columns) with their percentiles over the resamples of `share`."""
    return tuple(map(_interval, values.mean(axis=0), (share @ values).T))


def ratio(over: np.ndarray, under: np.ndarray, share: np.ndarray) -> Interval | None:
    """Return Σ over / Σ under of two columns (problems,) with its percentiles over the resamples; None for 0 / 0."""
    if not under.any():
        return None
    below = share @ under
    drawn = below > 0
    return _interval(float(over.sum() / under.sum()), (share @ over)[drawn] / below[drawn])


def _mean_of_solved(counts: Counts, values: np.ndarray, share: np.ndarray) -> Interval | None:
    solved = (counts.verified > 0).astype(float)
    return ratio(values * solved, solved, share)


def _perplexity(counts: Counts, share: np.ndarray) -> Interval | None:
    """Return exp of minus the mean log π_base of a token, over the verified draws of all problems."""
    nats = ratio(-counts.log_base, counts.tokens, share)
    if nats is None or counts.unknown.any():
        return None
    return Interval(*np.exp([nats.estimate, nats.low, nats.high]).tolist())


def _interval(estimate: float, resampled: np.ndarray) -> Interval:
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(estimate), float(low), float(high))
