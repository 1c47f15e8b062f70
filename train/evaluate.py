"""How good policies are on a set of problems: sample, check, score, count, through the stages' public functions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from filter.run import FilterConfig, check
from gen.models import open_folder
from gen.run import GenConfig, generate, source_of
from store.comparison import Comparison, compare_counts
from store.corpus import Corpus
from store.database import read_sql
from store.errors import UsageError
from store.ids import policy_id, sample_id
from store.location import Address
from store.metrics import Counts, EvalResult, load_counts, shown, summarise
from store.selection import select_problems
from train.score import ScoreConfig, score

QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class EvalConfig:
    """Which policies, on which problems, with how many samples each."""

    corpus: Address
    model: Path
    split: str | None = "test"
    n: int = 64
    seed: int = 0
    max_new_tokens: int = 1024
    workers: int | None = None
    lean: str = "embedded"
    """Which Lean judges, as of `cli filter`."""
    where: str | None = None
    """A condition in SQL on the columns of `problems`."""
    problems_sql: Path | None = None
    """A file with a query for the problem_id of the problems."""
    against: tuple[Path, ...] = ()
    """Models to compare with; they are sampled alike."""
    ks: tuple[int, ...] = ()
    """The k to show and to compare at; 1, 4, 16, … n unless said. The record has every k."""
    base: Path | None = None
    """Whose perplexity; None: the policy that `model` descends from, if its folder is still there."""
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    template: str = "plain"
    engine: str = "transformers"
    engine_args: tuple[str, ...] = ()
    tensor_parallel: int = 1
    data_parallel: int = 1
    distributed: str | None = None

    def __post_init__(self) -> None:
        """Refuse a k that n draws cannot estimate."""
        for k in self.ks:
            if not 1 <= k <= self.n:
                raise UsageError(f"--k {k}: must be between 1 and --n {self.n}, the samples of a problem.")
        if self.temperature == 0:
            raise UsageError("--temperature 0: greedy samples are no draws, and pass@k is of draws; take more.")

    def sampling(self, model: Path, problem_ids: tuple[str, ...]) -> GenConfig:
        """Return how a model is sampled."""
        return GenConfig(
            corpus=self.corpus, model=model, n=self.n, problem_ids=problem_ids, seed=self.seed,
            temperature=self.temperature, top_p=self.top_p, top_k=self.top_k, min_p=self.min_p,
            max_new_tokens=self.max_new_tokens, template=self.template, engine=self.engine,
            engine_args=self.engine_args, tensor_parallel=self.tensor_parallel, data_parallel=self.data_parallel,
            distributed=self.distributed,
        )  # fmt: skip

    @property
    def checking(self) -> FilterConfig:
        """Who judges."""
        return FilterConfig(self.corpus, workers=self.workers, lean=self.lean, distributed=self.distributed)

    @property
    def problems(self) -> str:
        """The set of problems in words."""
        parts = [f"split {self.split}" if self.split else "every split"]
        parts += [f"where {self.where}"] if self.where else []
        parts += [f"named by {self.problems_sql}"] if self.problems_sql else []
        return ", ".join(parts)


@dataclass(frozen=True)
class Evaluation:
    """What `cli eval` found; the first result is the model's, the others are those it is compared with."""

    models: tuple[str, ...]
    results: tuple[EvalResult, ...]
    comparisons: tuple[Comparison, ...]
    ks: tuple[int, ...]

    def record(self) -> dict[str, object]:
        """Return everything as JSON can hold it."""
        return asdict(self)

    def show(self, format: str) -> str:
        """Return it as text, json or markdown."""
        if format == "json":
            return json.dumps(self.record(), indent=2)
        return self.as_markdown() if format == "markdown" else self.as_text()

    def as_text(self) -> str:
        """Return what `cli eval` prints."""
        parts = [result.as_text(self.ks) for result in self.results]
        parts += [comparison.as_text() for comparison in self.comparisons]
        return "\n".join([*parts, "Brackets: 95 % bootstrap intervals over the problems."])

    def as_markdown(self) -> str:
        """Return one table of the policies and one of the differences."""
        heads = [f"pass@{k}" for k in self.ks]
        first = _table(
            ["policy", *heads, "distinct proofs", "entropy, bits", "Gini–Simpson", "tactic sequences", "perplexity"],
            [
                [
                    name,
                    *map(result.at, self.ks),
                    result.distinct,
                    result.entropy,
                    result.gini_simpson,
                    result.tactics,
                    result.perplexity,
                ]
                for name, result in zip(self.models, self.results, strict=True)
            ],
        )
        second = _table(
            [f"{self.models[0]} minus", *heads],
            [
                [name, *comparison.gains.values()]
                for name, comparison in zip(self.models[1:], self.comparisons, strict=True)
            ],
        )
        about = self.results[0]
        note = (
            f"{about.n_problems} problems of {about.problems}, {about.n} samples each; brackets are 95 % bootstrap "
            "intervals over the problems, of differences in pairs. Diversity: means over the solved problems."
        )
        return "\n\n".join([first, *([second] if self.comparisons else []), note])


def evaluate_policy(config: EvalConfig) -> Evaluation:
    """Measure the model, and those it is compared with; what the corpus holds is not made again.

    The numbers are those of the samples that this configuration draws, whatever else the corpus holds. Raises
    UsageError for problems, models or k that cannot be used, and where no draw was judged.
    """
    corpus = Corpus.open(config.corpus)
    ids = select_problems(corpus, config.split, config.where, config.problems_sql)
    models = tuple(dict.fromkeys((config.model, *config.against)))
    for model in models:
        if generate(config.sampling(model, ids)).interrupted:
            raise KeyboardInterrupt
    check(config.checking)
    base = _base(corpus, config)
    for model in models:
        _score(config, model, base)
    seen = corpus.pinned()
    counted = [_count(seen, config, model, ids, base) for model in models]
    evaluation = _evaluation(config, models, counted, len(ids))
    for result in evaluation.results:
        corpus.write_run("eval", {**result.record(), "shards": seen.shards()})
    if evaluation.comparisons:
        record = {"config": asdict(config), **evaluation.record(), "shards": seen.shards()}
        corpus.write_run("comparison", record)
    return evaluation


def _evaluation(config: EvalConfig, models: tuple[Path, ...], counted: list[Counts], num_problems: int) -> Evaluation:
    names = [policy_id(model) for model in models]
    results = tuple(
        summarise(name, counts, config.problems, num_problems, config.seed)
        for name, counts in zip(names, counted, strict=True)
    )
    ks = config.ks or tuple(shown(min(result.n for result in results)))
    for result in results:
        for k in ks:
            result.at(k)
    pairs = zip(names[1:], counted[1:], strict=True)
    comparisons = tuple(compare_counts((names[0], name), counted[0], other, ks, config.seed) for name, other in pairs)
    return Evaluation(tuple(str(model) for model in models), results, comparisons, ks)


def _score(config: EvalConfig, model: Path, base: Path | None) -> None:
    """Let the base score the model's verified samples."""
    if base is None or policy_id(base) == policy_id(model):
        return
    score(
        ScoreConfig(
            corpus=config.corpus, model=base, split=config.split, sampled_by=(policy_id(model),), verified=True,
            template=config.template if Path(config.template).is_file() else None,
        )
    )  # fmt: skip


def _count(corpus: Corpus, config: EvalConfig, model: Path, ids: tuple[str, ...], base: Path | None) -> Counts:
    """Count the model's draws of this configuration."""
    identity = policy_id(model)
    source = source_of(config.sampling(model, ids), open_folder(model))
    drawn = [
        sample_id(problem, source.policy_id, source.sampling, source.seed, index)
        for problem in ids
        for index in range(config.n)
    ]
    judge = None if base is None else policy_id(base)
    return load_counts(corpus, identity, config.split, sample_ids=drawn, base=judge)


def _base(corpus: Corpus, config: EvalConfig) -> Path | None:
    """Return the folder of the policy whose perplexity is asked for."""
    if config.base is not None:
        return config.base
    identity = policy_id(config.model)
    parent, scorer = _text("ancestor"), _text("scorer")
    with corpus.connect_for(parent, scorer) as connection:
        ancestor = connection.execute(parent, {"policy_id": identity}).fetchall()[0][0]
        rows = connection.execute(scorer, {"policy_id": ancestor}).fetchall()
    if ancestor == identity:
        return config.model
    found = Path(rows[0][0]) if rows else None
    return found if found is not None and found.is_dir() and policy_id(found) == ancestor else None


def _text(query: str) -> str:
    return read_sql(QUERIES, query)


def _table(head: list[str], rows: list[list[object]]) -> str:
    lines: list[Sequence[object]] = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join("–" if cell is None else str(cell) for cell in line) + " |" for line in lines)
