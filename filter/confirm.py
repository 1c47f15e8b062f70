"""The second look, for accepted proofs only: compile them again without a word of ours, and read the result ourselves.

A fresh process compiles header, statement and proof. What it wrote is read in Python, so nothing that a candidate could
have done to a running Lean can speak for it here: the theorem must have, structurally, the type of the reference
(compiled from a clean file), rest on allowed axioms by walking its terms, stand there with its own helpers alone, and
have left nothing in the module's tables but what every theorem leaves. Then the kernel alone checks what was compiled
once more, in a process that has elaborated nothing: an option or a trick that kept it from looking is of no use.
"""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filter.document import Problem, Proof
from filter.engine import Engine
from filter.olean import Constant, Name, Olean, OleanError, Shapes, shown
from filter.process import ERROR, Failure, Limits
from filter.toolchain import Toolchain

TABLES = frozenset(
    {
        "Lean.Compiler.inlineAttrs",
        "Lean.Meta.Match.Extension.extension",
        "Lean.backwardDefeqAttr",
        "Lean.declRangeExt",
        "Lean.defeqAttr",
        "Lean.deprecatedModuleExt",
        "_private.Lean.Compiler.ModPkgExt.0.Lean.modPkgExt",
        "_private.Lean.ExtraModUses.0.Lean.extraModUses",
        "_private.Lean.Namespace.0.Lean.namespacesExt",
        "_private.Lean.Util.CollectAxioms.0.Lean.exportedAxiomsExt",
        "reducibilityCore",
    }
)
"""Tables that honest theorems fill: places, namespaces, axioms, matchers, inlining and reducibility of helpers."""


MAX_LIBRARY_BYTES = 256 * 2**20
"""A library beyond this is not walked here."""
SPACE = "s_"
"""Begins the name of each sample's namespace; a random number follows."""


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
        self._shapes = Shapes()
        self._references: dict[Problem, int] = {}
        self._headers: dict[str, Olean] = {}
        self.misplaced: set[Problem] = set()
        """Problems whose theorem does not stand where its name says: a header left a namespace open."""
        self._library = _Library(self.toolchain)
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
        spaces = [_space() for _ in wanted]
        texts = [
            f"namespace {space}\n{problem.reference(problem.name)}\nend {space}\n"
            for space, problem in zip(spaces, wanted, strict=True)
        ]
        with tempfile.TemporaryDirectory(prefix="remains-") as folder:
            olean = self._compile(wanted[0].header, "".join(texts), Path(folder) / "reference.olean")
        if not isinstance(olean, Olean):
            return self._learn_one_by_one(wanted)
        with self._lock:
            self._headers.setdefault(wanted[0].header, olean)
            for space, problem in zip(spaces, wanted, strict=True):
                reference = olean.constants.get((space, *_parts(problem.name)))
                if reference is not None and reference.kind == "axiom":
                    self._references[problem] = self._shapes.of_type(olean, reference, (space,))
                else:
                    self.misplaced.add(problem)

    def _learn_one_by_one(self, problems: Sequence[Problem]) -> None:
        if len(problems) > 1:
            for problem in problems:
                self.learn_references([problem])

    # Proofs

    def _compile_proofs(self, proofs: Sequence[Proof]) -> _Compiled | Refuted | Failure:
        spaces = [_space() for _ in proofs]
        texts = [
            f"namespace {space}\n{proof.problem.statement}{proof.text}\n\nend {space}\n"
            for space, proof in zip(spaces, proofs, strict=True)
        ]
        header = proofs[0].problem.header
        with tempfile.TemporaryDirectory(prefix="remains-") as folder:
            file = Path(folder) / "candidate.olean"
            olean = self._compile(header, "".join(texts), file)
            if not isinstance(olean, Olean):
                return olean
            try:
                fault = self._check_again(header, olean, file)
            except OleanError as error:
                return Refuted(f"the compiled module is not sound: {error}")
        return _Compiled(olean, tuple((space,) for space in spaces), fault)

    def _compile(self, header: str, text: str, target: Path) -> Olean | Refuted | Failure:
        outcome = self._engine.run(self._head(header), self._head(header) + text, self.limits, olean=target)
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
        """Let the kernel check a module by itself, where this Lean can be asked to; None if it stands."""
        known = self._headers.get(header)
        if known is None:
            return NO_REFERENCE
        declared = _declared(known)
        order = [(place, name in declared) for place, name in _in_order(olean)]
        outcome = self._engine.check_again(self._head(header), self.limits, file, order)
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
        for table, num_rows in compiled.olean.tables.items():
            if shown(table) not in TABLES and num_rows != header.tables.get(table):
                return Refuted(f"it writes into the table {shown(table)}")
        owners = [(*space, *_parts(proof.problem.name)) for space, proof in zip(compiled.spaces, proofs, strict=True)]
        known = set(owners)
        declared = _declared(header)
        for name in {*compiled.olean.constants, *compiled.olean.extra_names} - declared - set(header.extra_names):
            constant = compiled.olean.constants.get(name)
            if _owner(name, known) is None or (constant and constant.kind not in ("theorem", "definition")):
                return Refuted(f"it declares {shown(name)}")
        pairs = zip(owners, proofs, strict=True)
        try:
            return [self._compare(compiled.olean, owner, known, declared, proof.problem) for owner, proof in pairs]
        except OleanError as error:
            return Refuted(f"the compiled module is not sound: {error}")

    def _compare(self, olean: Olean, owner: Name, owners: set[Name], declared: set[Name], problem: Problem) -> Finding:
        theorem = olean.constants.get(owner)
        if theorem is None or theorem.kind != "theorem":
            return Refuted("the theorem is not there")
        with self._lock:
            shape = self._shapes.of_type(olean, theorem, owner[:1])
            reference = self._references.get(problem)
        if reference is None:
            return NO_REFERENCE
        if reference != shape:
            return Refuted("its type is not the reference's")
        imported: set[Name] = set()
        for constant in _reached(olean, theorem, imported):
            if constant.name in declared and constant.kind != "axiom":
                continue
            if constant.kind not in ("theorem", "definition") or constant.is_unsafe:
                return Refuted(f"it rests on the {constant.kind} {shown(constant.name)}")
            if _owner(constant.name, owners) != owner and not _is_matcher(constant):
                return Refuted(f"it rests on {shown(constant.name)}, which is not its own")
        foreign = sorted(self._library.axioms(imported) - self.toolchain.allowed_axioms)
        return Refuted(f"it rests on {', '.join(foreign)}") if foreign else None


def _nobody_was_asked(failure: Failure) -> Failure:
    """Silence is no failure to start: while all goes well, nothing is said here."""
    return replace(failure, kind="timeout") if failure.detail.startswith("silent") else failure


def _declared(header: Olean) -> set[Name]:
    """Return what a header declares by itself, apart from the references that were compiled with it."""
    return {name for name in header.constants if not str(name[0]).startswith(SPACE)}


def _in_order(olean: Olean) -> list[tuple[int, Name]]:
    """Return the places and names of a module's constants, each after those that it uses. Raises OleanError if none is.

    Nothing recurses: the names and uses are a candidate's.
    """
    places = {name: place for place, name in enumerate(olean.constants)}
    done: dict[Name, None] = {}
    begun: set[Name] = set()
    stack = list(reversed(places))
    while stack:
        name = stack[-1]
        missing = [each for each in _uses(olean, olean.constants[name]) if each in places and each not in done]
        if name in done or not missing:
            done[stack.pop()] = None
        elif name in begun:
            raise OleanError(f"{shown(name)} rests on itself")
        else:
            begun.add(name)
            stack.extend(missing)
    return [(places[name], name) for name in done]


def _reached(olean: Olean, theorem: Constant, imported: set[Name]) -> list[Constant]:
    """Return the module's constants that `theorem` rests on, and itself; add other modules' to `imported`."""
    found: dict[Name, Constant] = {}
    waiting = [theorem]
    while waiting:
        constant = waiting.pop()
        if constant.name in found:
            continue
        found[constant.name] = constant
        for name in _uses(olean, constant):
            here = olean.constants.get(name)
            if here is None:
                imported.add(name)
            else:
                waiting.append(here)
    return list(found.values())


def _uses(olean: Olean, constant: Constant) -> set[Name]:
    return olean.used_constants(*(root for root in (constant.type, constant.value) if root is not None))


def _owner(name: Name, owners: set[Name]) -> Name | None:
    """Return the theorem that `name` belongs to: itself or a helper (`t.match_1`, `t.go`, `_private.….t._proof_1`)."""
    if name[:1] == ("_private",) and 0 in name:
        name = name[name.index(0) + 1 :]
    return next((name[:length] for length in range(2, len(name) + 1) if name[:length] in owners), None)


def _is_matcher(constant: Constant) -> bool:
    """Lean makes the matcher of a pattern once a module, so a later proof may use that of an earlier one."""
    return constant.kind == "definition" and any(str(part).startswith("match_") for part in constant.name[2:])


def _space() -> str:
    return SPACE + secrets.token_hex(8)


def _parts(name: str) -> Name:
    return tuple(part.strip("«»") for part in name.split("."))


class _Library:
    """The imported modules, to find out which axioms an imported constant rests on."""

    def __init__(self, toolchain: Toolchain) -> None:
        self._folders = [Path(folder) for folder in toolchain.env.get("LEAN_PATH", "").split(":") if folder]
        self._oleans: list[Olean] | None = None
        self._is_huge: bool | None = None
        self._axioms: dict[Name, frozenset[str]] = {}
        self._uses: dict[Name, tuple[str, frozenset[Name]]] = {}
        self._lock = threading.Lock()

    def axioms(self, names: set[Name]) -> frozenset[str]:
        """Return the axioms that constants of imported modules rest on; a name that nobody declares counts as one.

        None are named for a library of gigabytes, which Lean's own answer in the first look has to cover.
        """
        with self._lock:
            if self._is_huge is None:
                self._is_huge = sum(file.stat().st_size for file in self._files()) > MAX_LIBRARY_BYTES
            if self._is_huge:
                return frozenset()
            return frozenset().union(*(self._of(name) for name in names))

    def _of(self, name: Name) -> frozenset[str]:
        known = self._axioms.get(name)
        if known is not None:
            return known
        found: set[str] = set()
        seen, waiting = {name}, [name]
        while waiting:
            kind, uses = self._look_up(at := waiting.pop())
            if kind in ("axiom", "unknown"):
                found.add(shown(at))
            waiting.extend(uses - seen)
            seen |= uses
        self._axioms[name] = frozenset(found)
        return self._axioms[name]

    def _look_up(self, name: Name) -> tuple[str, frozenset[Name]]:
        known = self._uses.get(name)
        if known is None:
            for olean in self._modules():
                if name in olean.constants:
                    constant = olean.constants[name]
                    known = constant.kind, frozenset(_uses(olean, constant))
                    break
            self._uses[name] = known = known or ("unknown", frozenset())
        return known

    def _modules(self) -> list[Olean]:
        if self._oleans is None:
            self._oleans = [Olean.read(file) for file in self._files()]
        return self._oleans

    def _files(self) -> list[Path]:
        return [file for folder in self._folders for file in sorted(folder.rglob("*.olean"))]
