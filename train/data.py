"""Training rows out of the corpus: the verified completions of each solved problem, with what is known of their draws.

A completion drawn twice is one row with two draws: the model computes it once, and its weights are added up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa

from gen.models import ModelFolder
from gen.prompts import encode_prompt, render
from gen.template import find_template
from store.corpus import Corpus, Problem
from store.errors import CorpusError, UsageError
from store.ids import content_hash
from train.logprobs import Tokens

QUERIES = Path(__file__).parent / "queries"


Drawn = tuple[tuple[int, str], ...]
"""(round, policy_id) of the draws that take part."""


@dataclass(frozen=True)
class Mixture:
    """Draws of several policies taken together, as `queries/mixture.sql` weighs them; their samplers were plain."""

    rows: Drawn
    """What is learnt from."""
    z: Drawn
    """What Z is estimated from."""


LARGEST_LOG_PROBABILITY = 1e-3
"""Rounding may lift a certain completion a little above log 1."""


@dataclass(frozen=True)
class Selection:
    """Which samples to learn from."""

    split: str | None = "train"
    """None: every split."""
    sampled_by: tuple[str, ...] | None = None
    """policy_ids; None: the base and every policy whose samples were scored under it."""
    base: str | None = None
    """policy_id of the base that the target is built on; None: the policy that the trained one descends from."""
    template: str = "plain"
    """The prompt template that the samples were drawn with."""
    mixture: Mixture | None = None
    """In place of `sampled_by`: every draw against the mixture of all that take part, not against its own sampler."""


@dataclass(frozen=True)
class Completion:
    """One verified completion and its draws. The lists have one entry a draw, in nats."""

    tokens: Tokens
    log_base: tuple[float, ...]
    log_sampler: tuple[float, ...]


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
        return sum(len(completion.log_base) for completion in self.completions)


def load_problems(corpus: Corpus, folder: ModelFolder, selection: Selection) -> list[SolvedProblem]:
    """Return the solved problems in order of problem_id.

    Raises UsageError when nothing is verified, a log-probability is missing, positive or no number, a problem has no
    partition function, or the model at `folder` cannot have the samples' tokens.
    """
    base = selection.base or ancestor(corpus, folder.policy_id)
    rows = _query(corpus, selection, base)
    if not rows:
        where = "" if selection.split is None else f" in split {selection.split}"
        who = f"of policy {base}" if selection.sampled_by is None else f"of {', '.join(selection.sampled_by)}"
        raise UsageError(
            f"{corpus.root}: no verified sample {who}{where} to learn from; run `cli gen`, then `cli filter`."
        )
    reader = _Reader(folder, selection.template)
    return [reader.problem(list(group)) for _, group in groupby(rows, key=lambda row: row["problem_id"])]


def fingerprint(problems: Iterable[SolvedProblem]) -> str:
    """Return a hash of everything that the training depends on."""
    return content_hash(*(repr(problem) for problem in problems))


def ancestor(corpus: Corpus, policy: str) -> str:
    """Return the policy that `policy` descends from, itself when the corpus knows no parent of it."""
    return _ask(corpus, "ancestor", {"policy_id": policy})[0]["policy_id"]


def _query(corpus: Corpus, selection: Selection, base: str) -> list[dict[str, Any]]:
    if selection.mixture is not None:
        return mixture_rows(corpus, selection.mixture, base, selection.split)
    sampled_by = None if selection.sampled_by is None else list(selection.sampled_by)
    return _ask(corpus, "rows", {"base": base, "split": selection.split, "sampled_by": sampled_by})


def mixture_rows(corpus: Corpus, mixture: Mixture, base: str, split: str | None) -> list[dict[str, Any]]:
    """Return the rows of `queries/mixture.sql`."""
    parameters: dict[str, object] = {"base": base, "split": split}
    for name, drawn in (("", mixture.rows), ("z_", mixture.z)):
        parameters[f"{name}rounds"] = [number for number, _ in drawn]
        parameters[f"{name}policies"] = [policy for _, policy in drawn]
    return _ask(corpus, "mixture", parameters)


def _ask(corpus: Corpus, query: str, parameters: dict[str, object]) -> list[dict[str, Any]]:
    text = (QUERIES / f"{query}.sql").read_text(encoding="utf-8")
    with corpus.connect() as connection:
        found: pa.Table = connection.sql(text, params=parameters).to_arrow_table()
    return found.to_pylist()


class _Reader:
    """Turns rows into problems for one model, and refuses what it cannot use."""

    def __init__(self, folder: ModelFolder, template: str) -> None:
        self.folder = folder
        self.template = find_template(template)

    def problem(self, rows: list[dict[str, Any]]) -> SolvedProblem:
        """Return the problem that these rows, all of its own, describe."""
        first = rows[0]
        prompt = self._prompt(first)
        completions = tuple(self._completion(row, prompt) for row in rows)
        return SolvedProblem(first["problem_id"], first["n_samples"], _log_partition(first), completions)

    def _prompt(self, row: dict[str, Any]) -> tuple[int, ...]:
        given = (row["problem_id"], row["name"], row["header"], row["statement"], row["informal"])
        prompt = render(self.template, Problem(*given, None, ""), self.folder.tokenizer)
        ids = encode_prompt(self.folder.tokenizer, prompt, self.folder.end_tokens)
        if row["prompt_tokens"] not in (None, len(ids)):
            raise UsageError(
                f"sample {row['sample_ids'][0]}: its prompt had {row['prompt_tokens']} tokens, with {self.folder.path} "
                f"and template {self.template.name} it has {len(ids)}. Name the model and template it was drawn with."
            )
        return tuple(ids)

    def _completion(self, row: dict[str, Any], prompt: tuple[int, ...]) -> Completion:
        for key in ("log_base", "log_sampler"):
            for sample, value in zip(row["sample_ids"], row[key], strict=True):
                _check_log_probability(sample, key, value)
        return Completion(Tokens(prompt, self._token_ids(row)), tuple(row["log_base"]), tuple(row["log_sampler"]))

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
            f"sample {row['sample_ids'][0]}: its tokens are not those of {self.folder.path}. Train a model with the "
            "tokenizer of the policy that was sampled."
        )


def _log_partition(row: dict[str, Any]) -> float:
    value = row["log_partition"]
    if value is None or not math.isfinite(value):
        raise CorpusError(
            f"problem {row['problem_id']} ({row['name']}): the base never tried it, so it has no partition function."
        )
    return value


_WHOSE = {"log_base": "under the base policy", "log_sampler": "of the distribution it was drawn from"}


def _check_log_probability(sample: str, key: str, value: float | None) -> None:
    if value is None:
        raise UsageError(
            f"sample {sample}: its log-probability {_WHOSE[key]} is not known. Train on samples that have one."
        )
    if not math.isfinite(value) or value > LARGEST_LOG_PROBABILITY:
        raise UsageError(f"sample {sample}: its log-probability {_WHOSE[key]} is {value}, which none can be.")
