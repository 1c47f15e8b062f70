"""The imported modules, read without Lean: which axioms does one of their constants rest on?"""

from __future__ import annotations

import threading
from pathlib import Path

from filter.compiled import uses
from filter.olean import Name, Olean, shown
from filter.toolchain import Toolchain

MAX_LIBRARY_BYTES = 256 * 2**20
"""A library beyond this is not walked here."""


class Library:
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
                    known = constant.kind, frozenset(uses(olean, constant))
                    break
            self._uses[name] = known = known or ("unknown", frozenset())
        return known

    def _modules(self) -> list[Olean]:
        if self._oleans is None:
            self._oleans = [Olean.read(file) for file in self._files()]
        return self._oleans

    def _files(self) -> list[Path]:
        return [file for folder in self._folders for file in sorted(folder.rglob("*.olean"))]
