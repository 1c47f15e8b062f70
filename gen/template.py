"""Prompt templates: what a model is shown, where its completion ends, and how a proof is read out of it.

Those that come with Remains are the files of `templates/`, known by their names; any other Jinja file is one too. What
differs from the defaults stands in a comment on the file's first line, which is no part of the prompt:

    {# extract: fenced, chat: yes, system: "You prove theorems.", stop: "```" #}

Of the line breaks at a file's end the last one is dropped, since editors put it there: a prompt that ends in one ends
in `{{ "\\n" }}`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import jinja2.meta
import jinja2.sandbox

from store.errors import CorpusError, UsageError
from store.ids import content_hash

FOLDER = Path(__file__).parent / "templates"
VARIABLES = frozenset({"name", "header", "statement", "informal"})
"""What a template may show of a problem; header and informal may be empty."""
ENVIRONMENT = jinja2.sandbox.SandboxedEnvironment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)

_SETTINGS = re.compile(r"\{#(?P<settings>[^\n]*?)#\}[ \t]*\n")
_SETTING = re.compile(r'\s*(?P<key>[\w-]+)\s*:\s*(?P<value>"(?:[^"\\]|\\.)*"|[\w-]+)\s*(?:,|$)')


class Extraction(StrEnum):
    """How a proof is read out of a completion: the closed set of rules, carried out by `filter.extract`."""

    TAIL = "tail"
    """The prompt ends in the statement, and the completion goes on from there."""
    NEXT_LINE = "next-line"
    """The prompt ends in the statement and a line break, and the completion goes on from there."""
    FENCED = "fenced"
    """The completion is an answer with Lean blocks, one of which repeats the statement."""


@dataclass(frozen=True)
class Template:
    """How a problem is shown, and what to make of the answer."""

    name: str
    """One of `names()`, or the path of a file as it was given."""
    text: str
    """Jinja over VARIABLES."""
    extract: Extraction = Extraction.TAIL
    chat: bool = False
    """The text is a user's message, to be put into the tokenizer's own chat template."""
    system: str | None = None
    """The system's message before it."""
    stop: tuple[str, ...] = ()
    """A completion ends where it contains one of these, as well as at an end token. The stop string stays in it."""


def names() -> list[str]:
    """Return the names of the templates that come with Remains."""
    return sorted(file.stem for file in FOLDER.glob("*.j2"))


def find_template(name: str) -> Template:
    """Return the template of this name, or the one in the file at this path.

    Raises UsageError for an unknown name and for a file that is no template.
    """
    if name.endswith((".j2", ".jinja")) or "/" in name or "\\" in name:
        return _read(name, Path(name))
    if name not in names():
        raise UsageError(f"--template {name}: unknown; there are {', '.join(names())}, or name a Jinja file (*.j2).")
    return _read(name, FOLDER / f"{name}.j2")


def template_hash(template: Template, tokenizer: Any = None) -> str:
    """Return the template's part of the sampling configuration: the hash of all that changes what is drawn.

    Raises UsageError where a chat template is wanted and the tokenizer has none.
    """
    if not template.chat and not template.stop:
        return content_hash(template.text)
    chat = chat_text(template, tokenizer) if template.chat else None
    rest = json.dumps({"stop": template.stop, "system": template.system, "chat": chat}, sort_keys=True)
    return content_hash(template.text, rest)


def chat_text(template: Template, tokenizer: Any) -> str:
    """Return the tokenizer's own chat template; raise UsageError if it has none."""
    try:
        return str(tokenizer.get_chat_template())
    except (ValueError, AttributeError) as error:
        where = getattr(tokenizer, "name_or_path", "") or "this model"
        raise UsageError(
            f"--template {template.name}: the tokenizer of {where} has no chat template. Use a chat model, or a "
            "template without one (plain)."
        ) from error


def label(template: Template, hashed: str) -> str:
    """Return what the samples table says of a template: its name, or for a user's file the rule and the hash."""
    return template.name if template.name in names() else f"{template.extract}@{hashed}"


@cache
def extraction_of(label: str | None) -> Extraction:
    """Return the rule for a sample with this label; none means plain.

    Raises CorpusError for a template that this version does not know.
    """
    if label is None:
        return Extraction.TAIL
    rule, at, _ = label.partition("@")
    if at and rule in set(Extraction):
        return Extraction(rule)
    if label not in names():
        raise CorpusError(f"samples were drawn with the template {label}, which is unknown here. Upgrade remains.")
    return find_template(label).extract


def _read(name: str, file: Path) -> Template:
    try:
        source = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else "not a file with UTF-8 text"
        raise UsageError(f"--template {name}: {reason}.") from error
    _check_source(name, source)
    first = _SETTINGS.match(source)
    settings = _settings(name, first["settings"]) if first else {}
    template = Template(name, source[first.end() if first else 0 :].removesuffix("\n"), **settings)
    if template.chat and template.extract is not Extraction.FENCED:
        raise UsageError(f"--template {name}: the answer in a chat repeats the statement; write `extract: fenced`.")
    if template.system and not template.chat:
        raise UsageError(f"--template {name}: a system message is part of a chat; write `chat: yes`.")
    return template


def _check_source(name: str, source: str) -> None:
    try:
        shown = jinja2.meta.find_undeclared_variables(ENVIRONMENT.parse(source))
    except jinja2.TemplateSyntaxError as error:
        raise UsageError(f"--template {name}, line {error.lineno}: {error.message}") from error
    unknown = sorted(shown - VARIABLES)
    if unknown:
        raise UsageError(f"--template {name}: {unknown[0]} is unknown; there are {', '.join(sorted(VARIABLES))}.")
    if "statement" not in shown:
        raise UsageError(
            f"--template {name}: it does not show the problem; write {{{{ statement }}}} where it belongs."
        )


def _settings(name: str, text: str) -> dict[str, Any]:
    """Return the fields that a first line's comment sets."""
    found: dict[str, Any] = {}
    at = 0
    while text[at:].strip():
        match = _SETTING.match(text, at)
        if match is None:
            raise _bad_setting(name, text[at:].strip(), "is not of the form `key: value, …`")
        key, value = match["key"], _field(name, match)
        if key in found and key != "stop":
            raise _bad_setting(name, key, "stands there twice")
        found[key] = found.get(key, ()) + value if key == "stop" else value
        at = match.end()
    return found


def _field(name: str, match: re.Match[str]) -> Any:
    key, value = match["key"], match["value"]
    try:
        text = json.loads(value) if value.startswith('"') else None
    except ValueError as error:
        raise _bad_setting(name, value, "is no string: write it as in JSON") from error
    if key == "extract" and value in set(Extraction):
        return Extraction(value)
    if key == "chat" and value in ("yes", "no"):
        return value == "yes"
    if key == "system" and text:
        return text
    if key == "stop" and text:
        return (text,)
    raise _bad_setting(name, f"{key}: {value}", f"is none of {_KNOWN}")


_KNOWN = f'extract: {" or ".join(Extraction)}; chat: yes or no; system: "TEXT"; stop: "TEXT"'


def _bad_setting(name: str, what: str, reason: str) -> UsageError:
    return UsageError(f"--template {name}, line 1: `{what}` {reason}.")
