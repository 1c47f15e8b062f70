"""What hardship costs the filter, and that it costs no sample its verdict.

    python -m benchmarks.filter_load honest [--samples 2000]       known-good proofs, quiet and beside two busy loops
    python -m benchmarks.filter_load memory [--samples 50000]      memory of the run at ten points
    python -m benchmarks.filter_load killed [--samples 10000]      a process killed every second against none

Samples are the quickstart's problems with proofs of its teacher, each made its own; `memory` and `killed` spoil every
second one. `benchmarks.filter_hostile` has samples that attack the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import signal
import threading
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

KILL_SECONDS = 1.0


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


def run(candidates: Sequence[Candidate], workers: int) -> tuple[float, dict[str, str]]:
    """Return the seconds and the verdict of each key; a sample without one has `none`."""
    start = time.perf_counter()
    with LeanPool(embedded_toolchain(), PoolConfig(workers=workers)) as pool:
        found = [(each.key, str(judged.verdict) if judged else "none") for each, judged in pool.judge(candidates)]
    assert len(found) == len(candidates), "every sample comes back once"
    return time.perf_counter() - start, dict(found)


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


@contextmanager
def killings(seconds: float) -> Iterator[list[str]]:
    """Kill one of this process's Leans every so often, a server or a child at work; yield what was killed."""
    done, killed, rng = threading.Event(), list[str](), random.Random(0)

    def kill() -> None:
        while not done.wait(seconds):
            servers = children(os.getpid())
            if victims := [(child, "child") for server in servers for child in children(server)] + [
                (server, "server") for server in servers
            ]:
                pid, what = rng.choice(victims)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(what)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        done.set()
        thread.join()


def memory_curve(num: int, workers: int) -> None:
    """Print the memory of this process and of all below after every tenth of the samples."""
    with LeanPool(embedded_toolchain(), PoolConfig(workers=workers)) as pool:
        for done, _ in enumerate(pool.judge(honest(num, 3, spoilt=True)), start=1):
            if done % (num // 10) == 0:
                servers = children(os.getpid())
                leans = [*servers, *(child for server in servers for child in children(server))]
                here, below = resident_mib(os.getpid()), sum(_own_mib(pid) for pid in leans)
                print(f"{done:>8,} samples  {here:>7,.0f} MiB here  {below:>7,.0f} MiB below", flush=True)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in task.read_text().split()]
    return found


def _own_mib(pid: int) -> float:
    """Return a process's share of memory: pages that several have count as parts."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return 0.0


def disturbed(num: int, workers: int) -> None:
    """Judge the same samples undisturbed and with a process killed every second; print what differs."""
    samples = honest(num, 5, spoilt=True)
    seconds, wanted = run(samples, workers)
    print(f"undisturbed: {seconds:.0f} s, {Counter(wanted.values())}", flush=True)
    with killings(KILL_SECONDS) as killed:
        seconds, found = run(samples, workers)
    different = sum(found[key] != verdict for key, verdict in wanted.items())
    print(f"killed {Counter(killed)}: {seconds:.0f} s, {Counter(found.values())}, {different} verdicts differ")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("honest", "memory", "killed"))
    parser.add_argument("--samples", type=int)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.what == "memory":
        memory_curve(options.samples or 50_000, options.workers)
    elif options.what == "killed":
        disturbed(options.samples or 10_000, options.workers)
    else:
        known = honest(options.samples or 2000, 1)
        for label, num_loops in (("quiet", 0), ("beside two busy loops", 2)):
            with busy_loops(num_loops):
                seconds, found = run(known, options.workers)
            print(f"{label}: {seconds:.0f} s, {Counter(found.values())}", flush=True)


if __name__ == "__main__":
    main()
