"""Which constants a verified proof refers to, read from what Lean compiled.

Many proofs are compiled into one module, each in a namespace of its own, and the module is read in Python, as
`filter.confirm` reads it. Nothing here decides about a verdict.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from filter.compiled import parts
from filter.document import Proof
from filter.olean import Name, Olean, OleanError, shown
from filter.process import Limits, run_lean
from filter.toolchain import Toolchain

SPACE = "facts_"
"""Begins the name of each proof's namespace; a random number follows."""


def premises_of(toolchain: Toolchain, proofs: Sequence[Proof], limits: Limits) -> list[list[str] | None]:
    """Return for each proof the constants that its term refers to and its statement does not, sorted.

    None where it does not compile. All proofs share a header. They are compiled together; where that fails, by halves.
    """
    names = [(SPACE + secrets.token_hex(8), *parts(proof.problem.name)) for proof in proofs]
    try:
        olean = _compile(toolchain, proofs, names, limits)
        return [_used_by(olean, name) for name in names]
    except OleanError:
        if len(proofs) == 1:
            return [None]
    half = len(proofs) // 2
    return premises_of(toolchain, proofs[:half], limits) + premises_of(toolchain, proofs[half:], limits)


def _compile(toolchain: Toolchain, proofs: Sequence[Proof], names: Sequence[Name], limits: Limits) -> Olean:
    """Return the module of the proofs; raises OleanError when Lean made none."""
    text = toolchain.preamble + proofs[0].problem.header.rstrip("\n") + "\n"
    for (space, *_), proof in zip(names, proofs, strict=True):
        text += f"namespace {space}\n{proof.problem.statement}{proof.text}\n\nend {space}\n"
    with tempfile.TemporaryDirectory(prefix="remains-") as folder:
        target = Path(folder) / "proofs.olean"
        run_lean(toolchain, text, limits, olean=target)
        return Olean.read(target)


def _used_by(olean: Olean, theorem: Name) -> list[str]:
    """Return the constants that the theorem's term refers to, its own helpers replaced by what they refer to."""
    declared = olean.constants.get(theorem)
    if declared is None or declared.value is None:
        raise OleanError(f"{shown(theorem)} is not there")
    used: set[Name] = set()
    waiting = olean.used_constants(declared.value)
    while waiting:
        used |= waiting
        helpers = [olean.constants[name] for name in waiting if _is_helper(name) and name in olean.constants]
        roots = [root for helper in helpers for root in (helper.type, helper.value) if root is not None]
        waiting = olean.used_constants(*roots) - used
    stated = olean.used_constants(declared.type)
    return sorted(shown(name) for name in used - stated if not _is_helper(name))


def _is_helper(name: Name) -> bool:
    """Say whether a constant was declared in a proof's namespace, privately or not."""
    return any(isinstance(part, str) and part.startswith(SPACE) for part in name)
