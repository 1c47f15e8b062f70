"""Random propositional and first-order theorems: hypotheses, then a goal that follows from all of them together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import and_
from random import Random
from typing import NamedTuple

from recipes.quickstart.expr import (
    BINDERS,
    BOUND,
    ELEMENT,
    FALSE,
    Expr,
    atom,
    binary,
    heads,
    negation,
    quantify,
    subterms,
)
from recipes.quickstart.models import Models
from recipes.quickstart.plan import Plan
from recipes.quickstart.search import Search, context_of
from recipes.quickstart.statement import Statement, has_vacuous_binder, make_statement

NUM_GOALS = 12
"""Goals tried for one choice of hypotheses."""
DISTRACTION = 0.1
"""Share of statements with a hypothesis that is not needed."""

CONNECTIVES = ("→", "→", "→", "→", "→", "→", "∧", "∧", "∧", "∧", "∧", "∨", "∨", "∨", "∨", "¬", "¬", "¬", "↔")
"""As often as they are drawn."""


@dataclass(frozen=True)
class Shape:
    """How large a statement may be."""

    num_atoms: int
    max_hypotheses: int
    hypothesis_size: int
    """Leaves of a hypothesis."""
    goal_size: int
    """Leaves of the goal."""
    min_depth: int
    """Of the shortest proof found; see `search`."""


SHAPES = {
    1: Shape(num_atoms=2, max_hypotheses=2, hypothesis_size=3, goal_size=3, min_depth=0),
    2: Shape(num_atoms=3, max_hypotheses=2, hypothesis_size=3, goal_size=4, min_depth=1),
    3: Shape(num_atoms=3, max_hypotheses=3, hypothesis_size=3, goal_size=4, min_depth=2),
    4: Shape(num_atoms=4, max_hypotheses=3, hypothesis_size=4, goal_size=5, min_depth=2),
    5: Shape(num_atoms=4, max_hypotheses=4, hypothesis_size=4, goal_size=5, min_depth=3),
}


def propositional(rng: Random, difficulty: int) -> Plan | None:
    """One try at a propositional theorem; with the depth of its shortest proof found."""
    shape = SHAPES[difficulty]
    names = ("p", "q", "r", "s")[: shape.num_atoms]
    return _theorem(rng, shape, dict.fromkeys(names, "Prop"), lambda: atom(rng.choice(names)))


def first_order(rng: Random, difficulty: int) -> Plan | None:
    """One try at a first-order theorem."""
    shape = SHAPES[difficulty]
    predicates = ("P", "Q", "R")[: max(1, shape.num_atoms - 1)]
    kinds = dict.fromkeys(predicates, "α → Prop") | {"a": "α", "b": "α", "p": "Prop", "S": "α → α → Prop"}
    return _theorem(rng, shape, kinds, lambda: _sentence(rng, predicates))


def _sentence(rng: Random, predicates: tuple[str, ...]) -> Expr:
    """A quantified formula of one of the usual shapes, or a ground atom."""
    chance = rng.random()
    if chance < 0.3:
        return atom(rng.choice(predicates), atom(rng.choice("aab")))
    if chance < 0.36:
        return atom("p")
    if chance < 0.42:
        return _relational(rng)
    quantifier = rng.choice("∀∃")
    body = atom(rng.choice(predicates), BOUND)
    if rng.random() < 0.65:
        other = atom(rng.choice(predicates), BOUND) if rng.random() < 0.85 else atom("p")
        body = binary(rng.choice("→→∧∨" if quantifier == "∀" else "∧∧∨→"), body, other)
    elif rng.random() < 0.3:
        body = negation(body)
    return quantify(quantifier, ELEMENT, body)


def _relational(rng: Random) -> Expr:
    outer, inner = rng.choice([("∀", "∀"), ("∀", "∃"), ("∃", "∀"), ("∃", "∃")])
    args = rng.choice([(Expr(0), Expr(1)), (Expr(1), Expr(0))])
    if rng.random() < 0.4:
        return quantify(outer, ELEMENT, Expr("S", rng.choice([(BOUND, atom("a")), (atom("a"), BOUND)])))
    return quantify(outer, ELEMENT, quantify(inner, ELEMENT, Expr("S", args)))


def _theorem(rng: Random, shape: Shape, kinds: dict[str, str], leaf: Callable[[], Expr]) -> Plan | None:
    models = Models(rng)
    hypotheses = [_formula(rng, rng.randint(1, shape.hypothesis_size), leaf) for _ in range(_count(rng, shape))]
    if len(set(hypotheses)) < len(hypotheses) or not all(_is_sensible(models, formula) for formula in hypotheses):
        return None
    world = _World.of(models, hypotheses)
    if not world.all_hold:
        return None
    for _ in range(NUM_GOALS):
        goal = FALSE if hypotheses and rng.random() < 0.02 else _formula(rng, rng.randint(1, shape.goal_size), leaf)
        if goal not in hypotheses and world.entails(models.value(goal)) and _is_sensible_goal(models, goal):
            extra = [leaf()] if rng.random() < DISTRACTION else []
            mixed = rng.sample(hypotheses + extra, len(hypotheses) + len(extra))
            plan = _proved(rng, make_statement(kinds, mixed, goal), shape.min_depth)
            if plan:
                return plan
    return None


class _World(NamedTuple):
    """The models of all hypotheses, and of all but one of them."""

    all_hold: int
    all_but_one: tuple[int, ...]

    @classmethod
    def of(cls, models: Models, hypotheses: list[Expr]) -> _World:
        values = [models.value(formula) for formula in hypotheses]
        rests = (values[:index] + values[index + 1 :] for index in range(len(values)))
        return cls(reduce(and_, values, models.full), tuple(reduce(and_, rest, models.full) for rest in rests))

    def entails(self, goal: int) -> bool:
        """Whether the goal holds in the models of all hypotheses and follows from no fewer."""
        return not self.all_hold & ~goal and all(rest & ~goal for rest in self.all_but_one)


def _count(rng: Random, shape: Shape) -> int:
    return rng.choice([0, *range(1, shape.max_hypotheses + 1), *range(1, shape.max_hypotheses + 1)])


def _formula(rng: Random, leaves: int, leaf: Callable[[], Expr]) -> Expr:
    """A random formula with at most this many leaves."""
    if leaves <= 1:
        return leaf() if rng.random() < 0.85 else negation(leaf())
    connective = rng.choice(CONNECTIVES)
    if connective == "¬":
        return negation(_formula(rng, leaves - 1, leaf))
    left = rng.randint(1, leaves - 1)
    return binary(connective, _formula(rng, left, leaf), _formula(rng, leaves - left, leaf))


def _is_sensible(models: Models, formula: Expr) -> bool:
    """Whether no part of a formula is valid or contradictory, joins a formula to itself, or binds nothing."""
    if has_vacuous_binder(formula):
        return False
    parts = [part for _, part in subterms(formula) if part.head in CONNECTIVES]
    if any(len(set(part.args)) < len(part.args) for part in parts):
        return False
    closed = [part for part in parts if part.head in CONNECTIVES and not _is_open(part)]
    return all(0 < models.value(part) < models.full for part in closed)


def _is_open(formula: Expr) -> bool:
    """Whether a quantifier outside binds something in it; generated quantifiers stand around connectives only once."""
    return any(isinstance(head, int) for head in heads(formula)) and not any(head in BINDERS for head in heads(formula))


def _is_sensible_goal(models: Models, goal: Expr) -> bool:
    """The goal may be valid as a whole, when there are no hypotheses, but not in parts."""
    if goal.head in ("∀", "∃", "False"):
        return not has_vacuous_binder(goal)
    return len(set(goal.args)) == len(goal.args) and all(_is_sensible(models, part) for part in goal.args)


def _proved(rng: Random, statement: Statement, min_depth: int) -> Plan | None:
    found = Search(rng, nodes=250).run(statement.goal, context_of(statement))
    return Plan(statement, depth=found[1]) if found and found[1] >= min_depth else None
