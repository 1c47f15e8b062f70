"""Proofs that share a verdict: whatever has the same normal form, the real Lean judges alike."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filter.document import Problem, Proof
from filter.embedded import COMMAND_TOKENS
from filter.pool import LeanPool
from filter.reuse import normal_form, proof_hash
from filter.scan import Scanned, scan
from filter.verdict import Verdict
from tests.filter.conftest import candidate
from tests.filter.honest import ROWS
from tests.filter.judging import accepted

SAME = {
    "trailing blanks": ("\n  intro x\n  exact x", "\n  intro x   \n  exact x  \n\n"),
    "blank lines": ("\n  intro x\n  exact x", "\n\n  intro x\n   \n\n  exact x"),
    "all of it further to the right": ("\n  intro x\n  cases x\n  · simp", "\n    intro x\n    cases x\n    · simp"),
    "blanks within the only line": ("\n  exact f  x   y", "\n exact f x y"),
    "blanks at the end of a line, beyond the others": ("\n  intro x\n  exact f g  h", "\n  intro x\n  exact f g h"),
}
OTHERS = {
    "a line break": ("\n  exact f x", "\n  exact f\n    x"),
    "on the statement's line": (" exact h", "\n  exact h"),
    "a block that goes on": ("\n  constructor\n  · simp\n    exact a", "\n  constructor\n  · simp\n  exact a"),
    "a column that meets another": ("\n  intro x\n  exact f x", "\n  intro  x\n  exact f x"),
    "tokens that touch": ("\n  exact h .1", "\n  exact h.1"),
    "a string": ('\n  exact f "a b"', '\n  exact f "a  b"'),
    "a name": ("\n  exact «a b»", "\n  exact «a  b»"),
    "a character": ("\n  exact f ' '", "\n  exact f 'x'"),
    "an open name": ("\n  exact «a\n b»", "\n  exact «a\n  b»"),
    "a place in a term": ('\n  exact panic! "x"', '\n\n  exact panic! "x"'),
    "a string over two lines": ('\n  exact f "a\n b" c', '\n  exact f "a\n b"  c'),
}  # fmt: skip


@pytest.mark.parametrize("kind", SAME)
def test_what_lean_cannot_tell_apart_has_one_normal_form(kind: str) -> None:
    one, other = SAME[kind]
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize("kind", OTHERS)
def test_what_lean_may_tell_apart_has_two(kind: str) -> None:
    one, other = OTHERS[kind]
    assert normal_form(one) != normal_form(other)


def test_where_the_statement_ends_counts_for_what_stands_beside_it() -> None:
    texts = [" cases h with\n         | intro a b => exact a", " cases h with\n          | intro a b => exact a"]
    assert normal_form(texts[0], "theorem") == normal_form(texts[1], "theorem ")
    assert normal_form(texts[0], "theorem") != normal_form(texts[1], "theorem")


def test_the_margin_is_not_further_to_the_right() -> None:
    assert normal_form("\nexact h", "theorem t : p := by") != normal_form("\n  exact h", "theorem t : p := by")
    assert normal_form("\n exact h", "theorem t\n  : p := by") != normal_form("\n  exact h", "theorem t\n  : p := by")


def test_another_problem_is_another_proof() -> None:
    one = Problem("", "t", "theorem t (p : Prop) (h : p) : p := by")
    headed, other = Problem("open Nat", one.name, one.statement), Problem("", "t", "theorem t : True := by")
    assert len({proof_hash(Proof(problem, "\n  exact h")) for problem in (one, headed, other)}) == 3


TEXTS = st.text(st.sampled_from(" \n  abh.(:=by'«»\"/-·⟨⟩,xy0"), max_size=40)


@given(TEXTS, st.sampled_from(["", "theorem t := by", "theorem t\n  : p := by"]), st.integers(0, 4))
def test_a_normal_form_keeps_every_character_but_white_space(text: str, statement: str, shift: int) -> None:
    found = scan(text, COMMAND_TOKENS)
    form = normal_form(found.text, statement) if isinstance(found, Scanned) else "text "
    if not isinstance(found, Scanned) or form.startswith("text "):
        return
    assert re.sub(r"[ \n]", "", found.text) == re.sub(r"[ \n]", "", _characters(form))
    assert normal_form(found.text + "  \n ", statement) == form
    if re.match(r"\n+ ", found.text) and not re.search(r"\n[^ \n]", found.text):
        further = re.sub(r"\n(?=[^\n])", "\n" + " " * shift, found.text)
        assert normal_form(further, "theorem t := by") == normal_form(found.text, "theorem t := by")


def _characters(form: str) -> str:
    pieces = []
    form = form.partition(":")[2]
    while form:
        head = re.match(r"[↵ ]\d+ (\d+) ", form)
        assert head
        end = head.end() + int(head[1])
        pieces.append(form[head.end() : end])
        form = form[end:]
    return "".join(pieces)


def _edited(text: str, rng: Random) -> str:
    """The text with one to three runs of white space changed, or all of its lines moved."""
    for _ in range(rng.randint(1, 3)):
        kind = rng.random()
        if kind < 0.25:
            text = re.sub(r"\n(?=[^\n])", "\n" + " " * rng.randint(1, 4), text)
        elif kind < 0.4:
            text = text.replace("\n", rng.choice([" \n", "\n\n", " -- a word\n", "\n  /- a\n word -/\n"]))
        else:
            run = rng.choice(list(re.finditer(r"[ \n]+", text)))
            near = run.group() + " " * rng.randint(1, 3), run.group()[:-1] or " ", "\n" + " " * rng.randint(0, 5)
            text = text[: run.start()] + rng.choice(near) + text[run.end() :]
    return text


@pytest.mark.slow
def test_proofs_with_one_normal_form_get_one_verdict_from_lean() -> None:
    rng = Random(5)
    rows = [(row[0], row[1]) for row in ROWS if "```" not in row[1] and "\r" not in row[1]]
    pairs = []
    for _ in range(700):
        statement, text = rng.choice(rows)
        body = re.sub(r"^theorem [\w'.]+?(?=\.\{|[ \n])", "", statement).lstrip(" ")
        scanned = [scan(each, COMMAND_TOKENS) for each in (text, _edited(text, rng))]
        one, other = (each.text.rstrip() if isinstance(each, Scanned) else "" for each in scanned)
        if other and one != other:
            declared = f"theorem it {body}"
            pairs.append((body + one, body + other, normal_form(one, declared) == normal_form(other, declared)))
    first, second = accepted([one for one, _, _ in pairs]), accepted([other for _, other, _ in pairs])
    same = [alike for _, _, alike in pairs]
    assert all(a == b for a, b, alike in zip(first, second, same, strict=True) if alike)
    assert sum(same) > 100
    assert sum(a != b for a, b in zip(first, second, strict=True)) > 20, "edits that change a verdict are among them"


def test_a_proof_written_with_other_blanks_is_not_judged_again(pool: LeanPool) -> None:
    statement = "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by"
    texts = [
        "\n  have k := h\n  exact ⟨k.2, k.1⟩",
        "\n    have k := h\n\n    exact ⟨k.2, k.1⟩",
        "\n  -- we name it\n  have k := h\n  /- and\n  take it apart -/\n  exact ⟨k.2, k.1⟩ -- done",
        "\n  have k := h\n   exact ⟨k.2, k.1⟩",
    ]
    found = list(pool.judge([candidate(statement, text) for text in texts]))
    verdicts = {each.completion: judged and judged.verdict for each, judged in found}
    assert [verdicts[text] for text in texts] == [Verdict.VERIFIED] * 3 + [Verdict.ERROR]
    assert pool.counts.num_reused == 2
