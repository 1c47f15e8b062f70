"""`cli gen`: sample what is missing, shard by shard, into the corpus.

The engine runs through all shards in one stream and never drains between them; a shard is written as soon as its last
sample is finished. Ctrl-C finishes the shards in flight, a second one stops at once; kill -9 loses the shards in flight
and nothing else. The same command goes on from there.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from gen.engine import Engine, Request, Sample
from gen.models import ModelFolder, hardware, open_folder
from gen.plan import Known, Shard, Source, plan
from gen.prompts import encode_prompt, render, template_hash
from gen.sampling import SamplingConfig
from gen.transformers_engine import BatchConfig, TransformersEngine
from store.corpus import Corpus, Problem
from store.errors import UsageError
from store.location import Address
from store.progress import progress
from store.schema import POLICIES, SAMPLES


@dataclass(frozen=True)
class GenConfig:
    """What to sample, from which model, how."""

    corpus: Address
    model: Path
    n: int = 16
    """Samples per problem that the corpus shall hold of this model, seed and sampling configuration."""
    split: str | None = None
    problem_ids: tuple[str, ...] | None = None
    """Only these; None: all of the split."""
    seed: int = 0
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    max_new_tokens: int = 1024
    template: str = "plain"
    round: int = 0
    shard_size: int = 1024
    """Samples to a file, at most."""
    batch: BatchConfig = field(default_factory=BatchConfig)

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        for flag, value, least in (
            ("--n", self.n, 1),
            ("--round", self.round, 0),
            ("--shard-size", self.shard_size, 1),
        ):
            if value < least:
                raise UsageError(f"{flag} {value}: must be at least {least}.")
        if not -(2**63) <= self.seed < 2**63:
            raise UsageError(f"--seed {self.seed}: must fit 64 bits.")
        _ = self.sampling, self.template_hash

    @property
    def sampling(self) -> SamplingConfig:
        """The distribution drawn from."""
        return SamplingConfig(self.temperature, self.top_p, self.top_k, self.max_new_tokens)

    @property
    def template_hash(self) -> str:
        """The hash of the prompt template."""
        return template_hash(self.template)


@dataclass
class GenSummary:
    """What a run did."""

    policy_id: str
    num_problems: int
    num_existing: int
    """Samples that were there already."""
    refused: tuple[str, ...] = ()
    """Problems that were not sampled, and why."""
    num_samples: int = 0
    num_tokens: int = 0
    seconds: float = 0.0
    num_stopped: int = 0
    """Samples that drew an end token; the others were cut."""
    shards: list[str] = field(default_factory=list)
    interrupted: bool = False

    def as_text(self) -> str:
        """Return what `cli gen` prints."""
        rate = self.num_tokens / self.seconds if self.seconds else 0.0
        lines = [
            f"policy {self.policy_id}: {self.num_samples:,} new samples of {self.num_problems:,} problems "
            f"({self.num_existing:,} were there)",
            f"{self.num_stopped:,} ended, {self.num_samples - self.num_stopped:,} cut at the length limit; "
            f"{self.num_tokens:,} tokens in {self.seconds:,.1f} s ({rate:,.0f} tokens/s)",
        ]
        return "\n".join([*lines[: 2 if self.num_samples else 1], *(f"refused: {reason}" for reason in self.refused)])


def generate(config: GenConfig) -> GenSummary:
    """Sample what the corpus lacks and return what was done.

    Raises UsageError for a corpus, model or selection that cannot be used, RemainsError when the model gives NaN, and
    KeyboardInterrupt after Ctrl-C, when the shards in flight are written.
    """
    corpus = Corpus.open(config.corpus)
    folder = open_folder(config.model)
    prompts, refused = _prompts(_selected(corpus, config), folder, config)
    source = Source(folder.policy_id, config.sampling.hash(config.template_hash), config.seed)
    known = Known(corpus.root.glob(f"samples/round=*/policy={source.policy_id}/*.parquet"))
    shards = list(plan(list(prompts), config.n, source, known, config.shard_size))
    num_missing = sum(shard.num_samples for shard in shards)
    summary = GenSummary(source.policy_id, len(prompts), len(prompts) * config.n - num_missing, tuple(refused))
    if shards:
        _register(corpus, folder)
        engine = TransformersEngine(folder, config.sampling, config.batch)
        _sample(_Writer(corpus, config, source, summary), engine, shards, prompts)
        corpus.write_run("gen", _record(config, source, engine, summary))
    if summary.interrupted:
        raise KeyboardInterrupt
    return summary


def _sample(writer: _Writer, engine: Engine, shards: list[Shard], prompts: dict[str, str]) -> None:
    summary, start = writer.summary, time.monotonic()
    total = summary.num_existing + sum(shard.num_samples for shard in shards)
    with (
        _graceful_interrupt() as interrupted,
        progress("gen", total, "samples", done=summary.num_existing) as advance,
    ):
        requests = _requests(shards, prompts, writer, interrupted)
        for sample in engine.generate(requests):
            writer.add(sample)
            advance(1)
        summary.interrupted = interrupted()
    summary.seconds = time.monotonic() - start


def _requests(
    shards: list[Shard], prompts: dict[str, str], writer: _Writer, interrupted: Callable[[], bool]
) -> Iterator[Request]:
    """Yield the requests of shard after shard; after an interrupt no new shard is begun."""
    for shard in shards:
        if interrupted():
            return
        writer.begin(shard)
        for draws in shard.draws:
            yield Request(draws.problem_id, prompts[draws.problem_id], writer.source.seed, tuple(draws.sample_ids))


class _Writer:
    """Gathers samples and writes each shard when it is complete."""

    def __init__(self, corpus: Corpus, config: GenConfig, source: Source, summary: GenSummary) -> None:
        self.corpus = corpus
        self.round = config.round
        self.source = source
        self.summary = summary
        self._open: dict[tuple[str, int], tuple[Shard, list[dict[str, object]], str]] = {}

    def begin(self, shard: Shard) -> None:
        """Await the samples of a shard."""
        rows: list[dict[str, object]] = []
        for draws in shard.draws:
            for index, name in draws.sample_ids.items():
                self._open[draws.problem_id, index] = (shard, rows, name)

    def add(self, sample: Sample) -> None:
        """Take a finished sample; write its shard if it was the last."""
        shard, rows, name = self._open.pop((sample.problem_id, sample.index))
        rows.append(self._row(sample, name))
        self.summary.num_samples += 1
        self.summary.num_tokens += len(sample.token_ids)
        self.summary.num_stopped += sample.finish_reason == "stop"
        if len(rows) == shard.num_samples:
            self._write(shard, rows)

    def _write(self, shard: Shard, rows: list[dict[str, object]]) -> None:
        rows.sort(key=lambda row: (row["problem_id"], row["sample_index"]))
        table = pa.Table.from_pylist(rows, SAMPLES)
        self.corpus.append_samples(table, round=self.round, policy_id=self.source.policy_id, shard=shard.name)
        self.summary.shards.append(shard.name)

    def _row(self, sample: Sample, name: str) -> dict[str, object]:
        return {
            "sample_id": name,
            "problem_id": sample.problem_id,
            "policy_id": self.source.policy_id,
            "round": self.round,
            "sample_index": sample.index,
            "completion": sample.completion,
            "token_ids": sample.token_ids,
            "token_logprobs": sample.token_logprobs,
            "logprob_policy": sample.logprob_policy,
            "logprob_sampler": sample.logprob_sampler,
            "finish_reason": sample.finish_reason,
            "prompt_tokens": sample.prompt_tokens,
            "seed": sample.seed,
            "created_at": datetime.now(UTC),
        }


def _selected(corpus: Corpus, config: GenConfig) -> list[Problem]:
    problems = corpus.problems(config.split)
    if config.problem_ids is not None:
        by_id = {problem.problem_id: problem for problem in problems}
        unknown = [name for name in config.problem_ids if name not in by_id]
        if unknown:
            raise UsageError(
                f"--problem {unknown[0]}: no such problem in {corpus.root}. See `cli sql 'FROM problems'`."
            )
        problems = [by_id[name] for name in dict.fromkeys(config.problem_ids)]
    if not problems:
        where = "" if config.split is None else f" of split {config.split}"
        raise UsageError(f"--corpus {corpus.root}: no problems{where}. Add some with `cli import problems FILE`.")
    return problems


def _prompts(problems: list[Problem], folder: ModelFolder, config: GenConfig) -> tuple[dict[str, str], list[str]]:
    """Return problem_id to prompt, the longest first so that a batch holds prompts of like length, and the refused."""
    fitting: list[tuple[int, str, str]] = []
    refused = []
    for problem in problems:
        prompt = render(config.template, problem)
        ids = encode_prompt(folder.tokenizer, prompt, folder.end_tokens)
        reason = _refusal(ids, folder)
        if reason:
            refused.append(f"{problem.name} ({problem.problem_id}): {reason}")
        else:
            fitting.append((-len(ids), problem.problem_id, prompt))
    return {name: prompt for _, name, prompt in sorted(fitting)}, refused


def _refusal(ids: list[int], folder: ModelFolder) -> str | None:
    if not ids:
        return "its prompt has no tokens"
    if max(ids) >= folder.vocabulary:
        raise UsageError(
            f"--model {folder.path}: the tokenizer gives token {max(ids)}, but the model knows only "
            f"{folder.vocabulary}. Use the tokenizer it was trained with."
        )
    if folder.context is not None and len(ids) >= folder.context:
        return f"its prompt has {len(ids):,} tokens, the model's context {folder.context:,}"
    return None


def _register(corpus: Corpus, folder: ModelFolder) -> None:
    """Add the model to the policies, unless it is there."""
    with corpus.connect() as connection:
        if connection.execute("SELECT 1 FROM policies WHERE policy_id = ?", [folder.policy_id]).fetchone():
            return
    row = {
        "policy_id": folder.policy_id,
        "path": str(folder.path.resolve()),
        "parent_policy_id": None,
        "step": 0,
        "config": json.dumps({"model": folder.config.to_diff_dict()}, default=str),
        "created_at": datetime.now(UTC),
    }
    corpus.append_policies(pa.Table.from_pylist([row], POLICIES))


def _record(config: GenConfig, source: Source, engine: TransformersEngine, summary: GenSummary) -> dict[str, object]:
    return {
        "config": asdict(config),
        "source": asdict(source),
        "template_hash": config.template_hash,
        "engine": {"name": engine.name, "version": engine.version, "dtype": engine.dtype, "device": str(engine.device)},
        "hardware": hardware(),
        "summary": asdict(summary),
    }


@contextmanager
def _graceful_interrupt() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C be asked for instead of raised; the second is raised as ever."""
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: object) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, before)
        print("gen: finishing the shards in flight; Ctrl-C again stops at once", file=sys.stderr, flush=True)

    signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
