"""Judge candidates with several Leans at once, many samples to a document, none deciding another's fate.

A verdict counts from a document only when the document was orderly: Lean finished, nothing was reported outside the
samples, and the canaries mixed in (a true proof, a false one, a sorried one) were judged rightly. A limit that hits a
document is nobody's verdict: the sample at fault is judged alone, the others since the last canary again without it. A
failure that our own machine may have caused is tested with the canaries alone, and never becomes a verdict when they
fail too.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import groupby, islice
from typing import TYPE_CHECKING, TypeVar

from filter.canaries import are_right, busy_with, canaries, crowd, ended_early, leading, samples_of
from filter.config import PoolConfig, PoolCounts, usual_workers
from filter.confirm import Confirmer, Refuted
from filter.document import MAX_DETAIL, Document, Problem, Proof, build, read
from filter.engine import ATTEMPTS, PERSISTENT, Engine
from filter.extract import extract
from filter.known import Known
from filter.process import ERROR, Failure, Outcome
from filter.reuse import proof_hash
from filter.scan import Refused, scan
from filter.toolchain import Toolchain
from filter.verdict import Candidate, Judgement, Verdict
from store.ids import content_hash

if TYPE_CHECKING:
    from filter.kimina import KiminaServer

PROTOCOL_VERSION = 3
"""Part of the checker's identity; raise it when a verdict may change."""
ONE_LOOK = "accepted by a server; no Lean on this machine has looked again"
"""The detail of a verdict that the second look is missing from."""
BLAMED = {
    "timeout": Verdict.TIMEOUT,
    "memory": Verdict.MEMORY,
    "output": Verdict.MEMORY,
    "crash": Verdict.CRASH,
    "starved": Verdict.MEMORY,
}
"""Verdicts on a proof that makes Lean fail, alone, where the canaries do not."""
T = TypeVar("T")


class LeanPool:
    """Use as a context manager; `judge` may be called any number of times."""

    def __init__(
        self,
        toolchain: Toolchain,
        config: PoolConfig | None = None,
        *,
        server: KiminaServer | None = None,
        second: Toolchain | None = None,
    ) -> None:
        """Judge with `toolchain`; where it is a `server`, `second` takes the second look, if there is one."""
        self.toolchain = toolchain
        self.config = config or PoolConfig()
        self._server = server
        self._second = second if server else toolchain
        self.workers = self.config.workers or usual_workers(self.config.memory_mib)
        self.counts = PoolCounts()
        self._engine = Engine(self._second or toolchain, self.config.heartbeats, fork=self.config.fork)
        self._confirmer = Confirmer(self._engine, replace(self.config.limits, seconds=6 * self.config.seconds))
        self._problems: dict[Problem, str | None] = {}
        self._known = Known()
        self._random = random.Random(self.config.seed)
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(self.workers, "lean")
        self._stopping = False

    def __enter__(self) -> LeanPool:
        """Open."""
        return self

    def __exit__(self, *error: object) -> None:
        """Wait for the batches in flight; the others are not begun."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._engine.close()

    @property
    def confirms(self) -> bool:
        """Return whether accepted proofs get the second look."""
        return self._second is not None

    @property
    def checker_id(self) -> str:
        """Return the identity of everything that a verdict depends on."""
        from filter import scan as scan_module

        limits = self.config.limits
        second = [] if self._second in (None, self.toolchain) else [self._second.fingerprint]
        return content_hash(
            self.toolchain.fingerprint,
            *second,
            *sorted(self.toolchain.allowed_axioms),
            f"protocol {PROTOCOL_VERSION} scan {scan_module.VERSION}",
            *([] if self.config.strict == 1 else [f"strict {self.config.strict}"]),
            f"{limits.seconds} s {limits.memory_mib} MiB {limits.heartbeats} heartbeats",
        )

    def remember(self, known: Mapping[str, Judgement]) -> None:
        """Take the judgements of an earlier run of the same checker, by proof hash."""
        self._known.remember(known)

    def stop(self) -> None:
        """Let `judge` end with the batches in flight."""
        self._stopping = True

    def judge(self, candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, Judgement | None]]:
        """Yield every candidate with its judgement, None where our own failure left none; order by problem is fastest.

        Batches run in parallel and come back as they finish; no more candidates are taken than the threads can use.
        """
        batches = _batched(candidates, 2 * self.config.document_size)
        running: set[Future[list[tuple[Candidate, Judgement | None]]]] = set()
        while True:
            if self._stopping:
                running = {future for future in running if not future.cancel()}
            else:
                for batch in islice(batches, 2 * self.workers - len(running)):
                    running.add(self._threads.submit(self.judge_batch, batch))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield from future.result()

    def judge_batch(self, candidates: Sequence[Candidate]) -> list[tuple[Candidate, Judgement | None]]:
        """Judge some candidates in this thread; proofs of a problem that are one for Lean are checked once."""
        screened = [(candidate, self._screen(candidate)) for candidate in candidates]
        hashes = {found: proof_hash(found) for _, found in screened if isinstance(found, Proof)}
        known = self._known.of(set(hashes.values()))
        fresh = {hashed: proof for proof, hashed in hashes.items() if hashed not in known}
        judged = self._judge_fresh(list(fresh.values()))
        known |= self._known.keep(judged)
        results: list[tuple[Candidate, Judgement | None]] = []
        for candidate, found in screened:
            if isinstance(found, Judgement):
                results.append((candidate, found))
                continue
            hashed = hashes[found]
            first = hashed in judged
            results.append((candidate, judged.pop(hashed) if first else known.get(hashed)))
            self.counts.num_reused += not first
        return results

    def _judge_fresh(self, proofs: Sequence[Proof]) -> dict[str, Judgement | None]:
        """Return proof hash to judgement; proofs of statements that cannot be used are told apart first."""
        self._look_at_problems(list(dict.fromkeys(proof.problem for proof in proofs)))
        judged: dict[Proof, Judgement | None] = {
            proof: _bad_problem(self._problems.get(proof.problem)) for proof in proofs
        }
        sound = [proof for proof in proofs if self._problems.get(proof.problem) == ""]
        for _, group in groupby(sorted(sound, key=_by_problem), key=lambda proof: proof.problem.header):
            judged |= self._judge_proofs(list(group))
        return {
            proof_hash(proof): found and replace(found, proof_hash=proof_hash(proof)) for proof, found in judged.items()
        }

    # Step 0: the text

    def _screen(self, candidate: Candidate) -> Proof | Judgement:
        if not candidate.finished:
            return Judgement(Verdict.CUT, "cut at the length limit")
        proof = extract(candidate.completion, candidate.statement, candidate.template)
        found = proof if isinstance(proof, Refused) else scan(proof, self.toolchain.command_tokens)
        if isinstance(found, Refused):
            return Judgement(found.verdict, found.detail)
        return Proof(Problem(candidate.header, candidate.name, candidate.statement), found.text.rstrip())

    # The problems themselves

    def _look_at_problems(self, problems: Sequence[Problem]) -> None:
        """Compile every statement not seen yet with `sorry` for a proof; remember "" or why it cannot be used."""
        with self._lock:
            fresh = [problem for problem in problems if self._problems.get(problem) is None]
        usable = []
        for problem in fresh:
            if problem.reference("r") is None:
                self._problems[problem] = f"no statement of the form `theorem {problem.name} … := by`"
            else:
                usable.append(Proof(problem, " sorry" if problem.statement.rstrip().endswith("by") else " by sorry"))
        for _, group in groupby(sorted(usable, key=_by_problem), key=lambda proof: proof.problem.header):
            proofs = list(group)
            fault = self._header_fault(proofs[0].problem.header)
            if fault:
                self._problems |= dict.fromkeys((proof.problem for proof in proofs), fault)
                continue
            judged = self._judge_document(proofs, of_problems=True)
            fine = [proof.problem for proof, found in judged.items() if found and found.verdict is Verdict.SORRY]
            if self.confirms:
                self._confirmer.learn_references(fine)
            self._problems |= {proof.problem: found.detail or found.verdict for proof, found in judged.items() if found}
            self._problems |= dict.fromkeys(fine, "")
            self._problems |= dict.fromkeys(self._confirmer.misplaced & set(fine), "the header leaves a namespace open")

    def _header_fault(self, header: str) -> str:
        """Return what is wrong with a header if the canaries fail under it and pass without it, or if Lean says so."""
        if not header or (fault := self._fault_under(header)) is None:
            return ""
        if not fault and not self._machine_is_well(""):
            return ""
        return f"the header does not elaborate by itself, or leaves a namespace open{fault and ': ' + fault}"

    # Step 1: documents

    def _judge_proofs(self, proofs: list[Proof]) -> dict[Proof, Judgement | None]:
        """Judge proofs that share a header: documents, then the second look, then the audit."""
        judged: dict[Proof, Judgement | None] = {}
        for document in _batched(proofs, self.config.document_size):
            judged |= self._judge_document(document)
        judged |= self._confirm([proof for proof, found in judged.items() if found and _accepts(found)], judged)
        judged |= self._audit(judged)
        return judged

    def _judge_document(self, proofs: Sequence[Proof], of_problems: bool = False) -> dict[Proof, Judgement | None]:
        if not proofs:
            return {}
        found, culprit = self._try_document(proofs, of_problems)
        judged: dict[Proof, Judgement | None] = dict(zip(proofs, found, strict=False))
        left = proofs[len(found) :]
        if left and len(proofs) == 1:
            return {proofs[0]: self._judge_alone(proofs[0], of_problems)}
        at, after = (len(left) // 2,) * 2 if culprit is None else (culprit - len(found), culprit - len(found) + 1)
        judged |= {proof: self._judge_alone(proof, of_problems) for proof in left[at:after]}
        return judged | self._judge_document(left[:at], of_problems) | self._judge_document(left[after:], of_problems)

    def _try_document(self, proofs: Sequence[Proof], of_problems: bool) -> tuple[list[Judgement], int | None]:
        """Return the judgements of an orderly document, and None.

        Where Lean did not finish: those of the parts that it had done, and the index of the sample that it was busy
        with, if that can be told. Nothing that stands behind a part can have changed what was said of it.
        """
        header = proofs[0].problem.header
        document = build(self.toolchain, crowd(proofs))
        outcome = self._compile(header, document)
        with self._lock:
            self.counts.num_documents += 1
        if outcome.failure or ended_early(document, outcome):
            culprit = busy_with(document, outcome)
            document, outcome = leading(document, outcome, culprit or 0)
        else:
            culprit = None
        judgements = read(document, outcome.diagnostics, self.toolchain.allowed_axioms, of_problems=of_problems)
        found = samples_of(judgements or [])
        share = outcome.seconds * 1000 / len(proofs)
        return [replace(judgement, elapsed_ms=share) for judgement in found], culprit

    def _judge_alone(self, proof: Proof, of_problems: bool = False) -> Judgement | None:
        """Judge one proof in a process of its own; a limit hit here is its verdict, if the canaries still pass."""
        with self._lock:
            self.counts.num_alone += 1
        document = build(self.toolchain, [*canaries(proof.problem.header), proof])
        outcome = self._compile(proof.problem.header, document, PERSISTENT)
        if failure := outcome.failure or ended_early(document, outcome):
            return self._limit_or_nothing(proof, failure, outcome.seconds)
        axioms = self.toolchain.allowed_axioms
        judgements = read(document, outcome.diagnostics, axioms, of_problems=of_problems, last_alone=True)
        if judgements is None or not are_right(judgements[:-1]):
            return None
        return replace(judgements[-1], elapsed_ms=outcome.seconds * 1000)

    def _limit_or_nothing(self, proof: Proof, failure: Failure, seconds: float = 0.0) -> Judgement | None:
        """Return the verdict on a proof for which Lean did not finish; None if it fails on the canaries too."""
        if failure.kind not in BLAMED or not self._machine_is_well(proof.problem.header):
            return None
        return Judgement(BLAMED[failure.kind], failure.detail, elapsed_ms=seconds * 1000)

    def _machine_is_well(self, header: str) -> bool:
        return self._fault_under(header) is None

    def _fault_under(self, header: str) -> str | None:
        """Return None if the canaries are judged rightly; else Lean's first error in the header, or ""."""
        document = build(self.toolchain, canaries(header))
        outcome = self._compile(header, document, PERSISTENT)
        judgements = read(document, outcome.diagnostics, self.toolchain.allowed_axioms)
        if outcome.failure is None and judgements is not None and are_right(judgements):
            return None
        end = document.regions[0].reference
        errors = [each.message for each in outcome.diagnostics if each.severity == ERROR and each.line < end]
        return " ".join(errors[0].split())[:MAX_DETAIL] if errors else ""

    def _compile(self, header: str, document: Document, attempts: int = ATTEMPTS) -> Outcome:
        if self._server:
            return self._server.run(document.text, self.config.limits)
        return self._engine.run(self.toolchain.preamble + header, document.text, self.config.limits, attempts=attempts)

    # Step 2: the second look

    def _confirm(self, accepted: list[Proof], judged: dict[Proof, Judgement | None]) -> dict[Proof, Judgement | None]:
        if not self.confirms:
            return {proof: found and replace(found, detail=ONE_LOOK) for proof in accepted for found in [judged[proof]]}
        changed: dict[Proof, Judgement | None] = {}
        chosen = [proof for proof in accepted if _share_of(proof_hash(proof)) < self.config.strict]
        for proof, finding in zip(chosen, self._confirmer.confirm(chosen), strict=True):
            found = judged[proof]
            with self._lock:
                self.counts.num_confirmed += finding is None
                self.counts.num_unconfirmed += isinstance(finding, Refuted)
            if isinstance(finding, Refuted) and found:
                changed[proof] = replace(found, verdict=Verdict.UNCONFIRMED, detail=finding.reason)
            elif isinstance(finding, Failure):
                changed[proof] = self._limit_or_nothing(proof, finding)
        return changed

    # The audit

    def _audit(self, judged: dict[Proof, Judgement | None]) -> dict[Proof, Judgement | None]:
        rejected = [proof for proof, found in judged.items() if found and not _accepts(found)]
        with self._lock:
            chosen = [proof for proof in rejected if self._random.random() < self.config.audit_share]
        changed: dict[Proof, Judgement | None] = {}
        for proof in chosen:
            before, alone = judged[proof], self._judge_alone(proof)
            if before and alone and (before.verdict, before.axioms) != (alone.verdict, alone.axioms):
                changed[proof] = alone if not _accepts(alone) else None
                self.counts.disagreements.append(f"{before.verdict} against {alone.verdict}: {proof.text[:200]}")
        with self._lock:
            self.counts.num_audited += len(chosen)
        return changed


def _share_of(hashed: str) -> float:
    """Return a number in [0, 1) that a hash alone decides."""
    return int(content_hash(hashed)[:12], 16) / 16**12


def _bad_problem(reason: str | None) -> Judgement | None:
    return Judgement(Verdict.BAD_PROBLEM, reason) if reason else None


def _accepts(judgement: Judgement) -> bool:
    return judgement.verdict is Verdict.VERIFIED


def _by_problem(proof: Proof) -> tuple[str, str]:
    return proof.problem.header, proof.problem.statement


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch
