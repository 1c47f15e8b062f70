"""The toy problems: theorem statements of five families, from a seed, all provable, none twice up to renaming."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import pyarrow as pa

from recipes.quickstart import equations, induction, logic
from recipes.quickstart.plan import Plan
from recipes.quickstart.statement import canonical, print_statement
from recipes.quickstart.teacher import sample_proof
from store.errors import RemainsError
from store.ids import problem_id
from store.schema import PROBLEMS

Generator = Callable[[Random, int], Plan | None]
"""One try at a statement of a difficulty from 1 to 5."""


def _on(domain: induction.Domain, generator: Callable[[Random, induction.Domain, int], Plan | None]) -> Generator:
    return lambda rng, difficulty: generator(rng, domain, difficulty)


NAME = "t"
"""Of every theorem."""
TRIES = 20
"""At one kind of statement before another kind is drawn."""
MAX_FAILURES = 400
"""Kinds drawn one after the other without a new statement, before giving up."""
PROOF_ATTEMPTS = 4
"""By the teacher, before a statement is given up."""
MAX_LENGTH = 120
"""Characters of a statement."""

FAMILIES: dict[str, tuple[tuple[int, Generator], ...]] = {
    "propositional": ((1, logic.propositional),),
    "first_order": ((1, logic.first_order),),
    "equality": ((1, equations.by_hypotheses),),
    "numbers": (
        (4, equations.on_numbers),
        (2, _on(induction.NUMBERS, induction.of_predicates)),
        (1, _on(induction.NUMBERS, induction.of_functions)),
        (2, _on(induction.NUMBERS, induction.identity)),
    ),
    "lists": (
        (4, equations.on_lists),
        (2, _on(induction.LISTS, induction.of_predicates)),
        (1, _on(induction.LISTS, induction.of_functions)),
        (2, _on(induction.LISTS, induction.identity)),
    ),
}
"""Each family's generators with their weights."""


@dataclass(frozen=True)
class Mix:
    """Shares of the families and of the difficulties 1 to 5; only their ratios matter."""

    families: tuple[tuple[str, float], ...] = (
        ("propositional", 0.44),
        ("first_order", 0.20),
        ("equality", 0.14),
        ("numbers", 0.13),
        ("lists", 0.09),
    )
    difficulties: tuple[float, float, float, float, float] = (0.45, 0.3, 0.13, 0.08, 0.04)


@dataclass(frozen=True)
class ToyProblem:
    """A statement and the plan by which the teacher proves it."""

    statement: str
    """Ends in `:= by`."""
    family: str
    difficulty: int
    """From 1 to 5: as asked of the generator."""
    canonical: str
    """Equal for statements that differ in names and the order of hypotheses only."""
    plan: Plan = field(repr=False)
    name: str = NAME

    @property
    def problem_id(self) -> str:
        """The id in a corpus."""
        return problem_id("", self.statement)


def generate(num: int, seed: int, mix: Mix = Mix(), exclude: Collection[str] = ()) -> list[ToyProblem]:
    """Draw `num` problems; `exclude` holds canonical forms that must not come up.

    Raises RemainsError when the families cannot supply so many.
    """
    stream = problem_stream(Random(f"problems {seed}"), mix, exclude)
    return [next(stream) for _ in range(num)]


def problem_stream(
    rng: Random, mix: Mix, exclude: Collection[str] = (), *, repeats: bool = False
) -> Iterator[ToyProblem]:
    """Draw problems without end, none of those excluded; none twice unless `repeats`, and then easy ones come often."""
    seen, failures = set(exclude), 0
    while True:
        problem = _draw(rng, mix, seen)
        failures = 0 if problem else failures + 1
        if failures > MAX_FAILURES:
            raise RemainsError(f"no new toy problem after {len(seen)} of them: ask for fewer, or widen the mix")
        if problem:
            if not repeats:
                seen.add(problem.canonical)
            yield problem


def problem_table(problems: Sequence[ToyProblem], split: str) -> pa.Table:
    """Rows of a corpus' `problems` table."""
    rows = [
        {
            "problem_id": problem.problem_id,
            "name": problem.name,
            "header": "",
            "statement": problem.statement,
            "informal": None,
            "source": f"recipes.quickstart:{problem.family}",
            "split": split,
        }
        for problem in problems
    ]
    return pa.Table.from_pylist(rows, schema=PROBLEMS)


def _draw(rng: Random, mix: Mix, seen: Collection[str]) -> ToyProblem | None:
    """One new problem of a random kind, or None when some tries gave none."""
    names, shares = zip(*mix.families, strict=True)
    family = rng.choices(names, shares)[0]
    difficulty = rng.choices(range(1, 6), mix.difficulties)[0]
    weights, generators = zip(*FAMILIES[family], strict=True)
    generator = rng.choices(generators, weights)[0]
    for _ in range(TRIES):
        plan = generator(rng, difficulty)
        problem = plan and _checked(rng, plan, family, difficulty, seen)
        if problem:
            return problem
    return None


def _checked(rng: Random, plan: Plan, family: str, difficulty: int, seen: Collection[str]) -> ToyProblem | None:
    """The plan as a problem if it is new, not too long, and the teacher can prove it."""
    statement = print_statement(plan.statement, NAME)
    if len(statement) > MAX_LENGTH:
        return None
    form = canonical(plan.statement)
    if form in seen or not any(sample_proof(plan, rng) for _ in range(PROOF_ATTEMPTS)):
        return None
    return ToyProblem(statement, family, difficulty, form, plan)
