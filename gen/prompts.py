"""What the model sees before it writes the proof: a template filled in, and how a prompt becomes tokens."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

import jinja2

from gen.template import ENVIRONMENT, Extraction, Template, chat_text
from store.corpus import Problem
from store.errors import UsageError


def render(template: Template, problem: Problem, tokenizer: Any = None) -> str:
    """Return the prompt of `problem`; a chat needs the tokenizer.

    Raises UsageError where the template fails, or gives a prompt that its extraction rule cannot follow.
    """
    try:
        prompt = _compiled(template.text).render(
            name=problem.name, header=problem.header, statement=problem.statement, informal=problem.informal or ""
        )
    except (jinja2.TemplateError, TypeError, ValueError) as error:
        raise UsageError(f"--template {template.name}: fails on problem {problem.name}: {error}") from error
    wanted = {Extraction.TAIL: problem.statement, Extraction.NEXT_LINE: problem.statement + "\n"}.get(template.extract)
    if wanted is not None and not prompt.endswith(wanted):
        breaks = "" if template.extract is Extraction.TAIL else ' and a line break ({{ "\\n" }})'
        raise UsageError(
            f"--template {template.name}: with `extract: {template.extract}` the prompt must end in {{{{ statement }}}}"
            f"{breaks}, and this one does not."
        )
    return _in_chat(template, prompt, tokenizer) if template.chat else prompt


@cache
def _compiled(text: str) -> jinja2.Template:
    return ENVIRONMENT.from_string(text)


def _in_chat(template: Template, text: str, tokenizer: Any) -> str:
    messages = [{"role": "system", "content": template.system}] if template.system else []
    messages.append({"role": "user", "content": text})
    chat = chat_text(template, tokenizer)
    try:
        return str(
            tokenizer.apply_chat_template(messages, chat_template=chat, tokenize=False, add_generation_prompt=True)
        )
    except jinja2.TemplateError as error:
        raise UsageError(f"--template {template.name}: the tokenizer's chat template refuses it: {error}") from error


def encode_prompt(tokenizer: Any, prompt: str, end_tokens: Collection[int] = ()) -> list[int]:
    """Return the prompt's token ids as the model is shown them, the tokenizer's own start token included.

    Some tokenizers close every text with an end token; a prompt goes on, so those are taken off again. A chat template
    writes the start token itself, and then there is one all the same.
    """
    ids = list(tokenizer(prompt)["input_ids"])
    while len(ids) > 1 and ids[-1] in end_tokens:
        ids.pop()
    start = getattr(tokenizer, "bos_token_id", None)
    return ids[1:] if start is not None and ids[:2] == [start, start] else ids
