"""Where a completion ends because of what it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from gen.models import open_folder
from gen.stops import cut_at_stop, reach
from tests.gen.models import save_model

PIECES = ["", "`", "``", "```", "a", "b", "\n", "\n```", "∧", "`a`", "aab"]


def decode(tokens: Sequence[int]) -> str:
    return "".join(PIECES[token] for token in tokens)


def first_by_trying_all(tokens: Sequence[int], stops: Sequence[str]) -> int | None:
    found = (num for num in range(1, len(tokens) + 1) if any(stop in decode(tokens[:num]) for stop in stops))
    return next(found, None)


TOKENS = st.lists(st.integers(1, len(PIECES) - 1), max_size=30)
STOPS = st.lists(st.sampled_from(["```", "ab", "\n", "∧a", "`\n`", "aaab"]), min_size=1, max_size=3)


@given(TOKENS, STOPS)
def test_it_is_the_first_prefix_that_contains_a_stop_string(tokens: list[int], stops: list[str]) -> None:
    assert cut_at_stop(tokens, decode, stops) == first_by_trying_all(tokens, stops)


@given(TOKENS, STOPS)
def test_asked_at_every_step_it_answers_the_same(tokens: list[int], stops: list[str]) -> None:
    answers = (cut_at_stop(tokens[:num], decode, stops, num_checked=num - 1) for num in range(1, len(tokens) + 1))
    assert next((answer for answer in answers if answer), None) == first_by_trying_all(tokens, stops)


def test_a_stop_string_may_be_spread_over_tokens_or_end_inside_one() -> None:
    assert cut_at_stop([4, 1, 1, 1, 5], decode, ["```"]) == 4
    assert cut_at_stop([4, 7, 5], decode, ["```"]) == 2
    assert cut_at_stop([4, 10, 5], decode, ["aa"]) == 2


@pytest.mark.parametrize("tokens", [[], [4, 5], [1, 4, 1]])
def test_without_a_stop_string_there_is_no_cut(tokens: list[int]) -> None:
    assert cut_at_stop(tokens, decode, ["```"]) is None
    assert cut_at_stop(tokens, decode, []) is None


def test_a_step_decodes_only_what_a_stop_string_can_span() -> None:
    asked: list[int] = []

    def watched(tokens: Sequence[int]) -> str:
        asked.append(len(tokens))
        return decode(tokens)

    assert cut_at_stop([4] * 5000, watched, ["```"], num_checked=4999) is None
    assert asked == [1 + reach(["```"])]


def test_letters_of_several_tokens_are_met_when_the_last_byte_is_there() -> None:
    alphabet = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(alphabet, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    ids = tokenizer.encode("p ∧ q ∎ rest").ids
    before = len(tokenizer.encode("p ∧ q ∎").ids)
    assert cut_at_stop(ids, tokenizer.decode, ["∎"]) == before
    steps = [cut_at_stop(ids[:num], tokenizer.decode, ["∎"], num_checked=num - 1) for num in range(1, len(ids) + 1)]
    assert steps.index(before) == before - 1


def test_a_word_level_tokenizer_is_served_too(tmp_path: Path) -> None:
    tokenizer = open_folder(save_model(tmp_path / "model")).tokenizer
    ids = tokenizer("exact h exact ⟨h.2, h.1⟩", add_special_tokens=False)["input_ids"]
    cut = cut_at_stop(ids, tokenizer.decode, ["⟨"])
    assert cut is not None
    assert "⟨" in tokenizer.decode(ids[:cut])
    assert "⟨" not in tokenizer.decode(ids[: cut - 1])
