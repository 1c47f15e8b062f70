"""`cli score`: log π of stored samples under any model, chunk by chunk into the corpus.

The samples of one problem are scored together, so the model reads its prompt once for all of them where its attention
allows. What is scored is not scored again, so an interrupted run goes on; a chunk is written whole or not at all.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import torch

from gen.models import ModelFolder, default_device, open_folder
from gen.prompts import encode_prompt, render
from gen.sampling import STATISTICS, SamplingConfig
from gen.template import Template, find_template, names, template_hash
from gen.template import label as label_of
from store.corpus import Corpus, Problem
from store.errors import RemainsError, UsageError
from store.location import Address
from store.progress import progress
from store.schema import SCORES, TOKEN_STATS
from train.logprobs import SequenceLogProbs, TokenStatistics, check_head, row_limit, shares_prompts
from train.policy import register_policy
from train.rows import RowLimit, Tokens, collate, plan_batches

QUERY = Path(__file__).parent / "queries" / "unscored.sql"
CHUNK = 4096
"""Samples to a file, and in memory."""


@dataclass(frozen=True)
class ScoreConfig:
    """Which samples, under which model."""

    corpus: Address
    model: Path
    engine: str = "transformers"
    engine_args: tuple[str, ...] = ()
    """Of vLLM, `key=value` each."""
    split: str | None = None
    sampled_by: tuple[str, ...] | None = None
    """policy_ids; None: everybody's samples."""
    verified: bool = False
    """Only samples that Lean verified."""
    own: bool = False
    """Also samples that the model drew itself: the view `sampler_gap` compares the two numbers."""
    token_stats: bool = False
    """Also entropy, logsumexp and mean logit of each token's distribution."""
    template: str | None = None
    """A Jinja file that samples were drawn with; None: only those with a template that comes with Remains."""
    batch_tokens: int = 16_384
    """Tokens in one pass of the transformers engine, padding included."""
    dtype: str = "auto"

    def __post_init__(self) -> None:
        """Refuse what cannot be done, by the name of its flag."""
        if self.engine not in ("transformers", "vllm"):
            raise UsageError(f"--engine {self.engine}: unknown; there are transformers, vllm.")
        if self.engine == "vllm" and self.token_stats:
            raise UsageError("--token-stats: vLLM does not report them; score with --engine transformers.")
        if self.batch_tokens < 1:
            raise UsageError(f"--batch-tokens {self.batch_tokens}: must be at least 1.")


@dataclass
class ScoreSummary:
    """What a run did."""

    policy_id: str
    num_samples: int = 0
    num_tokens: int = 0
    num_too_long: int = 0
    """Samples that do not fit the model's context: they got no score."""
    seconds: float = 0.0
    gap: dict[str, float] | None = None
    """The row of `sampler_gap`, if the model has scored samples of its own."""

    def as_text(self) -> str:
        """Return what `cli score` prints."""
        rate = self.num_tokens / self.seconds if self.seconds else 0.0
        lines = [
            f"policy {self.policy_id}: {self.num_samples:,} samples scored, {self.num_tokens:,} tokens in "
            f"{self.seconds:,.1f} s ({rate:,.0f} tokens/s)"
        ]
        if self.num_too_long:
            lines.append(f"{self.num_too_long:,} samples do not fit the model's context and have no score")
        if self.gap:
            lines.append(
                "sampled against scored: token difference mean {token_mean:.2g}, 99 % below {token_p99:.2g}, largest "
                "{token_max:.2g} nats; effective sample size of the sequence ratio {ess:.4%} (n = {n:,})".format(
                    **self.gap
                )
            )
        return "\n".join(lines)


@dataclass(frozen=True)
class Scored:
    """log π of each token of one completion, in nats, and its statistics if asked for."""

    token_logprobs: list[float]
    statistics: dict[str, list[float]] | None = None


class Scorer(Protocol):
    """A loaded model that scores."""

    def score(self, sequences: Sequence[Tokens]) -> Iterator[tuple[int, Scored]]:
        """Yield (place, score) for every sequence, in whatever order."""

    def close(self) -> None:
        """Give back memory and processes."""


def score(config: ScoreConfig) -> ScoreSummary:
    """Score what has no score and return what was done.

    Raises UsageError for a corpus or model that cannot be used, or samples with other tokens than the model's;
    RemainsError when the model gives NaN.
    """
    corpus, folder = Corpus.open(config.corpus), open_folder(config.model)
    summary, start = ScoreSummary(folder.policy_id), time.monotonic()
    chunks = _Chunks(corpus, folder, config)
    if chunks.total:
        register_policy(corpus, config.model, parent=None, step=0, config={})
        with (
            closing(_load(folder, config)) as scorer,
            progress("score", chunks.total, "samples") as advance,
        ):
            for rows in chunks:
                _write(corpus, folder.policy_id, rows, scorer, summary)
                advance(len(rows))
        summary.num_too_long = chunks.num_too_long
    summary.seconds = time.monotonic() - start
    summary.gap = sampler_gap(corpus, folder.policy_id)
    if chunks.total:
        corpus.write_run("score", {"config": asdict(config), "result": asdict(summary)})
    return summary


def sampler_gap(corpus: Corpus, policy: str) -> dict[str, float] | None:
    """Return the policy's row of the view `sampler_gap`, None if it has scored no sample of its own."""
    with corpus.connect(["sampler_gap"]) as connection:
        found = connection.sql("FROM sampler_gap WHERE policy_id = $policy", params={"policy": policy})
        rows: list[dict[str, float]] = found.to_arrow_table().to_pylist()
    return rows[0] if rows else None


@dataclass(frozen=True)
class _Row:
    sample_id: str
    tokens: Tokens


class _Chunks:
    """The samples without a score, `CHUNK` at a time."""

    def __init__(self, corpus: Corpus, folder: ModelFolder, config: ScoreConfig) -> None:
        self.folder, self.config = folder, config
        self.num_too_long = 0
        self._prompts: dict[tuple[str, str | None], tuple[int, ...]] = {}
        self._template_named = cache(self._find_template)
        self._connection = corpus.connect(["corpus"])
        self._unscored = self._connection.sql(
            QUERY.read_text(encoding="utf-8"),
            params={
                "policy_id": folder.policy_id,
                "split": config.split,
                "sampled_by": None if config.sampled_by is None else list(config.sampled_by),
                "verified": config.verified,
                "own": config.own,
                "statistics": config.token_stats,
            },
        )
        counted = self._unscored.aggregate("count(*)").fetchall()
        self.total = int(counted[0][0])

    def __iter__(self) -> Iterator[list[_Row]]:
        """Yield the rows of each chunk that fit the model."""
        for batch in self._unscored.to_arrow_reader(CHUNK):
            rows = [_Row(row["sample_id"], self._tokens(row)) for row in batch.to_pylist()]
            fitting = [row for row in rows if self.folder.context is None or len(row.tokens) <= self.folder.context]
            self.num_too_long += len(rows) - len(fitting)
            yield fitting

    def _find_template(self, label: str | None) -> Template:
        """Return the template of this name, or the user's file that a sample was drawn with."""
        name = label or "plain"
        if name in names():
            return find_template(name)
        given = find_template(self.config.template) if self.config.template else None
        if given is None or label_of(given, template_hash(given, self.folder.tokenizer)) != name:
            raise UsageError(
                f"samples were drawn with a template of the user's ({name}): name its file with --template FILE."
            )
        return given

    def _tokens(self, row: dict[str, Any]) -> Tokens:
        folder, name, key = self.folder, row["problem_id"], (row["problem_id"], row["template"])
        if key not in self._prompts:
            problem = Problem(name, row["name"], row["header"], row["statement"], row["informal"], None, "")
            prompt = render(self._template_named(row["template"]), problem, folder.tokenizer)
            if len(self._prompts) > CHUNK:
                self._prompts.clear()
            self._prompts[key] = tuple(encode_prompt(folder.tokenizer, prompt, folder.end_tokens))
        completion = row["token_ids"]
        if completion is None:
            ids = folder.tokenizer(row["completion"], add_special_tokens=False)["input_ids"]
            completion = [*ids, folder.tokenizer.eos_token_id]
        if not completion or min(completion) < 0 or max(completion) >= folder.vocabulary:
            raise UsageError(
                f"sample {row['sample_id']}: its tokens are not those of {folder.path}. Score with a model that has "
                "the tokenizer of the policy that was sampled."
            )
        return Tokens(self._prompts[key], tuple(completion))


def _write(corpus: Corpus, policy: str, rows: list[_Row], scorer: Scorer, summary: ScoreSummary) -> None:
    """Score a chunk and write it; the statistics first, so that a score says that they are there."""
    found = dict(scorer.score([row.tokens for row in rows]))
    scores, statistics = [], []
    for place, row in enumerate(rows):
        scored = found[place]
        total = math.fsum(scored.token_logprobs)
        if not math.isfinite(total):
            raise RemainsError(
                f"sample {row.sample_id}: its log-probability is {total}. Are the model's weights broken?"
            )
        key = {"sample_id": row.sample_id, "policy_id": policy}
        scores.append({**key, "logprob": total, "token_logprobs": scored.token_logprobs})
        if scored.statistics:
            statistics.append({**key, **scored.statistics})
        summary.num_tokens += len(scored.token_logprobs)
    if statistics:
        corpus.append_token_stats(pa.Table.from_pylist(statistics, TOKEN_STATS), policy_id=policy)
    if scores:
        corpus.append_scores(pa.Table.from_pylist(scores, SCORES), policy_id=policy)
    summary.num_samples += len(scores)


def _load(folder: ModelFolder, config: ScoreConfig) -> Scorer:
    if config.engine == "vllm":
        return VllmScorer(folder, config.engine_args)
    return TransformersScorer(folder, config.batch_tokens, config.dtype, statistics=config.token_stats)


class TransformersScorer:
    """The trainer's own log-probabilities: batched by length, in chunks over the vocabulary."""

    def __init__(
        self, folder: ModelFolder, batch_tokens: int = 16_384, dtype: str = "auto", *, statistics: bool = False
    ) -> None:
        self.device = default_device()
        self.model = folder.load(self.device, dtype)
        check_head(self.model)
        self.batch_tokens, self.statistics = batch_tokens, statistics
        self.pad = folder.tokenizer.pad_token_id or 0

    @cached_property
    def shared(self) -> RowLimit | None:
        """How long a row is in which samples of a problem stand, if the model lets them."""
        return row_limit(self.model) if shares_prompts(self.model) else None

    @torch.inference_mode()
    def score(self, sequences: Sequence[Tokens]) -> Iterator[tuple[int, Scored]]:
        """Yield (place, score) for every sequence, the short ones first."""
        log_probs = SequenceLogProbs(self.model)
        for groups in plan_batches(sequences, self.batch_tokens, shared=self.shared):
            places = [place for group in groups for place in group]
            batch = collate([[sequences[place] for place in group] for group in groups], self.pad).to(self.device)
            lengths = batch.sequence.bincount(minlength=len(places)).tolist()
            found: TokenStatistics = log_probs.token_statistics(batch, self.statistics)
            columns = {
                name: [part.tolist() for part in values.float().cpu().split(lengths)] for name, values in found.items()
            }
            for number, place in enumerate(places):
                statistics = {name: columns[name][number] for name in STATISTICS} if self.statistics else None
                yield place, Scored(columns["log_policy"][number], statistics)

    def close(self) -> None:
        """Give back the memory."""
        del self.model


class VllmScorer:
    """vLLM's log-probabilities of a prompt's tokens."""

    def __init__(self, folder: ModelFolder, engine_args: tuple[str, ...] = ()) -> None:
        from gen.vllm_engine import VllmEngine, parse_engine_args

        self.engine = VllmEngine(folder, SamplingConfig(), parse_engine_args(engine_args))

    def score(self, sequences: Sequence[Tokens]) -> Iterator[tuple[int, Scored]]:
        """Yield (place, score) for every sequence as vLLM finishes it."""
        pairs = ((list(one.prompt), list(one.completion)) for one in sequences)
        for place, values in self.engine.score(pairs):
            yield place, Scored(values)

    def close(self) -> None:
        """End vLLM."""
        self.engine.close()
