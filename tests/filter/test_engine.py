"""A header imported once and a child for every document: the same answers as from fresh processes, and no less safe."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from filter.document import Problem, Proof, build
from filter.engine import Engine, imports
from filter.olean import Olean
from filter.process import Limits, Outcome, run_lean
from filter.toolchain import Toolchain
from tests.filter import honest, hostile

LIMITS = Limits(20.0, 2048, 2000)
GOOD = "theorem a (p q : Prop) (h : p ∧ q) : q ∧ p := ⟨h.2, h.1⟩\n#print axioms a\n"
SKIPPED = (
    "set_option debug.skipKernelTC true in\n"
    "theorem bad : False := by\n  cases (show (2 : Nat) + 2 = 5 from by decide +kernel)\n#print axioms bad\n"
)


@pytest.fixture(scope="module")
def engine(toolchain: Toolchain) -> Iterator[Engine]:
    opened = Engine(toolchain, LIMITS.heartbeats)
    yield opened
    opened.close()


def _run(engine: Engine, text: str, limits: Limits = LIMITS, olean: Path | None = None) -> Outcome:
    preamble = engine.toolchain.preamble
    return engine.run(preamble, preamble + text, limits, olean)


def _said(outcome: Outcome) -> list[tuple[int, int, int, str]]:
    return sorted((each.line, each.column, each.severity, each.message) for each in outcome.diagnostics)


def test_documents_are_forked(engine: Engine) -> None:
    assert engine.forks(engine.toolchain.preamble)


def test_a_forked_child_says_what_a_fresh_process_says(engine: Engine) -> None:
    texts = [*hostile.ROWS[::9], *[("", *row) for row in honest.ROWS[::3]]]
    proofs = [Proof(Problem("", "t", statement), text) for _, statement, text in texts if "\0" not in text]
    usable = [each for each in proofs if each.problem.reference("r") and _encodes(each.text) and len(each.text) < 5000]
    assert len(usable) > 60
    for start in range(0, len(usable), 20):
        text = build(engine.toolchain, usable[start : start + 20]).text
        forked = engine.run(engine.toolchain.preamble, text, LIMITS)
        fresh = run_lean(engine.toolchain, text, LIMITS)
        assert (forked.failure is None) == (fresh.failure is None)
        assert _said(forked) == _said(fresh)


def _encodes(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False


def test_a_forked_child_compiles_what_a_fresh_process_compiles(engine: Engine, tmp_path: Path) -> None:
    text = "theorem a (n : Nat) : n + 0 = n := match n with | 0 => rfl | _ + 1 => rfl\n"
    forked, fresh = tmp_path / "forked.olean", tmp_path / "fresh.olean"
    _run(engine, text, olean=forked)
    run_lean(engine.toolchain, engine.toolchain.preamble + text, LIMITS, olean=fresh)
    here, there = Olean.read(forked), Olean.read(fresh)
    assert list(here.constants) == list(there.constants)
    assert here.tables == there.tables


def test_an_error_leaves_nothing_compiled(engine: Engine, tmp_path: Path) -> None:
    _run(engine, "theorem a : False := trivial\n", olean=tmp_path / "a.olean")
    assert not (tmp_path / "a.olean").exists()


def test_no_document_sees_what_another_declared(engine: Engine) -> None:
    assert _said(_run(engine, "theorem mine : True := trivial\n")) == []
    [(_, _, severity, message)] = _said(_run(engine, "theorem other : True := mine\n"))
    assert severity == 1
    assert "mine" in message


def test_a_text_that_imports_more_than_its_head_is_compiled_by_nobody(engine: Engine) -> None:
    outcome = engine.run(engine.toolchain.preamble, engine.toolchain.preamble + "import Remains.Logic\n" + GOOD, LIMITS)
    assert outcome.failure
    assert outcome.failure.kind == "refused"


def test_the_kernel_by_itself_refuses_what_it_was_kept_from_checking(engine: Engine, tmp_path: Path) -> None:
    """Compiled by a Lean without our guards against the option: no error, no axioms, and no proof."""
    found = {}
    for name, text in {"good": GOOD, "bad": SKIPPED.replace("set_option debug.skipKernelTC true in\n", "")}.items():
        olean = tmp_path / f"{name}.olean"
        lean = replace(engine.toolchain, options=(*engine.toolchain.options, "debug.skipKernelTC=true"))
        skipping = Engine(lean, LIMITS.heartbeats)
        outcome = _run(skipping, text, olean=olean)
        skipping.close()
        assert [each.severity for each in outcome.diagnostics] == [3]
        nothing, order = (olean, []), _by_use(Olean.read(olean))
        checked = engine.check_again(engine.toolchain.preamble, LIMITS, nothing, (olean, order))
        assert checked
        found[name] = checked.failure and checked.failure.kind
    assert found == {"good": None, "bad": "refused"}


def test_the_kernel_takes_what_the_header_declares_from_the_header(engine: Engine, tmp_path: Path) -> None:
    """A module in which the header's own definition means something else cannot lend its meaning to the theorem."""
    meanings = {"False": tmp_path / "header.olean", "True": tmp_path / "candidate.olean"}
    for meaning, olean in meanings.items():
        theorem = "theorem t : P := trivial\n" if meaning == "True" else ""
        assert _said(_run(engine, f"def P : Prop := {meaning}\n{theorem}", olean=olean)) == []
    clean, forged = meanings.values()
    place = [*Olean.read(forged).constants].index(("t",))
    head, p = engine.toolchain.preamble, [[*Olean.read(file).constants].index(("P",)) for file in (clean, forged)]
    refused = engine.check_again(head, LIMITS, (clean, [p[0]]), (forged, [place]))
    taken = engine.check_again(head, LIMITS, (forged, [p[1]]), (forged, [place]))
    assert refused
    assert refused.failure
    assert refused.failure.kind == "refused"
    assert taken
    assert taken.failure is None


def _by_use(olean: Olean) -> list[int]:
    """Places of the constants by how many of the module they rest on, which puts each behind those that it uses."""
    names = list(olean.constants)

    def rests_on(name: object) -> set[object]:
        constant = olean.constants[name]  # type: ignore[index]
        used = {each for each in olean.used_constants(constant.type, *filter(None, [constant.value])) if each in names}
        return used.union(*(rests_on(each) for each in used - {name}))

    return sorted(range(len(names)), key=lambda place: len(rests_on(names[place])))


def test_every_limit_is_told_by_its_name(engine: Engine) -> None:
    loop = "theorem t : True := by\n  repeat (have : True := trivial)\n"
    memory = "theorem t : (List.replicate 100000000 0).length = 5 := by decide +kernel\n"
    endless = Engine(engine.toolchain, 0)
    outcomes = [_run(endless, loop, Limits(1.0, 8192, 0)), _run(endless, memory, Limits(60.0, 300, 0))]
    endless.close()
    assert [each.failure and each.failure.kind for each in outcomes] == ["timeout", "memory"]
    assert outcomes[0].failure
    assert "CPU" in outcomes[0].failure.detail


ENDLESS = "theorem t : True := by\n  repeat (have : True := trivial)\n"


def test_a_document_whose_child_is_killed_from_outside_begins_again(engine: Engine) -> None:
    endless = Engine(engine.toolchain, 0)
    assert endless.forks(engine.toolchain.preamble)
    killer = threading.Thread(target=_kill_in_a_while, args=(os.getpid(), 2))
    killer.start()
    outcome = _run(endless, ENDLESS, Limits(3.0, 8192, 0))
    killer.join()
    assert outcome.failure
    assert outcome.failure.kind == "timeout"
    assert _run(endless, GOOD).failure is None
    endless.close()


def test_a_server_that_dies_is_replaced_and_its_document_begins_again(engine: Engine) -> None:
    mortal = Engine(engine.toolchain, 0)
    assert mortal.forks(engine.toolchain.preamble)
    killer = threading.Thread(target=_kill_in_a_while, args=(os.getpid(), 1))
    killer.start()
    outcome = _run(mortal, ENDLESS, Limits(3.0, 8192, 0))
    killer.join()
    assert outcome.failure
    assert outcome.failure.kind == "timeout"
    assert _run(mortal, GOOD).failure is None
    assert mortal.forks(engine.toolchain.preamble)
    mortal.close()


def _kill_in_a_while(parent: int, generations: int) -> None:
    """Kill the youngest child of `parent`, or that one's child."""
    time.sleep(0.5)
    for _ in range(generations):
        parent = max(children_of(parent))
    os.kill(parent, signal.SIGKILL)


def children_of(pid: int) -> list[int]:
    """Process ids, of those that live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(folder.name))
    return found


def test_headers_beyond_the_number_kept_are_imported_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    import filter.engine

    monkeypatch.setattr(filter.engine, "MAX_HEADERS", 2)
    small = Engine(engine.toolchain, LIMITS.heartbeats)
    modules = ("Remains", "Remains.Logic", "Remains.Numbers", "Remains")
    for module in modules:
        head = f"prelude\nimport {module}\n"
        assert small.run(head, head + "theorem t (p : Prop) (h : p) : p := h\n", LIMITS).failure is None
        assert len(small._servers) <= 2
    assert list(small._servers) == ["prelude\nimport Remains.Numbers\n", "prelude\nimport Remains\n"]
    small.close()


def test_a_lean_that_cannot_be_loaded_gives_every_document_a_process(toolchain: Toolchain, tmp_path: Path) -> None:
    no_library = tmp_path / "libnothing.so"
    no_library.write_bytes(b"not a library")
    other = Engine(replace(toolchain, library=no_library), LIMITS.heartbeats)
    assert not other.forks(toolchain.preamble)
    assert _said(_run(other, GOOD)) == [(3, 0, 3, "'a' does not depend on any axioms")]
    olean = tmp_path / "x.olean"
    assert other.check_again(toolchain.preamble, LIMITS, (olean, []), (olean, [])) is None
    other.close()


def test_a_header_that_does_not_import_is_told_by_lean(engine: Engine) -> None:
    head = "prelude\nimport Nowhere\n"
    outcome = engine.run(head, head + GOOD, LIMITS)
    assert any("Nowhere" in each.message for each in outcome.diagnostics)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", ""),
        ("prelude\nimport Remains\n", "prelude\nimport Remains\n"),
        ("import A\n\nimport B\nopen C\n", "import A\n\nimport B\n"),
        ("module\npublic import A\npublic meta import B\nsection\n", "module\npublic import A\npublic meta import B\n"),
        ("open Nat\n", ""),
    ],
)
def test_the_imports_end_with_the_last_of_them(head: str, expected: str) -> None:
    assert imports(head) == expected
