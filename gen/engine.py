"""What an engine is: requests in, finished samples out, in whatever order they finish."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Request:
    """One problem and the draws asked of it; they share the prompt's prefill."""

    problem_id: str
    prompt: str
    seed: int
    indices: tuple[int, ...]
    """sample_index of each draw. A draw's randomness is a function of (seed, problem_id, index) alone."""


@dataclass(frozen=True)
class Sample:
    """One finished draw. Log-probabilities in nats."""

    problem_id: str
    seed: int
    index: int
    completion: str
    """Text after the prompt, without the end token."""
    token_ids: list[int]
    """End token included when one was drawn."""
    token_logprobs: list[float]
    """log π of each token: temperature 1, whole vocabulary."""
    logprob_policy: float
    """Sum of `token_logprobs`, in float64."""
    logprob_sampler: float
    """log q of the distribution drawn from: temperature, top-k and top-p applied."""
    finish_reason: Literal["stop", "length"]
    prompt_tokens: int


class Engine(Protocol):
    """A model ready to be sampled from, with one sampling configuration."""

    name: str
    version: str

    def generate(self, requests: Iterable[Request]) -> Iterator[Sample]:
        """Yield every draw of every request once. Requests are taken only as room for them appears."""
