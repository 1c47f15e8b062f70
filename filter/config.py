"""What a pool of Leans is told before it begins, and what it counts on its way."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from filter.process import Limits


@dataclass(frozen=True)
class PoolConfig:
    """How many Leans, and what each proof may use."""

    workers: int | None = None
    """Leans at once; None: one per usable core."""
    seconds: float = 10.0
    """CPU time of one proof."""
    memory_mib: int = 2048
    heartbeats: int = 500
    fork: bool = True
    """Whether a header is imported once and documents are forked, where this Lean allows it."""
    document_size: int = 256
    """Samples to a document, at most."""
    strict: float = 1.0
    """Share of the accepted, chosen by the hash of the proof, that get the second look."""
    audit_share: float = 0.002
    """Share of the rejected that are judged again, alone."""
    seed: int = 0

    @property
    def limits(self) -> Limits:
        """What a document of one sample may use."""
        return Limits(self.seconds, self.memory_mib, self.heartbeats)


@dataclass
class PoolCounts:
    """What the pool noticed on its way."""

    num_documents: int = 0
    num_alone: int = 0
    num_audited: int = 0
    num_confirmed: int = 0
    """Accepted proofs that stood the second look, and those that did not."""
    num_unconfirmed: int = 0
    num_reused: int = 0
    """Samples whose proof was judged before: in an earlier run, or for another sample of the same problem."""
    disagreements: list[str] = field(default_factory=list)
    """Keys of audited samples whose verdict alone differed; must stay empty."""


def usual_workers(memory_mib: int) -> int:
    """Return one worker a usable core; fewer where memory is short: few proofs use a quarter of their limit."""
    with contextlib.suppress(OSError, StopIteration, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        available = next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:"))
        return max(1, min(len(os.sched_getaffinity(0)), 4 * available // memory_mib))
    return len(os.sched_getaffinity(0))
