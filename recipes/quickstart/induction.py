"""Theorems on numbers and lists that want induction: properties handed on, functions given by recursion, identities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from recipes.quickstart.expr import (
    BOUND,
    ELEMENT,
    LIST,
    NAT,
    NIL,
    ONE,
    ZERO,
    Expr,
    atom,
    binary,
    heads,
    quantify,
    replace,
)
from recipes.quickstart.lemmas import ADDITION, APPENDING, MAPPING, append, cons, mapped, plus, renamed_step
from recipes.quickstart.plan import Plan
from recipes.quickstart.rewriting import Step, random_chain
from recipes.quickstart.statement import make_statement, usual_names

FLIPPED = 0.2
"""Share of equations that are stated from right to left."""


class Domain(NamedTuple):
    """Numbers or lists: how their elements are built."""

    sort: Expr
    variable: str
    start: Expr
    successor: Expr
    """Of the innermost bound variable."""
    binders: tuple[Expr, ...]
    """Sorts bound around a statement on the successor, outermost first."""


NUMBERS = Domain(NAT, "n", ZERO, plus(BOUND, ONE), (NAT,))
LISTS = Domain(LIST, "xs", NIL, cons(Expr(1), BOUND), (ELEMENT, LIST))


def of_predicates(rng: Random, domain: Domain, difficulty: int) -> Plan:
    """Properties that hold at the start and are handed on from each element to the next; maybe not provable."""
    sort, predicates = str(domain.sort.head), ("P", "Q")[: 1 + (difficulty > 1)]
    formulas = [_property(rng, predicates, domain.start) for _ in predicates]
    for _ in range(rng.randint(1, len(predicates))):
        premise, conclusion = _property(rng, predicates, BOUND), _property(rng, predicates, domain.successor)
        formulas.append(_for_all(domain, binary("→", premise, conclusion)))
    if difficulty > 2:
        first, second = (atom(name, BOUND) for name in rng.sample(predicates, 2))
        formulas[1] = quantify("∀", domain.sort, binary("→", first, second))
    if difficulty > 3:
        formulas[0] = binary("→", atom("p"), formulas[0])
        formulas.append(atom("p"))
    goal = _property(rng, predicates, atom(domain.variable))
    kinds = {name: f"{sort} → Prop" for name in predicates} | {domain.variable: sort, "p": "Prop"}
    return _stated(rng, kinds, formulas, goal, domain.variable)


def of_functions(rng: Random, domain: Domain, difficulty: int) -> Plan:
    """Equations between functions given by recursion."""
    sort = str(domain.sort.head)
    kinds = dict.fromkeys("fg", f"{sort} → α") | dict.fromkeys("st", "α → α") | {domain.variable: sort, "a": "α"}
    steps: list[Callable[[Expr], Expr]] = [
        lambda term: term,
        lambda term: atom("s", term),
        lambda term: atom("s", atom("t", term)),
    ]
    grow = steps[rng.randint(0, min(2, difficulty - 1))]
    formulas = _recursion(domain, "f", atom("a"), grow)
    variable, constant = atom(domain.variable), atom("a")
    if rng.random() < 0.5:
        goal = binary("=", atom("f", variable), constant)
        formulas += [binary("=", grow(constant), constant)] if grow(constant) != constant else []
    else:
        goal = binary("=", atom("f", variable), atom("g", variable))
        start = rng.choice([constant, atom("f", domain.start)])
        formulas = formulas[start != constant :] + _recursion(domain, "g", start, grow)
    if rng.random() < FLIPPED:
        goal = _flip(goal)
    return _stated(rng, kinds, [_maybe_flipped(rng, formula) for formula in formulas], goal, domain.variable)


def identity(rng: Random, domain: Domain, difficulty: int) -> Plan | None:
    """An identity that a chain of lemmas proves, and induction too."""
    numbers = domain.sort == NAT
    start = _sum(rng, rng.randint(2, 3)) if numbers else _concatenation(rng, rng.randint(1, 3))
    rules = ADDITION if numbers else (*APPENDING, *MAPPING[:1])
    chain = random_chain(rng, start, rules, min(difficulty, 3), 9)
    if not chain or not all(_recurses_once(term, domain.variable) for term in _ends(chain)):
        return None
    kinds = dict.fromkeys("nmk", "Nat") | dict.fromkeys(("xs", "ys", "zs"), "List α") | {"f": "α → α"}
    goal = binary("=", *_ends(chain))
    names = usual_names(kinds, [goal])
    steps = tuple(renamed_step(step, names) for step in chain)
    return Plan(make_statement(kinds, [], goal), steps, names[domain.variable], depth=len(steps))


def _recurses_once(term: Expr, variable: str) -> bool:
    """Whether Lean's definitions of +, ++ and map move a successor of the variable, and nothing else, outwards."""
    if sum(head == variable for head in heads(term)) != 1:
        return False
    while term.head in ("+", "++", "List.map"):
        term = term.args[0] if term.head == "++" else term.args[1]
    return term.head == variable


def at_start(chain: Sequence[Step], variable: str, start: Expr) -> list[Step]:
    """The chain with the start of the domain put for a variable."""
    old = Expr(variable)

    def put(term: Expr) -> Expr:
        return replace(term, old, start)

    return [
        step._replace(instance=tuple(map(put, step.instance)), before=put(step.before), after=put(step.after))
        for step in chain
    ]


def _ends(chain: Sequence[Step]) -> tuple[Expr, Expr]:
    return chain[0].before, chain[-1].after


def _stated(rng: Random, kinds: dict[str, str], formulas: list[Expr], goal: Expr, variable: str) -> Plan:
    formulas = rng.sample(list(dict.fromkeys(formulas)), len(set(formulas)))
    names = usual_names(kinds, (*formulas, goal))
    return Plan(make_statement(kinds, formulas, goal), variable=names[variable])


def _for_all(domain: Domain, body: Expr) -> Expr:
    for sort in reversed(domain.binders):
        body = quantify("∀", sort, body)
    return body


def _property(rng: Random, predicates: Sequence[str], term: Expr) -> Expr:
    if len(predicates) == 1 or rng.random() < 0.7:
        return atom(rng.choice(predicates), term)
    return binary(rng.choice("∧∧∨"), *(atom(name, term) for name in rng.sample(predicates, 2)))


def _recursion(domain: Domain, function: str, start: Expr, grow: Callable[[Expr], Expr]) -> list[Expr]:
    step = binary("=", atom(function, domain.successor), grow(atom(function, BOUND)))
    return [binary("=", atom(function, domain.start), start), _for_all(domain, step)]


def _maybe_flipped(rng: Random, formula: Expr) -> Expr:
    if rng.random() >= FLIPPED:
        return formula
    if formula.head == "∀":
        return Expr("∀", (formula.args[0], _maybe_flipped_body(formula.args[1])))
    return _flip(formula)


def _maybe_flipped_body(formula: Expr) -> Expr:
    return _flip(formula) if formula.head == "=" else Expr("∀", (formula.args[0], _flip(formula.args[1])))


def _flip(equation: Expr) -> Expr:
    return binary("=", equation.args[1], equation.args[0])


def _sum(rng: Random, leaves: int) -> Expr:
    """A sum whose last summand is the variable of induction."""
    if leaves == 1:
        return atom("n")
    others = [atom("m"), atom("k"), ZERO, ONE]
    if rng.random() < 0.5:
        return plus(rng.choice(others), _sum(rng, leaves - 1))
    return plus(plus(rng.choice(others[:2]), rng.choice(others)), _sum(rng, leaves - 1))


def _concatenation(rng: Random, leaves: int) -> Expr:
    """Lists that begin with the variable of induction."""
    if leaves == 1:
        return append(atom("xs"), rng.choice([NIL, atom("ys"), append(atom("ys"), atom("zs"))]))
    if rng.random() < 0.4:
        return mapped(atom("f"), _concatenation(rng, leaves - 1))
    return append(_concatenation(rng, leaves - 1), rng.choice([NIL, atom("ys"), atom("zs")]))
