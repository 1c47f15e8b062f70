from __future__ import annotations

from itertools import permutations
from random import Random

from recipes.quickstart.expr import (
    BOUND,
    ELEMENT,
    NAT,
    Expr,
    atom,
    binary,
    instantiate,
    negation,
    quantify,
    rename,
    text,
)
from recipes.quickstart.statement import Statement, canonical, make_statement, print_statement

p, q, r = atom("p"), atom("q"), atom("r")


def brute_force_form(statement: Statement) -> tuple:
    """The least of all renamings, hypotheses as a set; for goals that are neither implications nor quantified."""
    symbols = sorted(statement.kinds)
    forms = []
    for order in permutations(symbols):
        names: dict[str | int, str] = {s: f"{statement.kinds[s]}{i}" for i, s in enumerate(order)}
        hypotheses = sorted({text(rename(h.formula, names)) for h in statement.hypotheses})
        forms.append((hypotheses, text(rename(statement.goal, names))))
    return min(forms)


def random_formula(rng: Random, leaves: int) -> Expr:
    if leaves == 1:
        return rng.choice([p, q, r, atom("P", atom("a")), atom("P", atom("b")), negation(p)])
    return binary(rng.choice("∧∨→"), random_formula(rng, 1), random_formula(rng, leaves - 1))


def test_canonical_forms_agree_with_a_search_over_all_renamings() -> None:
    rng = Random(0)
    kinds = {"p": "Prop", "q": "Prop", "r": "Prop", "P": "α → Prop", "a": "α", "b": "α"}
    by_canonical: dict[str, set] = {}
    by_force: dict[tuple, set] = {}
    for index in range(1500):
        hypotheses = [random_formula(rng, rng.randint(1, 2)) for _ in range(rng.randint(0, 3))]
        goal = binary(rng.choice("∧∨"), random_formula(rng, 1), random_formula(rng, 1))
        statement = make_statement(kinds, hypotheses, goal)
        by_canonical.setdefault(canonical(statement), set()).add(index)
        by_force.setdefault(str(brute_force_form(statement)), set()).add(index)
    assert len(by_force) < 1400, "the sample must hold repetitions"
    assert sorted(map(sorted, by_canonical.values())) == sorted(map(sorted, by_force.values()))


def test_a_premise_of_the_goal_is_a_hypothesis() -> None:
    kinds = {"p": "Prop", "q": "Prop"}
    assert canonical(make_statement(kinds, [p], q)) == canonical(make_statement(kinds, [], binary("→", q, p)))
    assert canonical(make_statement(kinds, [p, q], atom("False"))) == canonical(make_statement(kinds, [q], negation(p)))


def test_a_quantified_goal_equals_one_about_a_variable() -> None:
    everywhere = make_statement({"P": "α → Prop"}, [], quantify("∀", ELEMENT, atom("P", BOUND)))
    somewhere = make_statement({"P": "α → Prop", "a": "α"}, [], atom("P", atom("a")))
    assert canonical(everywhere) == canonical(somewhere)


def test_different_statements_have_different_canonical_forms() -> None:
    kinds = {"p": "Prop", "q": "Prop"}
    assert canonical(make_statement(kinds, [p], binary("∨", p, q))) != canonical(
        make_statement(kinds, [p], binary("∨", q, p))
    )
    number = make_statement({"P": "Nat → Prop", "n": "Nat"}, [], atom("P", atom("n")))
    element = make_statement({"P": "α → Prop", "n": "α"}, [], atom("P", atom("n")))
    assert canonical(number) != canonical(element)


def test_printing_uses_parentheses_where_lean_needs_them() -> None:
    assert text(binary("→", binary("→", p, q), r)) == "(p → q) → r"
    assert text(binary("→", p, binary("→", q, r))) == "p → q → r"
    assert text(binary("∧", binary("∧", p, q), r)) == "(p ∧ q) ∧ r"
    assert text(negation(binary("∧", p, q))) == "¬(p ∧ q)"
    assert text(binary("+", atom("n"), binary("+", atom("m"), atom("k")))) == "n + (m + k)"
    assert text(binary("+", binary("+", atom("n"), atom("m")), atom("k"))) == "n + m + k"
    nested = quantify("∀", ELEMENT, quantify("∃", ELEMENT, atom("S", Expr(1), Expr(0))))
    assert text(nested) == "∀ x, ∃ y, S x y"
    assert text(binary("∨", nested, p)) == "(∀ x, ∃ y, S x y) ∨ p"


def test_a_statement_names_symbols_in_the_order_of_mention() -> None:
    kinds = {"u": "Prop", "v": "Prop", "w": "Prop"}
    statement = make_statement(kinds, [binary("∧", atom("v"), atom("u"))], atom("u"))
    assert print_statement(statement) == "theorem t (p q : Prop) (h1 : p ∧ q) : q := by"


def test_a_bound_variable_never_takes_the_name_of_a_free_one() -> None:
    statement = Statement(
        {"n": "Nat", "P": "Nat → Prop"}, (), quantify("∀", NAT, binary("→", atom("P", BOUND), atom("P", atom("n"))))
    )
    assert print_statement(statement) == "theorem t (n : Nat) (P : Nat → Prop) : ∀ m, P m → P n := by"


def test_instantiation_reaches_under_binders() -> None:
    body = quantify("∃", ELEMENT, atom("S", Expr(1), Expr(0)))
    assert instantiate(body, atom("a")) == quantify("∃", ELEMENT, atom("S", atom("a"), Expr(0)))
