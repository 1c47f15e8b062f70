"""How far a sampling engine's log-probabilities are from the trainer's, on a few draws made for it.

This is also how a hand-over of new weights is proved: an engine that still has the old ones is far off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gen.engine import Engine, Request
from gen.models import ModelFolder
from gen.prompts import encode_prompt
from train.logprobs import Tokens
from train.score import Scorer


@dataclass(frozen=True)
class Gap:
    """Differences in nats of single tokens' log-probabilities, sampled against scored."""

    num_draws: int
    num_tokens: int
    mean: float
    p99: float
    largest: float
    ess: float
    """Effective sample size of the sequence ratio, as a share of the draws."""

    def __str__(self) -> str:
        """Return one line."""
        return (
            f"{self.num_draws} draws, {self.num_tokens} tokens; difference of a token's log-probability mean "
            f"{self.mean:.2g}, 99 % below {self.p99:.2g}, largest {self.largest:.2g} nats; effective sample size of "
            f"the sequence ratio {self.ess:.4%}"
        )


def probe(engine: Engine, folder: ModelFolder, scorer: Scorer, prompts: Sequence[str], n: int = 1) -> Gap:
    """Draw n samples of every prompt with the engine, score them, and compare."""
    requests = [Request(str(number), text, 0, tuple(range(n))) for number, text in enumerate(prompts)]
    samples = list(engine.generate(requests))
    ids = [tuple(encode_prompt(folder.tokenizer, text, folder.end_tokens)) for text in prompts]
    scored = dict(scorer.score([Tokens(ids[int(one.problem_id)], tuple(one.token_ids)) for one in samples]))
    gaps = np.concatenate(
        [np.subtract(scored[place].token_logprobs, one.token_logprobs) for place, one in enumerate(samples)]
    )
    ratios = np.exp([sum(scored[place].token_logprobs) - one.logprob_policy for place, one in enumerate(samples)])
    sizes = np.abs(gaps)
    return Gap(
        num_draws=len(samples),
        num_tokens=len(gaps),
        mean=float(sizes.mean()),
        p99=float(np.quantile(sizes, 0.99)),
        largest=float(sizes.max()),
        ess=float(ratios.sum() ** 2 / (len(ratios) * (ratios**2).sum())),
    )


def probe_prompts(folder: ModelFolder, num: int = 16) -> list[str]:
    """Return single tokens of the model's vocabulary: nothing is known of what it was trained on."""
    tokens = [token for token in range(folder.vocabulary) if token not in folder.end_tokens]
    chosen = tokens[:: max(1, len(tokens) // num)][:num]
    return [text for token in chosen if (text := folder.tokenizer.decode([token])).strip()] or ["a"]
