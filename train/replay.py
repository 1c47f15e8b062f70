"""Which earlier rounds a round of the loop learns from."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from store.corpus import Corpus
from train.selection import Drawn, Mixture, Selection, rows


@dataclass(frozen=True)
class Window:
    """Rounds that are learnt from together."""

    drawn: Drawn
    num_proofs: int
    ess: float
    """Effective sample size of π_θ/q over the proofs of a problem, as a share of them; mean over the problems."""


def choose_window(corpus: Corpus, split: str | None, drawn: Drawn, policy: str, min_ess: float) -> Window:
    """Return the longest end of `drawn` whose effective sample size for `policy` is at least `min_ess`.

    The policies of `drawn` and `policy` itself must have scored each other's proofs. The last round is always in.
    """
    for first in range(len(drawn)):
        window = look_at(corpus, split, drawn[first:], policy)
        if window.ess >= min_ess:
            break
    return window


def look_at(corpus: Corpus, split: str | None, drawn: Drawn, policy: str) -> Window:
    """Count the proofs of these rounds, and compute their effective sample size for `policy`."""
    log_ratios: dict[str, list[float]] = defaultdict(list)
    for row in rows(corpus, Selection(split=split, mixture=Mixture(drawn, ())), policy):
        # `base` of the query is the policy here
        log_ratios[row["problem_id"]].append(row["log_base"] - row["log_sampler"])
    if not log_ratios:
        return Window(drawn, 0, 0.0)
    shares = [_ess_share(values) for values in log_ratios.values()]
    return Window(drawn, sum(map(len, log_ratios.values())), sum(shares) / len(shares))


def _ess_share(log_weights: list[float]) -> float:
    """Return (Σ w)² / (n Σ w²)."""
    largest = max(log_weights)
    weights = [math.exp(value - largest) for value in log_weights]
    return math.fsum(weights) ** 2 / (len(weights) * math.fsum(weight**2 for weight in weights))
