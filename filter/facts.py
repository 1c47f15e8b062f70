"""`cli facts`: what the verified proofs are made of, for questions of diversity: tactics, premises, length.

Tactics and length come from the proof's own text, premises from Lean, which compiles each different proof once. Facts
are written batch by batch, and a sample that has them is not looked at again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa

from filter.document import Problem, Proof
from filter.extract import extract
from filter.premises import premises_of
from filter.process import Limits
from filter.reuse import proof_hash
from filter.run import FilterConfig, open_pool
from filter.scan import Refused, scan
from filter.tactics import tactics
from filter.toolchain import Toolchain
from store.corpus import Corpus
from store.errors import UsageError
from store.location import Address
from store.progress import progress
from store.schema import PROOF_FACTS

QUERY = Path(__file__).parent / "queries" / "without_facts.sql"
ROWS_PER_FILE = 8192
MODULE_SIZE = 128
"""Proofs compiled into one module, at most."""

Row = tuple[str, str, str, str, str, str]
"""sample_id, header, name, statement, completion, template"""


@dataclass(frozen=True)
class FactsConfig:
    """Which corpus, and which Lean compiles its proofs."""

    corpus: Address
    workers: int | None = None
    """Leans at once; None: one per usable core."""
    lean: str = "embedded"
    """As for `cli filter`, but on this machine: a server hands out nothing that was compiled."""

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"--workers {self.workers}: must be at least 1.")
        if self.lean.startswith("kimina:"):
            raise UsageError(f"--lean {self.lean}: premises are read from compiled files; name a Lean on this machine.")


@dataclass
class FactsSummary:
    """What a run did."""

    num_samples: int = 0
    num_proofs: int = 0
    """Different proofs among them, each compiled once."""
    num_uncompiled: int = 0
    """Samples left out because their proof did not compile this time."""
    num_unread: int = 0
    """Samples out of whose completion no proof is read now: they were judged by an earlier version."""
    seconds: float = 0.0

    def as_text(self) -> str:
        """Return what `cli facts` prints."""
        lines = [f"{self.num_samples:,} samples, {self.num_proofs:,} different proofs in {self.seconds:,.1f} s"]
        if self.num_uncompiled:
            lines.append(f"left out, for this Lean (--lean) does not compile their proofs: {self.num_uncompiled:,}")
        if self.num_unread:
            lines.append(f"left out, for no proof is read out of their completions now: {self.num_unread:,}")
        return "\n".join(lines)


def collect(config: FactsConfig) -> FactsSummary:
    """Write the facts of every verified sample that has none; return what was done."""
    corpus = Corpus.open(config.corpus)
    with open_pool(FilterConfig(config.corpus, lean=config.lean)) as pool:
        toolchain, limits = pool.toolchain, pool.config.limits
    start, summary = time.monotonic(), FactsSummary()
    with corpus.connect() as connection, ThreadPoolExecutor(config.workers or _cores(), "facts") as threads:
        premises = _Premises(toolchain, replace(limits, seconds=6 * limits.seconds), threads)
        with progress("facts", _num_pending(connection), "samples") as advance:
            for rows in _batches(connection):
                proofs = _proofs(rows, toolchain)
                premises.learn(list(proofs.values()))
                found = {sample: premises.of(proof) for sample, proof in proofs.items()}
                facts = [_row(sample, proofs[sample], used) for sample, used in found.items() if used is not None]
                if facts:
                    corpus.append_proof_facts(pa.Table.from_pylist(facts, PROOF_FACTS))
                summary.num_samples += len(facts)
                summary.num_uncompiled += len(proofs) - len(facts)
                summary.num_unread += len(rows) - len(proofs)
                advance(len(rows))
    summary.num_proofs, summary.seconds = premises.num_known, time.monotonic() - start
    return summary


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _num_pending(connection: duckdb.DuckDBPyConnection) -> int:
    query = QUERY.read_text(encoding="utf-8").rstrip().removesuffix(";")
    [(number,)] = connection.execute(f"SELECT count(*) FROM ({query})").fetchall()
    return int(number)


def _batches(connection: duckdb.DuckDBPyConnection) -> Iterator[list[Row]]:
    answer = connection.execute(QUERY.read_text(encoding="utf-8"))
    while rows := answer.fetchmany(ROWS_PER_FILE):
        yield rows


def _proofs(rows: Sequence[Row], toolchain: Toolchain) -> dict[str, Proof]:
    """Return by sample_id the proofs that are read out."""
    found: dict[str, Proof] = {}
    for sample, header, name, statement, completion, template in rows:
        text = extract(completion, statement, template)
        scanned = text if isinstance(text, Refused) else scan(text, toolchain.command_tokens)
        if not isinstance(scanned, Refused):
            found[sample] = Proof(Problem(header, name, statement), scanned.text.rstrip())
    return found


def _row(sample: str, proof: Proof, premises: list[str]) -> dict[str, object]:
    used = tactics(proof.text, proof.problem.statement)
    return {
        "sample_id": sample,
        "tactics": used,
        "premises": premises,
        "num_chars": len(" ".join(proof.text.split())),
        "num_lines": sum(bool(line.strip()) for line in proof.text.split("\n")),
        "num_steps": len(used),
    }


class _Premises:
    """The premises of every proof met so far; proofs that are one for Lean are compiled once."""

    def __init__(self, toolchain: Toolchain, limits: Limits, threads: ThreadPoolExecutor) -> None:
        self._compile = partial(premises_of, toolchain, limits=limits)
        self._threads = threads
        self._known: dict[str, list[str] | None] = {}

    @property
    def num_known(self) -> int:
        return len(self._known)

    def of(self, proof: Proof) -> list[str] | None:
        return self._known[proof_hash(proof)]

    def learn(self, proofs: Sequence[Proof]) -> None:
        """Compile those that are new, in modules of one header each."""
        fresh = {hashed: proof for proof in proofs if (hashed := proof_hash(proof)) not in self._known}
        modules: list[list[str]] = []
        for _, group in groupby(fresh, key=lambda hashed: fresh[hashed].problem.header):
            same = list(group)
            modules += [same[at : at + MODULE_SIZE] for at in range(0, len(same), MODULE_SIZE)]
        compiled = self._threads.map(self._compile, [[fresh[hashed] for hashed in module] for module in modules])
        for module, found in zip(modules, compiled, strict=True):
            self._known |= zip(module, found, strict=True)
