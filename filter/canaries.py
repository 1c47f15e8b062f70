"""Samples whose verdict is known, in every document: a Lean that judges them wrongly has judged nobody.

They also tell apart whose fault a failure is: where they fail alone, it is the machine's or the header's. A right one
after every few samples says how far a Lean came that did not finish.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from filter.document import Document, Problem, Proof
from filter.process import Failure, Outcome
from filter.verdict import Judgement, Verdict

T = TypeVar("T")
STRIDE = 32
"""Samples between two right canaries."""
_FIRST = 2
"""Canaries before the first sample."""


def canaries(header: str) -> list[Proof]:
    """Return a sorried proof, a wrong one and a right one, which belongs at a document's end."""
    true = Problem(header, "canary", "theorem canary (p : Prop) (h : p) : p := by")
    false = Problem(header, "canary", "theorem canary (p q : Prop) (h : p) : q := by")
    return [Proof(true, " sorry"), Proof(false, " exact h"), Proof(true, " exact h")]


def are_right(judgements: Sequence[Judgement]) -> bool:
    """Return whether the first two and the last of these are what canaries should be."""
    found = (judgements[0].verdict, judgements[1].verdict, judgements[-1].verdict)
    return found == (Verdict.SORRY, Verdict.ERROR, Verdict.VERIFIED)


def ended_early(document: Document, outcome: Outcome) -> Failure | None:
    """Return a failure where Lean left without a word on the last sample: out of memory, it ends as after an error."""
    if any(message.line >= document.regions[-1].reference for message in outcome.diagnostics):
        return None
    return Failure("crash", "Lean ended before the document did (out of memory?)")


def crowd(proofs: Sequence[Proof]) -> list[Proof]:
    """Return a document's proofs: canaries, then the samples in parts, with a right canary after each."""
    sorried, wrong, right = canaries(proofs[0].problem.header)
    parts = [[*proofs[at : at + STRIDE], right] for at in range(0, len(proofs), STRIDE)]
    return [sorried, wrong, *(proof for part in parts for proof in part)]


def busy_with(document: Document, outcome: Outcome) -> int | None:
    """Return which sample of a crowd Lean was busy with when it ended, None if it had an answer for all."""
    answered = {message.line for message in outcome.diagnostics}
    silent = (at for at, region in enumerate(_samples(document.regions)) if region.question not in answered)
    return next(silent, None)


def leading(document: Document, outcome: Outcome, num_samples: int) -> tuple[Document, Outcome]:
    """Return the whole parts before a sample of a crowd, and what Lean said until then."""
    regions = document.regions[: _FIRST + num_samples // STRIDE * (STRIDE + 1)]
    heard = [message for message in outcome.diagnostics if message.line <= regions[-1].question]
    return Document(document.text, regions), replace(outcome, diagnostics=heard)


def samples_of(judgements: Sequence[Judgement]) -> list[Judgement]:
    """Return the judgements of a crowd's samples; none where the canaries among them were judged wrongly."""
    rights = [*judgements[_FIRST + STRIDE :: STRIDE + 1], *judgements[-1:]]
    right = all(are_right([*judgements[:_FIRST], each]) for each in rights)
    return _samples(judgements) if right else []


def _samples(crowd: Sequence[T]) -> list[T]:
    """Return what stands for a sample, not for a canary."""
    return [each for at, each in enumerate(crowd[_FIRST:-1]) if (at + 1) % (STRIDE + 1)]
