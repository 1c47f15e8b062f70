"""Documents of many samples, and the evidence read from Lean's answer.

For each problem the reference, our own text, is declared first. Each sample then stands in a namespace of its own and
is followed by two lines of ours, named by a fresh random number: a theorem of exactly the reference's type whose proof
is the sample's theorem, and the question which axioms it rests on. Accepted is only what has, at the exact place of
that question, exactly one answer with exactly the wanted text, and no error in the sample's own lines.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from filter.process import ERROR, INFORMATION, Diagnostic
from filter.toolchain import Toolchain
from filter.verdict import Judgement, Verdict

MAX_DETAIL = 400
FULL_NAMES = "set_option pp.fullNames true\n"
"""Or Lean leaves out what the header has opened, and `Mine.propext` could not be told from `propext`."""
_KEYWORD = r"\b(?:theorem|lemma)\s+"


@dataclass(frozen=True)
class Problem:
    """What is to be proved, as the problem's author wrote it."""

    header: str
    name: str
    statement: str

    def reference(self, name: str) -> str | None:
        """Return the statement as an axiom called `name`; None if the statement is not of the known shape."""
        head = re.search(_KEYWORD + re.escape(self.name) + r"(?![\w'!?«]|\.(?!\{))", self.statement)
        tail = re.search(r":=\s*(?:by\s*)?$", self.statement)
        if head is None or tail is None or "@[" in self.statement[: head.start()]:
            return None
        before, rest = self.statement[: head.start()], self.statement[head.end() : tail.start()]
        return f"{before}axiom {name}{rest.rstrip()}"


@dataclass(frozen=True)
class Proof:
    """A scanned candidate: `text` is exactly what is compiled after the statement."""

    problem: Problem
    text: str


@dataclass(frozen=True)
class Region:
    """The lines of one sample, from its namespace to our question."""

    nonce: str
    reference: int
    """Where our reference begins, if it was declared for this sample; else the same as `first`."""
    first: int
    proof_line: int
    """Where the candidate's text begins."""
    proof_column: int
    check: int
    question: int


@dataclass
class Document:
    """A text for Lean and where each sample stands in it."""

    text: str = ""
    regions: list[Region] = field(default_factory=list)


def build(toolchain: Toolchain, proofs: Sequence[Proof]) -> Document:
    """Return one document with all `proofs`, which share a header; those of a problem must stand together."""
    document = Document(_ending_line(toolchain.preamble) + _ending_line(proofs[0].problem.header) + FULL_NAMES)
    reference, problem = "", None
    for proof in proofs:
        assert proof.problem.header == proofs[0].problem.header, "one header a document"
        start = document.text.count("\n")
        if proof.problem != problem:
            problem, reference = proof.problem, f"ref_{_nonce()}"
            declared = problem.reference(reference)
            assert declared is not None, "problems are looked at before their samples"
            document.text += declared + "\n"
        document.regions.append(_append(document, proof, reference, start))
    return document


def _append(document: Document, proof: Proof, reference: str, start: int) -> Region:
    nonce, first = _nonce(), document.text.count("\n")
    opening = f"namespace s_{nonce}\n{proof.problem.statement}"
    last_line = opening.rpartition("\n")[2]
    proof_line = first + opening.count("\n")
    text = f"{opening}{proof.text}\n\nend s_{nonce}\n"
    check = first + text.count("\n")
    document.text += (
        f"{text}theorem chk_{nonce} : type_of% @{reference} := @s_{nonce}.{proof.problem.name}\n"
        f"#print axioms chk_{nonce}\n"
    )
    return Region(nonce, start, first, proof_line, len(last_line), check, check + 1)


def read(
    document: Document,
    diagnostics: Sequence[Diagnostic],
    allowed_axioms: frozenset[str],
    *,
    of_problems: bool = False,
    last_alone: bool = False,
) -> list[Judgement] | None:
    """Return a judgement for every region; None when an error stands outside them: then nobody is judged.

    With `of_problems` the statements themselves are on trial, and an error in a reference counts as its sample's.
    Lean reports a text that swallows what follows at the document's end, and some errors at its very beginning, which
    means nowhere: with `last_alone` only the last sample can have done it, and whatever stands there is laid to its
    charge.
    """
    regions = document.regions
    inside: list[list[Diagnostic]] = [[] for _ in regions]
    astray: list[Diagnostic] = []
    at = 0
    for diagnostic in sorted(diagnostics, key=lambda message: (message.line, message.column)):
        while at < len(regions) and diagnostic.line > regions[at].question:
            at += 1
        if at < len(regions) and diagnostic.line >= (regions[at].reference if of_problems else regions[at].first):
            inside[at].append(diagnostic)
        elif diagnostic.severity == ERROR:
            nowhere = (diagnostic.line, diagnostic.column) == (0, 0)
            if not last_alone or not (nowhere or at == len(regions)):
                return None
            astray.append(diagnostic)
    if astray:
        inside[-1] += astray
    return [_judge(region, messages, allowed_axioms) for region, messages in zip(regions, inside, strict=True)]


def _judge(region: Region, messages: Sequence[Diagnostic], allowed_axioms: frozenset[str]) -> Judgement:
    errors = [message for message in messages if message.severity == ERROR]
    if errors:
        return _error(region, errors)
    axioms = _evidence(region, messages)
    if axioms is None:
        return Judgement(Verdict.NO_EVIDENCE, "Lean reported no error, and our question has no answer")
    if "sorryAx" in axioms or any("sorry" in message.message for message in messages if message.line < region.check):
        return Judgement(Verdict.SORRY, "declaration uses sorry", axioms)
    foreign = [axiom for axiom in axioms if axiom not in allowed_axioms]
    if foreign:
        return Judgement(Verdict.AXIOM, ", ".join(foreign), axioms)
    return Judgement(Verdict.VERIFIED, None, axioms)


def _evidence(region: Region, messages: Sequence[Diagnostic]) -> tuple[str, ...] | None:
    """Return the axioms named by the one answer at the exact place of our question, None if it is not there."""
    answers = [message for message in messages if message.line == region.question]
    if len(answers) != 1 or answers[0].severity != INFORMATION or answers[0].column != 0:
        return None
    text, subject = answers[0].message.rstrip("\n"), f"'chk_{region.nonce}' "
    if text == subject + "does not depend on any axioms":
        return ()
    found = re.fullmatch(re.escape(subject) + r"depends on axioms: \[([^\[\]]*)\]", text)
    return tuple(re.split(r",\s+", found.group(1))) if found else None


def _error(region: Region, errors: Sequence[Diagnostic]) -> Judgement:
    first = errors[0]
    if any("(deterministic) timeout" in error.message for error in errors):
        return Judgement(Verdict.TIMEOUT, _detail(region, first))
    if first.line == region.check and "ype mismatch" in first.message:
        return Judgement(Verdict.MISMATCH, _one_line(region, first.message))
    return Judgement(Verdict.ERROR, _detail(region, first))


def _detail(region: Region, error: Diagnostic) -> str:
    line = error.line - region.proof_line
    column = error.column - region.proof_column if line == 0 else error.column
    return _one_line(region, f"line {line + 1}, column {max(column, 0)}: {error.message}")


def _one_line(region: Region, message: str) -> str:
    """Return the message on one line, cut (a candidate decides what it says), without the namespace that we added."""
    return " ".join(message.replace(f"s_{region.nonce}.", "").split())[:MAX_DETAIL]


def _nonce() -> str:
    return secrets.token_hex(8)


def _ending_line(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
