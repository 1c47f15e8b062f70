"""What the model is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen.models import open_folder
from gen.prompts import encode_prompt, render, template_hash
from store.corpus import Problem
from store.errors import UsageError


def problem(header: str) -> Problem:
    return Problem("id", "t", header, "theorem t : 1 = 1 := by", None, None, "train")


def test_without_a_header_the_prompt_is_the_statement() -> None:
    assert render("plain", problem("")) == "theorem t : 1 = 1 := by"


def test_a_header_comes_first_and_its_text_is_kept() -> None:
    prompt = render("plain", problem("import Mathlib\nopen {{ Real }}\n"))
    assert prompt.startswith("import Mathlib\nopen {{ Real }}\n")
    assert prompt.endswith("\ntheorem t : 1 = 1 := by")


def test_an_unknown_template_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=r"--template fancy.*plain"):
        template_hash("fancy")


def test_an_end_token_that_the_tokenizer_adds_is_taken_off() -> None:
    def tokenizer(text: str) -> dict[str, list[int]]:
        return {"input_ids": [1, 5, 6, 2]}

    assert encode_prompt(tokenizer, "x y", {2}) == [1, 5, 6]


def test_a_prompt_is_encoded_word_by_word(word_model: Path) -> None:
    assert encode_prompt(open_folder(word_model).tokenizer, "a b zzz") == [3, 4, 0]
