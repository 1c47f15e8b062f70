"""Where Lean runs: its own process group, no network, and limits that do not depend on Lean's good will."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

from filter.landlock import version

MAX_FILE_BYTES = 64 * 2**20
MAX_OPEN_FILES = 256
MAX_ADDRESS_SPACE = 64 * 2**30
"""Lean reserves address space per thread, so a small limit kills honest proofs; resident memory is watched instead."""


@dataclass(frozen=True)
class Sandbox:
    """What could be had on this machine."""

    network: bool
    """Whether processes are cut off from the network."""
    limits: bool
    """Whether file sizes, open files and core dumps are limited."""
    dies_with_parent: bool

    def wrap(self, command: tuple[str, ...]) -> list[str]:
        """Return the command that runs `command` under it."""
        prefix: list[str] = []
        if self.network:
            prefix += [*_UNSHARE, "--"]
        if self.limits:
            prefix += [*_LIMITS]
        if self.dies_with_parent:
            prefix += ["setpriv", "--pdeathsig", "KILL"]
        return [*prefix, *command]

    def __str__(self) -> str:
        """Say in one line what there is."""
        found = {"no network": self.network, "limits": self.limits, "dies with its parent": self.dies_with_parent}
        have = [name for name, there in found.items() if there]
        lack = [name for name, there in found.items() if not there]
        missing = f"; not available: {', '.join(lack)} (install util-linux)" if lack else ""
        landlock = version()
        forked = (
            f"; forked children write to their own folder alone and start no program (Landlock {landlock})"
            if landlock
            else "; no Landlock in this kernel: a forked child could write where its user can"
        )
        return f"own process group, watched memory, {', '.join(have) or 'nothing else'}{forked}{missing}"


_UNSHARE = ("unshare", "--map-root-user", "--net")
_LIMITS = (
    "prlimit",
    "--core=0",
    f"--fsize={MAX_FILE_BYTES}",
    f"--nofile={MAX_OPEN_FILES}",
    f"--as={MAX_ADDRESS_SPACE}",
)


@cache
def probe() -> Sandbox:
    """Try each protection once; return those that work here."""
    return Sandbox(
        network=_works(*_UNSHARE, "--"),
        limits=_works(*_LIMITS),
        dies_with_parent=_works("setpriv", "--pdeathsig", "KILL"),
    )


def _works(*prefix: str) -> bool:
    if not shutil.which(prefix[0]):
        return False
    try:
        done = subprocess.run([*prefix, "true"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
