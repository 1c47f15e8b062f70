"""Random equations with a chain of rewrites between their sides: by hypotheses, or by lemmas on numbers or lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from recipes.quickstart.expr import BOUND, ELEMENT, NAT, NIL, ONE, ZERO, Expr, atom, binary, heads, quantify, subterms
from recipes.quickstart.lemmas import (
    ADDITION,
    APPENDING,
    MAPPING,
    MEASURING,
    MULTIPLICATION,
    append,
    cons,
    length,
    mapped,
    plus,
    renamed_step,
    reverse,
    rule_of,
    times,
)
from recipes.quickstart.plan import Plan
from recipes.quickstart.rewriting import Rule, Step, random_chain
from recipes.quickstart.statement import Hypothesis, make_statement, usual_names

CHAIN_LENGTHS = {1: (1,), 2: (1, 2), 3: (2,), 4: (2, 3), 5: (3, 4)}
MAX_SIZE = {1: 5, 2: 6, 3: 7, 4: 9, 5: 9}
"""Heads on one side of an equation."""
PREDICATE = 0.3
"""Share of equality problems that carry a property along the chain instead of asking for the equation."""


def by_hypotheses(rng: Random, difficulty: int) -> Plan | None:
    """Equality in an arbitrary type: the rules are hypotheses."""
    kinds = dict.fromkeys("abcd", "α") | {"f": "α → α", "g": "α → α", "P": "α → Prop"}
    drawn = (_assumed_equation(rng) for _ in range(rng.randint(1, 1 + (difficulty + 1) // 2)))
    formulas = list(dict.fromkeys(drawn))
    rules = _rules(formulas, ELEMENT)
    chain = _chain(rng, _element(rng, 3 if difficulty > 2 else 2), rules, difficulty)
    return _stated(rng, kinds, formulas, chain, predicate=rng.random() < PREDICATE) if chain else None


def on_numbers(rng: Random, difficulty: int) -> Plan | None:
    """Arithmetic by lemmas, sometimes with an equation assumed."""
    kinds = dict.fromkeys(("n", "m", "k", "i"), "Nat")
    rules: tuple[Rule, ...] = ADDITION if rng.random() < 0.5 else ADDITION + MULTIPLICATION
    formulas = []
    if rng.random() < 0.4:
        variable, term = atom(rng.choice("nm")), _number(rng, 2, "+")
        formulas = [binary("=", variable, term)] if variable.head not in heads(term) else []
    start = _number(rng, rng.randint(2, 4), "+" if rules is ADDITION else "++*")
    chain = _chain(rng, start, [*rules, *_rules(formulas, NAT) * 3], difficulty)
    return _stated(rng, kinds, formulas, chain) if chain else None


def on_lists(rng: Random, difficulty: int) -> Plan | None:
    """Lists by lemmas: append, map, reverse, length."""
    kinds = dict.fromkeys(("xs", "ys", "zs"), "List α") | {"a": "α", "b": "α", "f": "α → α"}
    start = _list(rng, rng.randint(2, 4))
    rules: tuple[Rule, ...] = APPENDING + MAPPING
    if rng.random() < 0.4:
        start, rules = length(start), APPENDING + MAPPING + MEASURING + ADDITION[:1]
    chain = _chain(rng, start, rules, difficulty)
    if not chain or any(_has_untyped_nil(step.before) or _has_untyped_nil(step.after) for step in chain):
        return None
    return _stated(rng, kinds, [], chain)


def _has_untyped_nil(term: Expr) -> bool:
    """Whether Lean could not tell the type of some empty list: no variable stands beside it."""
    lists = (part for _, part in subterms(term) if part.head in ("List.length", "List.reverse", "++"))
    return any(not {"xs", "ys", "zs", "a", "b", "f"}.intersection(heads(part)) for part in lists)


def _chain(rng: Random, start: Expr, rules: Sequence[Rule], difficulty: int) -> list[Step] | None:
    wanted = rng.choice(CHAIN_LENGTHS[difficulty])
    chain = random_chain(rng, start, rules, wanted, MAX_SIZE[difficulty])
    return chain if len(chain) == wanted else None


def _rules(formulas: Sequence[Expr], sort: Expr) -> list[Rule]:
    found = (rule_of(Hypothesis(str(index), formula), sort) for index, formula in enumerate(formulas))
    return [rule for rule in found if rule]


def _stated(
    rng: Random, kinds: Mapping[str, str], formulas: Sequence[Expr], chain: list[Step], predicate: bool = False
) -> Plan:
    """State the equation that a chain proves, with the hypotheses that the chain uses."""
    if rng.random() < 0.3:
        chain = [step.reversed() for step in reversed(chain)]
    left, right = chain[0].before, chain[-1].after
    needed = sorted({int(step.rule.name) for step in chain if step.rule.name.isdigit()})
    rng.shuffle(needed)
    hypotheses = [formulas[index] for index in needed]
    goal = binary("=", left, right)
    if predicate:
        hypotheses.insert(rng.randint(0, len(hypotheses)), atom("P", left))
        goal = atom("P", right)
    names = usual_names(kinds, (*hypotheses, goal))
    numbers = {str(index): f"h{hypotheses.index(formulas[index]) + 1}" for index in needed}
    steps = tuple(renamed_step(_renumbered(step, numbers), names) for step in chain)
    return Plan(make_statement(kinds, hypotheses, goal), steps, depth=len(steps))


def _renumbered(step: Step, numbers: Mapping[str, str]) -> Step:
    return step._replace(rule=step.rule._replace(name=numbers.get(step.rule.name, step.rule.name)))


def _assumed_equation(rng: Random) -> Expr:
    a, b = (atom(name) for name in rng.sample("abcd", 2))
    f, g = rng.sample("fg", 2)
    closed = [
        (a, b),
        (a, b),
        (a, b),
        (a, atom(f, b)),
        (atom(f, a), b),
        (atom(f, a), atom(g, b)),
        (atom(f, a), atom(f, b)),
    ]
    open_ = [(atom(f, BOUND), atom(g, BOUND)), (atom(f, atom(f, BOUND)), BOUND), (atom(f, atom(g, BOUND)), BOUND)]
    if rng.random() < 0.75:
        return binary("=", *rng.choice(closed))
    return quantify("∀", ELEMENT, binary("=", *rng.choice(open_)))


def _element(rng: Random, depth: int) -> Expr:
    if depth == 0 or rng.random() < 0.4:
        return atom(rng.choice("abcd"))
    return atom(rng.choice("fg"), _element(rng, depth - 1))


def _number(rng: Random, leaves: int, operators: str) -> Expr:
    if leaves == 1:
        return rng.choice([atom("n"), atom("m"), atom("k"), atom("n"), atom("m"), ZERO, ONE])
    left = rng.randint(1, leaves - 1)
    parts = _number(rng, left, operators), _number(rng, leaves - left, operators)
    if all(part in (ZERO, ONE) for part in parts):
        return plus(atom("n"), parts[1])
    return (plus if rng.choice(operators) == "+" else times)(*parts)


def _list(rng: Random, leaves: int) -> Expr:
    chance = rng.random()
    if leaves == 1:
        return NIL if chance < 0.15 else atom(rng.choice(("xs", "ys", "zs")))
    if chance < 0.15:
        return cons(atom(rng.choice("ab")), _list(rng, leaves - 1))
    if chance < 0.25:
        return mapped(atom("f"), _list(rng, leaves - 1))
    if chance < 0.4:
        return reverse(_list(rng, leaves - 1))
    left = rng.randint(1, leaves - 1)
    return append(_list(rng, left), _list(rng, leaves - left))
