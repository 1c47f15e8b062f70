"""The teacher: several different correct proofs of every toy problem."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Protocol

from recipes.quickstart.chains import chain_script, predicate_scripts, rw_script
from recipes.quickstart.expr import ELEMENT, NAT, NIL, ONE, ZERO, Expr, replace, size
from recipes.quickstart.induction import at_start
from recipes.quickstart.lemmas import cons, plus, rule_of
from recipes.quickstart.plan import Plan
from recipes.quickstart.proof import Induct, Proof, Script
from recipes.quickstart.render import Renderer
from recipes.quickstart.rewriting import Rule, Step, rewritten, steps_from
from recipes.quickstart.search import Context, Search, context_of
from recipes.quickstart.statement import Hypothesis

TERM_SHARE = 0.4
"""Of proofs, where a proof can be written as one term."""
ATTEMPTS = 3
"""At a proof for each one asked for."""
SEARCH_NODES = 300
MAX_LENGTH = 140
"""Characters of a completion; longer ones are not shown."""
MAX_REWRITES = 4
"""In the base or the step of an induction."""
INDUCTION_SHARE = 0.5
"""Of proofs of an identity that lemmas prove as well."""


class Planned(Protocol):
    """A problem that knows how it can be proved."""

    @property
    def plan(self) -> Plan: ...  # noqa: D102


def sample_proof(plan: Plan, rng: Random) -> str | None:
    """One correct completion: the text after `:= by`. None where this attempt at a random proof failed."""
    proof = _find(plan, rng)
    if proof is None:
        return None
    as_term = rng.random() < TERM_SHARE
    completion = Renderer(rng, terse=rng.choice([0.2, 0.5, 0.9])).completion(proof, as_term=as_term)
    return completion if len(completion) <= MAX_LENGTH else None


def proofs(problem: Planned, rng: Random, num: int) -> list[str]:
    """Up to `num` different completions, each the text after `:= by`; fewer where the problem has no more."""
    found: dict[str, None] = {}
    for _ in range(ATTEMPTS * num):
        completion = sample_proof(problem.plan, rng)
        if completion is not None:
            found[completion] = None
        if len(found) >= num:
            break
    return list(found)


def _find(plan: Plan, rng: Random) -> Proof | None:
    if plan.variable and (not plan.chain or rng.random() < INDUCTION_SHARE):
        return _induct(plan, rng)
    if plan.chain:
        return chain_script(rng, plan.chain) if _is_equation(plan) else _predicate_script(plan, rng)
    found = Search(rng, SEARCH_NODES).run(plan.statement.goal, context_of(plan.statement, plan.excluded))
    return found and found[0]


def _predicate_script(plan: Plan, rng: Random) -> Script | None:
    scripts = predicate_scripts(rng, plan)
    return rng.choice(scripts) if scripts else None


def _is_equation(plan: Plan) -> bool:
    return plan.statement.goal.head == "="


def _induct(plan: Plan, rng: Random) -> Proof | None:
    statement, variable = plan.statement, plan.variable
    assert variable is not None
    numbers = statement.kinds[variable] == "Nat"
    names = (variable, "ih") if numbers else ("x", variable, "ih")
    start = ZERO if numbers else NIL
    successor = plus(Expr(variable), ONE) if numbers else cons(Expr("x"), Expr(variable))
    base_goal, step_goal = (replace(statement.goal, Expr(variable), term) for term in (start, successor))
    if plan.chain:
        base: Proof | None = chain_script(rng, at_start(plan.chain, variable, start))
        step: Proof | None = _successor_script(rng, statement.goal, numbers)
    else:
        context = context_of(statement)
        base = _case(rng, base_goal, _without(context, variable))
        hypotheses = (*context.hypotheses, Hypothesis("ih", statement.goal))
        terms = context.terms if numbers else (*context.terms, (ELEMENT, Expr("x")))
        step = base and _case(rng, step_goal, context._replace(hypotheses=hypotheses, terms=terms))
    return base and step and Induct(variable, "Nat" if numbers else "List", names, base, step)


def _without(context: Context, variable: str) -> Context:
    return context._replace(terms=tuple(pair for pair in context.terms if pair[1].head != variable))


def _successor_script(rng: Random, goal: Expr, numbers: bool) -> Script | None:
    """Definitions move the successor outwards on both sides: what is left is the induction hypothesis under it."""
    left, right = goal.args
    if numbers:
        function = rng.choice(["Nat.succ", "(fun z : Nat => z + 1)"])
    else:
        function = "(List.cons x)" if _maps(left) == 0 else f"(List.cons {_nested('f', _maps(left))})"
        if _maps(left) != _maps(right):
            return None
    return Script((f"exact congrArg {function} ih",), f"congrArg {function} ih")


def _maps(term: Expr) -> int:
    """How many maps stand around the first list."""
    if term.head == "List.map":
        return 1 + _maps(term.args[1])
    return _maps(term.args[0]) if term.head == "++" else 0


def _nested(function: str, times: int) -> str:
    term = "x"
    for _ in range(times):
        term = f"({function} {term})"
    return term


def _case(rng: Random, goal: Expr, context: Context) -> Proof | None:
    """Prove the base or the step: an equation by rewriting with hypotheses, anything else by search."""
    if goal.head == "=":
        return _rewrite(rng, goal, context)
    found = Search(rng, SEARCH_NODES, max_depth=4).run(goal, context)
    return found and found[0]


def _rewrite(rng: Random, goal: Expr, context: Context) -> Script | None:
    rules = [rule for rule in (rule_of(hypothesis, NAT) for hypothesis in context.hypotheses) if rule]
    for limit in range(1, MAX_REWRITES + 1):
        steps = _close(rng, goal, rules, limit)
        if steps:
            return rw_script(rng, goal, steps)
    return None


def _close(rng: Random, goal: Expr, rules: Sequence[Rule], limit: int) -> list[Step] | None:
    """A shortest list of rewrites that make both sides equal, longer sides being exchanged for shorter ones."""
    if goal.args[0] == goal.args[1]:
        return []
    if limit == 0:
        return None
    for step in _reductions(rng, goal, rules):
        after = rewritten(goal, step)
        rest = None if after is None else _close(rng, after, rules, limit - 1)
        if rest is not None:
            return [step, *rest]
    return None


def _reductions(rng: Random, goal: Expr, rules: Sequence[Rule]) -> Iterator[Step]:
    steps = [step for step in steps_from(goal, rules) if size(step.sides()[1]) <= size(step.sides()[0])]
    rng.shuffle(steps)
    yield from steps
