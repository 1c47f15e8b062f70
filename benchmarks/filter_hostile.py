"""A shard with 2 % hostile samples against the same shard without, in turns.

    python -m benchmarks.filter_hostile [--samples 10000] [--turns 5]

Of the hostile samples a third are endless loops, a third memory bombs and a third stack overflows, each in several
forms and each another text. The others are the quickstart's problems with proofs of its teacher, all different, every
second one spoilt. Each side has a pool of its own, and they take turns at a part of the shard.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from benchmarks.filter_load import children, honest
from filter.embedded import embedded_toolchain
from filter.pool import LeanPool, PoolConfig
from filter.verdict import Candidate

SHARE = 0.02
LOOPS = (
    "\n  repeat (have : {n} = {n} := rfl)",
    "\n  have : {n} + 1 = 5 := by decide +kernel\n  repeat (have : True := trivial)",
    "\n  set_option maxHeartbeats 900000 in\n  repeat (have : {n} = {n} := rfl)",
)
BOMBS = (
    "\n  have : (List.replicate {n} 0).length = 5 := by decide +kernel\n  trivial",
    "\n  have : (Nat.rec (motive := fun _ => Nat) 1 (fun k x => x * (k + 1)) {n}) = 5 := by decide +kernel\n  trivial",
    "\n  have : Nat.shiftLeft {n} (2 ^ 45) = 5 := by decide +kernel\n  trivial",
)
OVERFLOWS = (
    "\n  have : {n} = " + "(" * 12_000 + "1" + ")" * 12_000 + " := rfl\n  trivial",
    "\n  have : {n} = 1 ∨ " + "¬" * 1500 + "True := trivial\n  trivial",
    "\n  have : {n} = 1 := " + "id <| " * 1500 + "trivial\n  trivial",
    "\n  have : {n} = " + "1 + " * 1500 + "1 := by simp\n  trivial",
)
KINDS = {"loop": LOOPS, "bomb": BOMBS, "overflow": OVERFLOWS}


def hostile(candidates: Sequence[Candidate], seed: int) -> list[Candidate]:
    """Return the samples with a share of them replaced by hostile ones, of all kinds alike; their keys say which."""
    rng = random.Random(seed)
    found = list(candidates)
    for number, at in enumerate(sorted(rng.sample(range(len(found)), round(SHARE * len(found))))):
        kind = [*KINDS][number % len(KINDS)]
        texts = KINDS[kind]
        text = texts[number // len(KINDS) % len(texts)].replace("{n}", str(10**7 + at))
        found[at] = replace(found[at], key=f"{kind} {at}", completion=text)
    return found


@dataclass
class Side:
    """What one of the two has used so far."""

    pool: LeanPool
    wall: float = 0.0
    cpu: float = 0.0
    """Seconds of this process and of the Leans below it."""
    verdicts: Counter[str] = field(default_factory=Counter)

    def judge(self, candidates: Sequence[Candidate]) -> None:
        """Judge a part of the shard."""
        wall, cpu = time.perf_counter(), _cpu_seconds()
        for each, judged in self.pool.judge(candidates):
            kind = each.key.split(" ")[0] if " " in each.key else "honest"
            self.verdicts[f"{kind}: {judged.verdict if judged else 'none'}"] += 1
        self.wall += time.perf_counter() - wall
        self.cpu += _cpu_seconds() - cpu


def _cpu_seconds() -> float:
    """Return the CPU time of this process and of what has ended below its servers, which live on."""
    ticks = 0
    for process in (os.getpid(), *children(os.getpid())):
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            ticks += sum(int(each) for each in file.read().rpartition(")")[2].split()[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--heartbeats", type=int, default=PoolConfig.heartbeats)
    options = parser.parse_args()
    plain = honest(options.samples, 2, spoilt=True)
    shards = {"without": plain, "with": hostile(plain, 4)}
    config = PoolConfig(workers=options.workers, heartbeats=options.heartbeats)
    with LeanPool(embedded_toolchain(), config) as first, LeanPool(embedded_toolchain(), config) as second:
        sides = {"without": Side(first), "with": Side(second)}
        size = -(-options.samples // options.turns)
        for start in range(0, options.samples, size):
            for name, side in sides.items():
                side.judge(shards[name][start : start + size])
                print(f"{name:<8}{start + size:>8,} samples {side.wall:>8.0f} s {side.cpu:>8.1f} CPU s", flush=True)
    _report(sides["without"], sides["with"], options.samples)


def _report(without: Side, with_: Side, num: int) -> None:
    for verdict, count in sorted((without.verdicts - Counter()).items()):
        print(f"  without  {verdict:<24}{count:>8,}")
    for verdict, count in sorted(with_.verdicts.items()):
        print(f"  with     {verdict:<24}{count:>8,}")
    each, extra = without.cpu / num, (with_.cpu - without.cpu) / (SHARE * num)
    print(f"CPU of a sample {1000 * each:.1f} ms, of a hostile one {1000 * (each + extra):.0f} ms")
    print(f"ratio of wall clock {with_.wall / without.wall:.2f}, of CPU time {with_.cpu / without.cpu:.2f}")


if __name__ == "__main__":
    main()
