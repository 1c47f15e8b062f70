"""Which text of a completion is the proof: transcripts of what models write, and what is read out of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filter.embedded import COMMAND_TOKENS
from filter.extract import extract
from filter.scan import Refused, scan
from filter.verdict import Verdict
from gen.template import names

STATEMENT = "theorem swap (p q : Prop) (h : p ∧ q) :\n    q ∧ p := by"
PROOF = "\n  exact ⟨h.2, h.1⟩"
BLOCK = f"```lean4\n{STATEMENT}{PROOF}\n```"
NO_BLOCK = Refused(Verdict.EMPTY, "no complete ```lean4 block")
NOT_OURS = Refused(Verdict.MISMATCH, "no ```lean4 block holds the statement")

ANSWERS = {
    "one block": (BLOCK, PROOF),
    "prose around it": (f"First we take h apart.\n\n{BLOCK}\n\nThis uses `And.intro`. Done ☺", PROOF),
    "a header and words of its own before the statement": (
        "```lean4\nimport Mathlib\nopen Nat\n\n/-- It's swapped. -/\n" + BLOCK.removeprefix("```lean4\n"),
        PROOF,
    ),
    "the statement on other lines, with comments": (
        "```lean4\ntheorem swap (p q : Prop)\n  -- given\n  (h : p ∧ q) : q ∧ p /- to show -/ :=\nby\n  exact ⟨h.2, h.1⟩\n```",
        PROOF,
    ),
    "the fence on the proof's last line": (f"```lean4\n{STATEMENT}{PROOF}```", PROOF),
    "a block named lean, one without a name": (f"```lean\n{STATEMENT} simp\n```\n```\n{STATEMENT}{PROOF}\n```", PROOF),
    "drafts before the answer: the last block wins": (
        f"<think>\n```lean4\n{STATEMENT}\n  sorry\n```\nTry:\n```tactics\nexact ⟨h.1, h.2⟩\n```\n</think>\n{BLOCK}",
        PROOF,
    ),
    "blocks of something else after the answer": (
        f"{BLOCK}\nIn general:\n```lean4\ntheorem other (p : Prop) : p → p := id\n```\nRun it:\n```sh\nlake build\n```",
        PROOF,
    ),
    "another theorem": (f"```lean4\n{STATEMENT.replace('q ∧ p', 'p ∧ q')}{PROOF}\n```", NOT_OURS),
    "another name": (f"```lean4\n{STATEMENT.replace('swap', 'swap₂')}{PROOF}\n```", NOT_OURS),
    "a weaker theorem of the same name": (
        "```lean4\ntheorem swap (p q : Prop) (h : p ∧ q) (h' : q ∧ p) :\n    q ∧ p := by\n  exact h'\n```",
        NOT_OURS,
    ),
    "the statement only in a comment": (f"```lean4\n/- {STATEMENT} -/\ntheorem t : True := by\n  trivial\n```", NOT_OURS),
    "the statement only in prose": (f"{STATEMENT}\n```lean4\nexact ⟨h.2, h.1⟩\n```", NOT_OURS),
    "a proof in another language": (f"```coq\n{STATEMENT}{PROOF}\n```", NO_BLOCK),
    "a term where tactics are wanted": ("```lean4\n" + STATEMENT.removesuffix(" by") + " ⟨h.2, h.1⟩\n```", NOT_OURS),
    "a cut proof": (f"Let me write it.\n```lean4\n{STATEMENT}\n  exact ⟨h.2,", NO_BLOCK),
    "a cut proof after a whole one: only whole blocks count": (f"{BLOCK}\nShorter:\n```lean4\n{STATEMENT}\n  ex", PROOF),
    "a block that was never closed before a whole one": (f"```lean4\n{STATEMENT}\n  si\n{BLOCK}", PROOF),
    "prose alone": ("It is true because ∧ is symmetric.", NO_BLOCK),
    "nothing": ("", NO_BLOCK),
    "a block that the prompt has opened": (f"{STATEMENT}{PROOF}\n```\nI hope this helps.\n```lean4\n#check swap\n```", PROOF),
    "a comment without an end": (f"```lean4\n/- {STATEMENT}{PROOF}\n```", NOT_OURS),
    "an empty proof": (f"```lean4\n{STATEMENT}\n```", ""),
}  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_gives_what_its_last_block_with_the_statement_has_after_it(answer: str) -> None:
    completion, expected = ANSWERS[answer]
    assert extract(completion, STATEMENT, "kimina-prover") == expected


def test_a_statement_repeated_in_a_block_is_left_for_the_scan_to_refuse() -> None:
    twice = f"```lean4\n{STATEMENT}\n  sorry\n\n{STATEMENT}{PROOF}\n```"
    found = extract(twice, STATEMENT, "chat")
    assert isinstance(found, str)
    refused = scan(found, COMMAND_TOKENS)
    assert isinstance(refused, Refused)
    assert refused.verdict is Verdict.POLICY


def test_further_declarations_are_left_for_the_scan_to_refuse() -> None:
    found = extract(f"```lean4\n{STATEMENT}{PROOF}\n\naxiom cheat : False\n```", STATEMENT, "chat")
    assert isinstance(found, str)
    assert scan(found, COMMAND_TOKENS) == Refused(Verdict.POLICY, "axiom")


def test_a_statement_that_ends_before_by_leaves_by_to_the_proof() -> None:
    term = STATEMENT.removesuffix(" by")
    assert extract(BLOCK, term, "chat") == " by" + PROOF


COMPLETIONS = {
    "a proof": ("  exact ⟨h.2, h.1⟩", "  exact ⟨h.2, h.1⟩"),
    "its closing fence": ("  exact ⟨h.2, h.1⟩\n```", "  exact ⟨h.2, h.1⟩"),
    "prose after the fence": ("  exact ⟨h.2, h.1⟩\n```\nHere ```simp``` works too.", "  exact ⟨h.2, h.1⟩"),
    "a repeated statement, which the scan will refuse": (f"  simp\n\n{STATEMENT}{PROOF}", f"  simp\n\n{STATEMENT}{PROOF}"),
    "nothing": ("```", ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", COMPLETIONS)
def test_a_completion_goes_on_after_the_statement_up_to_the_first_fence(kind: str) -> None:
    completion, expected = COMPLETIONS[kind]
    assert extract(completion, STATEMENT) == extract(completion, STATEMENT, "plain") == expected
    for template in ("deepseek-prover-v1.5", "deepseek-prover-v1.5-cot", "goedel-prover", "next-line@0123"):
        assert extract(completion, STATEMENT, template) == "\n" + expected


PIECES = st.sampled_from(
    [
        "```",
        "```lean4\n",
        "```tactics",
        "`",
        "\n",
        "/-",
        "-/",
        "--",
        STATEMENT,
        "theorem swap",
        ":= by",
        PROOF,
        '"',
        "x",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from([None, *names()]))
def test_whatever_is_extracted_is_text_of_the_completion(completion: str, template: str | None) -> None:
    found = extract(completion, STATEMENT, template)
    assert isinstance(found, Refused) or found.strip() in completion
    assert isinstance(found, Refused) or "```" not in found
