"""What the model is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from gen.models import open_folder
from gen.prompts import encode_prompt, render
from gen.template import Extraction, Template, extraction_of, find_template, label, names, template_hash
from store.corpus import Problem
from store.errors import CorpusError, UsageError
from tests.gen.templates_page import CHATML, DOCUMENT, PROBLEM, chat_tokenizer, page


def problem(header: str) -> Problem:
    return Problem("id", "t", header, "theorem t : 1 = 1 := by", None, None, "train")


def write(folder: Path, text: str) -> str:
    file = folder / "mine.j2"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_without_a_header_the_prompt_is_the_statement() -> None:
    assert render(find_template("plain"), problem("")) == "theorem t : 1 = 1 := by"


def test_a_header_comes_first_and_its_text_is_kept() -> None:
    prompt = render(find_template("plain"), problem("import Mathlib\nopen {{ Real }}\n"))
    assert prompt == "import Mathlib\nopen {{ Real }}\n\ntheorem t : 1 = 1 := by"


def test_the_hash_of_plain_stays_so_that_sample_ids_do() -> None:
    """Taken from the samples that stand in corpora already; with another hash they would all be drawn again."""
    assert template_hash(find_template("plain")) == "6a868822e72c6908"


def test_an_unknown_template_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UsageError) as refusal:
        find_template("fancy")
    assert str(refusal.value).startswith("--template fancy: unknown")
    assert all(name in str(refusal.value) for name in names())
    assert "\n" not in str(refusal.value)


def test_the_published_completion_prompt_of_deepseek_prover_is_met_to_the_letter() -> None:
    given = Problem(
        "id",
        "t",
        "import Mathlib\nimport Aesop\n\nset_option maxHeartbeats 0\n\nopen BigOperators Real Nat Topology Rat",
        "theorem t (x : ℝ) : x = x := by",
        "Show that it is so.",
        None,
        "test",
    )
    header = "import Mathlib\nimport Aesop\n\nset_option maxHeartbeats 0\n\nopen BigOperators Real Nat Topology Rat\n\n"
    code = header + "/-- Show that it is so.-/\n" + "theorem t (x : ℝ) : x = x := by\n"
    assert render(find_template("deepseek-prover-v1.5"), given) == (
        "Complete the following Lean 4 code:\n\n```lean4\n" + code
    )
    with_comments = (
        "Complete the following Lean 4 code with explanatory comments preceding each line of code:\n\n```lean4\n" + code
    )
    assert render(find_template("deepseek-prover-v1.5-cot"), given) == with_comments
    assert render(find_template("goedel-prover"), given) == with_comments


def test_a_chat_is_the_tokenizers_own() -> None:
    prompt = render(find_template("kimina-prover"), PROBLEM, chat_tokenizer())
    assert prompt.startswith("<|im_start|>system\nYou are an expert in mathematics and proving theorems in Lean 4.")
    assert prompt.endswith("v = 65 := by\n```\n<|im_end|>\n<|im_start|>assistant\n")


def test_a_tokenizer_without_a_chat_template_is_refused_in_one_line(word_model: Path) -> None:
    tokenizer = open_folder(word_model).tokenizer
    for name in ("chat", "kimina-prover", "goedel-prover-v2"):
        with pytest.raises(UsageError, match=f"--template {name}: the tokenizer .* has no chat template") as refusal:
            template_hash(find_template(name), tokenizer)
        assert "\n" not in str(refusal.value)
        with pytest.raises(UsageError, match="no chat template"):
            render(find_template(name), PROBLEM, tokenizer)


def test_a_chat_template_that_refuses_a_system_message_is_named() -> None:
    tokenizer = chat_tokenizer("{{ raise_exception('no system role') }}")
    with pytest.raises(UsageError, match=r"kimina-prover.*no system role"):
        render(find_template("kimina-prover"), PROBLEM, tokenizer)


def test_all_that_changes_what_is_drawn_changes_the_hash() -> None:
    chatty = find_template("chat")
    other = chat_tokenizer(CHATML.replace("assistant", "prover"))
    hashes = [
        template_hash(Template("x", "{{ statement }}")),
        template_hash(Template("x", "{{ statement }} ")),
        template_hash(Template("x", "{{ statement }}", stop=("```",))),
        template_hash(Template("x", "{{ statement }}", stop=("``", "`"))),
        template_hash(chatty, chat_tokenizer()),
        template_hash(chatty, other),
        template_hash(Template("x", chatty.text, Extraction.FENCED, chat=True, system="You prove."), other),
    ]
    assert len(set(hashes)) == len(hashes)
    assert template_hash(Template("y", "{{ statement }}", Extraction.FENCED)) == hashes[0]


def test_a_file_says_on_its_first_line_what_differs(tmp_path: Path) -> None:
    name = write(
        tmp_path, '{# extract: fenced, chat: yes, system: "Be brief.\\n", stop: "#end", stop: "," #}\n{{ statement }}\n'
    )
    assert find_template(name) == Template(
        name, "{{ statement }}", Extraction.FENCED, chat=True, system="Be brief.\n", stop=("#end", ",")
    )


def test_a_file_without_settings_is_a_tail_and_its_last_line_break_is_not_shown(tmp_path: Path) -> None:
    template = find_template(write(tmp_path, "Prove it.\n{{ statement }}\n"))
    assert (template.extract, template.chat, template.stop) == (Extraction.TAIL, False, ())
    assert render(template, problem("")) == "Prove it.\ntheorem t : 1 = 1 := by"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{# extrakt: fenced #}\n{{ statement }}", "line 1: `extrakt: fenced` is none of extract"),
        ("{# extract: last #}\n{{ statement }}", "line 1: `extract: last`"),
        ("{# chat: maybe #}\n{{ statement }}", "line 1: `chat: maybe`"),
        ("{# by me #}\n{{ statement }}", "line 1: `by me` is not of the form"),
        ('{# stop: "" #}\n{{ statement }}', 'line 1: `stop: ""`'),
        ('{# stop: "\\q" #}\n{{ statement }}', "is no string"),
        ("{# extract: tail, extract: tail #}\n{{ statement }}", "twice"),
        ("{# chat: yes #}\n{{ statement }}", "extract: fenced"),
        ('{# system: "x" #}\n{{ statement }}', "chat: yes"),
        ("{{ statment }}", "statment is unknown"),
        ("Prove it.", "does not show the problem"),
        ("\n{{ statement", "line 2"),
    ],
)
def test_a_file_that_is_no_template_is_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    name = write(tmp_path, text)
    with pytest.raises(UsageError) as refusal:
        find_template(name)
    assert str(refusal.value).startswith(f"--template {name}")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        find_template(str(tmp_path / "nothing.jinja"))
    (tmp_path / "bytes.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="UTF-8"):
        find_template(str(tmp_path / "bytes.j2"))


@pytest.mark.parametrize(
    "text", ["{{ statement }}\n\n", "{# extract: next-line #}\n{{ statement }}\n", "{{ statement }} sorry"]
)
def test_a_prompt_that_its_rule_cannot_follow_is_refused(tmp_path: Path, text: str) -> None:
    template = find_template(write(tmp_path, text))
    with pytest.raises(UsageError, match=r"the prompt must end in \{\{ statement \}\}"):
        render(template, problem(""))


def test_a_template_that_fails_on_a_problem_names_it(tmp_path: Path) -> None:
    template = find_template(write(tmp_path, "{{ header.nothing.at_all }}{{ statement }}"))
    with pytest.raises(UsageError, match="fails on problem t"):
        render(template, problem(""))


def test_a_template_can_run_no_code(tmp_path: Path) -> None:
    template = find_template(write(tmp_path, "{{ statement.__class__.__mro__ }}{{ statement }}"))
    with pytest.raises(UsageError, match="fails on problem"):
        render(template, problem(""))


def test_the_samples_table_says_how_to_read_a_proof_out(tmp_path: Path) -> None:
    assert extraction_of(None) is Extraction.TAIL
    for name in names():
        assert label(find_template(name), "h") == name
        assert extraction_of(name) is find_template(name).extract
    mine = find_template(write(tmp_path, "{# extract: fenced #}\n{{ statement }}"))
    assert label(mine, "0123") == "fenced@0123"
    assert extraction_of("fenced@0123") is Extraction.FENCED
    for unknown in ("of-tomorrow", "newest@0123"):
        with pytest.raises(CorpusError, match="Upgrade"):
            extraction_of(unknown)


def test_an_end_token_that_the_tokenizer_adds_is_taken_off() -> None:
    def tokenizer(text: str) -> dict[str, list[int]]:
        return {"input_ids": [1, 5, 6, 2]}

    assert encode_prompt(tokenizer, "x y", {2}) == [1, 5, 6]


def test_a_chat_template_that_writes_the_start_token_does_not_give_two() -> None:
    class Tokenizer:
        bos_token_id = 1

        def __call__(self, text: str) -> dict[str, Any]:
            return {"input_ids": [1, *(int(word) for word in text.split())]}

    assert encode_prompt(Tokenizer(), "1 5 6") == [1, 5, 6]
    assert encode_prompt(Tokenizer(), "5 6") == [1, 5, 6]


def test_a_prompt_is_encoded_word_by_word(word_model: Path) -> None:
    tokenizer = open_folder(word_model).tokenizer
    assert isinstance(tokenizer, PreTrainedTokenizerFast)
    assert encode_prompt(tokenizer, "a b zzz") == [3, 4, 0]


def test_the_page_of_templates_shows_what_they_give() -> None:
    """Written by `python -m tests.gen.templates_page`."""
    assert DOCUMENT.read_text(encoding="utf-8") == page()
