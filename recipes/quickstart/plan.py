"""What a generator hands to the teacher: a statement, and how it can be proved."""

from __future__ import annotations

from typing import NamedTuple

from recipes.quickstart.rewriting import Step
from recipes.quickstart.statement import Statement


class Plan(NamedTuple):
    """A provable statement. With neither chain nor variable, proof search finds its proofs."""

    statement: Statement
    chain: tuple[Step, ...] = ()
    """Rewrites that lead from the left side of the goal to the right one, or from `P left` to `P right`."""
    variable: str | None = None
    """To do induction on."""
    excluded: str | None = None
    """The proposition for which proof search needs excluded middle."""
    depth: int = 0
    """Measured difficulty: depth of the proof found, or length of the chain."""
