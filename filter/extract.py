"""Which text of a completion is the proof: what it has after the statement, and never a statement of its own.

The rule is the one of the template that the sample was drawn with. Whatever is found is then scanned and compiled after
our own statement like any other text, so a wrong guess here can cost a proof but never make one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from filter.scan import Refused, tokens
from filter.verdict import Verdict
from gen.template import Extraction, extraction_of

FENCE = "```"
LEAN = frozenset({"", "lean", "lean4"})
"""What may stand behind an opening fence; a block of another language is not looked at."""
KEYWORDS = frozenset({"theorem", "lemma"})
"""Either may stand where the statement has the other."""
PLACEHOLDERS: tuple[list[str], ...] = ([], ["sorry"], ["by", "sorry"])
"""The words of a proof that only holds a place."""

_FENCE = re.compile(r"`{3,}(?P<language>[\w+-]*)")
_THINK, _ANSWER = "<think>", "</think>"


def extract(completion: str, statement: str, template: str | None = None) -> str | Refused:
    """Return the text that follows `statement`, or why there is none.

    `template` is what the samples table says; None means plain. Raises CorpusError for a template that is not known.
    """
    rule = extraction_of(template)
    if rule is Extraction.FENCED:
        return from_blocks(answer_text(completion), statement)
    begun_anew = restarted(completion, statement)
    if begun_anew is not None:
        return begun_anew
    return "\n" + proof_text(completion) if rule is Extraction.NEXT_LINE else proof_text(completion)


def proof_text(completion: str) -> str:
    """Return the completion up to its first code fence, without trailing white space."""
    return completion.partition(FENCE)[0].rstrip()


def answer_text(completion: str) -> str:
    """Return what the model says when it has thought: drafts in its thoughts are no answer.

    The thoughts may have been opened by the prompt. Thoughts that do not end have no answer after them.
    """
    _, ended, answer = completion.rpartition(_ANSWER)
    return answer if ended else completion.partition(_THINK)[0]


def restarted(completion: str, statement: str) -> str | None:
    """Return the proof of a completion that says the statement once more before it goes on; None if it does not.

    It may do so at once, after imports of its own, or in a block of its own when nothing else came before.
    """
    wanted, text = _words(statement), proof_text(completion)
    words = _words(text)
    if words[:1] == ["import"] or _same(words[: len(wanted)], wanted):
        end = _end_of(wanted, text)
        return None if end is None else text[end:]
    if words or FENCE not in completion:
        return None
    found = from_blocks(completion, statement)
    return None if isinstance(found, Refused) else found


def from_blocks(completion: str, statement: str) -> str | Refused:
    """Return what the last complete Lean block that holds `statement` has after it.

    The last one wins, for drafts come before the answer; blocks that state something else are passed over, and so are
    those that leave the proof out, while there is another. White space and comments may differ from the statement's, no
    other token may.
    """
    wanted = _words(statement)
    blocks = list(_blocks(completion.replace("\r\n", "\n"), wanted))
    ends = [(block, _end_of(wanted, block)) for block in blocks]
    proofs = [block[end:].rstrip() for block, end in ends if end is not None]
    if proofs:
        return next((proof for proof in reversed(proofs) if _words(proof) not in PLACEHOLDERS), proofs[-1])
    if not blocks:
        return Refused(Verdict.EMPTY, "no complete ```lean4 block")
    return Refused(Verdict.MISMATCH, "no ```lean4 block holds the statement")


def _blocks(completion: str, wanted: Sequence[str]) -> Iterator[str]:
    """Yield the complete Lean blocks in order; the first may have been opened by the prompt."""
    fence = _FENCE.search(completion)
    if fence and not fence["language"] and _end_of(wanted, completion[: fence.start()]) is not None:
        yield completion[: fence.start()]
        completion = completion[fence.end() :]
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(completion):
        if opened is None or fence["language"]:
            opened = fence  # a fence with a language never closes: what stood open is not complete
            continue
        if opened["language"].lower() in LEAN:
            yield completion[opened.end() : fence.start()]
        opened = None


def _end_of(wanted: Sequence[str], block: str) -> int | None:
    """Return where the tokens of the statement, one after the other, first end in `block`."""
    found = list(tokens(block))
    words = [word for word, _ in found]
    for start in range(len(words) - len(wanted) + 1):
        if _same(words[start : start + len(wanted)], wanted):
            return found[start + len(wanted) - 1][1]
    return None


def _words(text: str) -> list[str]:
    return [word for word, _ in tokens(text)]


def _same(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Compare the tokens of two statements; `lemma` is as good as `theorem` where it begins one."""
    if words == wanted:
        return True
    begins = {words[0], wanted[0]} if words and wanted else set()
    return begins <= KEYWORDS and bool(begins) and words[1:] == wanted[1:]
