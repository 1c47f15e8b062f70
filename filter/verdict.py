"""What is said of a sample. Every sample gets one verdict, and only `verified` accepts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The closed set of values in the verdicts table; the reason stands in `detail`."""

    VERIFIED = "verified"
    """It proves the asked statement: every step of the protocol passed."""
    EMPTY = "empty"
    """Nothing but blanks, comments and prose."""
    CUT = "cut"
    """The sample was cut at the length limit: the model did not finish."""
    NOT_UTF8 = "not_utf8"
    """Text that no file can hold (lone surrogates, NUL)."""
    TOO_LONG = "too_long"
    POLICY = "policy"
    """The scan refused a token; detail names it."""
    ERROR = "error"
    """Lean reported an error; detail is the first one, with its line and column in the proof."""
    SORRY = "sorry"
    """It compiled, but rests on `sorryAx`."""
    AXIOM = "axiom"
    """It rests on axioms that are not allowed; detail names them."""
    MISMATCH = "mismatch"
    """What it proves is not the asked statement."""
    NO_EVIDENCE = "no_evidence"
    """Lean finished without an error and without our evidence: an alarm, should never occur."""
    UNCONFIRMED = "unconfirmed"
    """The first step accepted, the second look did not: an alarm, someone found a hole."""
    TIMEOUT = "timeout"
    """Lean's deterministic limit, or twice the wall clock; detail says which."""
    MEMORY = "memory"
    """The memory limit, twice."""
    CRASH = "crash"
    """Lean died on it, twice, alone."""
    BAD_PROBLEM = "bad_problem"
    """The statement itself does not elaborate; detail is Lean's error. Nobody's proof is wrong."""


ALARMS = frozenset({Verdict.NO_EVIDENCE, Verdict.UNCONFIRMED})


@dataclass(frozen=True)
class Candidate:
    """One completion to judge. `key` is the caller's (a sample_id); header and statement are the problem's own text."""

    key: str
    header: str
    name: str
    statement: str
    completion: str
    finished: bool = True
    """Whether the model ended it by itself."""
    template: str | None = None
    """As in the samples table: it says how the proof is read out of the completion."""


@dataclass(frozen=True)
class Judgement:
    """The verdict on one candidate."""

    verdict: Verdict
    detail: str | None = None
    axioms: tuple[str, ...] | None = None
    """Those that the proof rests on; None unless Lean said."""
    elapsed_ms: float = 0.0
    """Its share of the document's time."""
    proof_hash: str | None = None
    """See `filter.reuse.proof_hash`; None when Lean was given nothing."""
