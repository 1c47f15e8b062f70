"""Which tactics a proof uses: by hand, and against what the real Lean says it ran."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filter.embedded import COMMAND_TOKENS
from filter.extract import extract
from filter.process import Limits, run_lean
from filter.scan import Scanned, scan
from filter.tactics import tactics
from filter.toolchain import Toolchain
from tests.filter.honest import ROWS

BY = "theorem t (p : Prop) : p := by"
TERM = "theorem t (p : Prop) : p :="

PROOFS = {
    "one": ("\n  simp", ["simp"]),
    "on the statement's line": (" simp", ["simp"]),
    "a term": (" by simp" * 0 + " fun x => f x", []),
    "a list that goes on in the block's column": (
        "\n  nlinarith [sq_nonneg a,\n  sq_nonneg b]\n  linarith", ["nlinarith", "linarith"]),
    "a term that goes on below": ("\n  exact foo\n    bar\n    baz\n  simp", ["exact", "simp"]),
    "by within by": ("\n  have h : p := by\n    rw [a]; ring\n  exact h", ["have", "rw", "ring", "exact"]),
    "by in brackets": ("\n  exact ⟨by simp, fun x => by\n    norm_num, h⟩\n  done", ["exact", "simp", "norm_num", "done"]),
    "steps on a line": ("\n  intro x; cases x <;> simp at * <;> omega", ["intro", "cases", "simp", "omega"]),
    "bullets": (
        "\n  constructor\n  · intro h\n    exact h\n  · simp\n  . rfl", ["constructor", "intro", "exact", "simp", "rfl"]),
    "alternatives": (
        "\n  induction n with\n  | zero => simp\n  | succ n ih =>\n    rw [f]\n    simpa using ih\n  all_goals skip",
        ["induction", "simp", "rw", "simpa", "all_goals", "skip"]),
    "a match of a term, with tactics in it": (
        "\n  exact match h with\n  | .inl a => by simp\n  | .inr b => foo b\n  ring", ["exact", "simp", "ring"]),
    "a match of tactics": (
        "\n  match h with\n  | .inl a => exact a\n  | .inr b =>\n    apply c\n    exact b",
        ["match", "exact", "apply", "exact"]),
    "functions": ("\n  refine fun x => ?_\n  exact fun | 0 => a | n + 1 => b n", ["refine", "exact"]),
    "a function before an alternative's tactics": (
        "\n  cases h with\n  | inl h => exact (fun x ↦ x) h\n  | inr h => simpa using fun x => h x",
        ["cases", "exact", "simpa"]),
    "choices": (
        "\n  first | linarith | (simp; ring) | exact |x|\n  done", ["first", "linarith", "simp", "ring", "exact", "done"]),
    "choices below each other": (
        "\n  first\n  | rcases h with a | b\n    simp\n  | omega\n  rfl", ["first", "rcases", "simp", "omega", "rfl"]),
    "what takes tactics": (
        "\n  iterate 3 rw [h]\n  try\n    simp\n    ring\n  repeat' constructor\n  on_goal 2 => simp",
        ["iterate", "rw", "try", "simp", "ring", "repeat'", "constructor", "on_goal", "simp"]),
    "cases by name": ("\n  case a x => simp\n  next => rfl\n  case' b =>\n    rw [h]", ["case", "simp", "next", "rfl", "case'", "rw"]),
    "rewriting within": ("\n  conv_lhs => rw [h]\n  conv at h =>\n    lhs\n    simp", ["conv_lhs", "rw", "conv", "lhs", "simp"]),
    "a chain": ("\n  calc a = b := by rw [h]\n    _ ≤ c := by gcongr\n  _ = d := h", ["calc", "rw", "gcongr"]),
    "an option for one": ("\n  set_option maxRecDepth 1000 in\n  simp", ["simp"]),
    "if": ("\n  if h : p then\n    simp\n  else if q then rfl\n  else omega", ["if", "simp", "if", "rfl", "omega"]),
    "let in a term": ("\n  exact let a := b; have c := d; a\n  simp", ["exact", "simp"]),
    "helpers of its own": ("\n  exact go\nwhere\n  go : p := by\n    intro x\n    simp\n  stop : q := h", ["exact", "intro", "simp"]),
    "braces": ("\n  constructor\n  { simp }\n  { intro x\n    ring }", ["constructor", "simp", "intro", "ring"]),
    "words in strings and names": ('\n  exact f "by simp" «by ring»', ["exact"]),
    "termination": ("\n  exact go n\ntermination_by n\ndecreasing_by simp_wf; omega", ["exact", "simp_wf", "omega"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", PROOFS)
def test_tactics_are_read_off_the_layout(kind: str) -> None:
    text, expected = PROOFS[kind]
    assert tactics(text, TERM if kind == "a term" else BY) == expected


def test_behind_a_statement_without_by_a_proof_is_a_term_until_it_says_by() -> None:
    assert tactics("\n  simp", TERM) == []
    assert tactics("\n  fun x => by\n    simp", TERM) == ["simp"]


PIECES = st.sampled_from([*"\n\n  ·|;()⟨⟩[]{}<>=,", "by ", "fun ", "first ", "match ", "x ", "else ", "in "])


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_has_tactics_or_none(text: str) -> None:
    assert all(word in ("first", "match", "x") for word in tactics(text, BY))


@pytest.mark.slow
def test_they_are_those_that_lean_says_it_ran(toolchain: Toolchain) -> None:
    """Lean's trace shows every step, and those of the macros in them. A step that stands in the text is one of ours."""
    rows = [(statement, scan(extract(text, statement), COMMAND_TOKENS)) for statement, text in ROWS]
    texts = [(statement, found.text) for statement, found in rows if isinstance(found, Scanned)]
    assert len(texts) == len(ROWS)
    document = toolchain.preamble + "set_option trace.Elab.step true\n"
    lines = []
    for index, (statement, text) in enumerate(texts):
        lines.append(document.count("\n"))
        document += f"namespace n{index}\n{statement}{text.rstrip()}\nend n{index}\n"
    outcome = run_lean(toolchain, document, Limits(30.0, 4096, 200_000))
    assert outcome.failure is None
    lines.append(document.count("\n"))
    for index, (statement, text) in enumerate(texts):
        said = [each.message for each in outcome.diagnostics if lines[index] <= each.line < lines[index + 1]]
        ran = set(re.findall(r"\[Elab\.step\] \S+ ([a-z_]+'?)(?: |$)(?!type:)", "\n".join(said), re.MULTILINE))
        ours = set(tactics(text, statement))
        assert ours <= ran, (text, ours - ran)
        written = {word for word in ran if re.search(rf"(?<![\w.]){word}(?![\w.'])", text)}
        unseen = {"fun", "match", "have", "let", "show"} | ({"rfl"} if "rw" in ran else set())  # `rw` ends by trying it
        assert written - ours <= unseen, text
