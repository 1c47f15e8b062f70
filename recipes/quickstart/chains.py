"""Proofs of an equation from the chain of rewrites that made it: `rw`, `calc`, terms, `simp only`, `rfl`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from recipes.quickstart.expr import ARGUMENT, Expr, binary, put, subterms, text
from recipes.quickstart.plan import Plan
from recipes.quickstart.proof import Script
from recipes.quickstart.rewriting import Rule, Step, instance_text, is_first_match, rewritten, simplified

MAX_CALC_TEXT = 26
"""Characters; a chain through longer terms is not written as `calc`."""
_REVERSED = re.compile(r"\([^()]*\)\.symm")
"""A term that needs no parentheses as an argument."""
PREFIX_CONTEXTS = ("List.map", "List.length", "List.reverse", "f", "g")


def chain_script(rng: Random, chain: Sequence[Step]) -> Script | None:
    """One of the proofs of `chain[0].before = chain[-1].after`, right by construction; None when no way fits."""
    goal = binary("=", chain[0].before, chain[-1].after)
    backwards = [step.reversed() for step in reversed(chain)]
    ways: list[Callable[[], Script | None]] = [lambda: _simp(goal, chain)]
    if all(step.rule.definitional for step in chain):
        ways = [lambda: Script(("rfl",), "rfl"), *ways]
    else:
        ways += [lambda: rw_script(rng, goal, chain)] * 2 + [lambda: rw_script(rng, goal, backwards)]
        if not any(step.rule.implicit for step in chain):
            ways += [lambda: _trans(rng, chain), lambda: _calc(rng, chain)]
    rng.shuffle(ways)
    return next((script for script in (way() for way in ways) if script), None)


def predicate_scripts(rng: Random, plan: Plan) -> list[Script]:
    """Different proofs of `P right` from `P left` by the chain from left to right."""
    statement, chain = plan.statement, plan.chain
    start, goal = Expr("P", (chain[0].before,)), statement.goal
    name = next(h.name for h in statement.hypotheses if h.formula == start)
    backwards = [step.reversed() for step in reversed(chain)]
    scripts = [_to_hypothesis(rng, goal, start, backwards, name), _at_hypothesis(rng, start, goal, chain, name)]
    found = [script for script in scripts if script]
    if len(chain) == 1 and _is_transport(start, goal, chain[0]):
        term = f"{instance_text(chain[0])} ▸ {name}"
        found.append(Script((f"exact {term}",), term))
    return found


def _is_transport(start: Expr, goal: Expr, step: Step) -> bool:
    """Whether `▸` finds its way from `start` to `goal`: by one rewrite, and neither side lies within the other."""
    old, new = step.sides()
    apart = all(part != old for _, part in subterms(new)) and all(part != new for _, part in subterms(old))
    return apart and rewritten(start, step) == goal and rewritten(goal, step.reversed()) == start


def _to_hypothesis(rng: Random, goal: Expr, wanted: Expr, steps: Sequence[Step], name: str) -> Script | None:
    words = _rewrites(rng, goal, wanted, steps)
    if words is None:
        return None
    listed = ", ".join(words)
    return Script((f"rw [{listed}]", f"exact {name}")) if rng.random() < 0.7 else Script((f"rwa [{listed}]",))


def _at_hypothesis(rng: Random, start: Expr, goal: Expr, steps: Sequence[Step], name: str) -> Script | None:
    words = _rewrites(rng, start, goal, steps)
    return Script((f"rw [{', '.join(words)}] at {name}", f"exact {name}")) if words else None


def _rewrites(rng: Random, goal: Expr, wanted: Expr, steps: Sequence[Step]) -> list[str] | None:
    """The list in `rw [list]` that makes `wanted` of a goal, or None."""
    words: list[str] = []
    for step in steps:
        after = rewritten(goal, step)
        if after is None:
            return None
        words.append(_rw_word(rng, goal, step))
        goal = after
    return words if goal == wanted else None


def _rw_word(rng: Random, goal: Expr, step: Step) -> str:
    implicit = step.rule.implicit or not step.instance or (is_first_match(goal, step) and rng.random() < 0.7)
    return ("" if step.forward else "← ") + (step.rule.name if implicit else instance_text(step))


def rw_script(rng: Random, goal: Expr, steps: Sequence[Step]) -> Script | None:
    """`rw [step, …]` if that makes both sides of the goal equal."""
    words: list[str] = []
    for step in steps:
        after = rewritten(goal, step)
        if after is None:
            break
        if step.rule.implicit and not is_first_match(goal, step):
            break
        words.append(_rw_word(rng, goal, step))
        goal = after
        if _is_reflexive(goal):
            break
    return Script((f"rw [{', '.join(words)}]",)) if words and _is_reflexive(goal) else None


def _is_reflexive(goal: Expr) -> bool:
    return goal.head == "=" and goal.args[0] == goal.args[1]


def step_term(rng: Random, step: Step, argument: bool = False) -> str:
    """A proof term of `before = after`: the instance, turned round if need be, under `congrArg` where it is inside."""
    term = instance_text(step)
    if not step.forward:
        whole = f"({term})" if step.instance else term
        term = f"{whole}.symm" if rng.random() < 0.5 else f"Eq.symm {whole}"
    context, path = step.before, step.path
    while path and context.head in PREFIX_CONTEXTS and path[0] == len(context.args) - 1:
        context, path = context.args[-1], path[1:]
    if path:
        hole = text(put(context, path, Expr("z")))
        term = f"congrArg (fun z : {step.rule.sort.head} => {hole}) {_argument(term)}"
    outer = step.before
    functions: list[str] = []
    while outer is not context:
        function = " ".join([str(outer.head), *(text(arg, ARGUMENT) for arg in outer.args[:-1])])
        functions.append(f"({function})" if " " in function else function)
        outer = outer.args[-1]
    for function in reversed(functions):
        term = f"congrArg {function} {_argument(term)}"
    return _argument(term) if argument else term


def _argument(term: str) -> str:
    return term if " " not in term or _REVERSED.fullmatch(term) else f"({term})"


def _trans(rng: Random, chain: Sequence[Step]) -> Script:
    term = step_term(rng, chain[-1])
    for step in reversed(chain[:-1]):
        first = step_term(rng, step, True)
        term = f"{first}.trans {_argument(term)}" if rng.random() < 0.5 else f"Eq.trans {first} {_argument(term)}"
    return Script((f"exact {term}",), term)


def _calc(rng: Random, chain: Sequence[Step]) -> Script | None:
    terms = [chain[0].before, *(step.after for step in chain)]
    if len(chain) < 2 or any(len(text(term)) > MAX_CALC_TEXT for term in terms):
        return None
    lines = [f"calc {text(terms[0])} = {text(terms[1])} := {_justification(rng, chain[0])}"]
    lines += [f"  _ = {text(step.after)} := {_justification(rng, step)}" for step in chain[1:]]
    return Script(tuple(lines))


def _justification(rng: Random, step: Step) -> str:
    script = rw_script(rng, binary("=", step.before, step.after), [step])
    if step.path and script is not None and rng.random() < 0.7:
        return f"by {script.lines[0]}"
    return step_term(rng, step)


def _simp(goal: Expr, chain: Sequence[Step]) -> Script | None:
    rules: list[Rule] = list({step.rule.name: step.rule for step in chain}.values())
    if not all(rule.simplifies for rule in rules):
        return None
    left, right = (simplified(side, rules) for side in goal.args)
    return Script((f"simp only [{', '.join(rule.name for rule in rules)}]",)) if left == right else None
