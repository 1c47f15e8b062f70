"""Random propositional and first-order theorems: hypotheses, then a goal that follows from all of them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial, reduce
from operator import and_
from random import Random
from typing import NamedTuple

from recipes.quickstart.expr import (
    BOUND,
    ELEMENT,
    FALSE,
    Expr,
    atom,
    binary,
    negation,
    quantify,
    subterms,
)
from recipes.quickstart.models import EVERYWHERE, Models
from recipes.quickstart.plan import Plan
from recipes.quickstart.search import Search, context_of
from recipes.quickstart.statement import Statement, make_statement

NUM_FORMULAS = 1_000
"""Drawn for each dictionary of hypotheses or goals."""
NUM_GOALS = 60
"""Goals tried for one choice of hypotheses."""
SEARCH_NODES = 120
CLASSICAL = 0.3
"""Share of the statements that search cannot prove for which it is tried again with excluded middle."""
LOOKUP = 0.2
"""Share of the easiest theorems whose goal is one of the hypotheses."""
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


@dataclass(frozen=True)
class Language:
    """What formulas are made of."""

    name: str
    kinds: Mapping[str, str]
    leaf: Callable[[Random, int], Expr]
    """A random smallest formula, from so many atoms or predicates."""


class Candidate(NamedTuple):
    """A formula and the models in which it holds."""

    formula: Expr
    models: int


def propositional(rng: Random, difficulty: int) -> Plan | None:
    """One try at a propositional theorem."""
    return _theorem(rng, PROPOSITIONAL, difficulty)


def first_order(rng: Random, difficulty: int) -> Plan | None:
    """One try at a first-order theorem."""
    return _theorem(rng, FIRST_ORDER, difficulty)


def _theorem(rng: Random, language: Language, difficulty: int) -> Plan | None:
    shape = SHAPES[difficulty]
    candidates = _candidates(language.name, difficulty)
    if difficulty == 1 and rng.random() < LOOKUP:
        return _lookup(rng, language, candidates)
    hypotheses = [rng.choice(candidates.hypotheses) for _ in range(_count(rng, shape))]
    world = _World.of([hypothesis.models for hypothesis in hypotheses])
    formulas = [hypothesis.formula for hypothesis in hypotheses]
    if not world.all_hold or len(set(formulas)) < len(formulas):
        return None
    for goal in rng.choices(candidates.goals, k=NUM_GOALS):
        if world.entails(goal.models) and goal.formula not in formulas:
            extra = [rng.choice(candidates.hypotheses).formula] if rng.random() < DISTRACTION else []
            mixed = rng.sample(formulas + extra, len(formulas) + len(extra))
            plan = _proved(rng, make_statement(language.kinds, mixed, goal.formula), shape.min_depth)
            if plan:
                return plan
    return None


def _lookup(rng: Random, language: Language, candidates: _Candidates) -> Plan:
    """A theorem that repeats a hypothesis: to find it is all."""
    formulas = [rng.choice(candidates.hypotheses).formula for _ in range(rng.randint(2, 3))]
    return Plan(make_statement(language.kinds, list(dict.fromkeys(formulas)), rng.choice(formulas)))


class _World(NamedTuple):
    """The models of all hypotheses, and of all but one of them."""

    all_hold: int
    all_but_one: tuple[int, ...]

    @classmethod
    def of(cls, hypotheses: list[int]) -> _World:
        rests = (hypotheses[:index] + hypotheses[index + 1 :] for index in range(len(hypotheses)))
        return cls(reduce(and_, hypotheses, EVERYWHERE), tuple(reduce(and_, rest, EVERYWHERE) for rest in rests))

    def entails(self, goal: int) -> bool:
        """Whether the goal holds in the models of all hypotheses and follows from no fewer."""
        return not self.all_hold & ~goal and all(rest & ~goal for rest in self.all_but_one)


def _proved(rng: Random, statement: Statement, min_depth: int) -> Plan | None:
    """The statement as a plan if search proves it, at least so deep; rarely with the help of excluded middle."""
    found = Search(rng, SEARCH_NODES).run(statement.goal, context_of(statement))
    if found:
        return Plan(statement, depth=found[1]) if found[1] >= min_depth else None
    propositions = [name for name, kind in statement.kinds.items() if kind == "Prop"]
    if not propositions or rng.random() >= CLASSICAL:
        return None
    excluded = rng.choice(propositions)
    found = Search(rng, SEARCH_NODES).run(statement.goal, context_of(statement, excluded))
    return Plan(statement, excluded=excluded, depth=found[1]) if found else None


def _count(rng: Random, shape: Shape) -> int:
    return rng.choice([0, *range(1, shape.max_hypotheses + 1), *range(1, shape.max_hypotheses + 1)])


# Formulas.


class _Candidates(NamedTuple):
    hypotheses: tuple[Candidate, ...]
    goals: tuple[Candidate, ...]


@cache
def _candidates(language: str, difficulty: int) -> _Candidates:
    """A fixed dictionary of formulas, so that a theorem costs a few operations on integers until it is searched for."""
    spoken, shape = LANGUAGES[language], SHAPES[difficulty]
    rng, models = Random(f"{language} {difficulty}"), Models(Random(language))

    def drawn(size: int) -> list[Expr]:
        formulas = (
            _formula(rng, rng.randint(1, size), partial(spoken.leaf, rng, shape.num_atoms)) for _ in range(NUM_FORMULAS)
        )
        return [formula for formula in formulas if not _joins_itself(formula)]

    hypotheses = [formula for formula in drawn(shape.hypothesis_size) if _is_sensible(models, formula)]
    goals = [goal for goal in drawn(shape.goal_size) if all(_is_sensible(models, part) for part in _immediate(goal))]
    goals += [FALSE] * (len(goals) // 50)
    return _Candidates(*(tuple(Candidate(f, models.value(f)) for f in group) for group in (hypotheses, goals)))


def _formula(rng: Random, leaves: int, leaf: Callable[[], Expr]) -> Expr:
    """A random formula with at most this many leaves."""
    if leaves <= 1:
        return leaf() if rng.random() < 0.85 else negation(leaf())
    connective = rng.choice(CONNECTIVES)
    if connective == "¬":
        return negation(_formula(rng, leaves - 1, leaf))
    left = rng.randint(1, leaves - 1)
    return binary(connective, _formula(rng, left, leaf), _formula(rng, leaves - left, leaf))


def _joins_itself(formula: Expr) -> bool:
    return any(len(set(part.args)) < len(part.args) for _, part in subterms(formula) if part.head in CONNECTIVES)


def _immediate(formula: Expr) -> tuple[Expr, ...]:
    return formula.args if formula.head in CONNECTIVES else ()


def _is_sensible(models: Models, formula: Expr) -> bool:
    """Whether neither the formula nor a part of it outside quantifiers is valid or contradictory."""
    if not 0 < models.value(formula) < EVERYWHERE:
        return False
    return all(_is_sensible(models, part) for part in _immediate(formula))


def _proposition(rng: Random, num_atoms: int) -> Expr:
    return atom(rng.choice("pqrs"[:num_atoms]))


def _sentence(rng: Random, num_atoms: int) -> Expr:
    """A quantified formula of one of the usual shapes, or a ground atom."""
    predicates = "PQR"[: max(1, num_atoms - 1)]
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


PROPOSITIONAL = Language("propositional", dict.fromkeys("pqrs", "Prop"), _proposition)
FIRST_ORDER = Language(
    "first_order",
    dict.fromkeys("PQR", "α → Prop") | {"a": "α", "b": "α", "p": "Prop", "S": "α → α → Prop"},
    _sentence,
)
LANGUAGES = {language.name: language for language in (PROPOSITIONAL, FIRST_ORDER)}
