"""Proof search: randomised, focused, by iterative deepening, so that proofs are normal and about as short as can be.

The rules are those of the focused intuitionistic sequent calculus LJT (Herbelin 1995) with ∧, ↔ and quantifiers. The
search is bounded and therefore incomplete: no answer says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import NamedTuple

from recipes.quickstart.expr import BOUND_NAMES, ELEMENT, FALSE, LIST, NAT, Expr, binary, instantiate, negation
from recipes.quickstart.proof import (
    Absurd,
    Apply,
    CaseExists,
    CaseOr,
    Destruct,
    Inject,
    Instance,
    Intro,
    Pair,
    Project,
    Proof,
    Spine,
    Use,
    Witness,
)
from recipes.quickstart.statement import Hypothesis, Statement

POSITIVE = frozenset({"∨", "∃", "False"})
EXCLUDED_MIDDLE = "Classical.em "
SORTS = {"α": ELEMENT, "Nat": NAT, "List α": LIST}


class OutOfNodes(Exception):
    """The budget (of nodes, of names for new variables) is spent."""


Terms = tuple[tuple[Expr, Expr], ...]
"""Pairs of a sort and a term of it."""
Steps = tuple[tuple[str, Expr], ...]
"""Eliminations: `apply` with the premise, `instance` with the term, or the name of a projection."""


class Context(NamedTuple):
    """What may be used: hypotheses, the terms of each sort, and the number of the next new hypothesis."""

    hypotheses: tuple[Hypothesis, ...]
    terms: Terms
    next_number: int

    def key(self) -> frozenset[Expr]:
        """The formulas alone."""
        return frozenset(hypothesis.formula for hypothesis in self.hypotheses)


class Move(NamedTuple):
    """A focused use of one hypothesis: its eliminations, with a premise to prove for each application."""

    head: str
    steps: Steps
    end: Expr


Sequent = tuple[Expr, frozenset[Expr]]


def context_of(statement: Statement, excluded: str | None = None) -> Context:
    """The context that a statement's binders open, with excluded middle for one proposition if that is named."""
    terms = tuple((SORTS[kind], Expr(name)) for name, kind in statement.kinds.items() if kind in SORTS)
    hypotheses = statement.hypotheses
    if excluded:
        either = binary("∨", Expr(excluded), negation(Expr(excluded)))
        hypotheses = (*hypotheses, Hypothesis(EXCLUDED_MIDDLE + excluded, either))
    return Context(hypotheses, terms, len(statement.hypotheses) + 1)


@dataclass
class Search:
    """One search; `nodes` bounds its cost, `split` is the chance that a new conjunction is taken apart at once."""

    rng: Random
    nodes: int = 300
    max_depth: int = 5
    split: float = 0.5

    def run(self, goal: Expr, context: Context) -> tuple[Proof, int] | None:
        """A proof and its depth (choices one below another), or None when none was found within the budget."""
        try:
            for depth in range(self.max_depth + 1):
                proof = self._open(goal, context, context.hypotheses, depth, frozenset())
                if proof is not None:
                    return proof, depth
        except OutOfNodes:
            pass
        return None

    def _open(
        self, goal: Expr, context: Context, new: tuple[Hypothesis, ...], depth: int, path: frozenset[Sequent]
    ) -> Proof | None:
        """Take new conjunctions apart, or leave them to be projected; then prove."""
        for hypothesis in new:
            if hypothesis.formula.head in ("∧", "↔") and self.rng.random() < self.split:
                return self._destruct(goal, context, hypothesis, new, depth, path)
        return self._prove(goal, context, depth, path)

    def _destruct(
        self,
        goal: Expr,
        context: Context,
        whole: Hypothesis,
        new: tuple[Hypothesis, ...],
        depth: int,
        path: frozenset[Sequent],
    ) -> Proof | None:
        left, right = whole.formula.args
        parts = (left, right) if whole.formula.head == "∧" else (_implies(left, right), _implies(right, left))
        number = context.next_number
        halves = tuple(Hypothesis(f"h{number + i}", part) for i, part in enumerate(parts))
        rest = tuple(h for h in context.hypotheses if h is not whole)
        inner = Context(rest + halves, context.terms, number + 2)
        pending = tuple(h for h in new if h is not whole) + halves
        body = self._open(goal, inner, pending, depth, path)
        connective = "And" if whole.formula.head == "∧" else "Iff"
        return body and Destruct(connective, whole.name, halves[0].name, halves[1].name, body)

    def _prove(self, goal: Expr, context: Context, depth: int, path: frozenset[Sequent]) -> Proof | None:
        self.nodes -= 1
        if self.nodes < 0:
            raise OutOfNodes
        for hypothesis in context.hypotheses:
            if hypothesis.formula == goal:
                return Use(Spine(hypothesis.name))
        if goal.head in ("→", "¬", "∀"):
            return self._intro(goal, context, depth, path)
        if goal.head in ("∧", "↔"):
            return self._pair(goal, context, depth, path)
        if depth == 0:
            return None
        return self._choose(goal, context, depth - 1, path)

    def _intro(self, goal: Expr, context: Context, depth: int, path: frozenset[Sequent]) -> Proof | None:
        if goal.head == "∀":
            name, inner = _with_variable(context, goal.args[0])
            body = self._prove(instantiate(goal.args[1], Expr(name)), inner, depth, path)
            return body and Intro(name, body)
        conclusion = goal.args[1] if goal.head == "→" else FALSE
        name, inner = _with_hypothesis(context, goal.args[0])
        body = self._open(conclusion, inner, inner.hypotheses[-1:], depth, path)
        return body and Intro(name, body)

    def _pair(self, goal: Expr, context: Context, depth: int, path: frozenset[Sequent]) -> Proof | None:
        left, right = goal.args
        if goal.head == "↔":
            left, right = _implies(left, right), _implies(right, left)
        first = self._prove(left, context, depth, path)
        second = first and self._prove(right, context, depth, path)
        return first and second and Pair("And" if goal.head == "∧" else "Iff", first, second)

    def _choose(self, goal: Expr, context: Context, depth: int, path: frozenset[Sequent]) -> Proof | None:
        sequent = (goal, context.key())
        if sequent in path:
            return None
        path = path | {sequent}
        moves: list[Move | str | Expr] = list(self._moves(goal, context))
        if goal.head == "∨":
            moves += ["inl", "inr"]
        elif goal.head == "∃":
            moves += [term for sort, term in context.terms if sort == goal.args[0]]
        self.rng.shuffle(moves)
        for move in moves:
            proof = self._try(move, goal, context, depth, path)
            if proof is not None:
                return proof
        return None

    def _try(
        self, move: Move | str | Expr, goal: Expr, context: Context, depth: int, path: frozenset[Sequent]
    ) -> Proof | None:
        if isinstance(move, str):
            body = self._prove(goal.args[0 if move == "inl" else 1], context, depth, path)
            return body and Inject(move, body)
        if isinstance(move, Expr):
            body = self._prove(instantiate(goal.args[1], move), context, depth, path)
            return body and Witness(move, body)
        spine = self._discharge(move, context, depth, path)
        return spine and self._release(spine, move, goal, context, depth, path)

    def _moves(self, goal: Expr, context: Context) -> Iterator[Move]:
        for name, formula in context.hypotheses:
            for steps, end in _walk(formula, context.terms):
                if end == goal or end.head in POSITIVE:
                    yield Move(name, steps, end)

    def _discharge(self, move: Move, context: Context, depth: int, path: frozenset[Sequent]) -> Spine | None:
        """Prove the premises of a move."""
        eliminations: list[Apply | Instance | Project] = []
        for kind, what in move.steps:
            if kind == "apply":
                proof = self._prove(what, context, depth, path)
                if proof is None:
                    return None
                eliminations.append(Apply(proof))
            else:
                eliminations.append(Instance(what) if kind == "instance" else Project(kind))
        return Spine(move.head, tuple(eliminations))

    def _release(
        self, spine: Spine, move: Move, goal: Expr, context: Context, depth: int, path: frozenset[Sequent]
    ) -> Proof | None:
        """Close the goal with what the spine proves, or go by cases on it."""
        if move.end == goal:
            return Use(spine)
        if move.end.head == "False":
            return Absurd(spine)
        if not move.steps:  # `cases` removes the hypothesis it is given
            context = context._replace(hypotheses=tuple(h for h in context.hypotheses if h.name != move.head))
        if move.end.head == "∨":
            return self._cases(spine, move.end, goal, context, depth, path)
        variable, inner = _with_variable(context, move.end.args[0])
        name, inner = _with_hypothesis(inner, instantiate(move.end.args[1], Expr(variable)))
        body = self._open(goal, inner, inner.hypotheses[-1:], depth, path)
        return body and CaseExists(spine, variable, name, body)

    def _cases(
        self, spine: Spine, disjunction: Expr, goal: Expr, context: Context, depth: int, path: frozenset[Sequent]
    ) -> Proof | None:
        known = context.key()
        if any(part in known for part in disjunction.args):
            return None
        branches: list[Proof] = []
        for part in disjunction.args:
            name, inner = _with_hypothesis(context, part)
            body = self._open(goal, inner, inner.hypotheses[-1:], depth, path)
            if body is None:
                return None
            branches.append(body)
        return CaseOr(spine, name, *branches)


@lru_cache(maxsize=20_000)
def _walk(formula: Expr, terms: Terms) -> tuple[tuple[Steps, Expr], ...]:
    """Every way to eliminate from a formula: the steps, and the formula they end in."""
    found: list[tuple[Steps, Expr]] = [((), formula)]
    head, args = formula.head, formula.args
    if head in ("→", "¬"):
        found += _after((("apply", args[0]),), args[1] if head == "→" else FALSE, terms)
    elif head == "∧":
        found += [*_after((("1", FALSE),), args[0], terms), *_after((("2", FALSE),), args[1], terms)]
    elif head == "↔":
        found += _after((("mp", FALSE), ("apply", args[0])), args[1], terms)
        found += _after((("mpr", FALSE), ("apply", args[1])), args[0], terms)
    elif head == "∀":
        for sort, term in terms:
            if sort == args[0]:
                found += _after((("instance", term),), instantiate(args[1], term), terms)
    return tuple(found)


def _after(first: Steps, formula: Expr, terms: Terms) -> list[tuple[Steps, Expr]]:
    return [((*first, *steps), end) for steps, end in _walk(formula, terms)]


def _implies(premise: Expr, conclusion: Expr) -> Expr:
    return Expr("→", (premise, conclusion))


def _with_hypothesis(context: Context, formula: Expr) -> tuple[str, Context]:
    name = f"h{context.next_number}"
    hypotheses = (*context.hypotheses, Hypothesis(name, formula))
    return name, Context(hypotheses, context.terms, context.next_number + 1)


def _with_variable(context: Context, sort: Expr) -> tuple[str, Context]:
    taken = {term.head for _, term in context.terms}
    name = next((name for name in BOUND_NAMES[sort] if name not in taken), None)
    if name is None:
        raise OutOfNodes
    return name, context._replace(terms=(*context.terms, (sort, Expr(name))))
