"""Tokens back to text, such that prompt and completion put together are what the tokenizer would have read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Decoder:
    """The text of completions under one tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self._contexts: dict[int, str] = {}

    def completion(self, tokens: list[int], last_prompt_token: int) -> str:
        """Return the text of a completion; the token before it keeps its leading space."""
        if last_prompt_token not in self._contexts:
            self._contexts[last_prompt_token] = self.text([last_prompt_token])
        context = self._contexts[last_prompt_token]
        text = self.text([last_prompt_token, *tokens])
        return text.removeprefix(context) if text.startswith(context) else self.text(tokens)

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of these tokens alone."""
        return str(self.tokenizer.decode(list(tokens), clean_up_tokenization_spaces=False))
