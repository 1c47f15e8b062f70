from __future__ import annotations

from random import Random

from recipes.quickstart.chains import chain_script
from recipes.quickstart.expr import NAT, ZERO, Expr, atom, binary
from recipes.quickstart.lemmas import ADDITION, plus, rule_of
from recipes.quickstart.rewriting import is_first_match, random_chain, rewritten, simplified, steps_from
from recipes.quickstart.statement import Hypothesis

n, m, k = atom("n"), atom("m"), atom("k")
RULES = {rule.name: rule for rule in ADDITION}


def value(term: Expr, assignment: dict[str, int]) -> int:
    if term.head == "+":
        return value(term.args[0], assignment) + value(term.args[1], assignment)
    return assignment[str(term.head)] if term.head in assignment else int(term.head)


def test_every_rewrite_of_a_sum_keeps_its_value() -> None:
    term = plus(plus(n, plus(m, ZERO)), plus(ZERO, k))
    assignment = {"n": 3, "m": 50, "k": 700}
    steps = list(steps_from(term, ADDITION))
    assert {step.rule.name for step in steps} == set(RULES)
    assert {value(step.after, assignment) for step in steps} == {753}


def test_rewriting_exchanges_every_occurrence_on_both_sides() -> None:
    goal = binary("=", plus(n, m), plus(plus(n, m), k))
    step = next(s for s in steps_from(plus(n, m), [RULES["Nat.add_comm"]]))
    assert rewritten(goal, step) == binary("=", plus(m, n), plus(plus(m, n), k))


def test_the_first_match_is_the_outermost_and_leftmost() -> None:
    goal = binary("=", plus(plus(n, m), k), k)
    outer, inner = steps_from(plus(plus(n, m), k), [RULES["Nat.add_comm"]])
    assert is_first_match(goal, outer)
    assert not is_first_match(goal, inner)


def test_a_step_back_undoes_a_step() -> None:
    for step in steps_from(plus(plus(n, plus(m, ZERO)), k), ADDITION):
        back = step.reversed()
        assert (back.before, back.after) == (step.after, step.before)
        assert back.sides() == step.sides()[::-1]


def test_a_chain_never_returns_to_a_term() -> None:
    for seed in range(30):
        chain = random_chain(Random(seed), plus(plus(n, m), k), ADDITION, 5, 9)
        terms = [chain[0].before, *(step.after for step in chain)]
        assert len(set(terms)) == len(terms)


def test_simplifying_reaches_the_normal_form() -> None:
    rules = [RULES["Nat.add_zero"], RULES["Nat.zero_add"]]
    assert simplified(plus(plus(ZERO, n), plus(ZERO, ZERO)), rules) == n


def test_a_hypothesis_with_quantifiers_is_a_rule_with_variables_in_order() -> None:
    two = binary("=", atom("f", Expr(1), Expr(0)), Expr(0))
    rule = rule_of(Hypothesis("h1", Expr("∀", (NAT, Expr("∀", (NAT, two))))), NAT)
    assert rule is not None
    assert (rule.left, rule.right) == (atom("f", Expr(0), Expr(1)), Expr(1))
    assert rule_of(Hypothesis("h1", atom("p")), NAT) is None


def test_one_step_has_a_rewrite_and_a_term_as_proof() -> None:
    chain = [next(steps_from(plus(n, m), [RULES["Nat.add_comm"]]))]
    scripts = [chain_script(Random(seed), chain) for seed in range(40)]
    lines = {script.lines for script in scripts if script}
    assert ("exact Nat.add_comm n m",) in lines
    assert lines & {("rw [Nat.add_comm n m]",), ("rw [Nat.add_comm]",)}
