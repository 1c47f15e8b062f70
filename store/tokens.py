"""What each token of a sample reads as."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

SPECIAL = "∎"
"""Shown for the end token, which writes nothing into the completion."""


def token_texts(token_ids: Sequence[int], policy_path: str | None, completion: str) -> list[str] | None:
    """Return the text of each token, by the tokenizer in the policy's folder; None where that folder is gone.

    Joined they are the completion, then `SPECIAL` for an end token. A character made of several tokens stands at the
    last of them, and the others are empty.
    """
    tokenizer = _tokenizer(str(Path(policy_path) / "tokenizer.json")) if policy_path else None
    if tokenizer is None or not token_ids:
        return None
    texts, before = [], ""
    for end in range(1, len(token_ids) + 1):
        decoded = tokenizer.decode(list(token_ids[:end]), skip_special_tokens=True)
        whole = before if decoded.endswith("\ufffd") or not decoded.startswith(before) else decoded
        texts.append(whole[len(before) :])
        before = whole
    if not texts[-1] and before == completion:
        texts[-1] = SPECIAL
    return texts


@lru_cache(maxsize=16)
def _tokenizer(file: str) -> Any:
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(file)
    except Exception:  # the library has one plain Exception for every kind of bad file
        return None
