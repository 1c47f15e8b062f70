"""Training rows out of the corpus: the verified completions of each solved problem, with what is known of their draws.

A completion drawn twice is one row with two draws: the model computes it once, and its weights are added up.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from gen.models import ModelFolder
from gen.prompts import encode_prompt, render
from gen.template import find_template
from store.corpus import Corpus, Problem
from store.errors import CorpusError, UsageError
from train.rows import Tokens
from train.selection import Selection, ancestor, rows

LARGEST_LOG_PROBABILITY = 1e-3
"""Rounding may lift a certain completion a little above log 1."""


@dataclass(frozen=True)
class Completion:
    """One completion and its draws. The lists have one entry a draw, in nats, or none where nobody needs it."""

    tokens: Tokens
    log_base: tuple[float, ...]
    log_sampler: tuple[float, ...]
    reward: float = 1.0
    """1 or 0 for verified or not."""
    round: tuple[int, ...] = ()
    greedy_reward: tuple[float, ...] = ()
    """Of the greedy sample of the policy that made the draw."""
    token_logprobs: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...] = ()
    """Under the base and under the distribution drawn from, one entry a token each."""


@dataclass(frozen=True)
class SolvedProblem:
    """A problem with at least one verified draw."""

    problem_id: str
    num_samples: int
    """Draws, verified or not."""
    log_partition: float
    completions: tuple[Completion, ...]

    @property
    def num_verified(self) -> int:
        """Verified draws, repetitions counted."""
        return sum(len(completion.log_base) for completion in self.completions if completion.reward > 0)


def stream_problems(corpus: Corpus, folder: ModelFolder, selection: Selection) -> Iterator[SolvedProblem]:
    """Yield the solved problems in order of problem_id, one in memory at a time.

    Raises UsageError when nothing is verified, a log-probability is missing, positive or no number, a problem has no
    partition function, or the model at `folder` cannot have the samples' tokens.
    """
    base = selection.base or ancestor(corpus, folder.policy_id)
    reader, empty = _Reader(folder, selection), True
    for _, group in groupby(rows(corpus, selection, base), key=lambda row: row["problem_id"]):
        empty = False
        yield reader.problem(list(group))
    if empty:
        raise UsageError(_nothing(corpus, selection, base))


def load_problems(corpus: Corpus, folder: ModelFolder, selection: Selection) -> list[SolvedProblem]:
    """Return what `stream_problems` yields, all of it in memory."""
    return list(stream_problems(corpus, folder, selection))


def _nothing(corpus: Corpus, selection: Selection, base: str) -> str:
    where = "" if selection.split is None else f" in split {selection.split}"
    if selection.query() is not None:
        return f"{selection.flag}: keeps no verified sample{where}. `cli sql` shows what there is."
    who = f"of policy {base}" if selection.sampled_by is None else f"of {', '.join(selection.sampled_by)}"
    return f"{corpus.root}: no verified sample {who}{where} to learn from; run `cli gen`, then `cli filter`."


class _Reader:
    """Turns rows into problems for one model, and refuses what it cannot use."""

    def __init__(self, folder: ModelFolder, selection: Selection) -> None:
        self.folder = folder
        self.template = find_template(selection.template)
        self.needs = selection.needs

    def problem(self, rows: list[dict[str, Any]]) -> SolvedProblem:
        """Return the problem that these rows, all of its own, describe; they are in order of sample_id."""
        first, alike = rows[0], defaultdict[Any, list[dict[str, Any]]](list)
        prompt = self._prompt(first)
        for row in rows:
            row["name"], ids = first["name"], row["token_ids"]
            alike[row["completion"], not row["verified"], ids is None, tuple(ids or ())].append(row)
        completions = tuple(self._completion(alike[key], prompt) for key in sorted(alike))
        return SolvedProblem(first["problem_id"], first["n_samples"], _log_partition(first), completions)

    def _prompt(self, row: dict[str, Any]) -> tuple[int, ...]:
        given = (row["problem_id"], row["name"], row["header"], row["statement"], row["informal"])
        prompt = render(self.template, Problem(*given, None, ""), self.folder.tokenizer)
        ids = encode_prompt(self.folder.tokenizer, prompt, self.folder.end_tokens)
        if row["prompt_tokens"] not in (None, len(ids)):
            raise UsageError(
                f"sample {row['sample_id']}: its prompt had {row['prompt_tokens']} tokens, with {self.folder.path} "
                f"and template {self.template.name} it has {len(ids)}. Name the model and template it was drawn with."
            )
        return tuple(ids)

    def _completion(self, draws: list[dict[str, Any]], prompt: tuple[int, ...]) -> Completion:
        """Return the completion that all these draws are."""
        for row in draws:
            for key in _WHOSE:
                _check_log_probability(row["sample_id"], key, row[key])
        tokens = Tokens(prompt, self._token_ids(draws[0]))
        return Completion(
            tokens,
            tuple(row["log_base"] for row in draws),
            tuple(row["log_sampler"] for row in draws),
            reward=float(draws[0]["verified"]),
            round=tuple(row["round"] for row in draws),
            greedy_reward=tuple(map(_greedy_reward, draws)) if self.needs.greedy else (),
            token_logprobs=tuple(_token_logprobs(row, len(tokens.completion)) for row in draws)
            if self.needs.tokens
            else (),
        )

    def _token_ids(self, row: dict[str, Any]) -> tuple[int, ...]:
        tokenizer = self.folder.tokenizer
        if row["token_ids"] is None:
            return (*tokenizer(row["completion"], add_special_tokens=False)["input_ids"], tokenizer.eos_token_id)
        ids = tuple(row["token_ids"])
        if not ids or max(ids) >= self.folder.vocabulary or min(ids) < 0:
            raise self._other_tokenizer(row)
        if tokenizer.decode([token for token in ids if token not in self.folder.end_tokens]) != row["completion"]:
            raise self._other_tokenizer(row)
        return ids

    def _other_tokenizer(self, row: dict[str, Any]) -> UsageError:
        return UsageError(
            f"sample {row['sample_id']}: its tokens are not those of {self.folder.path}. Train a model with the "
            "tokenizer of the policy that was sampled."
        )


def _log_partition(row: dict[str, Any]) -> float:
    value = row["log_partition"]
    if value is None or not math.isfinite(value):
        raise CorpusError(
            f"problem {row['problem_id']} ({row['name']}): the base never tried it, so it has no partition function."
        )
    return value


def _greedy_reward(row: dict[str, Any]) -> float:
    if row["greedy_verified"] is None:
        raise UsageError(
            f"problem {row['problem_id']} ({row['name']}): the objective compares with a greedy sample, and "
            f"policy {row['policy_id']} has none that is judged. Run `cli gen --temperature 0 --n 1` with it, then "
            "`cli filter`."
        )
    return float(row["greedy_verified"])


def _token_logprobs(row: dict[str, Any], length: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return log π_base and log q of a draw, token by token."""
    for key in _WHOSE:
        values = row[f"token_{key}"]
        if values is None or len(values) != length:
            raise UsageError(
                f"sample {row['sample_id']}: the log-probabilities of its tokens {_WHOSE[key]} are not known, and the "
                "objective needs them. Take samples drawn plainly, scored under the base; or ratio=sequence, and no kl."
            )
        for value in values:
            _check_log_probability(row["sample_id"], key, value)
    return tuple(row["token_log_base"]), tuple(row["token_log_sampler"])


_WHOSE = {"log_base": "under the base policy", "log_sampler": "of the distribution it was drawn from"}


def _check_log_probability(sample: str, key: str, value: float | None) -> None:
    if value is None:
        raise UsageError(
            f"sample {sample}: its log-probability {_WHOSE[key]} is not known. Train on samples that have one."
        )
    if not math.isfinite(value) or value > LARGEST_LOG_PROBABILITY:
        raise UsageError(f"sample {sample}: its log-probability {_WHOSE[key]} is {value}, which none can be.")
