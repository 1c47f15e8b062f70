"""Cheap refutation: evaluate formulas in many two-element models at once, one bit of an integer for each model.

What is false in some model has no proof; the generator asks here before it searches. For propositional formulas of up
to four atoms the models are all valuations, so the answer is exact (classically).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from recipes.quickstart.expr import Expr

NUM_MODELS = 64
EVERYWHERE = (1 << NUM_MODELS) - 1
"""The set of all models."""
DOMAIN = (0, 1)
_EXACT = tuple(sum(1 << model for model in range(NUM_MODELS) if model >> bit & 1) for bit in range(4))


@dataclass
class Models:
    """Interpretations of symbols, chosen when a symbol is first met."""

    rng: Random
    _atoms: dict[tuple[str, ...], int] = field(default_factory=dict)

    def value(self, formula: Expr, bound: tuple[int, ...] = ()) -> int:
        """The models in which a formula holds, as a bit mask; `bound` interprets bound variables, innermost first."""
        head, args = formula.head, formula.args
        match head:
            case "∀" | "∃":
                zero, one = (self.value(args[1], (element, *bound)) for element in DOMAIN)
                return zero & one if head == "∀" else zero | one
            case "¬":
                return EVERYWHERE & ~self.value(args[0], bound)
            case "∧":
                return self.value(args[0], bound) & self.value(args[1], bound)
            case "∨":
                return self.value(args[0], bound) | self.value(args[1], bound)
            case "→":
                return (EVERYWHERE & ~self.value(args[0], bound)) | self.value(args[1], bound)
            case "↔":
                return EVERYWHERE & ~(self.value(args[0], bound) ^ self.value(args[1], bound))
            case "False":
                return 0
        return self._atom(str(head), args, bound, ())

    def _atom(self, name: str, args: tuple[Expr, ...], bound: tuple[int, ...], elements: tuple[str, ...]) -> int:
        if not args:
            return self._random((name, *elements))
        first, rest = args[0], args[1:]
        if isinstance(first.head, int):
            return self._atom(name, rest, bound, (*elements, str(bound[first.head])))
        is_one = self._random(("element", str(first.head)))
        zero, one = (self._atom(name, rest, bound, (*elements, str(element))) for element in DOMAIN)
        return (zero & ~is_one) | (one & is_one)

    def _random(self, key: tuple[str, ...]) -> int:
        if key not in self._atoms:
            number = len(self._atoms)
            self._atoms[key] = _EXACT[number] if number < len(_EXACT) else self.rng.getrandbits(NUM_MODELS)
        return self._atoms[key]
