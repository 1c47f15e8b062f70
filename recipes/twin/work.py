"""Who does the jobs: some processes, each taking the next one that nobody has done or is at.

A job is claimed by a lock that ends with its process. What it has done stands in its own corpus and loop folder, so the
next one to claim it goes on there; `result.json`, written last, says that it is done.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filter.run import check
from gen.run import generate
from recipes.quickstart.pipeline import make_base
from recipes.twin.plan import REFERENCE_SEED, Job, Plan
from store.corpus import Corpus
from store.ids import policy_id
from store.metrics import load_counts
from store.shards import write_text
from train.evaluate import evaluate_policy
from train.loop import run_loop


@dataclass(frozen=True)
class Result:
    """What a job found: lists have one entry a held-out problem, in order of problem_id."""

    label: str
    policy_id: str
    problem_id: list[str]
    n: list[int]
    verified: list[int]
    distinct: list[int]
    """Different verified proofs."""
    num_samples: int
    """Drawn to train on."""
    seconds: float
    """Of the process that finished it."""


def work(plan: Plan, parent: int) -> bool:
    """Do what nobody else does, until nothing is left or the process `parent` has ended; return whether all went well.

    A job that fails is named on stderr, and the others are done.
    """
    went_well = True
    for job in plan.jobs():
        if os.getppid() != parent:
            return False
        with _claimed(job.folder / "lock") as mine:
            if not mine or job.result.is_file():
                continue
            try:
                _do(job)
            except Exception:
                traceback.print_exc()
                print(f"FAILED: {job.folder}", file=sys.stderr, flush=True)
                went_well = False
    return went_well


def _do(job: Job) -> None:
    start = time.monotonic()
    with _claimed(job.folder.parent / "base.lock", wait=True):
        if not job.plan.bases:
            make_base(job.plan.quickstart(job.seed))
    _copy_problems(job)
    policy = _trained(job)
    evaluate_policy(job.evaluation(policy))
    _write_result(job, policy, time.monotonic() - start)


def _trained(job: Job) -> Path:
    """Return the folder of the policy, trained; of the base policy for a job without a row."""
    if job.row is None:
        generate(job.sampling(job.plan.size.n_reference, REFERENCE_SEED))
        return job.base
    pool = job.row.shape(job.plan.size).pool
    if pool:
        generate(job.sampling(pool, job.training_seed))
        check(job.checking())
    done = run_loop(job.loop(job.row))
    for folder in done.policy.parent.iterdir():  # a folder takes 12 MB
        if folder != done.policy and done.policy != job.base:
            shutil.rmtree(folder)
    return done.policy


def _copy_problems(job: Job) -> None:
    source = Corpus.open(job.plan.quickstart(job.seed).corpus)
    with source.connect(()) as connection:
        problems = connection.sql("FROM problems").to_arrow_table()
    Corpus.open(job.corpus, create=True).append_problems(problems)


def _write_result(job: Job, policy: Path, seconds: float) -> None:
    corpus = Corpus.open(job.corpus)
    counts = load_counts(corpus, policy_id(policy), "test")
    query = "SELECT count(*) FROM samples JOIN problems USING (problem_id) WHERE split = 'train'"
    with corpus.connect(()) as connection:
        drawn = connection.execute(query).fetchall()[0][0]
    found = Result(
        label=job.label, policy_id=policy_id(policy), problem_id=counts.problem_id.tolist(), n=counts.n.tolist(),
        verified=counts.verified.tolist(), distinct=counts.distinct.tolist(), num_samples=drawn, seconds=seconds,
    )  # fmt: skip
    write_text(json.dumps(asdict(found)) + "\n", job.result)


def load_result(job: Job) -> Result | None:
    """Return what a job found, None while it is not done."""
    if not job.result.is_file():
        return None
    return Result(**json.loads(job.result.read_text(encoding="utf-8")))


@contextmanager
def _claimed(lock: Path, *, wait: bool = False) -> Iterator[bool]:
    """Hold a lock, if nobody has it or after waiting for it; yield whether it is held."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
