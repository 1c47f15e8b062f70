"""How a token is drawn from logits, and with which random number.

The order is temperature, min-p, top-k, top-p, as in vLLM's sampler. A draw inverts the
cumulative distribution at a uniform number that is a hash of (seed, problem, sample index, position): what else is in
the batch has no part in it. Two runs with different batches differ only where the uniform number falls within the
rounding of the cumulative distribution, about once in a million tokens in float32.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from store.errors import UsageError
from store.ids import config_hash, content_hash

_INCREMENT = 0x9E3779B97F4A7C15 - 2**64  # the constants of SplitMix64, as signed 64-bit integers
_FIRST = 0xBF58476D1CE4E5B9 - 2**64
_SECOND = 0x94D049BB133111EB - 2**64


STATISTICS = ("entropy", "logsumexp", "mean_logit")
"""What `token_statistics` returns, in this order."""


@dataclass(frozen=True)
class SamplingConfig:
    """The distribution that is drawn from; temperature 1 without truncation is the policy itself."""

    temperature: float = 1.0
    """0 is greedy: the likeliest token, with sampler probability 1."""
    top_p: float = 1.0
    top_k: int = 0
    """0 keeps the whole vocabulary."""
    max_new_tokens: int = 1024
    min_p: float = 0.0
    """A token stays if it is at least this share as likely as the likeliest; 0 keeps all."""

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        if not 0.0 <= self.temperature < float("inf"):
            raise UsageError(f"--temperature {self.temperature}: must be 0 (greedy) or a positive number.")
        if not 0.0 < self.top_p <= 1.0:
            raise UsageError(f"--top-p {self.top_p}: must be above 0 and at most 1.")
        if self.top_k < 0:
            raise UsageError(f"--top-k {self.top_k}: must be 0 (whole vocabulary) or more.")
        if self.max_new_tokens < 1:
            raise UsageError(f"--max-new-tokens {self.max_new_tokens}: must be at least 1.")
        if not 0.0 <= self.min_p <= 1.0:
            raise UsageError(f"--min-p {self.min_p}: must be between 0 and 1.")

    @property
    def is_plain(self) -> bool:
        """Whether the distribution drawn from is the policy itself."""
        return self.temperature == 1.0 and self.top_k == 0 and self.top_p == 1.0 and self.min_p == 0.0

    def hash(self, template_hash: str) -> str:
        """Return the sampling configuration's part of a sample_id."""
        chosen = {**asdict(self), "template": template_hash}
        return config_hash({name: value for name, value in chosen.items() if (name, value) != ("min_p", 0.0)})


def draw(logits: Tensor, uniform: Tensor, config: SamplingConfig) -> tuple[Tensor, Tensor, Tensor]:
    """Draw one token a row: (B, V) logits and (B,) float64 numbers in [0, 1) to (token, log_policy, log_sampler).

    The log-probabilities are float32, shape (B,).
    """
    logits = logits.float()
    log_policy = torch.log_softmax(logits, dim=-1)
    if config.temperature == 0:
        token = logits.argmax(dim=-1)
        return token, _at(log_policy, token), torch.zeros_like(uniform, dtype=torch.float32)
    log_sampler = log_policy if config.is_plain else torch.log_softmax(truncate(logits, config), dim=-1)
    token = invert(log_sampler.exp(), uniform)
    return token, _at(log_policy, token), _at(log_sampler, token)


def token_statistics(logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return entropy (nats), logsumexp and mean logit, each (B,) in float32, of (B, V) logits at temperature 1."""
    logits = logits.float()
    logsumexp = logits.logsumexp(dim=-1)
    log_probs = logits - logsumexp[:, None]
    return -(log_probs.exp() * log_probs).sum(dim=-1), logsumexp, logits.mean(dim=-1)


def truncate(logits: Tensor, config: SamplingConfig) -> Tensor:
    """Divide (B, V) logits by the temperature and set to −∞ what min-p, top-k and top-p leave out."""
    logits = logits / config.temperature
    if config.min_p > 0.0:
        lowest = logits.amax(dim=-1, keepdim=True) + math.log(config.min_p)
        logits = logits.masked_fill(logits < lowest, -torch.inf)
    if 0 < config.top_k < logits.shape[-1]:
        smallest = logits.topk(config.top_k, dim=-1).values[:, -1:]
        logits = logits.masked_fill(logits < smallest, -torch.inf)
    if config.top_p < 1.0:
        ordered, order = logits.sort(dim=-1, descending=True, stable=True)
        probability = ordered.double().softmax(dim=-1)
        before = probability.cumsum(dim=-1) - probability
        left_out = before >= config.top_p
        left_out[:, 0] = False
        logits = logits.masked_fill(torch.zeros_like(left_out).scatter(-1, order, left_out), -torch.inf)
    return logits


def invert(probability: Tensor, uniform: Tensor) -> Tensor:
    """Return for each row the first token at which the cumulative (B, V) probability exceeds `uniform`.

    `uniform` is a multiple of 2^-52 below 1, so the product stays below the total and no token of probability 0 is
    ever drawn.
    """
    cumulative = probability.cumsum(dim=-1, dtype=torch.float64)
    height = uniform[:, None] * cumulative[:, -1:]
    return torch.searchsorted(cumulative, height, right=True)[:, 0].clamp_(max=probability.shape[-1] - 1)


def sample_key(seed: int, problem_id: str, index: int) -> int:
    """Return the 64-bit (signed) number that all randomness of one sample comes from."""
    key = int(content_hash("draw", str(seed), problem_id, str(index)), 16)
    return key - 2**64 if key >= 2**63 else key


def uniforms(keys: Tensor, positions: Tensor) -> Tensor:
    """Return float64 numbers in [0, 1) by SplitMix64: stream `keys`, element `positions`; all of shape (B,)."""
    state = keys + (positions + 1) * _INCREMENT
    state = (state ^ _shift(state, 30)) * _FIRST
    state = (state ^ _shift(state, 27)) * _SECOND
    state = state ^ _shift(state, 31)
    return _shift(state, 12).double() * 2.0**-52


def _shift(value: Tensor, bits: int) -> Tensor:
    """Shift right without keeping the sign: torch has no unsigned 64-bit arithmetic."""
    return (value >> bits) & (2 ** (64 - bits) - 1)


def _at(values: Tensor, token: Tensor) -> Tensor:
    return values.gather(-1, token[:, None])[:, 0]
