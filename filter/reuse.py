"""Which proofs of a problem are the same for Lean, so that one of them is judged and the others share its verdict.

White space means three things to Lean's parser: that tokens are apart, that a line has ended, and how the columns of
two places compare, which is how blocks of tactics are told apart. It never measures a distance. So two texts that hold
the same characters, apart at the same places, with their line breaks at the same places and all their characters in the
same order of columns, are read alike: that is `normal_form`. Comments are blanks by then, see `filter.scan`. Of what
stands before the proof, Lean compares columns with that of the theorem's own beginning; here the beginnings of all the
statement's lines are among the places compared.

Where this lexer could take for white space what is none (an open quote or «), and where Lean puts a place in the text
into a term (`panic!` and its kin), a text is like itself alone.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, count
from typing import TYPE_CHECKING

from filter.scan import lexemes
from store.ids import content_hash

if TYPE_CHECKING:
    from filter.document import Proof

PLACED = frozenset({"panic!", "unreachable!", "assert!", "todo!", "dbg_trace", "decl_name%"})
"""What puts the line and column where it stands into the term that it makes."""


@lru_cache(maxsize=8192)
def proof_hash(proof: Proof) -> str:
    """Return the identity of what was compiled: the problem, and the proof's normal form."""
    problem = proof.problem
    return content_hash(problem.header, problem.statement, normal_form(proof.text, problem.statement))


def normal_form(text: str, statement: str = "") -> str:
    """Return what scanned texts after `statement` that Lean's parser cannot tell apart have in common."""
    *_, last = lines = statement.split("\n")
    chunks = _chunks(text, len(last))
    if chunks is None:
        return f"text {text}"
    margins = [len(line) - len(line.lstrip(" ")) for line in lines]
    taken = {*margins, *chain.from_iterable(range(start, start + len(chunk)) for _, start, chunk in chunks)}
    rank = dict(zip(sorted(taken), count(), strict=False))
    places = [f"{'↵' if new_line else ' '}{rank[start]} {len(chunk)} {chunk}" for new_line, start, chunk in chunks]
    return f"{','.join(str(rank[margin]) for margin in margins)}:{''.join(places)}"


def _chunks(text: str, column: int) -> list[tuple[bool, int, str]] | None:
    """Return what stands between white space: whether on a new line, at which column, which characters.

    None where that is not sure to be what Lean sees.
    """
    found: list[tuple[bool, int, str]] = []
    new_line, apart = False, True
    for kind, token in lexemes(text):
        if kind == "space":
            apart = True
            if "\n" in token:
                new_line, column = True, 0
            column += len(token.rpartition("\n")[2])
            continue
        if not _is_sure(kind, token):
            return None
        if apart:
            found.append((new_line, column, token))
        else:
            before, start, chunk = found[-1]
            found[-1] = (before, start, chunk + token)
        column += len(token)
        new_line = apart = False
    return found


def _is_sure(kind: str, token: str) -> bool:
    if kind == "symbol":
        return token not in "«»'\""
    return kind in ("word", "number", "string", "char") and "\n" not in token and token not in PLACED
