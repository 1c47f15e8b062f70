"""How good a policy is on held-out problems: sample, check, count, through the stages' public functions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from filter.run import FilterConfig, check
from gen.run import GenConfig, generate
from store.corpus import Corpus
from store.ids import policy_id
from store.location import Address
from store.metrics import EvalResult, evaluate


@dataclass(frozen=True)
class EvalConfig:
    """Which policy, on which problems, with how many samples each (temperature 1, nothing truncated)."""

    corpus: Address
    model: Path
    split: str = "test"
    n: int = 64
    seed: int = 0
    max_new_tokens: int = 1024
    workers: int | None = None


def evaluate_policy(config: EvalConfig) -> EvalResult:
    """Return pass@k for k = 1 … n with intervals; samples and verdicts that the corpus holds are not made again."""
    sampling = GenConfig(
        corpus=config.corpus,
        model=config.model,
        n=config.n,
        split=config.split,
        seed=config.seed,
        max_new_tokens=config.max_new_tokens,
    )
    generate(sampling)
    check(FilterConfig(corpus=config.corpus, workers=config.workers))
    corpus = Corpus.open(config.corpus).pinned()
    result = evaluate(corpus, policy_id(config.model), split=config.split)
    corpus.write_run("eval", {**result.record(), "shards": corpus.shards()})
    return result
