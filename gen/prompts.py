"""What the model sees before it writes the proof: prompt templates by name, and how a prompt becomes tokens."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import jinja2

from store.corpus import Problem
from store.errors import UsageError
from store.ids import content_hash

TEMPLATES = {
    "plain": "{% if header %}{{ header.rstrip('\n') }}\n\n{% endif %}{{ statement }}",
}
"""Jinja texts over a problem's name, header, statement and informal."""


def render(template: str, problem: Problem) -> str:
    """Return the prompt of `problem` under the template named `template`."""
    text = jinja2.Template(_source(template), keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
    return text.render(
        name=problem.name, header=problem.header, statement=problem.statement, informal=problem.informal or ""
    )


def template_hash(template: str) -> str:
    """Return the hash of the template's text: part of the sampling configuration."""
    return content_hash(_source(template))


def _source(template: str) -> str:
    if template not in TEMPLATES:
        raise UsageError(f"--template {template}: unknown; there are {', '.join(sorted(TEMPLATES))}.")
    return TEMPLATES[template]


def encode_prompt(tokenizer: Any, prompt: str, end_tokens: Collection[int] = ()) -> list[int]:
    """Return the prompt's token ids as the model is shown them, the tokenizer's own start token included.

    Some tokenizers close every text with an end token; a prompt goes on, so those are taken off again.
    """
    ids = list(tokenizer(prompt)["input_ids"])
    while len(ids) > 1 and ids[-1] in end_tokens:
        ids.pop()
    return ids
