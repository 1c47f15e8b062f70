"""docs/templates.md, from the templates themselves: `python -m tests.gen.templates_page` writes it."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from gen.prompts import render
from gen.template import Template, find_template, names
from store.corpus import Problem

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "templates.md"

PROBLEM = Problem(
    problem_id="id",
    name="mathd_algebra_478",
    header="import MiniF2F.Minif2fImport\n  open BigOperators Real Nat Topology",
    statement=(
        "theorem mathd_algebra_478 (b h v : ℝ) (h₀ : 0 < b ∧ 0 < h ∧ 0 < v) (h₁ : v = 1 / 3 * (b * h))\n"
        "    (h₂ : b = 30) (h₃ : h = 13 / 2) : v = 65 := by"
    ),
    informal=(
        "The volume of a cone is given by the formula $V = \\frac{1}{3}Bh$, where $B$ is the area of the base and $h$ "
        "is the height. The area of the base of a cone is 30 square units, and its height is 6.5 units. What is the "
        "number of cubic units in its volume? Show that it is 65."
    ),
    source="minif2f_test.parquet",
    split="test",
)
"""The first problem of miniF2F's test split."""

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

MODELS = {
    "plain": "any base model, and the quickstart's",
    "deepseek-prover-v1.5": "DeepSeek-Prover-V1.5, as published: no comments",
    "deepseek-prover-v1.5-cot": "DeepSeek-Prover-V1.5, as published: a comment before each line",
    "goedel-prover": "Goedel-Prover-SFT and -DPO, as published",
    "goedel-prover-v2": "Goedel-Prover-V2, as published",
    "kimina-prover": "Kimina-Prover-72B and its distilled sizes, as published",
    "chat": "any chat model",
}

INTRODUCTION = """\
# Prompt templates

`cli gen --template NAME` shows a problem in the words that a model was trained on; `--template FILE.j2` in your own.

| template | for | rule | stop strings | chat |
| --- | --- | --- | --- | --- |
{table}

A completion ends at an end token, or where it contains a stop string, which stays in it. `chat` means that the text is
a user's message in the tokenizer's own chat template; a tokenizer without one is refused.

## How a proof is read out of a completion

Only text after the statement is ever the model's: the statement that is checked is the problem's own, and whatever a
rule finds is scanned and compiled after it (see `filter/`).

- `tail`: the prompt ends in the statement and the completion goes on; it counts up to its first code fence. A model that
  says the statement once more first, at once, after imports, or in a block of its own, is understood.
- `next-line`: the same after a line break.
- `fenced`: the completion is an answer with ```` ```lean4 ```` blocks. Thoughts (`<think> … </think>`) are no part of it;
  thoughts that do not end have no answer. The last complete block that holds the statement wins, since drafts come before
  the answer; one that leaves the proof out (`sorry`) gives way to one that does not. The proof is what the block has after
  the statement. White space and comments may differ from the statement's, and `lemma` may stand for `theorem`, nothing
  else: a block that proves another theorem is passed over, and an answer without a block that holds the statement is a
  `mismatch`. What stands before the statement (imports, lemmas of the model's own) is left out, so a proof that needs
  such a lemma is an `error`.

A completion that was cut at the length limit is no proof, whatever it holds: its verdict is `cut`.

A sample keeps the rule that it was drawn with, in the column `template` of `samples`: a name, or `RULE@HASH` for a file
of yours. No value means `plain`.

## Your own

A Jinja file over `name`, `header`, `statement` and `informal` (the last is empty where a problem has no words). Its
first line may hold settings; every other comment belongs further down.

```jinja
{{# extract: fenced, chat: yes, system: "You prove theorems in Lean 4.", stop: "END" #}}
{{{{ header }}}}

{{{{ statement }}}}
```

Without settings: `extract: tail`, no chat, no stop strings. One line break at the file's end is not part of the prompt;
`{{{{ "\\n" }}}}` is. Text, system message, stop strings and the tokenizer's chat template are part of a sample's identity:
change one, and `cli gen` draws anew. The rule is not: samples that are drawn keep theirs.

## What the model sees

Of `{name}`, a problem of miniF2F. Chats are shown in ChatML, as Qwen models have it.
"""


def page() -> str:
    """Return the whole document."""
    templates = [find_template(name) for name in MODELS]
    table = "\n".join(_row(template) for template in templates)
    parts = [INTRODUCTION.format(table=table, name=PROBLEM.name)]
    for template in templates:
        prompt = render(template, PROBLEM, chat_tokenizer())
        parts.append(f"### {template.name}\n\n````text\n{prompt}\n````\n")
    return "\n".join(parts)


def chat_tokenizer(chat_template: str = CHATML) -> PreTrainedTokenizerFast:
    """Return a tokenizer that has a chat template."""
    words = Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", chat_template=chat_template)


def _row(template: Template) -> str:
    stops = ", ".join(f"```` {stop} ````" for stop in template.stop)
    chat = "yes" if template.chat else ""
    return f"| `{template.name}` | {MODELS[template.name]} | `{template.extract}` | {stops} | {chat} |"


assert sorted(MODELS) == names(), "every template stands on the page"

if __name__ == "__main__":
    DOCUMENT.write_text(page(), encoding="utf-8")
