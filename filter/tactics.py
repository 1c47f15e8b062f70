"""Which tactics a proof uses, in order, read off its text by Lean's layout rule.

A tactic is a word where a tactic may begin: behind `by`, `;` or `<;>`, behind the `=>` of an alternative, inside what
takes tactics (`·`, `try`, `first | …`), and at the head of a line that begins in the column where its block began. No
list of tactics is needed, so those of any library are found. The words of terms (`fun x => …`, a `match` within a term)
are told from those of tactics by what their `=>` and `;` belong to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from filter.scan import lexemes

TAKING = frozenset(
    {"all_goals", "any_goals", "fail_if_success", "focus", "iterate", "on_goal", "repeat", "repeat'", "repeat1"}
    | {"repeat1'", "success_if_fail_with_msg", "try", "work_on_goal"}
)
"""Tactics followed by a block of tactics, some after a number."""
ALTERNATIVES = frozenset(
    {"case", "case'", "cases", "conv", "conv_lhs", "conv_rhs", "fun_cases", "fun_induction", "induction", "intro"}
    | {"match", "next", "on_goal", "rcases"}
)
"""Tactics whose `=>` is followed by a block of tactics."""
CHOICES = frozenset(["first", "solve"])
"""Tactics whose `|` is followed by one."""
PATTERNS = frozenset(["cases'", "obtain", "rcases", "rintro"])
"""Tactics whose `|` stands between patterns."""
PREFIXES = frozenset(["open", "set_option"])
"""What stands before a tactic with an `in` between."""
PARTICLES = frozenset(["at", "by", "else", "from", "fun", "generalizing", "in", "then", "using", "where", "with"])
"""Words that belong to what stands before them, even at the head of a line."""
OPENING, CLOSING = "([{⟨⟦⦃", ")]}⟩⟧⦄"
_NAME = re.compile(r"[^\W\d_][\w'!?]*", re.ASCII)


@dataclass(frozen=True)
class _Token:
    text: str
    kind: str
    column: int
    is_first: bool
    """Whether its line begins with it."""


@dataclass
class _Block:
    """A block of tactics: where its steps begin, and what the step at hand still waits for."""

    column: int
    depth: int
    """Brackets around it."""
    tactic: str = ""
    arrows: list[tuple[int, str]] = field(default_factory=list)
    """Terms that wait for a `=>`: (brackets around them, `fun` or `match`)."""
    semicolons: list[int] = field(default_factory=list)
    """Terms that wait for a `;`: brackets around them."""

    def begin(self, tactic: str) -> None:
        self.tactic = tactic
        self.arrows.clear()
        self.semicolons.clear()


def tactics(text: str, statement: str) -> list[str]:
    """Return the tactics of a scanned proof after `statement`, in order of use, with repetitions."""
    reader = _Reader(by=re.search(r"\bby\s*$", statement) is not None)
    for token in _tokens(text, len(statement.rpartition("\n")[2])):
        reader.read(token)
    return reader.found


def _tokens(text: str, column: int) -> Iterator[_Token]:
    """Yield the tokens with their places."""
    is_first = False
    for kind, token in _joined(text):
        if kind != "space":
            yield _Token(token, kind, column, is_first)
            is_first = False
        elif "\n" in token:
            is_first, column = True, 0
        column += len(token.rpartition("\n")[2])


def _joined(text: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text of every lexeme; `=>` and `<;>` are one each, and `|` with what it touches, as in |x|."""
    lexed = list(lexemes(text))
    at = 0
    while at < len(lexed):
        kind, token = lexed[at]
        length = 2 if token == "|" and at + 1 < len(lexed) and lexed[at + 1][0] != "space" else 1
        for mark in ("<;>", "=>"):
            if [each for _, each in lexed[at : at + len(mark)]] == [*mark]:
                length = len(mark)
        yield kind, "".join(each for _, each in lexed[at : at + length])
        at += length


class _Reader:
    """Goes through the tokens once, with the open blocks of tactics on a stack."""

    def __init__(self, by: bool) -> None:
        self.found: list[str] = []
        self.blocks = [_Block(-1, 0)]
        """The lowest stands for a term around everything."""
        self.depth = 0
        self.begins = "block" if by else ""
        """What the next token begins: a block of tactics, a step of the block at hand, or nothing."""
        self.before = ""

    @property
    def top(self) -> _Block:
        return self.blocks[-1]

    def read(self, token: _Token) -> None:
        """Take the next token."""
        if token.is_first and self.begins != "block":
            self._begin_line(token)
        if not (self.begins and self._begin(token)):
            self._go_on(token)
        self.before = token.text

    def _begin_line(self, token: _Token) -> None:
        while len(self.blocks) > 1 and self.top.depth == self.depth and self.top.column > token.column:
            self.blocks.pop()
        in_block = self.top.depth == self.depth and self.top.column == token.column
        self.begins = "step" if in_block and self.before != "," else ""

    def _begin(self, token: _Token) -> bool:
        """Take a token that may begin a tactic; return whether it was one, or brackets around one."""
        if token.kind == "number" and self.before in TAKING:
            return True
        begins, self.begins = self.begins, ""
        if begins == "block":
            self.blocks.append(_Block(token.column, self.depth))
        if token.kind == "word" and _NAME.fullmatch(token.text) and token.text not in PARTICLES:
            self._step(token.text)
        elif token.text in ("·", "."):
            self.begins = "block"
        elif token.text in ("(", "{"):
            self.depth += 1
            self.begins = "block"
        else:
            return False
        return True

    def _step(self, tactic: str) -> None:
        self.top.begin(tactic)
        if tactic not in PREFIXES:
            self.found.append(tactic)
        if tactic in TAKING:
            self.begins = "block"

    def _go_on(self, token: _Token) -> None:
        if token.kind == "word":
            self._word(token.text)
        elif token.text in OPENING:
            self.depth += 1
        elif token.text in CLOSING:
            self._close()
        elif token.text == "<;>":
            self.begins = "step"
        elif token.text == ";":
            self._semicolon()
        elif token.text in ("=>", "↦"):
            self._arrow()
        elif token.text == "|":
            self._bar()

    def _word(self, word: str) -> None:
        if word in ("by", "decreasing_by"):
            self.begins = "block"
        elif word == "where":
            del self.blocks[1:]
        elif word in ("fun", "match", "λ"):
            self.top.arrows.append((self.depth, "match" if word == "match" else "fun"))
        elif word in ("let", "have", "show", "suffices"):
            self.top.semicolons.append(self.depth)
        elif word == "in" and self.top.tactic in PREFIXES:
            self.begins = "step"
        elif word in ("then", "else") and self._back_to({"if"}):
            self.begins = "block"

    def _close(self) -> None:
        self.depth = max(self.depth - 1, 0)
        while self.top.depth > self.depth:
            self.blocks.pop()
        for block in self.blocks:
            block.arrows = [arrow for arrow in block.arrows if arrow[0] <= self.depth]
            block.semicolons = [depth for depth in block.semicolons if depth <= self.depth]

    def _semicolon(self) -> None:
        if self.depth in self.top.semicolons:
            self.top.semicolons.remove(self.depth)
        elif self.top.depth == self.depth and len(self.blocks) > 1:
            self.begins = "step"

    def _arrow(self) -> None:
        """Find out whose arrow it is: a term's, or that of the nearest tactic with alternatives."""
        for index in range(len(self.blocks) - 1, -1, -1):
            block = self.blocks[index]
            if (self.depth, "fun") in block.arrows:
                block.arrows.remove((self.depth, "fun"))
                return
            if (self.depth, "match") in block.arrows:
                return
            if block.depth == self.depth and block.tactic in ALTERNATIVES:
                del self.blocks[index + 1 :]
                self.begins = "block"
                return

    def _bar(self) -> None:
        if self.before in ("fun", "λ"):
            self.top.arrows[-1] = (self.depth, "match")
        elif self.top.tactic not in PATTERNS and self._back_to(CHOICES):
            self.begins = "block"

    def _back_to(self, wanted: frozenset[str] | set[str]) -> bool:
        """Close the blocks within the nearest one at this depth that runs one of the tactics; say if there is one."""
        for index in range(len(self.blocks) - 1, -1, -1):
            if self.blocks[index].depth == self.depth and self.blocks[index].tactic in wanted:
                del self.blocks[index + 1 :]
                return True
        return False
