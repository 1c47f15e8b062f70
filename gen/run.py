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
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import pyarrow as pa

from gen.batch import BatchConfig
from gen.engine import Engine, Request, Sample
from gen.models import ModelFolder, hardware, open_folder
from gen.parallel import LocalWorkers, ParallelEngine
from gen.plan import Known, Shard, Source, plan
from gen.prompts import encode_prompt, render
from gen.sampling import SamplingConfig
from gen.spec import EngineSpec
from gen.template import Template, find_template, label, template_hash
from store.corpus import Corpus, Problem
from store.errors import UsageError
from store.location import Address
from store.progress import progress
from store.schema import POLICIES, SAMPLES, TOKEN_STATS


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
    min_p: float = 0.0
    max_new_tokens: int = 1024
    template: str = "plain"
    """A name, or a Jinja file: see `gen.template`."""
    round: int = 0
    shard_size: int = 1024
    """Samples to a file, at most."""
    engine: str = "transformers"
    """transformers or vllm."""
    batch: BatchConfig = field(default_factory=BatchConfig)
    """Of the transformers engine."""
    engine_args: tuple[str, ...] = ()
    """Of vLLM, `key=value` each."""
    tensor_parallel: int = 1
    """GPUs that share one model (vLLM)."""
    data_parallel: int = 1
    """Engines, each a process of its own with its own GPUs or its share of the cores."""
    distributed: str | None = None
    """None: on this machine; ray: the engines are Ray actors."""

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        for flag, value, least in (
            ("--n", self.n, 1),
            ("--round", self.round, 0),
            ("--shard-size", self.shard_size, 1),
            ("--tensor-parallel", self.tensor_parallel, 1),
            ("--data-parallel", self.data_parallel, 1),
        ):
            if value < least:
                raise UsageError(f"{flag} {value}: must be at least {least}.")
        if not -(2**63) <= self.seed < 2**63:
            raise UsageError(f"--seed {self.seed}: must fit 64 bits.")
        if self.distributed not in (None, "ray"):
            raise UsageError(f"--distributed {self.distributed}: unknown; there is ray.")
        _ = self.spec

    @property
    def sampling(self) -> SamplingConfig:
        """The distribution drawn from."""
        return SamplingConfig(self.temperature, self.top_p, self.top_k, self.max_new_tokens, self.min_p)

    @property
    def spec(self) -> EngineSpec:
        """The engine, not loaded yet."""
        return self.spec_of(self.model)

    def spec_of(self, model: Path) -> EngineSpec:
        """Return the engine for another policy."""
        return EngineSpec(
            model=model,
            sampling=self.sampling,
            engine=self.engine,
            batch=self.batch,
            engine_args=self.engine_args,
            tensor_parallel=self.tensor_parallel,
            stop=find_template(self.template).stop,
        )

    def load(self, spec: EngineSpec | None = None) -> Engine:
        """Load the engine, or as many as are asked for; `spec` in place of its own."""
        spec = spec or self.spec
        if self.distributed == "ray":
            from gen.on_ray import RayWorkers

            return ParallelEngine(RayWorkers(spec), self.data_parallel)
        if self.data_parallel > 1:
            return ParallelEngine(LocalWorkers(spec, self.data_parallel), self.data_parallel)
        return spec.load()


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


@contextmanager
def kept_engine(config: GenConfig) -> Iterator[Callable[[], Engine]]:
    """Yield a function that loads the engine when it is first called; for several calls of `generate`."""
    loaded: list[Engine] = []

    def load() -> Engine:
        if not loaded:
            loaded.append(config.load())
        return loaded[0]

    try:
        yield load
    finally:
        for engine in loaded:
            engine.close()


def generate(config: GenConfig, load: Callable[[], Engine] | None = None) -> GenSummary:
    """Sample what the corpus lacks and return what was done.

    `load` gives an engine that stays open (`kept_engine`); None: one is loaded if needed and closed at the end.

    Raises UsageError for a corpus, model or selection that cannot be used, RemainsError when the model gives NaN, and
    KeyboardInterrupt after Ctrl-C, when the shards in flight are written.
    """
    corpus = Corpus.open(config.corpus)
    folder = open_folder(config.model)
    template = find_template(config.template)
    hashed = template_hash(template, folder.tokenizer)
    prompts, refused = _prompts(_selected(corpus, config), folder, template)
    source = source_of(config, folder)
    known = Known(corpus.sample_files(source.policy_id))

    def shards() -> Iterator[Shard]:
        """Yield the plan; never all of it at once, since it has a name for every sample."""
        return plan(list(prompts), config.n, source, known, config.shard_size)

    num_missing = sum(shard.num_samples for shard in shards())
    summary = GenSummary(source.policy_id, len(prompts), len(prompts) * config.n - num_missing, tuple(refused))
    if num_missing:
        _register(corpus, folder)
        with nullcontext(load()) if load else closing(config.load()) as engine:
            provenance = _provenance(config, source, engine, template, hashed)
            writer = _Writer(corpus, config, source, summary, provenance)
            _sample(writer, engine, shards(), prompts, num_missing)
            corpus.write_run("gen", {"config": asdict(config), **provenance, "summary": asdict(summary)})
    if summary.interrupted:
        raise KeyboardInterrupt
    return summary


def source_of(config: GenConfig, folder: ModelFolder) -> Source:
    """Return what, with problem and index, determines each sample of this configuration."""
    hashed = template_hash(find_template(config.template), folder.tokenizer)
    return Source(folder.policy_id, config.sampling.hash(hashed), config.seed)


def _sample(
    writer: _Writer, engine: Engine, shards: Iterator[Shard], prompts: dict[str, str], num_missing: int
) -> None:
    summary, start = writer.summary, time.monotonic()
    total = summary.num_existing + num_missing
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
    shards: Iterator[Shard], prompts: dict[str, str], writer: _Writer, interrupted: Callable[[], bool]
) -> Iterator[Request]:
    """Yield the requests of shard after shard; after an interrupt no new shard is begun."""
    for shard in shards:
        if interrupted():
            return
        writer.begin(shard)
        for draws in shard.draws:
            yield Request(draws.problem_id, prompts[draws.problem_id], writer.source.seed, tuple(draws.sample_ids))


@dataclass
class _Rows:
    """What a shard has by now."""

    samples: list[dict[str, object]] = field(default_factory=list)
    statistics: list[dict[str, object]] = field(default_factory=list)


class _Writer:
    """Gathers samples and writes each shard when it is complete."""

    def __init__(
        self,
        corpus: Corpus,
        config: GenConfig,
        source: Source,
        summary: GenSummary,
        provenance: dict[str, object],
    ) -> None:
        self.corpus = corpus
        self.provenance = provenance
        self.round = config.round
        self.source = source
        self.summary = summary
        self._open: dict[tuple[str, int], tuple[Shard, _Rows, str]] = {}

    def begin(self, shard: Shard) -> None:
        """Await the samples of a shard."""
        rows = _Rows()
        for draws in shard.draws:
            for index, name in draws.sample_ids.items():
                self._open[draws.problem_id, index] = (shard, rows, name)

    def add(self, sample: Sample) -> None:
        """Take a finished sample; write its shard if it was the last."""
        shard, rows, name = self._open.pop((sample.problem_id, sample.index))
        rows.samples.append(self._row(sample, name))
        if sample.statistics:
            key = {"sample_id": name, "policy_id": self.source.policy_id}
            rows.statistics.append({**key, **sample.statistics})
        self.summary.num_samples += 1
        self.summary.num_tokens += len(sample.token_ids)
        self.summary.num_stopped += sample.finish_reason == "stop"
        if len(rows.samples) == shard.num_samples:
            self._write(shard, rows)

    def _write(self, shard: Shard, rows: _Rows) -> None:
        """Write a shard, its statistics first: a sample that is there is not drawn again."""
        if rows.statistics:
            rows.statistics.sort(key=lambda row: str(row["sample_id"]))
            statistics = pa.Table.from_pylist(rows.statistics, TOKEN_STATS)
            self.corpus.append_token_stats(statistics, policy_id=self.source.policy_id)
        rows.samples.sort(key=lambda row: (row["problem_id"], row["sample_index"]))
        table = pa.Table.from_pylist(rows.samples, SAMPLES)
        self.corpus.append_samples(
            table,
            round=self.round,
            policy_id=self.source.policy_id,
            shard=shard.name,
            provenance=self.provenance,
        )
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
            "template": self.provenance["template_label"],
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


def _prompts(problems: list[Problem], folder: ModelFolder, template: Template) -> tuple[dict[str, str], list[str]]:
    """Return problem_id to prompt, the longest first so that a batch holds prompts of like length, and the refused."""
    fitting: list[tuple[int, str, str]] = []
    refused = []
    for problem in problems:
        prompt = render(template, problem, folder.tokenizer)
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
    with corpus.connect(()) as connection:
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


def _provenance(
    config: GenConfig, source: Source, engine: Engine, template: Template, hashed: str
) -> dict[str, object]:
    """Return what determines the samples of this run, and what computed them."""
    return {
        "model": str(config.model.resolve()),
        "policy_id": source.policy_id,
        "sampling": asdict(config.sampling),
        "template": asdict(template),
        "template_label": label(template, hashed),
        "template_hash": hashed,
        "seed": source.seed,
        "engine": {"name": engine.name, "version": engine.version, "dtype": engine.dtype, "device": str(engine.device)},
        "engine_args": list(config.engine_args),
        "hardware": hardware(),
        "remains": metadata.version("remains") if _is_installed() else "source tree",
    }


def _is_installed() -> bool:
    return any(metadata.distributions(name="remains"))


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
