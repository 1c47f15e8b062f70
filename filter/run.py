"""`cli filter`: a verdict for every sample that has none of this checker.

Verdicts are written batch by batch, each file whole or not at all, and what has one is not judged again, so a run that
was interrupted or killed goes on where it stopped. Ctrl-C finishes the batches in flight.
"""

from __future__ import annotations

import platform
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from filter.embedded import embedded_toolchain
from filter.pool import PROTOCOL_VERSION, LeanPool, PoolConfig, PoolCounts
from filter.sandbox import probe
from filter.summary import FilterSummary
from filter.toolchain import Toolchain
from filter.verdict import Candidate, Judgement, Verdict
from gen.template import extraction_of
from store.corpus import Corpus
from store.database import read_sql
from store.errors import RemainsError, UsageError
from store.location import Address
from store.progress import progress
from store.schema import VERDICTS

if TYPE_CHECKING:
    from filter.on_ray import RayPool

NEVER_ALLOWED = frozenset({"sorryAx", "lcProof", "Lean.ofReduceBool", "Lean.ofReduceNat", "Lean.trustCompiler"})
"""`sorryAx` proves anything; the others trust compiled code, which a proof can bend."""
QUERIES = Path(__file__).parent / "queries"
ROWS_PER_FILE = 512
ROWS_PER_FETCH = 4096


@dataclass(frozen=True)
class FilterConfig:
    """Which corpus, and what each proof may use."""

    corpus: Address
    workers: int | None = None
    """Leans at once; None: one per usable core."""
    seconds: float | None = None
    """CPU time of one proof; None here and below: what suits the Lean."""
    memory_mib: int | None = None
    heartbeats: int | None = None
    strict: float = 1.0
    """Share of the accepted proofs, chosen by their hash, that get the second look."""
    allow_axioms: tuple[str, ...] = ()
    """Beyond Lean's own three."""
    audit_share: float = 0.002
    seed: int = 0
    lean: str = "embedded"
    """embedded, or kimina:URL for a Kimina Lean server, which then takes the first look."""
    confirm: str | None = None
    """With a server: the Lean that takes the second look, if any (embedded)."""
    distributed: str | None = None
    """ray: the workers are actors of a Ray cluster; None: threads of this process."""

    def __post_init__(self) -> None:
        """Refuse values out of range, by the name of their flag."""
        if self.confirm is not None and not self.lean.startswith("kimina:"):
            raise UsageError("--confirm: only with --lean kimina:URL; any other Lean confirms what it accepts.")
        if self.distributed not in (None, "ray"):
            raise UsageError(f"--distributed {self.distributed}: unknown; there is ray.")
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"--workers {self.workers}: must be at least 1.")
        if self.seconds is not None and not self.seconds > 0:
            raise UsageError(f"--seconds {self.seconds}: must be positive.")
        if self.memory_mib is not None and self.memory_mib < 512:
            raise UsageError(f"--memory {self.memory_mib}: Lean itself needs 512 MiB.")
        if self.heartbeats is not None and self.heartbeats < 1:
            raise UsageError(f"--heartbeats {self.heartbeats}: must be at least 1; 0 would mean no limit.")
        if not 0 <= self.strict <= 1:
            raise UsageError(f"--strict {self.strict}: all, none, or a share between 0 and 1.")
        for axiom in sorted(NEVER_ALLOWED & set(self.allow_axioms)):
            raise UsageError(f"--allow-axiom {axiom}: it proves everything; no axiom to be allowed.")

    def pool(self, toolchain: Toolchain) -> PoolConfig:
        """Return what the pool needs of it, with this Lean's limits where none were given."""
        return PoolConfig(
            workers=self.workers,
            seconds=toolchain.seconds if self.seconds is None else self.seconds,
            memory_mib=toolchain.memory_mib if self.memory_mib is None else self.memory_mib,
            heartbeats=toolchain.heartbeats if self.heartbeats is None else self.heartbeats,
            strict=self.strict,
            audit_share=self.audit_share,
            seed=self.seed,
        )


def share_of(text: str) -> float:
    """Read `all`, `none` or a number. Raises UsageError for anything else."""
    try:
        return {"all": 1.0, "none": 0.0}[text] if text in ("all", "none") else float(text)
    except ValueError:
        raise UsageError(f"--strict {text}: all, none, or a share between 0 and 1.") from None


class UnjudgedError(RemainsError):
    """A failure of ours left samples without a verdict; everything else is judged and written."""


def check(config: FilterConfig, pool: LeanPool | RayPool | None = None) -> FilterSummary:
    """Judge what has no verdict and return what was said.

    `pool` is one that stays open for several calls (`pool_of` this configuration); None: it is opened here and closed.

    Raises UnjudgedError when samples are left without a verdict because something of ours failed, CorpusError for
    samples of a template that is not known here, and KeyboardInterrupt after Ctrl-C, with everything judged so far
    written.
    """
    corpus = Corpus.open(config.corpus)
    with nullcontext(pool) if pool else pool_of(config) as pool, corpus.connect(()) as connection:
        pool.counts = PoolCounts()
        _refuse_unknown_templates(connection)
        num_judged, num_pending = _ask(connection, "counts", pool).fetchall()[0]
        summary = FilterSummary(pool.checker_id, num_existing=num_judged, is_confirmed=pool.confirms)
        if num_pending:
            _try_lean(connection, pool)
            pool.remember(_known(connection, pool))
            _judge_pending(corpus, connection, pool, summary, num_pending)
            corpus.write_run("filter", _record(config, pool.toolchain, summary))
    if summary.num_left:
        raise UnjudgedError(
            f"{summary.num_left} samples have no verdict: Lean failed on the canaries too "
            "(too little memory or disk?). Run the same command again."
        )
    return summary


def pool_of(config: FilterConfig) -> LeanPool | RayPool:
    """Return the Leans of a configuration, here or on a cluster, as a context manager; they start when needed."""
    if config.distributed is None:
        return open_pool(config)
    from filter.on_ray import RayPool

    return RayPool(partial(open_pool, replace(config, workers=1)), config.workers)


def open_pool(config: FilterConfig) -> LeanPool:
    """Open the pool that judges for this configuration, on whichever machine this runs."""
    if not config.lean.startswith("kimina:"):
        toolchain = _toolchain("--lean", config.lean, config)
        return LeanPool(toolchain, config.pool(toolchain))
    from filter.kimina import DOCUMENT_SIZE, KiminaServer

    second = _toolchain("--confirm", config.confirm, config) if config.confirm else None
    server = KiminaServer(config.lean.removeprefix("kimina:"))
    first = _allowing(server.toolchain(), config)
    pool_config = replace(config.pool(first), document_size=DOCUMENT_SIZE)
    return LeanPool(first, pool_config, server=server, second=second)


def _toolchain(flag: str, name: str, config: FilterConfig) -> Toolchain:
    if name == "embedded":
        return _allowing(embedded_toolchain(), config)
    if re.match(r"\w+:", name):
        raise UsageError(
            f"{flag} {name}: unknown; embedded, a project's folder or, for --lean, kimina:http://HOST:PORT."
        )
    from filter.project import project_toolchain

    return _allowing(project_toolchain(Path(name)), config)


def _allowing(toolchain: Toolchain, config: FilterConfig) -> Toolchain:
    return replace(toolchain, allowed_axioms=toolchain.allowed_axioms | set(config.allow_axioms))


def _try_lean(connection: duckdb.DuckDBPyConnection, pool: LeanPool | RayPool) -> None:
    """A project's Lean is tried before it judges; the embedded one is known by its checksum."""
    if isinstance(pool, LeanPool) and pool.toolchain.is_project:
        from filter.startup import try_lean

        try_lean(pool, [header for (header,) in _ask(connection, "headers", pool).fetchall()])


def _refuse_unknown_templates(connection: duckdb.DuckDBPyConnection) -> None:
    for (template,) in connection.execute("SELECT DISTINCT template FROM samples").fetchall():
        extraction_of(template)


def _judge_pending(
    corpus: Corpus,
    connection: duckdb.DuckDBPyConnection,
    pool: LeanPool | RayPool,
    summary: FilterSummary,
    num_pending: int,
) -> None:
    start = time.monotonic()
    problem_of: dict[str, str] = {}
    rows: list[dict[str, object]] = []
    bar = progress("filter", summary.num_existing + num_pending, "samples", done=summary.num_existing)
    with _finishing_on_interrupt(pool), bar as advance:
        try:
            for candidate, judgement in pool.judge(_pending(connection, pool, problem_of)):
                advance(1)
                problem_id = problem_of.pop(candidate.key)
                if judgement is None:
                    summary.num_left += 1
                    continue
                summary.verdicts[str(judgement.verdict)] += 1
                rows.append(_row(candidate.key, problem_id, judgement, pool.checker_id))
                if len(rows) >= ROWS_PER_FILE:
                    _write(corpus, pool.checker_id, rows)
                    rows = []
        finally:
            _write(corpus, pool.checker_id, rows)
            summary.seconds = time.monotonic() - start
            summary.counts = pool.counts


@contextmanager
def _finishing_on_interrupt(pool: LeanPool | RayPool) -> Iterator[None]:
    """The first Ctrl-C lets the batches in flight end and raises KeyboardInterrupt when they are written.

    The second one raises at once. Outside the main thread, where signals cannot be caught, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted = False
    before = signal.getsignal(signal.SIGINT)

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt
        interrupted = True
        print("filter: finishing what has begun; Ctrl-C again to stop at once", file=sys.stderr, flush=True)
        pool.stop()

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt


def _pending(
    connection: duckdb.DuckDBPyConnection, pool: LeanPool | RayPool, problem_of: dict[str, str]
) -> Iterator[Candidate]:
    answer = _ask(connection, "pending", pool)
    while rows := answer.fetchmany(ROWS_PER_FETCH):
        for sample_id, problem_id, header, name, statement, completion, finish_reason, template in rows:
            problem_of[sample_id] = problem_id
            finished = finish_reason == "stop"
            yield Candidate(sample_id, header, name, statement, completion, finished, template)


def _known(connection: duckdb.DuckDBPyConnection, pool: LeanPool | RayPool) -> dict[str, Judgement]:
    rows = _ask(connection, "known", pool).fetchall()
    return {
        hashed: Judgement(Verdict(verdict), detail, None if axioms is None else tuple(axioms), 0.0, hashed)
        for hashed, verdict, detail, axioms in rows
    }


def _ask(connection: duckdb.DuckDBPyConnection, query: str, pool: LeanPool | RayPool) -> duckdb.DuckDBPyConnection:
    return connection.execute(read_sql(QUERIES, query), [pool.checker_id])


def _row(sample_id: str, problem_id: str, judgement: Judgement, checker_id: str) -> dict[str, object]:
    return {
        "sample_id": sample_id,
        "problem_id": problem_id,
        "verdict": str(judgement.verdict),
        "detail": judgement.detail,
        "proof_hash": judgement.proof_hash,
        "axioms": None if judgement.axioms is None else list(judgement.axioms),
        "elapsed_ms": judgement.elapsed_ms,
        "checker_id": checker_id,
        "checked_at": datetime.now(UTC),
    }


def _write(corpus: Corpus, checker_id: str, rows: list[dict[str, object]]) -> None:
    if rows:
        corpus.append_verdicts(pa.Table.from_pylist(rows, VERDICTS), checker_id=checker_id)


def _record(config: FilterConfig, toolchain: Toolchain, summary: FilterSummary) -> dict[str, object]:
    return {
        "config": asdict(config),
        "lean": f"{toolchain.name} {toolchain.version}",
        "checker": {
            "protocol": PROTOCOL_VERSION,
            "fingerprint": toolchain.fingerprint,
            "project_revision": toolchain.revision or None,
            "allowed_axioms": sorted(toolchain.allowed_axioms),
        },
        "sandbox": str(probe()),
        "machine": platform.platform(),
        "summary": vars(summary) | {"verdicts": dict(summary.verdicts)},
    }
