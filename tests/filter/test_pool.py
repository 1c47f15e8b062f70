"""The pool: what one sample does, or what happens to a process, never changes another sample's verdict."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from filter.pool import LeanPool, PoolConfig
from filter.toolchain import Toolchain
from filter.verdict import Candidate, Judgement, Verdict
from tests.filter.conftest import candidate

SWAP = "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by"
SELF = "theorem t (p : Prop) (h : p) : p := by"
TRUE = "theorem t : True := by"
GOOD = [candidate(SWAP, f"\n  exact ⟨h.2, h.1⟩\n{' ' * i}-- {i}", f"good {i}") for i in range(4)]
WRONG = [candidate(SWAP, f"\n  exact ⟨h.1, h.{1 + i % 2}⟩{' ' * i}", f"wrong {i}") for i in range(4)]


NEIGHBOURS = {each.key: Verdict.VERIFIED for each in GOOD} | {each.key: Verdict.ERROR for each in WRONG}


def _judge(pool: LeanPool, candidates: list[Candidate]) -> dict[str, Judgement | None]:
    return {found.key: judgement for found, judgement in pool.judge(candidates)}


def _verdicts(pool: LeanPool, candidates: list[Candidate]) -> dict[str, Verdict | None]:
    return _only_verdicts(_judge(pool, candidates))


def _only_verdicts(judged: dict[str, Judgement | None]) -> dict[str, Verdict | None]:
    return {key: found and found.verdict for key, found in judged.items()}


def test_each_text_that_is_no_proof_at_all_gets_its_own_verdict(pool: LeanPool) -> None:
    texts = {
        "megabyte": (" exact h" * 131_072, Verdict.TOO_LONG),
        "parentheses": ("\n  exact " + "(" * 60_000 + "h" + ")" * 60_000, Verdict.TOO_LONG),
        "fewer parentheses": ("\n  exact " + "(" * 30_000 + "h" + ")" * 30_000, Verdict.POLICY),
        "few parentheses": ("\n  exact " + "(" * 900 + "h" + ")" * 900, Verdict.ERROR),
        "some parentheses": ("\n  exact " + "(" * 450 + "h" + ")" * 450, Verdict.VERIFIED),
        "surrogate": ("\n  exact \ud800", Verdict.NOT_UTF8),
        "nul": ("\n  exact h\0\0\0", Verdict.NOT_UTF8),
        "nothing": ("\n   ", Verdict.EMPTY),
        "comment": (" -- I do not know", Verdict.EMPTY),
        "quotation": ("\n  exact `(", Verdict.ERROR),
        "right": ("\n  exact h", Verdict.VERIFIED),
    }
    found = _verdicts(pool, [candidate(SELF, text, key) for key, (text, _) in texts.items()])
    assert found == {key: verdict for key, (_, verdict) in texts.items()}


def test_a_sample_cut_at_the_length_limit_is_no_proof(pool: LeanPool) -> None:
    cut = replace(candidate(SELF, "\n  exact h", "cut"), finished=False)
    assert _verdicts(pool, [cut]) == {"cut": Verdict.CUT}


@pytest.mark.slow
def test_an_endless_loop_hits_the_limit_of_time_and_its_neighbours_keep_their_verdicts(toolchain: Toolchain) -> None:
    loop = candidate(TRUE, "\n  repeat (have : True := trivial)", "loop")
    with LeanPool(toolchain, PoolConfig(workers=2, seconds=4.0, memory_mib=8192, heartbeats=200_000)) as pool:
        found = _judge(pool, [*GOOD[:2], loop, *WRONG, *GOOD[2:]])
    assert _only_verdicts(found) == NEIGHBOURS | {"loop": Verdict.TIMEOUT}
    assert found["loop"]
    assert found["loop"].detail in ("4 s of CPU time", "24 s of wall clock")


@pytest.mark.slow
def test_a_memory_eater_is_stopped_and_its_neighbours_keep_their_verdicts(toolchain: Toolchain) -> None:
    text = "\n  have : (List.replicate 100000000 0).length = 5 := by decide +kernel\n  trivial"
    with LeanPool(toolchain, PoolConfig(workers=2, seconds=60.0, memory_mib=400, heartbeats=200_000)) as pool:
        found = _judge(pool, [*GOOD[:2], candidate(TRUE, text, "memory"), *WRONG, *GOOD[2:]])
    assert _only_verdicts(found) == NEIGHBOURS | {"memory": Verdict.MEMORY}


def test_a_lean_that_leaves_without_a_word_is_laid_to_the_sample_it_was_busy_with(pool: LeanPool) -> None:
    """Out of memory, Lean ends with the exit status that errors have, and is silent."""
    text = "\n  have : Nat.shiftLeft 1 (2 ^ 45) = 5 := by decide +kernel\n  trivial"
    bombs = [candidate(TRUE, text.replace("45", f"{45 + i}"), f"bomb {i}") for i in range(2)]
    found = _verdicts(pool, [*GOOD[:2], bombs[0], *WRONG, bombs[1], *GOOD[2:]])
    assert found == NEIGHBOURS | {each.key: Verdict.CRASH for each in bombs}


def test_the_parts_before_a_sample_that_fails_keep_what_was_said_of_them(toolchain: Toolchain) -> None:
    """Beside the part that holds it, every sample is judged in a document once; right and wrong ones by turns."""
    bomb = candidate(SELF, "\n  have : Nat.shiftLeft 1 (2 ^ 45) = 5 := by decide +kernel\n  exact h", "bomb")
    many = [candidate(SELF, f"\n  exact {'id (' * i}h{')' * (i - i % 2)}", f"{i}") for i in range(90)]
    wanted = {each.key: Verdict.ERROR if i % 2 else Verdict.VERIFIED for i, each in enumerate(many)}
    with LeanPool(toolchain, PoolConfig(workers=1, audit_share=0.0)) as pool:
        assert _verdicts(pool, [*many[:70], bomb, *many[70:]]) == wanted | {"bomb": Verdict.CRASH}
        assert pool.counts.num_documents == 4  # the statements, all, those from 64 to the bomb, those after it
        assert pool.counts.num_alone == 1


def test_a_proof_cannot_raise_the_limit_of_work(toolchain: Toolchain) -> None:
    statement = "theorem t (a b c : Nat) : a + b + c = c + b + a := by"
    text = "\n  simp [Nat.add_comm, Nat.add_left_comm]"
    raised = text.replace("\n", "\n  set_option maxHeartbeats 400000 in\n")
    both = [candidate(statement, text, "plain"), candidate(statement, raised, "raised")]
    for heartbeats, verdict in ((25, Verdict.TIMEOUT), (500, Verdict.VERIFIED)):
        with LeanPool(toolchain, PoolConfig(workers=1, audit_share=0.0, heartbeats=heartbeats)) as pool:
            assert _verdicts(pool, both) == {"plain": verdict, "raised": verdict}


def test_identical_proofs_of_a_problem_are_checked_once(pool: LeanPool) -> None:
    same = [
        candidate(SELF, text, text) for text in ("\n  exact h", "\n  exact h\n\n", "\n  exact h  ", "\n  exact h -- x")
    ]
    found = _judge(pool, same)
    assert {judgement and judgement.verdict for judgement in found.values()} == {Verdict.VERIFIED}
    assert len({judgement.proof_hash for judgement in found.values() if judgement}) == 1
    assert pool.counts.num_reused == 3


def test_a_statement_that_does_not_elaborate_is_nobodys_wrong_proof(pool: LeanPool) -> None:
    statements = {
        "unknown name": "theorem t (p : Prop) (h : p) : r := by",
        "does not parse": "theorem t (p : Prop (h : p) : p := by",
        "no theorem": "def t : Nat := by",
        "other name": "theorem other (p : Prop) (h : p) : p := by",
        "no end": "theorem t (p : Prop) (h : p) : p",
        "a command too many": "theorem t (p : Prop) (h : p) : p\nend := by",
        "a comment opened": "theorem t (p : Prop) (h : p) : p /- := by",
        "a quotation opened": "theorem t (p : Prop) (h : p) : p ∧ `( := by",
    }
    bad = [Candidate(key, "", "t", statement, "\n  exact h") for key, statement in statements.items()]
    found = _verdicts(pool, [*bad, *GOOD])
    assert {found[key] for key in statements} == {Verdict.BAD_PROBLEM}
    assert {found[each.key] for each in GOOD} == {Verdict.VERIFIED}


def test_a_header_opens_namespaces_and_declares_for_all_its_problems(pool: LeanPool) -> None:
    header = "def Both (p q : Prop) : Prop := p ∧ q\nnamespace Mine\ndef twice (n : Nat) := n + n\nend Mine\nopen Mine"
    problems = ["theorem t (p q : Prop) (h : Both p q) : Both q p := by", "theorem t (n : Nat) : twice n = n + n := by"]
    texts = ["\n  exact ⟨h.2, h.1⟩", "\n  rfl"]
    pairs = [Candidate(f"{i}{j}", header, "t", s, x) for i, s in enumerate(problems) for j, x in enumerate(texts)]
    found = _verdicts(pool, pairs)
    assert found == {"00": Verdict.VERIFIED, "01": Verdict.ERROR, "10": Verdict.ERROR, "11": Verdict.VERIFIED}


def test_a_header_that_fails_or_leaves_a_namespace_open_makes_bad_problems(pool: LeanPool) -> None:
    headers = ["namespace Mine", "import Nowhere", "def x : Nat := true"]
    found = _verdicts(pool, [*GOOD, *(Candidate(header, header, "t", SELF, "\n  exact h") for header in headers)])
    assert found == {each.key: Verdict.VERIFIED for each in GOOD} | dict.fromkeys(headers, Verdict.BAD_PROBLEM)


def test_processes_killed_from_outside_change_no_verdict(toolchain: Toolchain) -> None:
    many = [
        replace(each, key=f"{each.key} {i}", completion=each.completion + "\n" + f"  -- {i}")
        for i in range(60)
        for each in (*GOOD, *WRONG)
    ]
    many = [
        replace(each, completion=each.completion.replace("exact", "exact" + " " * (i % 50)))
        for i, each in enumerate(many)
    ]
    done = threading.Event()
    killer = threading.Thread(target=_kill_children_now_and_then, args=(done, 6))
    with LeanPool(toolchain, PoolConfig(workers=2, document_size=40)) as pool:
        killer.start()
        found = _verdicts(pool, many)
        done.set()
        killer.join()
    assert found == {each.key: Verdict.VERIFIED if each.key.startswith("good") else Verdict.ERROR for each in many}


def _kill_children_now_and_then(done: threading.Event, times: int) -> None:
    """The server that has imported the header, and a child of it at work, by turns."""
    for turn in range(times):
        time.sleep(0.3)
        servers = _children(os.getpid())
        at_work = [child for server in servers for child in _children(server)]
        for process in (at_work if turn % 2 else servers)[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if done.is_set():
            return


def _children(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(folder.name))
    return found


FORGER = """
import re, sys, json
for number, line in enumerate(open(sys.argv[-1], encoding="utf-8")):
    if found := re.match("#print axioms (.*)", line):
        text = f"'{found.group(1)}' does not depend on any axioms"
        print(json.dumps({"pos": {"line": number + 1, "column": 0}, "severity": "information", "data": text}))
"""


KILLED = """
import os, sys
if "killed_here" in open(sys.argv[-1], encoding="utf-8").read():
    os.kill(os.getpid(), 9)
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_a_sample_whose_process_something_always_kills_is_left_without_a_verdict(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    script = tmp_path / "lean.py"
    script.write_text(KILLED, encoding="utf-8")
    mortal = replace(toolchain, command=(sys.executable, "-I", "-S", str(script), *toolchain.command), library=None)
    victim = candidate(SELF, "\n  exact killed_here", "victim")
    with LeanPool(mortal, PoolConfig(workers=2, audit_share=0.0)) as pool:
        found = _verdicts(pool, [*GOOD, victim, *WRONG])
    assert found == NEIGHBOURS | {"victim": None}


@pytest.mark.parametrize("program", ["", "import sys; sys.exit(1)", "import os; os.abort()", "print('{}')", FORGER])
def test_a_lean_that_fails_its_canaries_judges_nobody(toolchain: Toolchain, tmp_path: Path, program: str) -> None:
    """Programs that say nothing, fail, die, or vouch for everything stand in for a broken Lean."""
    script = tmp_path / "lean.py"
    script.write_text(program, encoding="utf-8")
    broken = replace(toolchain, command=(sys.executable, "-I", "-S", str(script)), library=None)
    with LeanPool(broken, PoolConfig(workers=2, seconds=5.0)) as pool:
        found = _verdicts(pool, [*GOOD, *WRONG])
    assert set(found.values()) == {None}


def test_the_checker_is_named_by_what_decides_its_verdicts(toolchain: Toolchain) -> None:
    def name(config: PoolConfig, lean: Toolchain = toolchain) -> str:
        with LeanPool(lean, config) as pool:
            return pool.checker_id

    plain = name(PoolConfig())
    assert name(PoolConfig(workers=1, document_size=7, seed=5)) == plain
    assert name(PoolConfig(heartbeats=3000)) != plain
    assert name(PoolConfig(seconds=11.0)) != plain
    assert name(PoolConfig(memory_mib=4096)) != plain
    assert name(PoolConfig(), replace(toolchain, fingerprint="another")) != plain


def test_an_error_that_lean_reports_nowhere_belongs_to_the_sample_alone_with_it(pool: LeanPool) -> None:
    """A character literal without an end: Lean puts the unsolved goals at the first line of the document."""
    broken = candidate(SELF, "\n  'a, h1⟩", "broken")
    assert _verdicts(pool, [*GOOD, broken, *WRONG]) == NEIGHBOURS | {"broken": Verdict.ERROR}
