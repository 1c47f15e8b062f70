"""Equations and chains of rewrites: where a rule applies, random chains, and what Lean's `rw` does to a goal.

A rule is an equation whose variables are the indices 0, 1, …; instances of it are closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from recipes.quickstart.expr import ARGUMENT, Expr, Path, put, replace, size, subterms, text


class Rule(NamedTuple):
    """An equation that may be rewritten with: a lemma or a hypothesis."""

    name: str
    sort: Expr
    """Of the two sides."""
    variables: tuple[Expr, ...]
    """Sorts of the variables, in the order in which the name is applied to them."""
    left: Expr
    right: Expr
    definitional: bool = False
    """Whether both sides compute to the same."""
    simplifies: bool = False
    """Whether the rule belongs to the terminating, confluent set used left to right by `simp only`."""
    implicit: bool = False
    """Whether Lean takes the variables as implicit arguments, so that the name stands alone."""
    one_way: bool = False
    """Whether Lean could not guess a variable when it rewrites from right to left."""
    involutive: bool = False
    """Whether the rule, left to right, undoes itself, as commutativity does; then it is never used right to left."""


class Step(NamedTuple):
    """One rule instance, and the place where a chain uses it."""

    rule: Rule
    forward: bool
    instance: tuple[Expr, ...]
    path: Path
    before: Expr
    after: Expr

    def sides(self) -> tuple[Expr, Expr]:
        """What the instance exchanges for what."""
        left, right = fill(self.rule.left, self.instance), fill(self.rule.right, self.instance)
        return (left, right) if self.forward else (right, left)

    def reversed(self) -> Step:
        """The step back."""
        if self.rule.involutive:
            instance = matched(self.rule, True, self.sides()[1])
            assert instance is not None
            return self._replace(instance=instance, before=self.after, after=self.before)
        return self._replace(forward=not self.forward, before=self.after, after=self.before)


def fill(pattern: Expr, instance: Sequence[Expr | None]) -> Expr:
    """Put terms for the variables of a pattern; all must be known."""
    if isinstance(pattern.head, int):
        term = instance[pattern.head]
        assert term is not None
        return term
    return Expr(pattern.head, tuple(fill(arg, instance) for arg in pattern.args)) if pattern.args else pattern


def match(pattern: Expr, term: Expr, instance: list[Expr | None]) -> bool:
    """Match a term, writing what the variables stand for into `instance`."""
    if isinstance(pattern.head, int):
        known = instance[pattern.head]
        if known is None:
            instance[pattern.head] = term
        return known is None or known == term
    if pattern.head != term.head or len(pattern.args) != len(term.args):
        return False
    return all(match(part, arg, instance) for part, arg in zip(pattern.args, term.args, strict=True))


def matched(rule: Rule, forward: bool, term: Expr) -> tuple[Expr, ...] | None:
    """The instance whose source side is `term`, if there is one and it is complete."""
    pattern = rule.left if forward else rule.right
    if isinstance(pattern.head, int):
        return None
    instance: list[Expr | None] = [None] * len(rule.variables)
    if not match(pattern, term, instance):
        return None
    complete = tuple(term for term in instance if term is not None)
    return complete if len(complete) == len(instance) else None


def steps_from(term: Expr, rules: Sequence[Rule]) -> Iterator[Step]:
    """Every single rewrite of a term, in either direction; no rule is applied to a bare variable."""
    for path, part in subterms(term):
        for rule in rules:
            for forward in (True,) if rule.involutive else (True, False):
                instance = matched(rule, forward, part)
                if instance is not None:
                    result = fill(rule.right if forward else rule.left, instance)
                    yield Step(rule, forward, instance, path, term, put(term, path, result))


def random_chain(rng: Random, start: Expr, rules: Sequence[Rule], length: int, max_size: int) -> list[Step]:
    """A walk of at most `length` rewrites that never returns to a term."""
    seen, chain, term = {start}, list[Step](), start
    for _ in range(length):
        choices = [s for s in steps_from(term, rules) if s.after not in seen and size(s.after) <= max_size]
        if not choices:
            break
        names = sorted({step.rule.name for step in choices})
        name = rng.choice(names)
        chain.append(rng.choice([step for step in choices if step.rule.name == name]))
        term = chain[-1].after
        seen.add(term)
    return chain


def rewritten(goal: Expr, step: Step) -> Expr | None:
    """The goal after `rw [instance]`: all occurrences are exchanged, on both sides.

    None where `rw` would fail, or would exchange terms that only compute to the same, as `n` and `n + 0` do.
    """
    old, new = step.sides()
    if (step.rule.one_way and not step.forward) or _has_twin(goal, old):
        return None
    result = replace(goal, old, new)
    return None if result == goal else result


def _has_twin(goal: Expr, old: Expr) -> bool:
    if old.head not in ("+", "*"):
        return False
    value = _computed(old)
    return any(part.head == old.head and part != old and _computed(part) == value for _, part in subterms(goal))


def _computed(term: Expr) -> Expr:
    """Move what Lean's definition of addition computes outwards: `n + 0` is `n`, `n + (m + 1)` is `n + m + 1`."""
    if term.head != "+":
        return Expr(term.head, tuple(map(_computed, term.args)))
    left, right = map(_computed, term.args)
    if right.head == "0":
        return left
    if right.head == "+" and right.args[1].head == "1":
        return Expr("+", (_computed(Expr("+", (left, right.args[0]))), right.args[1]))
    return Expr("1") if left.head == "0" and right.head == "1" else Expr("+", (left, right))


def is_first_match(goal: Expr, step: Step) -> bool:
    """Whether `rw` without arguments finds this instance: the outermost, leftmost match of the rule in the goal.

    Lean takes `n + 1` for an instance of `?n + 0` too, so any sum before the right one counts as a match of that.
    """
    pattern = step.rule.left if step.forward else step.rule.right
    adds_zero = pattern.head == "+" and pattern.args[1] == Expr("0")
    for _, part in subterms(goal):
        if isinstance(part.head, str):
            instance = matched(step.rule, step.forward, part)
            if instance is not None or (adds_zero and part.head == "+"):
                return instance == step.instance
    return False


def simplified(term: Expr, rules: Sequence[Rule]) -> Expr:
    """The normal form under rules used left to right, inside out."""
    term = Expr(term.head, tuple(simplified(arg, rules) for arg in term.args))
    for rule in rules:
        instance = matched(rule, True, term)
        if instance is not None:
            return simplified(fill(rule.right, instance), rules)
    return term


def instance_text(step: Step) -> str:
    """The rule applied to its instance, as a term."""
    if step.rule.implicit:
        return step.rule.name
    return " ".join([step.rule.name, *(text(term, ARGUMENT) for term in step.instance)])
