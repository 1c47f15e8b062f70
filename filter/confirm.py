"""The second look, for accepted proofs only: compile them again without a word of ours, and read the result ourselves.

A fresh process compiles header, statement and proof. What it wrote is read in Python, so nothing that a candidate could
have done to a running Lean can speak for it here: the theorem must have, structurally, the type of the reference
(compiled from a clean file), rest on allowed axioms by walking its terms, stand there with its own helpers alone, and
have left nothing in the module's tables but what every theorem leaves. Then the kernel alone checks what was compiled
once more, in a process that has elaborated nothing: an option or a trick that kept it from looking is of no use.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filter.compiled import (
    declared,
    fresh_space,
    in_order,
    intruder,
    is_shared,
    odd_table,
    owner,
    parts,
    reached,
    shape,
)
from filter.document import Problem, Proof
from filter.engine import ATTEMPTS, PERSISTENT, Engine
from filter.library import Library
from filter.olean import Name, Olean, OleanError, shown
from filter.process import ERROR, Failure, Limits


@dataclass(frozen=True)
class Refuted:
    """A proof that did not stand."""

    reason: str


Finding = Refuted | Failure | None
"""What the second look says of a proof: None if it stands, a Failure if Lean did not finish even for it alone."""


NO_REFERENCE = Failure("start", "the reference could not be compiled")
"""Nothing to compare with is our failure, and nobody's verdict."""


@dataclass(frozen=True)
class _Compiled:
    """A module of several proofs and the namespace of each."""

    olean: Olean
    spaces: tuple[Name, ...]
    fault: Refuted | Failure | None
    """What the kernel said when it checked the module by itself."""


class Confirmer:
    """Confirms proofs for one toolchain; remembers the references that it compiled. Safe to share between threads."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self.toolchain = engine.toolchain
        self.limits = limits
        self._engine = engine
        self._references: dict[Problem, bytes] = {}
        self._headers: dict[str, Olean] = {}
        self.misplaced: set[Problem] = set()
        """Problems whose theorem does not stand where its name says: a header left a namespace open."""
        self._library = Library(self.toolchain)
        self._lock = threading.Lock()

    def confirm(self, proofs: Sequence[Proof]) -> list[Finding]:
        """Return a finding for every proof. All proofs share a header.

        Many are compiled together; where that fails, or where one leans on another, they are compiled by halves.
        """
        if not proofs:
            return []
        self.learn_references(list(dict.fromkeys(proof.problem for proof in proofs)))
        compiled = self._compile_proofs(proofs)
        if isinstance(compiled, _Compiled):
            found = self._inspect(compiled, proofs) if not compiled.fault or len(proofs) == 1 else Refuted("")
            if isinstance(found, list) and compiled.fault:
                found = [found[0] or compiled.fault]
            if len(proofs) == 1 or not isinstance(found, Refuted):
                return [found] if isinstance(found, Refuted) else self._alone_where_refuted(proofs, found)
        elif len(proofs) == 1:
            return [compiled]
        half = len(proofs) // 2
        return self.confirm(proofs[:half]) + self.confirm(proofs[half:])

    def _alone_where_refuted(self, proofs: Sequence[Proof], found: list[Finding]) -> list[Finding]:
        """A proof is refuted only by what it does alone."""
        if len(proofs) == 1:
            return found
        pairs = zip(proofs, found, strict=True)
        return [None if finding is None else self.confirm([proof])[0] for proof, finding in pairs]

    # References

    def learn_references(self, problems: Sequence[Problem]) -> None:
        """Compile references not seen yet, which share a header, in a file of their own."""
        with self._lock:
            wanted = [problem for problem in problems if problem not in self._references]
        if not wanted:
            return
        spaces = [fresh_space() for _ in wanted]
        texts = [
            f"namespace {space}\n{problem.reference(problem.name)}\nend {space}\n"
            for space, problem in zip(spaces, wanted, strict=True)
        ]
        with tempfile.TemporaryDirectory(prefix="remains-") as folder:
            olean = self._compile(wanted[0].header, "".join(texts), Path(folder) / "reference.olean", PERSISTENT)
        if not isinstance(olean, Olean):
            return self._learn_one_by_one(wanted)
        with self._lock:
            self._headers.setdefault(wanted[0].header, olean)
            for space, problem in zip(spaces, wanted, strict=True):
                reference = olean.constants.get((space, *parts(problem.name)))
                if reference is not None and reference.kind == "axiom":
                    self._references[problem] = shape(olean, reference, olean)
                else:
                    self.misplaced.add(problem)

    def _learn_one_by_one(self, problems: Sequence[Problem]) -> None:
        if len(problems) > 1:
            for problem in problems:
                self.learn_references([problem])

    # Proofs

    def _compile_proofs(self, proofs: Sequence[Proof]) -> _Compiled | Refuted | Failure:
        spaces = [fresh_space() for _ in proofs]
        texts = [
            f"namespace {space}\n{proof.problem.statement}{proof.text}\n\nend {space}\n"
            for space, proof in zip(spaces, proofs, strict=True)
        ]
        header = proofs[0].problem.header
        with tempfile.TemporaryDirectory(prefix="remains-") as folder:
            file = Path(folder) / "candidate.olean"
            olean = self._compile(header, "".join(texts), file, ATTEMPTS if len(proofs) > 1 else PERSISTENT)
            if not isinstance(olean, Olean):
                return olean
            try:
                fault = self._check_again(header, olean, file)
            except OleanError as error:
                return Refuted(f"the compiled module is not sound: {error}")
        return _Compiled(olean, tuple((space,) for space in spaces), fault)

    def _compile(self, header: str, text: str, target: Path, attempts: int) -> Olean | Refuted | Failure:
        head = self._head(header)
        outcome = self._engine.run(head, head + text, self.limits, olean=target, attempts=attempts)
        if outcome.failure:
            return _nobody_was_asked(outcome.failure)
        errors = [message.message for message in outcome.diagnostics if message.severity == ERROR]
        if errors or not target.exists():
            return Refuted(f"it does not compile without our lines: {errors[0][:200] if errors else 'no message'}")
        try:
            return Olean.read(target)
        except OleanError as error:
            return Refuted(f"the compiled module is not sound: {error}")

    def _head(self, header: str) -> str:
        return self.toolchain.preamble + header + ("\n" if header and not header.endswith("\n") else "")

    def _check_again(self, header: str, olean: Olean, file: Path) -> Refuted | Failure | None:
        """Let the kernel check a module by itself, where this Lean can be asked to; None if it stands.

        What the header declares is taken from its own module, compiled apart. Unsafe helpers stay away: nothing that
        is safe may rest on them.
        """
        known = self._headers.get(header)
        if known is None:
            return NO_REFERENCE
        (clean := file.with_name("header.olean")).write_bytes(known.data)
        names = {name for name, each in olean.constants.items() if not each.is_unsafe} - declared(known)
        given = (clean, _places(known, declared(known)))
        order = _places(olean, in_order(olean, names))
        outcome = self._engine.check_again(self._head(header), self.limits, given, (file, order))
        if outcome is None or outcome.failure is None:
            return None
        if outcome.failure.kind == "refused":
            return Refuted("the kernel refuses what was compiled")
        return _nobody_was_asked(outcome.failure)

    def _inspect(self, compiled: _Compiled, proofs: Sequence[Proof]) -> list[Finding] | Refuted:
        """Return a finding for each proof, or one for the whole module."""
        header = self._headers.get(proofs[0].problem.header)
        if header is None:
            return [NO_REFERENCE for _ in proofs]
        if table := odd_table(compiled.olean, header):
            return Refuted(f"it writes into the table {shown(table)}")
        theorems = [(*space, *parts(proof.problem.name)) for space, proof in zip(compiled.spaces, proofs, strict=True)]
        if stranger := intruder(compiled.olean, header, set(theorems)):
            return Refuted(f"it declares {shown(stranger)}")
        pairs = zip(theorems, proofs, strict=True)
        try:
            return [self._compare(compiled.olean, name, set(theorems), header, proof.problem) for name, proof in pairs]
        except OleanError as error:
            return Refuted(f"the compiled module is not sound: {error}")

    def _compare(self, olean: Olean, name: Name, theorems: set[Name], header: Olean, problem: Problem) -> Finding:
        theorem, known = olean.constants.get(name), declared(header)
        if theorem is None or theorem.kind != "theorem":
            return Refuted("the theorem is not there")
        found, reference = shape(olean, theorem, header), self._references.get(problem)
        if reference is None:
            return NO_REFERENCE
        if reference != found:
            return Refuted("its type is not the reference's")
        imported: set[Name] = set()
        for constant in reached(olean, theorem, imported, header):
            if constant.name in known and constant.kind != "axiom":
                continue
            if constant.kind not in ("theorem", "definition") or constant.is_unsafe:
                return Refuted(f"it rests on the {constant.kind} {shown(constant.name)}")
            if owner(constant.name, theorems) != name and not is_shared(constant):
                return Refuted(f"it rests on {shown(constant.name)}, which is not its own")
        foreign = sorted(self._library.axioms(imported) - self.toolchain.allowed_axioms)
        return Refuted(f"it rests on {', '.join(foreign)}") if foreign else None


def _places(olean: Olean, names: Iterable[Name]) -> list[int]:
    """Return where these constants stand among the module's, in their own order."""
    places = {name: place for place, name in enumerate(olean.constants)}
    return [places[name] for name in names]


def _nobody_was_asked(failure: Failure) -> Failure:
    """Silence is no failure to start: while all goes well, nothing is said here."""
    return replace(failure, kind="timeout") if failure.detail.startswith("silent") else failure
