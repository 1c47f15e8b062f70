"""What the base policy learns from: many statements, a few proofs of each, a share of them spoilt."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import TypedDict

from recipes.quickstart import noise
from recipes.quickstart.problems import Mix, problem_stream
from recipes.quickstart.teacher import proofs


class Pair(TypedDict):
    """One training text: the statement, and the proof that follows it."""

    prompt: str
    completion: str


@dataclass(frozen=True)
class PretrainingMix:
    """How the pairs are made up."""

    problems: Mix = field(default_factory=Mix)
    proofs_per_statement: int = 3
    """At most; few statements have fewer different proofs."""
    noise: float = noise.SHARE
    """Share of the proofs that get one wrong token."""


def pretraining_pairs(
    num: int,
    seed: int,
    mix: PretrainingMix = PretrainingMix(),
    exclude: Collection[str] = (),
) -> list[Pair]:
    """`num` pairs in random order; `exclude` holds the canonical forms of problems that are kept for later."""
    rng, noise_rng = Random(f"pretraining {seed}"), Random(f"noise {seed}")
    source = _clean_pairs(rng, mix, exclude)
    pairs = [_spoilt(next(source), noise_rng, mix.noise) for _ in range(num)]
    rng.shuffle(pairs)
    return pairs


def _clean_pairs(rng: Random, mix: PretrainingMix, exclude: Collection[str]) -> Iterator[Pair]:
    for problem in problem_stream(rng, mix.problems, exclude, repeats=True):
        for completion in proofs(problem, rng, mix.proofs_per_statement):
            yield Pair(prompt=problem.statement, completion=completion)


def _spoilt(pair: Pair, rng: Random, share: float) -> Pair:
    if rng.random() >= share:
        return pair
    return Pair(prompt=pair["prompt"], completion=noise.corrupt(pair["completion"], rng))
