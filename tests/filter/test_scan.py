"""The scan: what is refused, what is blanked, and that it never fails."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filter.embedded import COMMAND_TOKENS
from filter.extract import proof_text
from filter.scan import MAX_BYTES, Refused, Scanned, scan
from filter.verdict import Verdict

LEAN_LIKE = st.lists(
    st.sampled_from(
        [
            "/-",
            "-/",
            "--",
            "\n",
            " ",
            '"',
            "'",
            "\\",
            "«",
            "»",
            "#",
            "@",
            "[",
            "sorry",
            "exact",
            "h",
            ".",
            "r#",
            "s!",
            "set_option",
            "5",
        ]
    )
    | st.text(max_size=3),
    max_size=40,
).map("".join)


@given(LEAN_LIKE)
@settings(max_examples=600, deadline=None)
def test_any_text_is_scanned_or_refused_and_blanking_keeps_length_and_line_breaks(text: str) -> None:
    found = scan(text, COMMAND_TOKENS)
    if isinstance(found, Scanned):
        assert len(found.text) == len(text)
        assert [i for i, c in enumerate(found.text) if c == "\n"] == [i for i, c in enumerate(text) if c == "\n"]
    else:
        assert found.verdict in {Verdict.POLICY, Verdict.EMPTY, Verdict.NOT_UTF8, Verdict.TOO_LONG}
        assert found.detail


@given(LEAN_LIKE)
@settings(max_examples=300, deadline=None)
def test_what_passed_passes_again_unchanged(text: str) -> None:
    found = scan(text, COMMAND_TOKENS)
    if isinstance(found, Scanned):
        assert scan(found.text, COMMAND_TOKENS) == found


@given(st.text(alphabet="/-\n x", max_size=30))
@settings(max_examples=400, deadline=None)
def test_no_comment_survives(text: str) -> None:
    found = scan(text, COMMAND_TOKENS)
    if isinstance(found, Scanned):
        assert "/-" not in found.text
        assert "--" not in found.text


@pytest.mark.parametrize(
    ("text", "blanked"),
    [
        ("exact h -- sorry", "exact h         "),
        ("exact /- a -/ h", "exact         h"),
        ("exact /- a\nb -/ h", "exact     \n     h"),
        ("a /- /- b -/ c -/ d", "a                 d"),
        ("a /-/ b -/ c", "a          c"),
        ("exact h", "exact h"),
        ('have k := "--"', 'have k := "--"'),
        ("have «--» := h", "have «--» := h"),
        ("exact h\r\n  -- x\r\n", "exact h \n       \n"),
    ],
)
def test_comments_become_spaces_of_equal_length(text: str, blanked: str) -> None:
    assert scan(text, COMMAND_TOKENS) == Scanned(blanked)


@pytest.mark.parametrize(
    ("text", "verdict", "detail"),
    [
        ("", Verdict.EMPTY, None),
        ("  \n ", Verdict.EMPTY, None),
        ("-- only words", Verdict.EMPTY, None),
        ("exact \ud800", Verdict.NOT_UTF8, None),
        ("exact h\0", Verdict.NOT_UTF8, None),
        ("x" * (MAX_BYTES + 1), Verdict.TOO_LONG, None),
        ("é" * (MAX_BYTES // 2 + 1), Verdict.TOO_LONG, None),
        ("sorry", Verdict.POLICY, "sorry"),
        ("exact h\naxiom x : False", Verdict.POLICY, "axiom"),
        ("exact Lean.ofReduceBool", Verdict.POLICY, "ofReduceBool"),
        ("exact «sorryAx» q", Verdict.POLICY, "sorryAx"),
        ("exact h\n#exit", Verdict.POLICY, "#"),
        ("@[simp]", Verdict.POLICY, "@["),
        ("@ [simp]", Verdict.POLICY, "@["),
        ("exact h /- ", Verdict.POLICY, "a comment that does not end"),
        ("exact\th", Verdict.POLICY, "the character U+0009"),
        ("exact h\u200b", Verdict.POLICY, "the character U+200B"),
        ("set_option debug.skipKernelTC true in rfl", Verdict.POLICY, "set_option debug.skipKernelTC"),
        ("set_option maxHeartbeats 0 in rfl", Verdict.POLICY, "set_option maxHeartbeats"),
        ("exact?", Verdict.POLICY, "exact?"),
    ],
)
def test_each_refusal_says_why(text: str, verdict: Verdict, detail: str | None) -> None:
    found = scan(text, COMMAND_TOKENS)
    assert isinstance(found, Refused)
    assert found.verdict is verdict
    assert detail is None or found.detail == detail


@pytest.mark.parametrize(
    "text",
    [
        "axiom_1",
        "exact sorry'",
        "exact r.stop",
        "exact endless",
        "exact h.open",
        "exact theorem1",
        "have sorry₁ := h",
        "exact opens",
    ],
)
def test_words_that_only_contain_a_refused_one_pass(text: str) -> None:
    assert scan(text, COMMAND_TOKENS) == Scanned(text)


def test_the_proof_ends_at_the_first_code_fence() -> None:
    assert proof_text("\n  exact h\n```\nand so on") == "\n  exact h"
    assert proof_text("\n  exact h  \n\n") == "\n  exact h"
