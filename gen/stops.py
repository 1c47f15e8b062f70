"""Where a completion ends because of what it says: the first token after which its text contains a stop string."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

SPARE = 4
"""Tokens looked at beyond those that a stop string can span: special ones, which decode to nothing, and the first of a
stretch, which some tokenizers decode without its space."""


def cut_at_stop(
    tokens: Sequence[int], decode: Callable[[Sequence[int]], str], stops: Sequence[str], num_checked: int = 0
) -> int | None:
    """Return the number of tokens after which the decoded text first contains one of `stops`, or None.

    The first `num_checked` tokens are known to contain none. Only the others are searched, with so many before them as
    a stop string can span: called at every step with all but the newest token checked, it decodes a few tokens.
    """
    if not stops or num_checked >= len(tokens):
        return None
    first = max(0, num_checked - reach(stops))

    def contains(num: int) -> bool:
        text = decode(tokens[first:num])
        return any(stop in text for stop in stops)

    if not contains(len(tokens)):
        return None
    return bisect_left(range(len(tokens)), True, lo=num_checked + 1, key=contains)


def reach(stops: Sequence[str]) -> int:
    """Return how many tokens before a new one a stop string may begin: a token stands for at least one byte."""
    return max(len(stop.encode("utf-8")) for stop in stops) + SPARE


def tokens_that_may_stop(tokenizer: Any, vocabulary: int, stops: Sequence[str]) -> list[int]:
    """Return the tokens that can complete a stop string: those with its last character, and parts of characters."""
    if not stops:
        return []
    last = {stop[-1] for stop in stops} | {"\ufffd"}
    texts = tokenizer.batch_decode([[token] for token in range(vocabulary)])
    return [token for token, text in enumerate(texts) if last & set(text)]
