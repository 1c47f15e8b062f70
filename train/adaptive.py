"""`cli gen --until-…`: sample each problem until its pass rate is known well enough, or the budget is spent.

Sampling and checking alternate: at each look of the plan the problems still open get samples up to that number, Lean
judges what has no verdict, and those that are settled stop. A problem's decision rests on its first n samples by
sample_index and their stored verdicts, never on what more the corpus may hold, so a run that was killed repeats its
decisions from the corpus and goes on to the same samples.

Our own failure is no wrong proof: a sample that Lean could not judge is tried again at once, and if it still has no
verdict its problem is left open and named; the next run takes it up there. One engine draws at all looks.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from filter.run import FilterConfig, UnjudgedError, check
from gen.models import open_folder
from gen.plan import Source
from gen.run import GenConfig, generate, kept_engine, source_of
from gen.sampling import SamplingConfig
from store.corpus import Corpus
from store.database import read_sql
from store.errors import UsageError
from store.ids import sample_id
from store.schema import STOPS
from train.stopping import Behaviour, Plan, Precision, behaviour

QUERIES = Path(__file__).parent / "queries"
RATES = np.linspace(0.001, 0.999, 999)
"""Where a plan's behaviour is computed."""
SHOWN = 20
"""Problems left open that the summary names; the run record names all."""


class Status(StrEnum):
    """How a problem ended."""

    SETTLED = "settled"
    """The precision is reached."""
    SPENT = "spent"
    """The budget came first."""
    UNJUDGED = "unjudged"
    """Lean failed on a sample, twice: no estimate, and the next run goes on from here."""
    BAD_PROBLEM = "bad_problem"
    """The statement does not elaborate."""
    REFUSED = "refused"
    """No sample could be drawn: the prompt does not fit."""


ESTIMATED = (Status.SETTLED, Status.SPENT)
"""Ends of the plan: they have an estimate."""


@dataclass(frozen=True)
class AdaptiveConfig:
    """What to sample (`gen.n` is the first look), until when, with how many Leans."""

    gen: GenConfig
    precision: Precision
    max_n: int = 512
    """Samples per problem, at most."""
    workers: int | None = None

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        if self.max_n < self.gen.n:
            raise UsageError(f"--max-n {self.max_n}: less than --n {self.gen.n}, the samples before the first look.")
        if self.gen.sampling != SamplingConfig(max_new_tokens=self.gen.max_new_tokens):
            raise UsageError(
                "--until-z-error, --until-z-rel-error: Z is the policy's own pass rate, so they need --temperature 1, "
                "--top-p 1, --top-k 0 and --min-p 0. Use plain --n for other samplers."
            )

    @property
    def plan(self) -> Plan:
        """When is looked, and what stops."""
        return Plan(self.precision, self.gen.n, self.max_n)


@dataclass
class Tally:
    """One problem so far."""

    name: str
    n: int = 0
    """Judged draws that its decision rests on."""
    num_verified: int = 0
    status: Status | None = None
    """None: open."""


@dataclass
class AdaptiveSummary:
    """What a run did."""

    plan: Plan
    tallies: dict[str, Tally]
    """By problem_id."""
    policy_id: str = ""
    num_new: int = 0
    """Samples drawn by this run; the others were there."""
    refused: tuple[str, ...] = ()
    """Problems that could not be sampled, and why."""
    new_stops: int = 0
    """Problems whose end was not stored yet."""
    ended: dict[int, Counter[Status]] = field(default_factory=dict)
    """Look to the problems that ended there."""

    @property
    def num_samples(self) -> int:
        """Samples that the decisions rest on."""
        return sum(tally.n for tally in self.tallies.values())

    @property
    def left_open(self) -> list[str]:
        """Name the problems that did not end by the plan, and say why not."""
        obstacles = {
            f"{tally.name} ({problem_id}): ": _REASONS[tally.status]
            for problem_id, tally in self.tallies.items()
            if tally.status in _REASONS
        }
        told = {name: line for line in self.refused for name in obstacles if line.startswith(name)}
        return [told.get(name, f"{name}{reason}") for name, reason in obstacles.items()]

    @property
    def failed(self) -> bool:
        """Say whether a failure of ours left a problem open."""
        return any(tally.status is Status.UNJUDGED for tally in self.tallies.values())

    @property
    def estimated(self) -> dict[str, Tally]:
        """The problems that ended by the plan."""
        return {name: tally for name, tally in self.tallies.items() if tally.status in ESTIMATED}

    @property
    def flat_n(self) -> int:
        """The least flat --n with which every problem reaches what it reached here: its precision, or the budget.

        Known only afterwards: a user who must choose it beforehand needs more.
        """
        points = {(tally.n, tally.num_verified, tally.status) for tally in self.estimated.values()}
        precision = self.plan.precision
        needed = (n if status is Status.SPENT else precision.samples_for(k / n, n) for n, k, status in points)
        return max(needed, default=0)

    @cached_property
    def behaviour(self) -> Behaviour:
        """What the plan does at pass rates `RATES`."""
        return behaviour(self.plan.ends, RATES)

    @property
    def worst_bias(self) -> float:
        """Expectation of the plain pass rate minus Z, at the worst Z."""
        return float(np.abs(self.behaviour.bias).max())

    def as_text(self) -> str:
        """Return what `cli gen --until-…` prints."""
        counts = Counter(tally.status for tally in self.tallies.values())
        unsolved = sum(not tally.num_verified for tally in self.estimated.values() if tally.status is Status.SPENT)
        lines = [
            f"policy {self.policy_id}: {counts[Status.SETTLED]:,} of {len(self.tallies):,} problems settled "
            f"({self.plan.precision}), {counts[Status.SPENT]:,} spent their {self.plan.looks[-1]:,} samples "
            f"({unsolved:,} of these unsolved)",
            *(f"  after {look:>6,} samples: {_said(kinds)}" for look, kinds in self.ended.items()),
        ]
        if self.estimated:
            lines += self._cost()
        reasons = self.left_open
        lines += [f"left open: {reason}" for reason in reasons[:SHOWN]]
        lines += [f"left open: {len(reasons) - SHOWN:,} more, see the run record"] if len(reasons) > SHOWN else []
        return "\n".join(lines)

    def _cost(self) -> list[str]:
        spent = sum(tally.n for tally in self.estimated.values())
        flat = self.flat_n * len(self.estimated)
        return [
            f"{self.num_samples:,} samples, {self.num_new:,} of them new; a flat --n {self.flat_n:,} of the same "
            f"precision needs {flat:,} ({flat / spent:.2f} times as many)",
            f"stopping early biases the plain pass rate by up to {self.worst_bias:.3f}, z_unbiased not at all: "
            '`cli sql "FROM z_adaptive"`',
        ]


_REASONS: dict[Status | None, str] = {
    Status.UNJUDGED: "a sample has no verdict, Lean failed twice; run the same command again",
    Status.BAD_PROBLEM: "its statement does not elaborate",
    Status.REFUSED: "it could not be sampled",
}


def sample_until(config: AdaptiveConfig) -> AdaptiveSummary:
    """Sample and check in turns until every problem has ended; return how, and store the estimates.

    Raises what `gen.run.generate` and `filter.run.check` raise, but for samples left without a verdict.
    """
    corpus = Corpus.open(config.gen.corpus)
    source = source_of(config.gen, open_folder(config.gen.model))
    summary = AdaptiveSummary(config.plan, _chosen(corpus, config.gen))
    asked, done = config.gen.problem_ids, 0
    with kept_engine(config.gen) as load:
        for look in summary.plan.looks:
            drawn = generate(replace(config.gen, n=look, problem_ids=asked), load)
            _judge(config)
            summary.policy_id, summary.num_new = drawn.policy_id, summary.num_new + drawn.num_samples
            summary.refused += drawn.refused
            _decide(summary, look, _read(corpus, source, summary, range(done, look)))
            asked, done = _open(summary), look
            _report(summary, look)
            if not asked:
                break
    summary.new_stops = _store(corpus, source, summary)
    if summary.num_new or summary.new_stops:
        corpus.write_run("adaptive", _record(config, summary))
    return summary


def _chosen(corpus: Corpus, config: GenConfig) -> dict[str, Tally]:
    asked = None if config.problem_ids is None else set(config.problem_ids)
    problems = corpus.problems(config.split)
    return {p.problem_id: Tally(p.name) for p in problems if asked is None or p.problem_id in asked}


def _open(summary: AdaptiveSummary) -> tuple[str, ...]:
    return tuple(problem_id for problem_id, tally in summary.tallies.items() if tally.status is None)


def _judge(config: AdaptiveConfig) -> None:
    """Let Lean judge; where it failed, once more. What is left then shows in the counts."""
    for _ in range(2):
        try:
            check(FilterConfig(corpus=config.gen.corpus, workers=config.workers))
            return
        except UnjudgedError as error:
            print(f"gen: {error}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class _Counts:
    """What became of the samples of one problem that a look added."""

    num_drawn: int = 0
    num_judged: int = 0
    num_verified: int = 0
    num_bad: int = 0


def _read(corpus: Corpus, source: Source, summary: AdaptiveSummary, indices: range) -> dict[str, _Counts]:
    """Count the samples of these indices, of the open problems: exactly those that this command draws."""
    ids = [
        sample_id(problem, source.policy_id, source.sampling, source.seed, index)
        for problem in _open(summary)
        for index in indices
    ]
    query = read_sql(QUERIES, "look")
    with corpus.connect_for(query) as connection:
        connection.register("wanted", pa.table({"sample_id": pa.array(ids, pa.string())}))
        rows = connection.execute(query).fetchall()
    return {problem_id: _Counts(*counts) for problem_id, *counts in rows}


def _decide(summary: AdaptiveSummary, look: int, added: dict[str, _Counts]) -> None:
    stops = dict(summary.plan.rule)[look]
    for problem_id in _open(summary):
        tally, counts = summary.tallies[problem_id], added.get(problem_id, _Counts())
        tally.status = _obstacle(counts, look - tally.n)
        if tally.status is None:
            tally.n, tally.num_verified = look, tally.num_verified + counts.num_verified
            if stops[tally.num_verified]:
                precise = summary.plan.precision.reached(tally.n, tally.num_verified)
                tally.status = Status.SETTLED if precise else Status.SPENT
        if tally.status is not None:
            summary.ended.setdefault(look, Counter())[tally.status] += 1


def _obstacle(counts: _Counts, wanted: int) -> Status | None:
    """Return why the samples that a look added cannot be counted; None when they can."""
    if counts.num_bad:
        return Status.BAD_PROBLEM
    if counts.num_drawn < wanted:
        return Status.REFUSED
    return Status.UNJUDGED if counts.num_judged < wanted else None


def _report(summary: AdaptiveSummary, look: int) -> None:
    ended = _said(summary.ended.get(look, Counter())) or "none settled"
    print(f"gen: after {look:,} samples {ended}, {len(_open(summary)):,} go on", file=sys.stderr, flush=True)


def _said(kinds: Counter[Status]) -> str:
    return ", ".join(f"{count:,} {status}" for status, count in kinds.most_common())


# What is stored


def _store(corpus: Corpus, source: Source, summary: AdaptiveSummary) -> int:
    """Write the ends that do not stand in `z_adaptive` yet; return how many."""
    query = "SELECT problem_id, sampling, seed, plan_id, n, n_verified FROM z_adaptive WHERE policy_id = ?"
    with corpus.connect_for(query) as connection:
        known = set(connection.execute(query, [summary.policy_id]).fetchall())
    rows = [_row(summary.plan, source, problem_id, tally) for problem_id, tally in summary.estimated.items()]
    key = ("problem_id", "sampling", "seed", "plan_id", "n", "n_verified")
    fresh = [row for row in rows if tuple(row[name] for name in key) not in known]
    if fresh:
        corpus.append_stops(pa.Table.from_pylist(fresh, STOPS), policy_id=summary.policy_id)
    return len(fresh)


def _row(plan: Plan, source: Source, problem_id: str, tally: Tally) -> dict[str, object]:
    return {
        "problem_id": problem_id,
        **asdict(source),
        "plan_id": plan.plan_id,
        "plan": json.dumps(plan.record),
        "n": tally.n,
        "n_verified": tally.num_verified,
        "z_unbiased": plan.ends.estimate[tally.n, tally.num_verified],
        "status": tally.status,
        "stopped_at": datetime.now(UTC),
    }


def _record(config: AdaptiveConfig, summary: AdaptiveSummary) -> dict[str, object]:
    acts = summary.behaviour
    return {
        "config": asdict(config),
        "plan": {**summary.plan.record, "max_n": config.max_n, "plan_id": summary.plan.plan_id},
        "behaviour": {
            "rates": [float(RATES[0]), float(RATES[-1]), len(RATES)],
            "worst_bias_of_pass_rate": summary.worst_bias,
            "mean_coverage": float(acts.coverage.mean()),
            "least_coverage": float(acts.coverage.min()),
        },
        "summary": {
            "policy_id": summary.policy_id,
            "num_samples": summary.num_samples,
            "num_new": summary.num_new,
            "flat_n": summary.flat_n,
            "ended": {look: dict(kinds) for look, kinds in summary.ended.items()},
            "left_open": summary.left_open,
        },
    }
