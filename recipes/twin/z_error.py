"""How far the Z that a row was trained with is from the best estimate there is: many base samples of its own."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np

from recipes.twin.plan import REFERENCE_SEED, Job
from store.corpus import Corpus
from store.frontier import mean
from store.ids import policy_id
from store.metrics import Interval, resample
from store.shards import write_text
from train.selection import Drawn, Mixture, Selection, rows

REFERENCE = """
    SELECT problem_id, count(*) AS n, count(*) FILTER (WHERE verified) AS n_verified
    FROM corpus
    WHERE split = 'train' AND policy_id = $policy AND seed = $seed AND verdict IS NOT NULL
    GROUP BY problem_id
"""


@dataclass(frozen=True)
class ZError:
    """Of the log Z of the problems that a round learnt from, over all rounds; the problems count alike."""

    num: int
    """(round, problem) pairs compared."""
    num_unknown: int
    """Pairs left out: the reference has no proof of the problem."""
    bias: Interval
    """Mean difference, in nats."""
    size: Interval
    """Mean absolute difference, in nats."""

    def as_text(self) -> str:
        """Return it in words."""
        return (
            f"log Z too large by {self.bias} nats, off by {self.size} in the mean ({self.num:,} estimates; "
            f"{self.num_unknown:,} of problems that the reference never solved are left out)"
        )


def z_error(seeds: Iterable[tuple[Job, list[Job]]]) -> ZError:
    """Return the error of a row over its trainings: of every seed the base's job, and the row's."""
    found: dict[tuple[int, str], list[float]] = defaultdict(list)
    num_unknown = 0
    for base, trainings in seeds:
        known = _reference(base)
        for problem, log_z in chain.from_iterable(map(_trained_with, trainings)):
            if problem in known:
                found[base.seed, problem].append(log_z - known[problem])
            else:
                num_unknown += 1
    differences = list(found.values())
    share = resample(len(differences), 0)
    bias, size = (np.array([np.mean(measure(values)) for values in differences]) for measure in (np.asarray, np.abs))
    return ZError(sum(map(len, differences)), num_unknown, mean(bias, share), mean(size, share))


def _reference(job: Job) -> dict[str, float]:
    """Return log Z of the training problems that the base's many samples solve."""
    with Corpus.open(job.corpus).connect(["corpus"]) as connection:
        found = connection.execute(REFERENCE, {"policy": policy_id(job.base), "seed": REFERENCE_SEED}).fetchall()
    return {problem: math.log(verified / n) for problem, n, verified in found if verified}


def _trained_with(job: Job) -> list[tuple[str, float]]:
    """Return (problem_id, log Z) of every problem in every round that learnt from it; computed once."""
    stored = job.folder / "log_z.json"
    if not stored.is_file():
        write_text(json.dumps(_estimates(job)) + "\n", stored)
    return [(problem, log_z) for problem, log_z in json.loads(stored.read_text(encoding="utf-8"))]


def _estimates(job: Job) -> list[tuple[str, float]]:
    """Ask the corpus as the training did."""
    assert job.row is not None
    corpus, base = Corpus.open(job.corpus).pinned(), policy_id(job.base)
    config = job.loop(job.row)
    records = [json.loads(file.read_text()) for file in sorted((config.out / "rounds").glob("round-*.json"))]
    found: list[tuple[str, float]] = []
    for record in records:
        own: Drawn = ((record["round"], record["policy_id"]),)
        z = own if config.z == "round" else tuple(dict.fromkeys([(0, base), *own]))
        selection = Selection(split="train", mixture=Mixture(own, z))
        found += {row["problem_id"]: row["log_partition"] for row in rows(corpus, selection, base)}.items()
    return found
