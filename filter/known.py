"""The judgements that identical proofs to come may share: those of earlier runs, and the last ones of this run."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from filter.verdict import Judgement

MAX_RECENT = 10_000
"""Judgements of this run that are kept: samples of a problem, and so identical proofs, come close to each other."""


class Known:
    """Judgements by proof hash. Safe to share between threads."""

    def __init__(self) -> None:
        self._earlier: dict[str, Judgement] = {}
        self._recent: dict[str, Judgement] = {}
        self._lock = threading.Lock()

    def remember(self, known: Mapping[str, Judgement]) -> None:
        """Take the judgements of an earlier run of the same checker."""
        with self._lock:
            self._earlier |= known

    def of(self, hashes: set[str]) -> dict[str, Judgement]:
        """Return those of these proofs that are known."""
        with self._lock:
            return {each: known[each] for known in (self._recent, self._earlier) for each in hashes if each in known}

    def keep(self, judged: Mapping[str, Judgement | None]) -> dict[str, Judgement]:
        """Keep judgements just made, as others will share them: their time is spent already. Return them."""
        kept = {hashed: replace(found, elapsed_ms=0.0) for hashed, found in judged.items() if found}
        with self._lock:
            self._recent |= kept
            for hashed in list(islice(self._recent, max(0, len(self._recent) - MAX_RECENT))):
                del self._recent[hashed]
        return kept
