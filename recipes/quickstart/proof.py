"""Proofs as data: normal natural deduction, found by `search`, written as Lean text by `render`.

All names are chosen when a proof is found, so rendering never has to rename.
"""

from __future__ import annotations

from typing import NamedTuple

from recipes.quickstart.expr import Expr


class Apply(NamedTuple):
    """Elimination of → or ¬: apply to a proof of the premise."""

    argument: Proof


class Instance(NamedTuple):
    """Elimination of ∀."""

    term: Expr


class Project(NamedTuple):
    """Elimination of ∧ (`1`, `2`) or ↔ (`mp`, `mpr`)."""

    field: str


Elimination = Apply | Instance | Project


class Spine(NamedTuple):
    """A hypothesis (or an instance of excluded middle) and what is done to it, first elimination first."""

    head: str
    eliminations: tuple[Elimination, ...] = ()


class Use(NamedTuple):
    """The spine is a proof of the goal."""

    spine: Spine


class Absurd(NamedTuple):
    """The spine is a proof of False."""

    spine: Spine


class Intro(NamedTuple):
    """Assume the premise of → or ¬, or take a variable for ∀."""

    name: str
    body: Proof


class Pair(NamedTuple):
    """Both sides of ∧ (`And`) or both directions of ↔ (`Iff`)."""

    connective: str
    left: Proof
    right: Proof


class Inject(NamedTuple):
    """One side of ∨: `inl` or `inr`."""

    side: str
    body: Proof


class Witness(NamedTuple):
    """A term for ∃, and the proof that it is one."""

    term: Expr
    body: Proof


class CaseOr(NamedTuple):
    """Go by cases on the disjunction that the spine proves; both branches call theirs `name`."""

    spine: Spine
    name: str
    left: Proof
    right: Proof


class CaseExists(NamedTuple):
    """Take the witness and its property out of the ∃ that the spine proves."""

    spine: Spine
    variable: str
    name: str
    body: Proof


class Destruct(NamedTuple):
    """Split a hypothesis, `And` or `Iff`, into its two parts."""

    connective: str
    head: str
    left: str
    right: str
    body: Proof


class Induct(NamedTuple):
    """Induction on a variable of type Nat or List α; `names` are those of the successor case, hypothesis last."""

    variable: str
    sort: str
    names: tuple[str, ...]
    base: Proof
    step: Proof


class Script(NamedTuple):
    """A goal closed by ready text: tactic lines, and the same as a term where there is one."""

    lines: tuple[str, ...]
    term: str | None = None


Proof = Use | Absurd | Intro | Pair | Inject | Witness | CaseOr | CaseExists | Destruct | Induct | Script
