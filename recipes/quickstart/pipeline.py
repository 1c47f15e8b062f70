"""The whole method on one machine, as one short story: problems → base policy → gen → filter → train → eval → report.

Every stage asks first whether its result is there, so an interrupted quickstart goes on where it stopped.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filter.run import FilterConfig, check
from gen.run import GenConfig, generate
from recipes.quickstart.pretraining import pretraining_pairs
from recipes.quickstart.problems import ToyProblem, problem_table
from recipes.quickstart.problems import generate as generate_problems
from store.corpus import Corpus
from store.errors import RemainsError
from store.ids import policy_id
from store.metrics import EvalResult, evaluate
from store.report import PolicyInReport, ReportConfig, write_report
from store.shards import atomic_path
from train.pretrain import PretrainConfig, pretrain
from train.trainer import TrainConfig, train

ALPHAS = (0.0, 0.25, 0.5, 0.75, 0.999)
LEARNING_RATE = 3e-4
"""Of the distillation: at 1e-4 the policies move half as far in as many steps (the paper: 2e-6 for 7B parameters)."""


@dataclass(frozen=True)
class Size:
    """The numbers that decide how long a quickstart takes."""

    num_train: int
    """Problems sampled from, to train on."""
    num_test: int
    """Held-out problems."""
    num_pairs: int
    """(statement, proof) pairs that the base policy learns from."""
    pretrain_steps: int
    n_pool: int
    """Base samples per training problem."""
    n_eval: int
    """Samples per held-out problem and policy."""
    train_steps: int
    max_new_tokens: int = 128


FULL = Size(num_train=300, num_test=100, num_pairs=45_000, pretrain_steps=1400, n_pool=48, n_eval=64, train_steps=80)
FAST = Size(num_train=60, num_test=24, num_pairs=8_000, pretrain_steps=200, n_pool=16, n_eval=16, train_steps=15)


@dataclass(frozen=True)
class QuickstartConfig:
    """Where to, and how large."""

    out: Path
    fast: bool = False
    seed: int = 0
    workers: int | None = None

    @property
    def size(self) -> Size:
        """Return the numbers of the short or the full form."""
        return FAST if self.fast else FULL

    @property
    def corpus(self) -> Path:
        """Return the folder of the one corpus that all stages share."""
        return self.out / "corpus"

    def policy(self, alpha: float | None) -> Path:
        """Return the folder of the policy trained at α, of the base policy for None."""
        return self.out / "policies" / ("base" if alpha is None else f"alpha-{alpha:g}")


@dataclass(frozen=True)
class QuickstartResult:
    """What `cli quickstart` prints."""

    rows: tuple[tuple[str, EvalResult], ...]
    """(label, result), the base policy first."""
    corpus: Path
    report: Path

    def as_text(self) -> str:
        """Return the table, and where to look next."""
        ks = [k for k in (1, 16, 64) if k <= self.rows[0][1].n]
        head = ["policy", *(f"pass@{k}" for k in ks), "distinct proofs"]
        body = [[label, *(str(result.at(k)) for k in ks), str(result.distinct or "-")] for label, result in self.rows]
        widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *body]]
        first = self.rows[0][1]
        return "\n".join(
            [
                *(line.rstrip() for line in lines),
                "",
                f"{first.n_problems} held-out problems, {first.n} samples each; distinct proofs per solved problem.",
                "Brackets: 95 % bootstrap intervals over the problems.",
                f"Report: {self.report}",
                f'Ask the corpus: cli sql --corpus {self.corpus} "FROM partition LIMIT 5"',
            ]
        )


def run_quickstart(config: QuickstartConfig) -> QuickstartResult:
    """Run what is not done yet.

    Raises RemainsError when a stage fails, when `out` holds a quickstart of another size or seed, or when Lean left
    samples without a verdict.
    """
    make_base(config)
    policies: list[float | None] = [None, *ALPHAS]
    with _stage("samples of the base policy"):
        _sample(config, None, "train", config.size.n_pool)
    with _stage("verdicts by Lean"):
        _verify(config)
    for alpha in ALPHAS:
        with _stage(f"α = {alpha:g}"):
            train(distillation(config, alpha))
    with _stage("samples for the evaluation"):
        for policy in policies:
            _sample(config, policy, "test", config.size.n_eval)
    with _stage("verdicts by Lean"):
        _verify(config)
    return _results(config, policies)


def make_base(config: QuickstartConfig) -> None:
    """Make the problems and the base policy, if they are not there.

    Raises RemainsError when `out` holds a quickstart of another size or seed.
    """
    _claim(config)
    with _stage("problems and proofs to learn from"):
        pretraining = _pretraining(config, _write_problems(config))
    with _stage("base policy, from scratch"):
        pretrain(pretraining)


def _claim(config: QuickstartConfig) -> None:
    """Record what is run in this folder; refuse to mix two runs."""
    wanted = {"fast": config.fast, "seed": config.seed}
    record = config.out / "quickstart.json"
    if record.exists():
        found = json.loads(record.read_text(encoding="utf-8"))
        if found != wanted:
            raise RemainsError(f"{config.out} holds a quickstart with {found}, not {wanted}: choose another --out.")
        return
    if config.out.exists() and (not config.out.is_dir() or any(config.out.iterdir())):
        raise RemainsError(f"--out {config.out}: exists and is no quickstart's folder. Choose another --out.")
    config.out.mkdir(parents=True, exist_ok=True)
    with atomic_path(record) as temporary:
        temporary.write_text(json.dumps(wanted), encoding="utf-8")


def _write_problems(config: QuickstartConfig) -> list[ToyProblem]:
    """Put training and held-out problems into the corpus and return them all; no two differ by names alone."""
    size = config.size
    problems = generate_problems(size.num_train + size.num_test, config.seed)
    corpus = Corpus.open(config.corpus, create=True)
    corpus.append_problems(problem_table(problems[: size.num_train], "train"))
    corpus.append_problems(problem_table(problems[size.num_train :], "test"))
    return problems


def _pretraining(config: QuickstartConfig, problems: list[ToyProblem]) -> PretrainConfig:
    """Write the pairs to learn from, none of whose statements is a problem of the corpus."""
    pairs = config.out / "pairs.jsonl"
    if not pairs.exists():
        kept = {problem.canonical for problem in problems}
        rows = pretraining_pairs(config.size.num_pairs, config.seed, exclude=kept)
        with atomic_path(pairs) as temporary:
            temporary.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return PretrainConfig(
        pairs=pairs,
        out=config.policy(None),
        corpus=config.corpus,
        steps=config.size.pretrain_steps,
        seed=config.seed,
    )


def _sample(config: QuickstartConfig, alpha: float | None, split: str, n: int) -> None:
    generate(
        GenConfig(
            corpus=config.corpus,
            model=config.policy(alpha),
            n=n,
            split=split,
            seed=config.seed,
            max_new_tokens=config.size.max_new_tokens,
        )
    )


def _verify(config: QuickstartConfig) -> None:
    check(FilterConfig(corpus=config.corpus, workers=config.workers))


def distillation(config: QuickstartConfig, alpha: float) -> TrainConfig:
    """Return the training of one α on the pool."""
    return TrainConfig(
        corpus=config.corpus,
        model=config.policy(None),
        out=config.policy(alpha),
        alpha=alpha,
        steps=config.size.train_steps,
        learning_rate=LEARNING_RATE,
        seed=config.seed,
    )


def _results(config: QuickstartConfig, policies: list[float | None]) -> QuickstartResult:
    corpus = Corpus.open(config.corpus)
    shown = [
        PolicyInReport(
            label="base" if alpha is None else f"α = {alpha:g}", policy_id=policy_id(config.policy(alpha)), alpha=alpha
        )
        for alpha in policies
    ]
    rows = tuple((policy.label, evaluate(corpus, policy.policy_id, split="test")) for policy in shown)
    for _, result in rows:
        corpus.write_run("eval", result.record())
    metrics = tuple(config.policy(alpha) / "metrics.jsonl" for alpha in ALPHAS)
    report = write_report(
        ReportConfig(corpus=config.corpus, policies=tuple(shown), metrics=metrics, out=config.out / "report.html")
    )
    return QuickstartResult(rows=rows, corpus=config.corpus, report=report)


@contextmanager
def _stage(what: str) -> Iterator[None]:
    """Say on stderr what begins, and how long it took."""
    start = time.monotonic()
    print(f"\n▸ {what}", file=sys.stderr, flush=True)
    yield
    print(f"  {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
