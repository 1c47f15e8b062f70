"""The same numbers another way: one sequence at a time, no cache, float64, and the truncations written out in Python."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

from gen.sampling import SamplingConfig


class Reference:
    """A model in float64."""

    def __init__(self, path: Path) -> None:
        self.model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float64).eval()

    @torch.no_grad()
    def logits(self, ids: list[int]) -> list[float]:
        """Of the token after `ids`."""
        return self.model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1].tolist()

    def log_probs(self, prompt: list[int], completion: list[int], config: SamplingConfig) -> tuple[list[float], float]:
        """Return log π of each token, and log q of the whole."""
        log_policy, log_sampler = [], 0.0
        for place, token in enumerate(completion):
            logits = self.logits(prompt + completion[:place])
            log_policy.append(math.log(distribution(logits, SamplingConfig())[token]))
            log_sampler += math.log(distribution(logits, config)[token])
        return log_policy, log_sampler


def distribution(logits: list[float], config: SamplingConfig) -> dict[int, float]:
    """Return the probability of every token that can be drawn."""
    order = sorted(range(len(logits)), key=lambda token: -logits[token])
    if config.temperature == 0:
        return {order[0]: 1.0}
    weight = {token: math.exp((logits[token] - logits[order[0]]) / config.temperature) for token in order}
    kept = order[: config.top_k] if config.top_k else order
    total, mass, nucleus = sum(weight[token] for token in kept), 0.0, []
    for token in kept:
        nucleus.append(token)
        mass += weight[token] / total
        if mass >= config.top_p:
            break
    total = sum(weight[token] for token in nucleus)
    return {token: weight[token] / total for token in nucleus}
