"""The scan: what a candidate may not contain, decided on its text before Lean sees it.

Comments are blanked with spaces and the blanked text is what Lean gets, so what was scanned is what is compiled: where
this lexer and Lean's differ, the result can only be an error. A proof needs no command, no attribute and no option but
two; refusing all others leaves the literature's attacks nothing to work with. The only true proofs refused are those
followed by further commands, those that open a namespace, those with unusual strings, and those with brackets a
thousand deep.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from filter.verdict import Verdict

VERSION = 3
"""Part of the checker's identity; raise it when the scan or `filter.extract` changes."""

MAX_BYTES = 65_536
MAX_DEPTH = 1000
"""Of brackets in brackets. Lean itself reads 503 parentheses deep, and 976 applications deep if the proof raises
`maxRecDepth` as far as it may; what is deeper costs it seconds and gigabytes of stack to refuse."""

KEYWORDS = frozenset(
    {"sorry", "admit", "stop", "native_decide", "by_elab", "run_tac", "run_cmd", "run_elab", "run_meta", "include_str"}
    | {
        "unsafe",
        "elab",
        "macro",
        "syntax",
        "notation",
        "notation3",
        "open",
        "end",
        "implemented_by",
        "extern",
        "simproc",
    }
)
"""Refused as whole words, beside the words that begin a command."""
SEARCHES = frozenset(
    ["exact?", "apply?", "rw?", "try?", "hint", "observe", "observe?", "observe??", "says", "suggestions", "locals"]
)
"""Refused too: they look for a proof in all that has been declared, so what they find is no text of the candidate's.
The last two are options of `simp` and `grind` (`+suggestions`), which then look at the theorems of the document."""
IDLE = frozenset({"sleep", "dbg_sleep"})
"""Refused too: they take time without work, which no measure of work ends."""
REFUSED = KEYWORDS | SEARCHES | IDLE
CONSTANTS = frozenset(
    {"sorryAx", "lcProof", "lcUnreachable", "lcAny", "lcCast", "lcErased", "lcVoid"}
    | {"ofReduceBool", "ofReduceNat", "reduceBool", "reduceNat", "trustCompiler"}
)
"""Refused as any part of a dotted name, in «» too."""
OPTIONS = {"maxHeartbeats": range(1, 1_000_001), "maxRecDepth": range(1, 10_001)}
"""Options that a proof may set, and their values."""

_LEXER = re.compile(
    r"""(?P<line>--[^\n]*)
    |(?P<block>/-)
    |(?P<interpolated>[A-Za-z]!")
    |(?P<raw>\br\#*")
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<quote>")
    |(?P<char>'(?:[^'\\\n]|\\[^\n]{1,8})')
    |(?P<word>(?:[^\W\d]|«[^»\n]*»)(?:[\w'!?₀-₉]|«[^»\n]*»|\.(?=[^\W\d]|«))*)
    |(?P<number>\d[\w.]*)
    |(?P<space>[ \n]+)
    |(?P<symbol>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Scanned:
    """A text that passed: comments blanked, length and line breaks kept."""

    text: str


@dataclass(frozen=True)
class Refused:
    """A text that did not."""

    verdict: Verdict
    detail: str


def scan(proof: str, command_tokens: frozenset[str]) -> Scanned | Refused:
    """Judge a proof's text. Linear in its length; never raises."""
    door = _door(proof)
    if door:
        return door
    text = _blank(proof.replace("\r\n", " \n"))
    if text is None:
        return Refused(Verdict.POLICY, "a comment that does not end")
    if not text.strip():
        return Refused(Verdict.EMPTY, "no proof")
    reason = _first_refusal(text, command_tokens)
    return Refused(Verdict.POLICY, reason) if reason else Scanned(text)


def _door(proof: str) -> Refused | None:
    try:
        size = len(proof.encode("utf-8"))
    except UnicodeEncodeError as error:
        return Refused(Verdict.NOT_UTF8, f"lone surrogate at character {error.start}")
    if "\0" in proof:
        return Refused(Verdict.NOT_UTF8, f"NUL at character {proof.index(chr(0))}")
    if size > MAX_BYTES:
        return Refused(Verdict.TOO_LONG, f"{size:,} bytes, more than {MAX_BYTES:,}")
    return None


def tokens(text: str) -> Iterator[tuple[str, int]]:
    """Yield the words and symbols of a text, each with where it ends; comments and white space are left out."""
    at = 0
    while at < len(text):
        match = _LEXER.match(text, at)
        assert match is not None, "the lexer knows every character"
        at = match.end()
        if match.lastgroup == "block":
            at = _comment_end(text, match.start()) or len(text)
        elif match.lastgroup != "line" and not match.group().isspace():
            yield match.group(), at


def lexemes(text: str) -> Iterator[tuple[str, str]]:
    """Yield everything in a scanned text in order, each with its kind: space, word, number, string, char, symbol.

    A text that was not scanned may have others too. A symbol is one character.
    """
    for match in _LEXER.finditer(text):
        yield str(match.lastgroup), match.group()


def _blank(text: str) -> str | None:
    """Replace comments by spaces, line breaks kept; None if one does not end."""
    pieces, at = [], 0
    while at < len(text):
        match = _LEXER.match(text, at)
        assert match is not None, "the lexer knows every character"
        end = match.end()
        if match.lastgroup == "block":
            closed = _comment_end(text, at)
            if closed is None:
                return None
            end = closed
        comment = match.lastgroup in ("line", "block")
        pieces.append(re.sub(r"[^\n]", " ", text[at:end]) if comment else text[at:end])
        at = end
    return "".join(pieces)


def _comment_end(text: str, start: int) -> int | None:
    depth = 0
    for mark in re.compile(r"/-|-/").finditer(text, start):
        depth += 1 if mark.group() == "/-" else -1
        if depth == 0:
            return mark.end()
    return None


def _first_refusal(text: str, command_tokens: frozenset[str]) -> str | None:
    words = list(_words(text))
    if _depth(words) > MAX_DEPTH:
        return f"brackets more than {MAX_DEPTH:,} deep"
    for index, (kind, word) in enumerate(words):
        if kind == "symbol":
            reason = _symbol(word, words[index + 1][1] if index + 1 < len(words) else "")
        elif kind == "word":
            reason = _word(word, words[index + 1 : index + 3], command_tokens)
        elif kind in ("interpolated", "raw", "quote"):
            reason = "a string that is not plain"
        else:
            reason = None
        if reason:
            return reason
    return None


def _depth(words: list[tuple[str, str]]) -> int:
    steps = (1 if word in "([{⟨" else -1 if word in ")]}⟩" else 0 for kind, word in words if kind == "symbol")
    return max(accumulate(steps), default=0)


def _words(text: str) -> Iterator[tuple[str, str]]:
    return (lexeme for lexeme in lexemes(text) if lexeme[0] != "space")


def _symbol(symbol: str, following: str) -> str | None:
    if symbol == "#" or (symbol == "@" and following == "["):
        return symbol if symbol == "#" else "@["
    if unicodedata.category(symbol) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"):
        return f"the character U+{ord(symbol):04X}"
    return None


def _word(word: str, following: list[tuple[str, str]], command_tokens: frozenset[str]) -> str | None:
    if word == "set_option":
        return _option(following)
    if word in command_tokens or word in REFUSED:
        return word
    parts = {part.strip("«»") for part in re.split(r"\.(?![^«]*»)", word)}
    refused = sorted(parts & CONSTANTS) or sorted(part for part in parts if part in ("sorry", "admit") and "«" in word)
    return refused[0] if refused else None


def _option(following: list[tuple[str, str]]) -> str | None:
    (_, name), (kind, value) = (*following, ("", ""), ("", ""))[:2]
    allowed = kind == "number" and value.isdecimal() and name in OPTIONS and int(value) in OPTIONS[name]
    return None if allowed else f"set_option {name}"
