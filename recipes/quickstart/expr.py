"""Formulas and terms of the toy problems: one immutable tree type, substitution, and printing as Lean text.

Bound variables are de Bruijn indices, free ones are names, so formulas that differ in bound names only are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple


class Expr(NamedTuple):
    """A head applied to arguments.

    The head is an operator (`∧`, `+`, `::`, …), a name (`p`, `f`, `List.map`), a numeral, or the index of a bound
    variable. `∀` and `∃` have two arguments: the sort of what they bind and the body.
    """

    head: str | int
    args: tuple[Expr, ...] = ()


Path = tuple[int, ...]
"""Argument positions from the root to a subterm."""

FALSE = Expr("False")
ELEMENT, NAT, LIST = Expr("α"), Expr("Nat"), Expr("List α")
BOUND = Expr(0)
ZERO, ONE, NIL = Expr("0"), Expr("1"), Expr("[]")
BINDERS = frozenset({"∀", "∃"})

PRECEDENCE = {"↔": 20, "→": 25, "∨": 30, "∧": 35, "¬": 40, "=": 50, "≤": 50, "++": 65, "+": 65, "::": 67, "*": 70}
RIGHT_ASSOCIATIVE = frozenset({"→", "∨", "∧", "::"})
LEFT_ASSOCIATIVE = frozenset({"+", "*", "++"})
APPLICATION, ARGUMENT = 1023, 1024

BOUND_NAMES = {
    ELEMENT: ("x", "y", "z", "w", "u", "v"),
    NAT: ("n", "m", "k", "i", "j"),
    LIST: ("xs", "ys", "zs", "ws"),
}


def atom(name: str, *args: Expr) -> Expr:
    """Apply a name to arguments."""
    return Expr(name, args)


def binary(operator: str, left: Expr, right: Expr) -> Expr:
    """Join two expressions by an infix operator."""
    return Expr(operator, (left, right))


def negation(formula: Expr) -> Expr:
    """Negate a formula."""
    return Expr("¬", (formula,))


def quantify(quantifier: str, sort: Expr, body: Expr) -> Expr:
    """Bind index 0 of `body`."""
    return Expr(quantifier, (sort, body))


def instantiate(body: Expr, term: Expr, depth: int = 0) -> Expr:
    """Replace the variable bound outside `body` by `term`, which must be closed (hold no loose index)."""
    if isinstance(body.head, int):
        return term if body.head == depth else body
    if not body.args:
        return body
    inner = depth + 1 if body.head in BINDERS else depth
    return Expr(body.head, tuple(instantiate(arg, term, inner) for arg in body.args))


def replace(expr: Expr, old: Expr, new: Expr) -> Expr:
    """Replace every occurrence of the closed term `old`, outermost first."""
    if expr == old:
        return new
    if not expr.args:
        return expr
    return Expr(expr.head, tuple(replace(arg, old, new) for arg in expr.args))


def put(expr: Expr, path: Path, new: Expr) -> Expr:
    """`expr` with the subterm at `path` exchanged."""
    if not path:
        return new
    args = list(expr.args)
    args[path[0]] = put(args[path[0]], path[1:], new)
    return Expr(expr.head, tuple(args))


def subterms(expr: Expr, path: Path = ()) -> Iterator[tuple[Path, Expr]]:
    """Every subterm with its path, a term before its arguments, left to right."""
    yield path, expr
    for index, arg in enumerate(expr.args):
        yield from subterms(arg, (*path, index))


def heads(expr: Expr) -> Iterator[str | int]:
    """Every head in reading order."""
    yield expr.head
    for arg in expr.args:
        yield from heads(arg)


def size(expr: Expr) -> int:
    """Number of heads."""
    return 1 + sum(size(arg) for arg in expr.args)


def rename(expr: Expr, names: Mapping[str | int, str]) -> Expr:
    """Exchange heads by name."""
    return Expr(names.get(expr.head, expr.head), tuple(rename(arg, names) for arg in expr.args))


def text(expr: Expr, limit: int = 0, bound: tuple[str, ...] = (), taken: frozenset[str] = frozenset()) -> str:
    """Print as Lean text, in parentheses when the context binds tighter than `limit`.

    `bound` names the variables bound so far, innermost first; `taken` are names a new bound variable must not have.
    """

    def inner(part: Expr, level: int) -> str:
        return text(part, level, bound, taken)

    if isinstance(expr.head, int):
        return bound[expr.head]
    if not expr.args:
        return expr.head
    if expr.head in BINDERS:
        return _parenthesised(_binder_text(expr, bound, taken), 0, limit)
    level = PRECEDENCE.get(expr.head, APPLICATION)
    return _parenthesised(_plain_text(expr, level, inner), level, limit)


def _binder_text(expr: Expr, bound: tuple[str, ...], taken: frozenset[str]) -> str:
    sort, body = expr.args
    name = next(name for name in BOUND_NAMES[sort] if name not in bound and name not in taken)
    return f"{expr.head} {name}, {text(body, 0, (name, *bound), taken)}"


def _plain_text(expr: Expr, level: int, inner: Callable[[Expr, int], str]) -> str:
    head = str(expr.head)
    if head == "¬":
        return f"¬{inner(expr.args[0], level)}"
    if level == APPLICATION:
        return " ".join([head, *(inner(arg, ARGUMENT) for arg in expr.args)])
    left = inner(expr.args[0], level if head in LEFT_ASSOCIATIVE else level + 1)
    right = inner(expr.args[1], level if head in RIGHT_ASSOCIATIVE else level + 1)
    return f"{left} {head} {right}"


def _parenthesised(printed: str, level: int, limit: int) -> str:
    return f"({printed})" if level < limit else printed
