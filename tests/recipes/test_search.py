from __future__ import annotations

from random import Random

import pytest

from recipes.quickstart.expr import BOUND, ELEMENT, Expr, atom, binary, negation, quantify
from recipes.quickstart.logic import first_order, propositional
from recipes.quickstart.models import EVERYWHERE, Models
from recipes.quickstart.proof import CaseOr, Proof, Use
from recipes.quickstart.search import Search, context_of
from recipes.quickstart.statement import Statement, make_statement

p, q, r = atom("p"), atom("q"), atom("r")
KINDS = {"p": "Prop", "q": "Prop", "r": "Prop"}


def implies(left: Expr, right: Expr) -> Expr:
    return binary("→", left, right)


def find(statement: Statement, excluded: str | None = None, seed: int = 0) -> Proof | None:
    found = Search(Random(seed), nodes=3000).run(statement.goal, context_of(statement, excluded))
    return found and found[0]


@pytest.mark.parametrize(
    "goal",
    [
        binary("∨", p, negation(p)),
        implies(negation(negation(p)), p),
        implies(implies(implies(p, q), p), p),
        implies(negation(binary("∧", p, q)), binary("∨", negation(p), negation(q))),
    ],
)
def test_what_holds_only_classically_is_found_only_with_excluded_middle(goal: Expr) -> None:
    statement = make_statement(KINDS, [], goal)
    assert find(statement) is None
    assert find(statement, "p") is not None


@pytest.mark.parametrize(
    "goal",
    [
        negation(negation(binary("∨", p, negation(p)))),
        implies(negation(negation(negation(p))), negation(p)),
        implies(binary("∧", p, binary("∨", q, r)), binary("∨", binary("∧", p, q), binary("∧", p, r))),
        binary("↔", implies(binary("∧", p, q), r), implies(p, implies(q, r))),
    ],
)
def test_intuitionistic_theorems_are_found_whatever_the_seed(goal: Expr) -> None:
    statement = make_statement(KINDS, [], goal)
    assert all(find(statement, seed=seed) is not None for seed in range(10))


def test_the_drinker_needs_more_than_intuition() -> None:
    everyone = quantify("∀", ELEMENT, atom("P", BOUND))
    statement = make_statement(
        {"P": "α → Prop"}, [negation(everyone)], quantify("∃", ELEMENT, negation(atom("P", BOUND)))
    )
    assert find(statement) is None


def test_a_goal_among_the_hypotheses_takes_no_choice() -> None:
    statement = make_statement(KINDS, [implies(p, q), binary("∨", p, q)], binary("∨", p, q))
    found = Search(Random(0)).run(statement.goal, context_of(statement))
    assert found is not None
    proof, depth = found
    assert (type(proof), depth) == (Use, 0)


def test_a_disjunction_is_swapped_by_cases() -> None:
    proof = find(make_statement(KINDS, [binary("∨", p, q)], binary("∨", q, p)))
    assert isinstance(proof, CaseOr)


def test_generated_theorems_hold_in_every_finite_model_tried() -> None:
    for seed in range(150):
        generator = propositional if seed % 2 else first_order
        plan = generator(Random(seed), 1 + seed % 5)
        if plan is None:
            continue
        models = Models(Random(-seed))
        holds = EVERYWHERE
        for hypothesis in plan.statement.hypotheses:
            holds &= models.value(hypothesis.formula)
        assert not holds & ~models.value(plan.statement.goal)


def test_models_agree_with_truth_tables() -> None:
    models = Models(Random(0))
    values = {name: models.value(atom(name)) for name in "pqrs"}
    for model in range(16):
        row = {name: bool(value >> model & 1) for name, value in values.items()}
        assert list(row.values()) == [bool(model >> bit & 1) for bit in range(4)]
        formula = binary("↔", implies(p, q), binary("∨", negation(r), atom("s")))
        expected = ((not row["p"]) or row["q"]) == ((not row["r"]) or row["s"])
        assert bool(models.value(formula) >> model & 1) == expected
