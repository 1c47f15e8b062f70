"""What hardship costs the filter, and that it costs no sample its verdict.

    python -m benchmarks.filter_load hostile [--samples 10000]     a shard with 2 % hostile samples against one without
    python -m benchmarks.filter_load honest [--samples 2000]       known-good proofs, quiet and beside two busy loops
    python -m benchmarks.filter_load memory [--samples 10000]      resident memory of the run as it goes on

Hostile samples are endless loops, memory bombs and stack overflows. Samples are the quickstart's problems with proofs
of its teacher, every second one spoilt; all are different.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filter.embedded import embedded_toolchain
from filter.pool import LeanPool, PoolConfig
from filter.process import resident_mib
from filter.verdict import Candidate
from recipes.quickstart.problems import generate
from recipes.quickstart.teacher import proofs

HOSTILE = (
    "\n  repeat (have : True := trivial)",
    "\n  have : (List.replicate {n} 0).length = 5 := by decide +kernel\n  trivial",
    "\n  have : " + "(" * 12_000 + "True" + ")" * 12_000 + " := trivial\n  trivial",
    "\n  have : ∀ n : Nat, n + {n} = {n} + n := by intro n; induction n <;> simp_all\n  omega",
)
HOSTILE_SHARE = 0.02


def honest(num: int, seed: int, spoilt: bool = False) -> list[Candidate]:
    """Return different samples: the teacher's proofs, each made its own; with `spoilt` every second one is wrong."""
    rng = random.Random(seed)
    found: list[Candidate] = []
    while len(found) < num:
        for problem in generate(200, rng.randrange(2**31)):
            for text in proofs(problem, rng, 2):
                wrong = "\n  exact nothing" if spoilt and len(found) % 2 else ""
                note = f"\n  have _seen{len(found)} := True.intro"
                found.append(Candidate(str(len(found)), "", "t", problem.statement, f"{note}{text}{wrong}"))
    return found[:num]


def hostile(candidates: Sequence[Candidate], seed: int) -> list[Candidate]:
    """Return the samples with a share of them replaced by hostile ones."""
    rng = random.Random(seed)
    chosen = set(rng.sample(range(len(candidates)), round(HOSTILE_SHARE * len(candidates))))
    return [
        Candidate(each.key, "", "t", each.statement, rng.choice(HOSTILE).replace("{n}", str(10**8 + at)))
        if at in chosen
        else each
        for at, each in enumerate(candidates)
    ]


def run(candidates: Sequence[Candidate], workers: int) -> tuple[float, Counter[str]]:
    """Return the seconds and the verdicts; a sample without one counts as `none`."""
    start, verdicts = time.perf_counter(), Counter[str]()
    with LeanPool(embedded_toolchain(), PoolConfig(workers=workers)) as pool:
        verdicts.update(str(found.verdict) if found else "none" for _, found in pool.judge(candidates))
    return time.perf_counter() - start, verdicts


@contextmanager
def busy_loops(num: int) -> Iterator[None]:
    """Keep cores busy with something else."""
    loops = [multiprocessing.get_context("spawn").Process(target=_spin, daemon=True) for _ in range(num)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()


def _spin() -> None:
    while True:
        pass


def memory_curve(num: int, workers: int) -> None:
    """Print resident memory of this process and its descendants after every tenth of the samples."""
    with LeanPool(embedded_toolchain(), PoolConfig(workers=workers)) as pool:
        for done, _ in enumerate(pool.judge(honest(num, 3, spoilt=True)), start=1):
            if done % (num // 10) == 0:
                servers = sum(resident_mib(pid) for pid in _children(os.getpid()))
                print(
                    f"{done:>8,} samples  {resident_mib(os.getpid()):>7,.0f} MiB here  {servers:>7,.0f} MiB below",
                    flush=True,
                )


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("hostile", "honest", "memory"))
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.what == "memory":
        memory_curve(options.samples, options.workers)
    elif options.what == "honest":
        known = honest(options.samples, 1)
        print("quiet: {:.0f} s, {}".format(*run(known, options.workers)))
        with busy_loops(2):
            print("beside two busy loops: {:.0f} s, {}".format(*run(known, options.workers)))
    else:
        plain = honest(options.samples, 2, spoilt=True)
        without, verdicts = run(plain, options.workers)
        print(f"without: {without:.0f} s, {verdicts}")
        with_, verdicts = run(hostile(plain, 4), options.workers)
        print(f"with {HOSTILE_SHARE:.0%} hostile: {with_:.0f} s, {verdicts}\nratio {with_ / without:.2f}")


if __name__ == "__main__":
    main()
