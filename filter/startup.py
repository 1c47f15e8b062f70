"""Before the work: can this Lean tell a right proof from a wrong one, under a header that the problems really have?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from filter.pool import LeanPool, PoolCounts
from filter.verdict import Candidate, Judgement, Verdict
from store.errors import RemainsError

MAX_HEADERS = 5
"""Headers tried, the most frequent first: one that does not elaborate is its own problems' fault."""
RIGHT = Candidate("right", "", "right", "theorem right (p : Prop) (h : p) : p := by", "\n  exact h")
WRONG = Candidate("wrong", "", "wrong", "theorem wrong (p q : Prop) (h : p) : q := by", "\n  exact h")


def try_lean(pool: LeanPool, headers: Sequence[str]) -> None:
    """Judge a right proof and a wrong one; raise RemainsError, with the remedy, if the answers are wrong under all."""
    faults = []
    for header in headers[:MAX_HEADERS]:
        given = [replace(each, header=header) for each in (RIGHT, WRONG)]
        right, wrong = (found for _, found in pool.judge_batch(given))
        pool.counts = PoolCounts()  # what was tried here is none of the run's
        if right and wrong and (right.verdict, wrong.verdict) == (Verdict.VERIFIED, Verdict.ERROR):
            return
        faults.append(_said(right, "proof", Verdict.VERIFIED) or _said(wrong, "wrong proof", Verdict.ERROR))
    if faults:
        lean = pool.toolchain
        raise RemainsError(
            f"Lean {lean.version} of {lean.name} is not fit to judge: {faults[0]}. Remedy: {lean.remedy}"
        )


def _said(found: Judgement | None, what: str, wanted: Verdict) -> str:
    if found is None:
        return f"it gave no answer about a {what} (does it run at all? too little memory?)"
    if found.verdict is wanted:
        return ""
    if found.verdict is Verdict.BAD_PROBLEM:
        return f"{found.detail}"
    return f"a {what} is '{found.verdict}' to it ({found.detail})"
