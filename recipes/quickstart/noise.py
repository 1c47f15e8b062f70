"""Wrong tokens: a base policy that learnt from spoilt proofs too errs in many ways, as a large model does."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

SHARE = 0.25
"""Of pretraining proofs that are spoilt."""

TOKEN = re.compile(r"\s*(?:[A-Z]\w*(?:\.\w+)*|[a-zα_]\w*|\d+|\.\w+|:=|=>|\?_|\S)")
"""A word, number, field, or symbol, with the white space before it: joining tokens gives the text back."""
LOCAL = re.compile(r"h\d*|ih|[a-e]|[p-s]|[x-z]s?|[nmkij]")
SWAPS = {
    "inl": "inr",
    "Or.inl": "Or.inr",
    "left": "right",
    "And.intro": "Iff.intro",
    "intro": "cases",
    "exact": "apply",
    "constructor": "left",
    ".1": ".2",
    ".mp": ".mpr",
    "zero": "succ",
    "nil": "cons",
    "absurd": "False.elim",
    "Eq.symm": "Eq.trans",
    ".symm": ".trans",
    "Nat.add_comm": "Nat.add_assoc",
    "Nat.mul_comm": "Nat.mul_assoc",
    "Nat.add_left_comm": "Nat.add_right_comm",
    "Nat.add_zero": "Nat.zero_add",
    "Nat.mul_zero": "Nat.zero_mul",
    "Nat.mul_one": "Nat.one_mul",
    "Nat.mul_add": "Nat.add_mul",
    "List.append_nil": "List.nil_append",
    "List.append_assoc": "List.cons_append",
    "List.map_append": "List.map_cons",
    "List.length_append": "List.length_cons",
    "List.length_map": "List.length_reverse",
    "List.reverse_append": "List.reverse_reverse",
}
_SWAPPED = SWAPS | {second: first for first, second in SWAPS.items()}


def tokens(completion: str) -> list[str]:
    """Split a proof; joined again it is the same text."""
    return TOKEN.findall(completion)


def corrupt(completion: str, rng: Random) -> str:
    """Change exactly one token: another local name, a swapped lemma or constructor, or the token dropped.

    The result always differs from the completion; now and then it is a correct proof all the same.
    """
    parts = tokens(completion)
    ways: list[Callable[[list[str], Random], int | None]] = [_rename, _rename, _swap, _drop]
    rng.shuffle(ways)
    for way in ways:
        if way(parts, rng) is not None:
            break
    return "".join(parts)


def _rename(parts: list[str], rng: Random) -> int | None:
    """Put another of the proof's own local names in one place."""
    names = sorted({part.strip() for part in parts if LOCAL.fullmatch(part.strip())})
    places = [index for index, part in enumerate(parts) if part.strip() in names]
    if len(names) < 2:
        return None
    index = rng.choice(places)
    old = parts[index].strip()
    parts[index] = parts[index].replace(old, rng.choice([name for name in names if name != old]))
    return index


def _swap(parts: list[str], rng: Random) -> int | None:
    places = [index for index, part in enumerate(parts) if part.strip() in _SWAPPED]
    if not places:
        return None
    index = rng.choice(places)
    old = parts[index].strip()
    parts[index] = parts[index].replace(old, _SWAPPED[old])
    return index


def _drop(parts: list[str], rng: Random) -> int | None:
    """Leave one token out; a line break before it stays, and words on its two sides do not run together."""
    index = rng.randrange(len(parts))
    dropped = parts.pop(index)
    if index == len(parts):
        return index
    before, after = "".join(parts[:index]), parts[index]
    if "\n" in dropped:
        parts[index] = dropped[: len(dropped) - len(dropped.lstrip())] + after.lstrip()
    elif _is_word(before[-1:]) and _is_word(after[:1]):
        parts[index] = f" {after}"
    return index


def _is_word(character: str) -> bool:
    return character.isalnum() or character in ("'", "_")
