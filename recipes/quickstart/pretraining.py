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
    rng = Random(f"pretraining {seed}")
    source = _pairs(rng, mix, exclude)
    pairs = [next(source) for _ in range(num)]
    rng.shuffle(pairs)
    return pairs


def _pairs(rng: Random, mix: PretrainingMix, exclude: Collection[str]) -> Iterator[Pair]:
    for problem in problem_stream(rng, mix.problems, exclude):
        for completion in proofs(problem, rng, mix.proofs_per_statement):
            spoilt = noise.corrupt(completion, rng) if rng.random() < mix.noise else completion
            yield Pair(prompt=problem.statement, completion=spoilt)
