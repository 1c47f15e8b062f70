"""The word-level tokenizer: every text comes back, and the texts it learnt from are short."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from train.tokenizer import train_tokenizer

PROOF = "\n  rcases h1 with ⟨h2, h3⟩\n  · exact Or.inl (h2.symm ▸ fun x₁ => h3.1 x₁)"
STATEMENT = (
    "theorem t (α : Type) (p q : α → Prop) (h1 : ∃ x, ¬p x ↔ ∀ y, q y ∧ p y) (n : Nat) :"
    " n * 2 ≤ 1 ∨ [] ++ xs ≠ a :: ys := by"
)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer([STATEMENT, PROOF])


def words(tokenizer: PreTrainedTokenizerFast, text: str) -> list[str]:
    return [tokenizer.decode([token]) for token in tokenizer(text)["input_ids"]]


def test_words_carry_their_space_and_lines_their_indentation(tokenizer: PreTrainedTokenizerFast) -> None:
    assert words(tokenizer, "\n  · exact h3.symm") == ["\n  ", "·", " exact", " h3", ".symm"]


def test_symbols_of_several_characters_are_one_word(tokenizer: PreTrainedTokenizerFast) -> None:
    assert words(tokenizer, " [] ++ xs ≠ a :: ys := by") == [
        " [", "]", " ++", " xs", " ≠", " a", " ::", " ys", " :=", " by",
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_every_text_comes_back_unchanged(text: str) -> None:
    tokenizer = train_tokenizer([STATEMENT, PROOF])
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


@pytest.mark.parametrize("text", [STATEMENT, PROOF, "\n\n\t  x  ", "λ⟨𝓝⟩ ‹h› «a b» 世界", " ,  ( ", "don't . , !"])
def test_lean_comes_back_unchanged(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_prompt_and_completion_are_tokenised_as_their_concatenation(tokenizer: PreTrainedTokenizerFast) -> None:
    apart = tokenizer(STATEMENT)["input_ids"] + tokenizer(PROOF)["input_ids"]
    assert tokenizer(STATEMENT + PROOF)["input_ids"] == apart


def test_an_unknown_word_is_spelt_in_bytes(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer.convert_ids_to_tokens(tokenizer("zβ")["input_ids"]) == ["<0x7A>", "<0xCE>", "<0xB2>"]


def test_a_saved_tokenizer_reads_back_the_same(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert again(STATEMENT + PROOF)["input_ids"] == tokenizer(STATEMENT + PROOF)["input_ids"]
    assert again.decode(again(PROOF)["input_ids"]) == PROOF
    assert (again.eos_token_id, again.pad_token_id) == (tokenizer.eos_token_id, tokenizer.pad_token_id)


def test_the_same_texts_give_the_same_tokenizer() -> None:
    assert train_tokenizer([PROOF, STATEMENT]).get_vocab() == train_tokenizer([STATEMENT, PROOF]).get_vocab()
