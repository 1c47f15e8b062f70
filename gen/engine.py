"""What an engine is: requests in, finished samples out, in whatever order they finish."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
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
    statistics: dict[str, list[float]] | None = None
    """Of the policy's whole distribution at each token, by the names in `gen.sampling.STATISTICS`; None: not asked."""


class Engine(Protocol):
    """A model ready to be sampled from, with one sampling configuration."""

    name: str
    version: str

    @property
    def dtype(self) -> str:
        """The type that the model computes in."""

    @property
    def device(self) -> object:
        """Where it computes."""

    @property
    def capacity(self) -> int:
        """Draws that it takes in at once, at most."""

    def generate(self, requests: Iterable[Request]) -> Iterator[Sample]:
        """Yield every draw of every request once. Requests are taken only as room for them appears."""

    def update_weights(self, model: Path) -> None:
        """Take over, in place, the weights of another policy of the same architecture; no draw may be on its way.

        Raises UsageError when the folder holds no such policy.
        """

    def sleep(self) -> None:
        """Give back the accelerator's memory, while no draw is on its way; only `wake` or `close` may come next."""

    def wake(self) -> None:
        """Take the memory again, with the same weights; an engine that is awake stays so."""

    def close(self) -> None:
        """Give back memory and processes; the engine is not used again."""
