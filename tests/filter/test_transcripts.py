"""Transcripts of provers: what is read out of each, and what the real Lean says of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filter.embedded import COMMAND_TOKENS
from filter.extract import extract
from filter.pool import LeanPool, PoolConfig
from filter.scan import Refused, Scanned, scan
from filter.toolchain import Toolchain
from filter.verdict import ALARMS, Candidate, Verdict
from gen.template import names
from tests.filter.transcripts import SWAP, TRANSCRIPTS


def candidate(key: str, statement: str, completion: str, template: str) -> Candidate:
    return Candidate(key, "", "and_swap_example", statement, completion, template=template)


@pytest.mark.parametrize("kind", TRANSCRIPTS)
def test_the_proof_is_read_out_of_the_transcript(kind: str) -> None:
    template, completion, expected, _ = TRANSCRIPTS[kind]
    assert extract(completion, SWAP, template) == expected


def test_lean_says_of_each_transcript_what_it_should(pool: LeanPool) -> None:
    asked = [candidate(kind, SWAP, text, template) for kind, (template, text, _, _) in TRANSCRIPTS.items()]
    found = {each.key: judged and judged.verdict for each, judged in pool.judge(asked)}
    assert found == {kind: verdict for kind, (*_, verdict) in TRANSCRIPTS.items()}


def test_every_template_has_transcripts() -> None:
    assert {template for template, *_ in TRANSCRIPTS.values()} == set(names())


FENCES = ["```", "```lean4\n", "```tactics\n", "<think>", "</think>", "\n", "  ", "/-", "-/", "--", '"', "«", "»"]
WORDS = ["sorry", "axiom", "by", ":=", "theorem", "end", "import Mathlib\n", "exact h", "exact ⟨h.2, h.1⟩", "⟨", "⟩"]
OTHERS = [SWAP, "#print axioms t", "@[simp]", "open Nat in", "set_option maxRecDepth 9 in ", "q ∧ p", "\r\n", "\t"]
HIDDEN = ["😀", "\u202e", "\ud800", "\0"]
PIECES = st.sampled_from([*FENCES, *WORDS, *OTHERS, *HIDDEN])


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    """A transcript's template, and its text after some random edits."""
    template, text, *_ = draw(st.sampled_from(list(TRANSCRIPTS.values())))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        text = text[:start] + draw(PIECES) + text[end:]
    return draw(st.sampled_from([template, *names()])), text


@settings(max_examples=400, deadline=None)
@given(edited())
def test_random_edits_are_read_and_scanned_or_refused(transcript: tuple[str, str]) -> None:
    template, text = transcript
    found = extract(text, SWAP, template)
    if isinstance(found, Refused):
        return
    assert found.strip() in text.replace("\r\n", "\n") or found.strip() in text
    assert "```" not in found
    scanned = scan(found, COMMAND_TOKENS)
    if isinstance(scanned, Scanned):
        assert not re.search(
            r"(?<![\w.!?'])(sorry|axiom|theorem|end)(?![\w!?']|\.\w)(?![^«]*»)|#|@\[|\0|\ud800|\u202e",
            _code(scanned.text),
        )


def _code(text: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)


FALSE = SWAP.replace("q ∧ p", "q ∧ ¬p")
"""As like the statement asked as can be, and not to be proved: the transcripts' own proofs are wrong for it."""


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(st.lists(edited(), min_size=150, max_size=150), st.booleans())
def test_random_edits_of_answers_never_verify_what_cannot_be_proved(
    toolchain: Toolchain, answers: list[tuple[str, str]], in_blocks: bool
) -> None:
    """Whether the answers state what was asked, or the true theorem instead."""
    texts = [
        (template, text.replace("q ∧ p := by", "q ∧ ¬p := by") if in_blocks else text) for template, text in answers
    ]
    asked = [candidate(str(index), FALSE, text, template) for index, (template, text) in enumerate(texts)]
    with LeanPool(toolchain, PoolConfig(workers=2, audit_share=0.05)) as pool:
        found = list(pool.judge(asked))
    assert len(found) == len(asked)
    assert all(judged and judged.verdict not in {Verdict.VERIFIED, *ALARMS} for _, judged in found)
    assert pool.counts.disagreements == []


@pytest.mark.slow
@settings(max_examples=4, deadline=None)
@given(st.lists(edited(), min_size=150, max_size=150))
def test_what_is_verified_after_random_edits_is_verified_alone_too(
    toolchain: Toolchain, answers: list[tuple[str, str]]
) -> None:
    asked = [candidate(str(index), SWAP, text, template) for index, (template, text) in enumerate(answers)]
    with LeanPool(toolchain, PoolConfig(workers=2, audit_share=0.0)) as pool:
        found = {each.key: judged and judged.verdict for each, judged in pool.judge(asked)}
    assert None not in found.values()
    verified = [each for each in asked if found[each.key] is Verdict.VERIFIED]
    with LeanPool(toolchain, PoolConfig(workers=2, audit_share=0.0, document_size=1)) as pool:
        assert all(judged and judged.verdict is Verdict.VERIFIED for _, judged in pool.judge(verified[:40]))
