"""The first look taken by a Kimina Lean server: a real HTTP server of its API, with the real Lean behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

import filter.kimina
from filter.kimina import KiminaError, KiminaServer, diagnostics, prepare, read_answer
from filter.pool import ONE_LOOK, LeanPool, PoolConfig
from filter.run import FilterConfig, check
from filter.toolchain import Toolchain
from filter.verdict import ALARMS, Candidate, Judgement, Verdict
from store.errors import RemainsError, UsageError
from tests.filter.conftest import candidate
from tests.filter.kimina_server import Behaviour, kimina
from tests.filter.test_pool import GOOD, TRUE, WRONG
from tests.filter.test_run import SWAP, _corpus, _verdicts
from tests.filter.test_soundness import HONEST, HOSTILE

CONFIG = PoolConfig(workers=2, audit_share=0.0, document_size=32, heartbeats=200_000)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter.kimina, "FIRST_WAIT", 0.01)
    for name in filter.kimina.KEYS:
        monkeypatch.delenv(name, raising=False)


def judge(
    behaviour: Behaviour, candidates: Iterable[Candidate], config: PoolConfig = CONFIG, second: Toolchain | None = None
) -> dict[str, Judgement | None]:
    with kimina(behaviour) as url:
        server = KiminaServer(url)
        with LeanPool(server.toolchain(), config, server=server, second=second) as pool:
            return {each.key: judged for each, judged in pool.judge(candidates)}


def headed(candidates: Iterable[Candidate]) -> list[Candidate]:
    header = "import Mathlib\nimport Aesop\n\nopen Nat\n"
    return [replace(each, header=header) for each in candidates]


def told(found: dict[str, Judgement | None]) -> dict[str, tuple[object, ...]]:
    return {key: judged and (judged.verdict, judged.detail, judged.axioms) for key, judged in found.items()}


def test_honest_proofs_are_verified_and_the_detail_says_that_nobody_looked_again() -> None:
    found = judge(Behaviour(), HONEST)
    assert {(judged and judged.verdict, judged and judged.detail) for judged in found.values()} == {
        (Verdict.VERIFIED, ONE_LOOK)
    }
    assert len(found) == len(HONEST)


@pytest.mark.slow
def test_no_hostile_text_is_verified_by_a_server() -> None:
    found = judge(Behaviour(), HOSTILE)
    wrong = {
        key: judged for key, judged in found.items() if not judged or judged.verdict in {Verdict.VERIFIED, *ALARMS}
    }
    assert len(found) == len(HOSTILE)
    assert wrong == {}


SERVERS = {
    "that counts from the beginning": Behaviour(),
    "that counts from the imports": Behaviour(counts_from_imports=True),
    "of the first generation": Behaviour(pages=("/verify",), counts_from_imports=True),
    "that stumbles": Behaviour(troubles=["hang up", "429", "429", "429", "429", "429", "no json", "other id", "429"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", SERVERS)
def test_verdicts_and_places_are_those_of_lean_on_this_machine(kind: str, toolchain: Toolchain) -> None:
    behaviour = replace(SERVERS[kind], troubles=list(SERVERS[kind].troubles))
    candidates = [*GOOD, *WRONG, candidate(SWAP, "\n  have a := h.1\n  exact ⟨a, h.2⟩", "place")]
    with LeanPool(toolchain, CONFIG) as pool:
        here = {each.key: judged for each, judged in pool.judge(candidates)}
    there = judge(behaviour, headed(candidates), second=None)
    accepted = {key for key, judged in here.items() if judged and judged.verdict is Verdict.VERIFIED}
    assert {
        key: each if key not in accepted else (each[0], None, each[2]) for key, each in told(there).items()
    } == told(here)
    assert str(there["place"] and there["place"].detail).startswith("line 3, column 9")
    assert behaviour.reuses == {True, False}, "with imports a Lean may be used again, without it may not"
    assert not behaviour.troubles


def test_our_line_stands_behind_the_imports_and_is_taken_out_again() -> None:
    text = "import A\n\nimport B\nopen Nat\ntheorem t"
    prepared = prepare(text, 7)
    lines = prepared.text.split("\n")
    assert [*lines[:3], *lines[4:]] == text.split("\n")
    assert prepared.line == 3
    assert lines[3].startswith("set_option maxHeartbeats 7 ")
    for first in (1, 4):  # counted from the imports' end, and from the beginning
        answer = [
            message(first, "info", "'True.intro' does not depend on any axioms"),
            message(first + 2, "error", "no"),
        ]
        [found] = read_answer(prepared, {"messages": list(reversed(answer))}).diagnostics
        assert (found.line, found.column, found.severity) == (4, 2, 1), "the fifth line of the text"


@pytest.mark.parametrize("line", [0, 2, 3, 5])
def test_a_first_answer_at_no_known_place_is_a_failure_and_no_verdict(line: int) -> None:
    said = [message(line, "info", "'True.intro' does not depend on any axioms")]
    outcome = read_answer(prepare("import A\n\nimport B\ntheorem t", 7), {"messages": said})
    assert outcome.failure is not None
    assert outcome.failure.kind == "start"
    assert outcome.diagnostics == []


def message(line: int, severity: str, text: str) -> dict[str, object]:
    return {"severity": severity, "pos": {"line": line, "column": 2}, "endPos": None, "data": text}


@pytest.mark.parametrize("bad", [{"pos": {"line": 1}}, {"severity": "fatal"}, {"pos": None}, {"data": None, "pos": {}}])
def test_what_is_no_message_is_an_error_that_names_the_server(bad: dict[str, object]) -> None:
    with pytest.raises(KiminaError, match="no message of Lean's"):
        diagnostics({"messages": [message(1, "info", "x") | bad]})


def test_a_server_that_loses_what_lean_says_verifies_nothing_and_refuses_nothing() -> None:
    found = judge(Behaviour(loses_messages=True), [*GOOD[:2], *WRONG[:2]])
    assert set(found.values()) == {None}


def test_a_proof_that_talks_too_much_is_told_from_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter.kimina, "MAX_OUTPUT_BYTES", 20_000)
    text = f"\n  have long : {' ∧ '.join(['p'] * 100)} := by\n" + "    trace_state\n" * 60 + "    simp [h]\n  exact h"
    loud = candidate("theorem t (p : Prop) (h : p) : p := by", text, "loud")
    found = judge(Behaviour(), [*GOOD[:2], loud, *WRONG[:2]])
    assert found["loud"].verdict is Verdict.MEMORY
    assert found["loud"].detail.endswith("MiB of messages")
    expected = [Verdict.VERIFIED, Verdict.VERIFIED]
    assert [found[each.key].verdict for each in GOOD[:2]] == expected
    assert Verdict.MEMORY not in [found[each.key].verdict for each in WRONG[:2]]


@pytest.mark.slow
def test_an_endless_proof_is_a_timeout_and_costs_its_neighbours_nothing() -> None:
    loop = candidate(TRUE, "\n  have : (List.replicate 100000000 0).length = 5 := by decide +kernel\n  trivial", "loop")
    found = judge(Behaviour(), [*GOOD[:2], loop, *WRONG[:1]], replace(CONFIG, seconds=3.0))
    expected = [Verdict.VERIFIED, Verdict.VERIFIED, Verdict.ERROR]
    assert [found[each.key].verdict for each in (*GOOD[:2], *WRONG[:1])] == expected
    assert found["loop"].verdict in (Verdict.TIMEOUT, Verdict.MEMORY)


def test_a_server_that_answers_nothing_more_ends_the_run_and_is_nobodys_wrong_proof(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", [(SWAP, "\n  exact ⟨h.2, h.1⟩", "stop"), (SWAP, "\n  sorry", "stop")])
    behaviour = Behaviour()
    with kimina(behaviour) as url:
        config = FilterConfig(corpus.root, workers=1, lean=f"kimina:{url}")
        monkey = ["hang up"] * (filter.kimina.ATTEMPTS + 1)
        behaviour.troubles = ["404", *monkey]  # the first is the question for the version, which then goes to /verify
        with pytest.raises(KiminaError, match=r"no answer .*4 times\. What was judged is written"):
            check(config)
        assert _verdicts(corpus) == {}
        behaviour.troubles = []
        summary = check(config)
        assert summary.verdicts == {"verified": 1, "policy": 1}
        assert "--confirm names a Lean" in summary.as_text()
        assert check(config).num_judged == 0


def test_a_server_that_breaks_on_everything_is_no_crash_of_a_proof(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "corpus", [(SWAP, "\n  exact ⟨h.2, h.1⟩", "stop")])
    behaviour = Behaviour()
    with kimina(behaviour) as url:
        server = KiminaServer(url)
        behaviour.troubles = ["500"] * 100_000
        with LeanPool(server.toolchain(), CONFIG, server=server) as pool:
            assert [judged for _, judged in pool.judge(GOOD[:1])] == [None]
        with pytest.raises(RemainsError, match="HTTP 500"):
            check(FilterConfig(corpus.root, workers=1, lean=f"kimina:{url}"))
    assert _verdicts(corpus) == {}


def test_each_way_of_judging_has_an_identity_of_its_own(tmp_path: Path, toolchain: Toolchain) -> None:
    corpus = _corpus(tmp_path / "corpus", [(SWAP, "\n  exact ⟨h.2, h.1⟩", "stop")])
    with kimina(Behaviour(key="secret")) as url, pytest.MonkeyPatch.context() as patch:
        with pytest.raises(KiminaError, match="wants a key"):
            check(FilterConfig(corpus.root, workers=1, lean=f"kimina:{url}"))
        patch.setenv("KIMINA_API_KEY", "secret")
        alone = check(FilterConfig(corpus.root, workers=1, lean=f"kimina:{url}"))
        confirmed = check(FilterConfig(corpus.root, workers=1, lean=f"kimina:{url}", confirm="embedded"))
    here = check(FilterConfig(corpus.root, workers=1))
    assert len({alone.checker_id, confirmed.checker_id, here.checker_id}) == 3
    with corpus.connect() as connection:
        rows = connection.execute("SELECT checker_id, verdict, detail FROM verdicts").fetchall()
    assert sorted(rows) == sorted(
        [(alone.checker_id, "verified", ONE_LOOK)] + [(each.checker_id, "verified", None) for each in (confirmed, here)]
    )
    assert "--confirm" not in confirmed.as_text() + here.as_text()


def test_what_a_server_accepts_and_the_second_look_does_not_is_an_alarm(toolchain: Toolchain) -> None:
    """The server's own prelude is the embedded one; a second Lean that allows no axiom confirms nothing that needs one."""
    strict = replace(toolchain, allowed_axioms=frozenset())
    em = candidate("theorem t (p : Prop) : p ∨ ¬p := by", "\n  exact Classical.em p", "em")
    found = judge(Behaviour(), [em, *GOOD[:1]], second=strict)
    assert [found[key].verdict for key in ("em", GOOD[0].key)] == [Verdict.UNCONFIRMED, Verdict.VERIFIED]


NO_LEAN = ["kimina:", "kimina:host:8000", "kimina:ftp://host", "kimina:http://me:secret@host", "mathlib"]


@pytest.mark.parametrize(("lean", "confirm"), [("embedded", "embedded"), *((lean, None) for lean in NO_LEAN)])
def test_a_lean_that_is_none_is_refused(tmp_path: Path, lean: str, confirm: str | None) -> None:
    corpus = _corpus(tmp_path / "corpus", [(SWAP, "\n  exact ⟨h.2, h.1⟩", "stop")])
    with pytest.raises(UsageError, match=r"--lean|--confirm") as refused:
        check(FilterConfig(corpus.root, lean=lean, confirm=confirm))
    assert "secret" not in str(refused.value)


def test_a_page_that_is_no_such_server_is_named() -> None:
    with kimina(Behaviour(pages=())) as url, pytest.raises(KiminaError, match="no Kimina Lean server"):
        KiminaServer(url)
