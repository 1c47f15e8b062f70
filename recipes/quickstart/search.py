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


class Task(NamedTuple):
    """A goal to prove in a context, by choices at most so deep, without returning to a sequent of the path."""

    goal: Expr
    context: Context
    depth: int
    path: frozenset[tuple[Expr, frozenset[Expr]]] = frozenset()

    def towards(self, goal: Expr, context: Context | None = None) -> Task:
        """The same, with another goal, and perhaps another context."""
        return Task(goal, context or self.context, self.depth, self.path)


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
                proof = self._open(Task(goal, context, depth), context.hypotheses)
                if proof is not None:
                    return proof, depth
        except OutOfNodes:
            pass
        return None

    def _open(self, task: Task, new: tuple[Hypothesis, ...]) -> Proof | None:
        """Take new conjunctions apart, or leave them to be projected; then prove."""
        for hypothesis in new:
            if hypothesis.formula.head in ("∧", "↔") and self.rng.random() < self.split:
                return self._destruct(task, hypothesis, new)
        return self._prove(task)

    def _destruct(self, task: Task, whole: Hypothesis, new: tuple[Hypothesis, ...]) -> Proof | None:
        left, right = whole.formula.args
        parts = (left, right) if whole.formula.head == "∧" else (_implies(left, right), _implies(right, left))
        number = task.context.next_number
        halves = tuple(Hypothesis(f"h{number + i}", part) for i, part in enumerate(parts))
        rest = tuple(h for h in task.context.hypotheses if h is not whole)
        inner = Context(rest + halves, task.context.terms, number + 2)
        pending = tuple(h for h in new if h is not whole) + halves
        body = self._open(task.towards(task.goal, inner), pending)
        connective = "And" if whole.formula.head == "∧" else "Iff"
        return body and Destruct(connective, whole.name, halves[0].name, halves[1].name, body)

    def _prove(self, task: Task) -> Proof | None:
        self.nodes -= 1
        if self.nodes < 0:
            raise OutOfNodes
        for hypothesis in task.context.hypotheses:
            if hypothesis.formula == task.goal:
                return Use(Spine(hypothesis.name))
        if task.goal.head in ("→", "¬", "∀"):
            return self._intro(task)
        if task.goal.head in ("∧", "↔"):
            return self._pair(task)
        return self._choose(task) if task.depth else None

    def _intro(self, task: Task) -> Proof | None:
        goal = task.goal
        if goal.head == "∀":
            name, inner = _with_variable(task.context, goal.args[0])
            body = self._prove(task.towards(instantiate(goal.args[1], Expr(name)), inner))
            return body and Intro(name, body)
        name, inner = _with_hypothesis(task.context, goal.args[0])
        conclusion = goal.args[1] if goal.head == "→" else FALSE
        body = self._open(task.towards(conclusion, inner), inner.hypotheses[-1:])
        return body and Intro(name, body)

    def _pair(self, task: Task) -> Proof | None:
        left, right = task.goal.args
        if task.goal.head == "↔":
            left, right = _implies(left, right), _implies(right, left)
        first = self._prove(task.towards(left))
        second = first and self._prove(task.towards(right))
        return first and second and Pair("And" if task.goal.head == "∧" else "Iff", first, second)

    def _choose(self, task: Task) -> Proof | None:
        """Try everything that is a choice, in random order, one level deeper."""
        goal, context = task.goal, task.context
        sequent = (goal, context.key())
        if sequent in task.path:
            return None
        inner = Task(goal, context, task.depth - 1, task.path | {sequent})
        moves: list[Move | str | Expr] = list(self._moves(goal, context))
        if goal.head == "∨":
            moves += ["inl", "inr"]
        elif goal.head == "∃":
            moves += [term for sort, term in context.terms if sort == goal.args[0]]
        self.rng.shuffle(moves)
        return next((proof for proof in (self._try(move, inner) for move in moves) if proof is not None), None)

    def _try(self, move: Move | str | Expr, task: Task) -> Proof | None:
        if isinstance(move, str):
            body = self._prove(task.towards(task.goal.args[0 if move == "inl" else 1]))
            return body and Inject(move, body)
        if isinstance(move, Expr):
            body = self._prove(task.towards(instantiate(task.goal.args[1], move)))
            return body and Witness(move, body)
        spine = self._discharge(move, task)
        return spine and self._release(spine, move, task)

    def _moves(self, goal: Expr, context: Context) -> Iterator[Move]:
        for name, formula in context.hypotheses:
            for steps, end in _walk(formula, context.terms):
                if end == goal or end.head in POSITIVE:
                    yield Move(name, steps, end)

    def _discharge(self, move: Move, task: Task) -> Spine | None:
        """Prove the premises of a move."""
        eliminations: list[Apply | Instance | Project] = []
        for kind, what in move.steps:
            if kind == "apply":
                proof = self._prove(task.towards(what))
                if proof is None:
                    return None
                eliminations.append(Apply(proof))
            else:
                eliminations.append(Instance(what) if kind == "instance" else Project(kind))
        return Spine(move.head, tuple(eliminations))

    def _release(self, spine: Spine, move: Move, task: Task) -> Proof | None:
        """Close the goal with what the spine proves, or go by cases on it."""
        if move.end == task.goal:
            return Use(spine)
        if move.end.head == "False":
            return Absurd(spine)
        if not move.steps:  # `cases` removes the hypothesis it is given
            rest = tuple(h for h in task.context.hypotheses if h.name != move.head)
            task = task.towards(task.goal, task.context._replace(hypotheses=rest))
        return self._either(spine, move.end, task) if move.end.head == "∨" else self._some(spine, move.end, task)

    def _some(self, spine: Spine, existential: Expr, task: Task) -> Proof | None:
        variable, inner = _with_variable(task.context, existential.args[0])
        name, inner = _with_hypothesis(inner, instantiate(existential.args[1], Expr(variable)))
        body = self._open(task.towards(task.goal, inner), inner.hypotheses[-1:])
        return body and CaseExists(spine, variable, name, body)

    def _either(self, spine: Spine, disjunction: Expr, task: Task) -> Proof | None:
        known = task.context.key()
        if any(part in known for part in disjunction.args):
            return None
        branches: list[Proof] = []
        for part in disjunction.args:
            name, inner = _with_hypothesis(task.context, part)
            body = self._open(task.towards(task.goal, inner), inner.hypotheses[-1:])
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
