"""Lemmas of Lean's core library that toy problems rest on, as rewrite rules, and hypotheses read as rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from recipes.quickstart.expr import ELEMENT, LIST, NAT, NIL, ONE, ZERO, Expr, atom, binary, rename
from recipes.quickstart.rewriting import Rule, Step
from recipes.quickstart.statement import Hypothesis

_0, _1, _2 = Expr(0), Expr(1), Expr(2)


def plus(left: Expr, right: Expr) -> Expr:
    """`left + right`."""
    return binary("+", left, right)


def times(left: Expr, right: Expr) -> Expr:
    """`left * right`."""
    return binary("*", left, right)


def append(left: Expr, right: Expr) -> Expr:
    """`left ++ right`."""
    return binary("++", left, right)


def cons(head: Expr, tail: Expr) -> Expr:
    """`head :: tail`."""
    return binary("::", head, tail)


def length(items: Expr) -> Expr:
    """`List.length items`."""
    return atom("List.length", items)


def reverse(items: Expr) -> Expr:
    """`List.reverse items`."""
    return atom("List.reverse", items)


def mapped(function: Expr, items: Expr) -> Expr:
    """`List.map function items`."""
    return atom("List.map", function, items)


def _lemma(
    name: str,
    sort: Expr,
    variables: tuple[Expr, ...],
    left: Expr,
    right: Expr,
    *marks: Literal["rfl", "simp", "implicit", "forward", "swap"],
) -> Rule:
    return Rule(
        name, sort, variables, left, right, *(mark in marks for mark in ("rfl", "simp", "implicit", "forward", "swap"))
    )


ADDITION = (
    _lemma("Nat.add_comm", NAT, (NAT,) * 2, plus(_0, _1), plus(_1, _0), "swap"),
    _lemma("Nat.add_assoc", NAT, (NAT,) * 3, plus(plus(_0, _1), _2), plus(_0, plus(_1, _2))),
    _lemma("Nat.add_left_comm", NAT, (NAT,) * 3, plus(_0, plus(_1, _2)), plus(_1, plus(_0, _2)), "swap"),
    _lemma("Nat.add_right_comm", NAT, (NAT,) * 3, plus(plus(_0, _1), _2), plus(plus(_0, _2), _1), "swap"),
    _lemma("Nat.add_zero", NAT, (NAT,), plus(_0, ZERO), _0, "rfl", "simp"),
    _lemma("Nat.zero_add", NAT, (NAT,), plus(ZERO, _0), _0, "simp"),
)

MULTIPLICATION = (
    _lemma("Nat.mul_comm", NAT, (NAT,) * 2, times(_0, _1), times(_1, _0), "swap"),
    _lemma("Nat.mul_assoc", NAT, (NAT,) * 3, times(times(_0, _1), _2), times(_0, times(_1, _2))),
    _lemma("Nat.mul_one", NAT, (NAT,), times(_0, ONE), _0, "simp"),
    _lemma("Nat.one_mul", NAT, (NAT,), times(ONE, _0), _0, "simp"),
    _lemma("Nat.mul_zero", NAT, (NAT,), times(_0, ZERO), ZERO, "rfl", "simp"),
    _lemma("Nat.zero_mul", NAT, (NAT,), times(ZERO, _0), ZERO, "simp"),
    _lemma("Nat.mul_add", NAT, (NAT,) * 3, times(_0, plus(_1, _2)), plus(times(_0, _1), times(_0, _2))),
    _lemma("Nat.add_mul", NAT, (NAT,) * 3, times(plus(_0, _1), _2), plus(times(_0, _2), times(_1, _2))),
)

_f = Expr("f")

APPENDING = (
    _lemma("List.append_nil", LIST, (LIST,), append(_0, NIL), _0, "simp"),
    _lemma("List.nil_append", LIST, (LIST,), append(NIL, _0), _0, "rfl", "simp"),
    _lemma("List.append_assoc", LIST, (LIST,) * 3, append(append(_0, _1), _2), append(_0, append(_1, _2)), "simp"),
    _lemma(
        "List.cons_append",
        LIST,
        (ELEMENT, LIST, LIST),
        append(cons(_0, _1), _2),
        cons(_0, append(_1, _2)),
        "rfl",
        "simp",
        "implicit",
    ),
)

MEASURING = (
    _lemma(
        "List.length_append", NAT, (LIST,) * 2, length(append(_0, _1)), plus(length(_0), length(_1)), "simp", "implicit"
    ),
    _lemma(
        "List.length_cons", NAT, (ELEMENT, LIST), length(cons(_0, _1)), plus(length(_1), ONE), "rfl", "simp", "implicit"
    ),
    _lemma("List.length_map", NAT, (LIST,), length(mapped(_f, _0)), length(_0), "simp", "implicit", "forward"),
    _lemma("List.length_reverse", NAT, (LIST,), length(reverse(_0)), length(_0), "simp", "implicit"),
)

MAPPING = (
    _lemma(
        "List.map_append",
        LIST,
        (LIST,) * 2,
        mapped(_f, append(_0, _1)),
        append(mapped(_f, _0), mapped(_f, _1)),
        "simp",
        "implicit",
    ),
    _lemma(
        "List.map_cons",
        LIST,
        (ELEMENT, LIST),
        mapped(_f, cons(_0, _1)),
        cons(atom("f", _0), mapped(_f, _1)),
        "rfl",
        "simp",
        "implicit",
    ),
    _lemma(
        "List.reverse_append",
        LIST,
        (LIST,) * 2,
        reverse(append(_0, _1)),
        append(reverse(_1), reverse(_0)),
        "simp",
        "implicit",
    ),
    _lemma("List.reverse_reverse", LIST, (LIST,), reverse(reverse(_0)), _0, "simp"),
)


def rule_of(hypothesis: Hypothesis, sort: Expr) -> Rule | None:
    """A hypothesis `∀ …, left = right` between terms of a sort as a rule; None when it is no equation."""
    sorts: list[Expr] = []
    formula = hypothesis.formula
    while formula.head == "∀":
        sorts.append(formula.args[0])
        formula = formula.args[1]
    if formula.head != "=":
        return None
    left, right = (_turned(side, len(sorts) - 1) for side in formula.args)
    return Rule(hypothesis.name, sort, tuple(sorts), left, right)


def _turned(expr: Expr, last: int) -> Expr:
    """Number variables from the outermost binder instead of the innermost."""
    if isinstance(expr.head, int):
        return Expr(last - expr.head)
    return Expr(expr.head, tuple(_turned(arg, last) for arg in expr.args))


def renamed_step(step: Step, names: Mapping[str | int, str]) -> Step:
    """A step with its symbols renamed; the rule keeps its name."""
    rule = step.rule._replace(left=rename(step.rule.left, names), right=rename(step.rule.right, names))
    instance = tuple(rename(term, names) for term in step.instance)
    return Step(rule, step.forward, instance, step.path, rename(step.before, names), rename(step.after, names))
