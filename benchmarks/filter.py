"""Proofs judged per second: the whole protocol against a fresh `lean` process for every proof, at equal parallelism.

    python -m benchmarks.filter [--proofs 1200] [--fresh 160] [--rounds 3] [--heavy]

Both judge the same kind of samples in the same run, in turns: proofs of the quickstart's problems, most of them spoilt
by one to three wrong words, as a young policy writes them. A fresh process gets the statement, the proof and
`#print axioms` (no sandbox, no reference, no second look, no canaries: less than the protocol gives). Medians over the
rounds, of wall clock and of CPU time, which a busy machine changes less. With --heavy the header takes seconds to
import (`benchmarks.heavy_header`).
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.heavy_header import NUM_MODULES, import_seconds, with_heavy_module
from filter.embedded import embedded_toolchain
from filter.pool import LeanPool, PoolConfig
from filter.toolchain import Toolchain
from filter.verdict import Candidate
from recipes.quickstart.problems import generate
from recipes.quickstart.teacher import proofs

SPOILT_PER_RIGHT = 9


def samples(num: int, seed: int, header: str = "") -> list[Candidate]:
    """Return `num` different samples; one in ten is the teacher's own proof."""
    rng = random.Random(seed)
    found: dict[tuple[str, str], Candidate] = {}
    for problem in generate(num, seed):
        for right in proofs(problem, rng, 2):
            texts = [right, *(_spoil(right, rng) for _ in range(SPOILT_PER_RIGHT))]
            for text in texts:
                found[problem.statement, text] = Candidate(str(len(found)), header, "t", problem.statement, text)
        if len(found) >= num:
            break
    return list(found.values())[:num]


def _spoil(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    for _ in range(rng.choice((1, 1, 2, 3))):
        words[rng.randrange(len(words))] = rng.choice(words)
    return " ".join(words)


@dataclass(frozen=True)
class Cost:
    """Seconds per sample."""

    wall: float
    cpu: float
    """Of this process and all below."""


@contextmanager
def timed(num: int) -> Iterator[list[Cost]]:
    """Yield a list that holds the cost of what was done when it is over; processes begun must have ended by then."""
    cost: list[Cost] = []
    wall, cpu = time.perf_counter(), _cpu_seconds()
    yield cost
    cost.append(Cost((time.perf_counter() - wall) / num, (_cpu_seconds() - cpu) / num))


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def with_fresh_processes(toolchain: Toolchain, candidates: Sequence[Candidate], workers: int) -> Cost:
    """Return the cost with one process each."""
    texts = [
        f"{toolchain.preamble}{each.header}{each.statement}{each.completion}\n#print axioms t\n" for each in candidates
    ]

    def run(text: str) -> None:
        command = [*toolchain.command, f"-DmaxHeartbeats={toolchain.heartbeats}", "--stdin"]
        subprocess.run(command, env=dict(toolchain.env), input=text.encode(), capture_output=True, check=False)

    with timed(len(candidates)) as cost, ThreadPoolExecutor(workers) as threads:
        list(threads.map(run, texts))
    return cost[0]


def with_the_protocol(toolchain: Toolchain, candidates: Sequence[Candidate], workers: int) -> tuple[Cost, int]:
    """Return the cost through the pool, from nothing known, and how many were verified."""
    with timed(len(candidates)) as cost, LeanPool(toolchain, PoolConfig(workers=workers)) as pool:
        judged = list(pool.judge(candidates))
    return cost[0], sum(found is not None and found.verdict == "verified" for _, found in judged)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--proofs", type=int, default=1200, help="samples for the pool in each round")
    parser.add_argument("--fresh", type=int, default=160, help="samples for fresh processes in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--heavy", action="store_true", help="a header whose import takes seconds")
    parser.add_argument("--modules", type=int, default=NUM_MODULES, help="that this header imports")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="remains-heavy-") as folder:
        toolchain, header = embedded_toolchain(), ""
        if options.heavy:
            header = "import Heavy\n"
            toolchain = with_heavy_module(toolchain, Path(folder), options.modules)
            wall, cpu = import_seconds(toolchain, header, Path(folder))
            print(f"the header takes {wall:.1f} s to import, {cpu:.1f} s of CPU time", flush=True)
        _measure(options, toolchain, header)


def _measure(options: argparse.Namespace, toolchain: Toolchain, header: str) -> None:
    costs: dict[str, list[Cost]] = {"fresh": [], "pool": []}
    for number in range(options.rounds):
        candidates = samples(options.proofs, number, header)
        subset = random.Random(number).sample(candidates, min(options.fresh, len(candidates)))
        costs["fresh"].append(with_fresh_processes(toolchain, subset, options.workers))
        cost, num_verified = with_the_protocol(toolchain, candidates, options.workers)
        costs["pool"].append(cost)
        print(f"round {number + 1}: fresh {costs['fresh'][-1]}, pool {cost} ({num_verified} verified)", flush=True)
    print(f"\n{'filter, ' + str(options.workers) + ' workers':<36}{'samples/s':>12}{'CPU ms/sample':>16}")
    fresh, pool = (_median(costs[name]) for name in ("fresh", "pool"))
    for label, each in (("a fresh lean process per proof", fresh), ("the whole protocol, in a pool", pool)):
        print(f"{label:<36}{1 / each.wall:>12,.2f}{1000 * each.cpu:>16,.2f}")
    print(f"{'ratio':<36}{fresh.wall / pool.wall:>12,.1f}{fresh.cpu / pool.cpu:>16,.1f}")


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(statistics.median(each.wall for each in costs), statistics.median(each.cpu for each in costs))


if __name__ == "__main__":
    main()
