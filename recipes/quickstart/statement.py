"""A theorem statement as data: its symbols, hypotheses and goal, how it is printed, and when two are the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations, product
from typing import NamedTuple

from recipes.quickstart.expr import FALSE, Expr, heads, instantiate, rename, text

KINDS = {
    "Prop": ("p", "q", "r", "s", "u"),
    "α": ("a", "b", "c", "d", "e"),
    "α → α": ("f", "g", "F", "G"),
    "α → Prop": ("P", "Q", "R"),
    "α → α → Prop": ("S", "T"),
    "Nat": ("n", "m", "k", "i", "j"),
    "Nat → α": ("f", "g", "F", "G"),
    "Nat → Prop": ("P", "Q", "R"),
    "List α": ("xs", "ys", "zs", "ws"),
    "List α → α": ("f", "g", "F", "G"),
    "List α → Prop": ("P", "Q", "R"),
}
"""The names that symbols of each kind are given, in the order in which a statement mentions them."""


class Hypothesis(NamedTuple):
    """A named assumption."""

    name: str
    formula: Expr


class Statement(NamedTuple):
    """What is to be proved; `kinds` gives the type of every free symbol that is not a constant of Lean."""

    kinds: Mapping[str, str]
    hypotheses: tuple[Hypothesis, ...]
    goal: Expr

    def formulas(self) -> Iterator[Expr]:
        """Hypotheses, then the goal."""
        yield from (hypothesis.formula for hypothesis in self.hypotheses)
        yield self.goal


def usual_names(kinds: Mapping[str, str], formulas: Sequence[Expr]) -> dict[str | int, str]:
    """New names for the symbols of some formulas: the usual ones of each kind, in the order of first mention."""
    names: dict[str | int, str] = {}
    used: set[str] = set()
    for formula in formulas:
        for head in heads(formula):
            if head in kinds and head not in names:
                names[head] = next(name for name in KINDS[kinds[str(head)]] if name not in used)
                used.add(names[head])
    return names


def make_statement(kinds: Mapping[str, str], hypotheses: Sequence[Expr], goal: Expr) -> Statement:
    """Give symbols their usual names and call hypotheses `h1`, `h2`, …; symbols that are not mentioned disappear."""
    names = usual_names(kinds, (*hypotheses, goal))
    renamed = {new: kinds[str(old)] for old, new in names.items()}
    ordered = {name: renamed[name] for kind in KINDS for name in sorted(renamed) if renamed[name] == kind}
    named = tuple(Hypothesis(f"h{index}", rename(formula, names)) for index, formula in enumerate(hypotheses, 1))
    return Statement(ordered, named, rename(goal, names))


def print_statement(statement: Statement, name: str = "t") -> str:
    """`theorem t (p q : Prop) (h1 : p ∧ q) : q ∧ p := by`."""
    groups: dict[str, list[str]] = defaultdict(list)
    for symbol, kind in statement.kinds.items():
        groups[kind].append(symbol)
    binders = ["(α : Type)"] if any("α" in kind for kind in groups) else []
    for kind in KINDS:
        if kind in groups:
            binders.append(f"({' '.join(sorted(groups[kind], key=KINDS[kind].index))} : {kind})")
    taken = frozenset(statement.kinds)
    for hypothesis in statement.hypotheses:
        binders.append(f"({hypothesis.name} : {text(hypothesis.formula, taken=taken)})")
    return " ".join(["theorem", name, *binders, ":", text(statement.goal, taken=taken), ":=", "by"])


def canonical(statement: Statement) -> str:
    """One string for all statements that differ in names and in the order of hypotheses only.

    Premises of the goal count as hypotheses and its outer `∀` as a variable, so `(h : p) : q` equals `: p → q`.
    """
    kinds, hypotheses, goal = _uncurried(statement)
    colours = _refined(kinds, hypotheses, goal)
    groups: dict[tuple[str, ...], list[Expr]] = defaultdict(list)
    for formula in hypotheses:
        groups[_coloured(formula, colours)].append(formula)
    orders = product(*(permutations(groups[key]) for key in sorted(groups)))
    return min(_serialised(kinds, [*(f for group in order for f in group), goal]) for order in orders)


def _uncurried(statement: Statement) -> tuple[dict[str, str], list[Expr], Expr]:
    kinds, goal = dict(statement.kinds), statement.goal
    hypotheses = {hypothesis.formula: None for hypothesis in statement.hypotheses}
    while goal.head in ("→", "¬", "∀"):
        if goal.head == "∀":
            fresh = f"_{len(kinds)}"
            kinds[fresh] = str(goal.args[0].head)
            goal = instantiate(goal.args[1], Expr(fresh))
        else:
            hypotheses[goal.args[0]] = None
            goal = goal.args[1] if goal.head == "→" else FALSE
    return kinds, list(hypotheses), goal


def _refined(kinds: Mapping[str, str], hypotheses: list[Expr], goal: Expr) -> dict[str | int, str]:
    """Give symbols a colour that no renaming changes: their kind, then twice how they occur."""
    colours: dict[str | int, str] = {symbol: kind for symbol, kind in kinds.items()}
    for _ in range(2):
        seen: dict[str | int, list[tuple[bool, tuple[str, ...], int]]] = defaultdict(list)
        for is_goal, formula in [*((False, f) for f in hypotheses), (True, goal)]:
            key = _coloured(formula, colours)
            for position, head in enumerate(heads(formula)):
                if head in kinds:
                    seen[head].append((is_goal, key, position))
        signatures = {symbol: (kinds[str(symbol)], sorted(places)) for symbol, places in seen.items()}
        ranks = sorted(signatures.values())
        colours = {symbol: f"{signature[0]}.{ranks.index(signature)}" for symbol, signature in signatures.items()}
    return colours


def _coloured(formula: Expr, colours: Mapping[str | int, str]) -> tuple[str, ...]:
    return tuple(colours.get(head, str(head)) for head in heads(formula))


def _serialised(kinds: Mapping[str, str], formulas: Sequence[Expr]) -> str:
    names: dict[str | int, str] = {}
    words: list[str] = []
    for formula in formulas:
        for head in heads(formula):
            if head in kinds and head not in names:
                names[head] = f"{kinds[str(head)]}/{len(names)}"
            words.append(names.get(head, str(head)))
        words.append(";")
    return " ".join(words)
