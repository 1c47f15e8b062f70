"""Any Lake project as the checker: found through Lake, tried before it judges, and every fault named with its remedy."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from filter.engine import Engine
from filter.pool import LeanPool, PoolConfig
from filter.project import project_toolchain
from filter.run import FilterConfig, check, open_pool
from filter.startup import try_lean
from filter.toolchain import Toolchain
from filter.verdict import Candidate, Judgement, Verdict
from store.errors import RemainsError, UsageError
from tests.filter import honest, hostile
from tests.filter.lake_project import HEADER, make_project, make_toolchain

DOUBLE = "theorem t (n : Nat) : double n = n + n := by"
ODD = "theorem t : double 1 = 3 := by"
SWAP = "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by"


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toolchain(tmp_path_factory.mktemp("elan") / "toolchain")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("lake") / "project")


@pytest.fixture(autouse=True)
def _lake_on_path(monkeypatch: pytest.MonkeyPatch, bin_folder: Path) -> None:
    monkeypatch.setenv("PATH", f"{bin_folder}:/usr/bin:/bin")


@pytest.fixture
def project(folder: Path) -> Toolchain:
    return project_toolchain(folder)


def _judge(toolchain: Toolchain, *candidates: Candidate, fork: bool = True) -> list[Judgement | None]:
    config = PoolConfig(workers=1, seconds=20.0, memory_mib=4096, heartbeats=2000, fork=fork)
    with LeanPool(toolchain, config) as pool:
        found = dict(pool.judge(candidates))
    return [found[each] for each in candidates]


def _of(statement: str, completion: str, header: str = HEADER) -> Candidate:
    return Candidate(f"{statement}{completion}", header, "t", statement, completion)


def test_lake_says_which_lean_and_where_its_modules_are(project: Toolchain, folder: Path, bin_folder: Path) -> None:
    assert project.version == "4.35.0"
    assert project.command == (str(bin_folder / "lean"),)
    assert project.env["LEAN_PATH"].split(":")[0] == str(folder / ".lake" / "build" / "lib" / "lean")
    assert project.library == bin_folder.parent / "lib" / "lean" / "libleanshared.so"


@pytest.mark.parametrize("fork", [True, False])
def test_proofs_are_judged_in_the_projects_own_words(project: Toolchain, fork: bool) -> None:
    right, wrong, borrowed, own = _judge(
        project,
        _of(DOUBLE, "\n  rfl"),
        _of(DOUBLE, "\n  exact double_zero"),
        _of(ODD, "\n  exact trusting"),
        _of(DOUBLE, "\n  cases choice n with\n  | inl h => rw [h]; rfl\n  | inr h => exact h"),
        fork=fork,
    )
    assert right
    assert right.verdict is Verdict.VERIFIED
    assert wrong
    assert wrong.verdict is Verdict.ERROR
    assert borrowed  # a `sorry` of the project's proves nothing
    assert (borrowed.verdict, borrowed.axioms) == (Verdict.SORRY, ("sorryAx",))
    assert own
    assert own.verdict is Verdict.AXIOM
    assert own.detail == "Mine.choice"


def test_an_axiom_of_the_projects_may_be_allowed(project: Toolchain) -> None:
    allowing = replace(project, allowed_axioms=project.allowed_axioms | {"Mine.choice"})
    text = "\n  cases choice n with\n  | inl h => rw [h]; rfl\n  | inr h => exact h"
    [found] = _judge(allowing, _of(DOUBLE, text))
    assert found
    assert found.verdict is Verdict.VERIFIED
    assert found.axioms is not None
    assert "Mine.choice" in found.axioms


def test_headers_are_imported_once_for_a_project_too(project: Toolchain) -> None:
    engine = Engine(project, 2000)
    assert engine.forks(HEADER)
    engine.close()


def test_no_hostile_text_is_verified_by_a_project_and_honest_ones_are(project: Toolchain) -> None:
    wrong = [_of(statement, text) for _, statement, text in hostile.ROWS[::8]]
    right = [_of(statement, text) for statement, text in honest.ROWS[::8]]
    found = _judge(project, *[replace(each, key=str(at)) for at, each in enumerate([*wrong, *right])])
    assert not [each for each in found[: len(wrong)] if each is None or each.verdict is Verdict.VERIFIED]
    assert {each and each.verdict for each in found[len(wrong) :]} == {Verdict.VERIFIED}


def test_a_header_or_statement_that_fails_marks_its_problem_with_leans_message(project: Toolchain) -> None:
    found = _judge(
        project,
        _of(DOUBLE, "\n  rfl"),
        _of(SWAP, "\n  exact ⟨h.2, h.1⟩", "prelude\nimport Remains\nimport Mathlib\n"),
        _of("theorem t (n : Nat) : triple n = n := by", "\n  rfl"),
    )
    assert [each and each.verdict for each in found] == [Verdict.VERIFIED, Verdict.BAD_PROBLEM, Verdict.BAD_PROBLEM]
    assert "Mathlib" in str(found[1] and found[1].detail)
    assert "triple" in str(found[2] and found[2].detail)


def test_a_checker_is_another_after_the_project_has_changed(tmp_path: Path, bin_folder: Path) -> None:
    folder = make_project(tmp_path / "project", build=False)

    def checker() -> str:
        with open_pool(FilterConfig(tmp_path, lean=str(folder))) as pool:
            return pool.checker_id

    names = [checker()]
    for change in (
        lambda: (folder / "lake-manifest.json").write_text('{"packages": ["x"]}'),
        lambda: (folder / "lean-toolchain").write_text("leanprover/lean4:v4.36.0"),
        lambda: (folder / ".lake" / "build" / "Own.olean").write_bytes(b"built"),
    ):
        assert checker() == names[-1]
        change()
        names.append(checker())
    assert len(set(names)) == 4


def test_the_axioms_and_the_share_looked_at_again_name_the_checker(folder: Path, tmp_path: Path) -> None:
    def checker(**changed: object) -> str:
        with open_pool(FilterConfig(tmp_path, lean=str(folder), **changed)) as pool:  # type: ignore[arg-type]
            return pool.checker_id

    assert checker() == checker(workers=1, seed=4)
    assert len({checker(), checker(strict=0.5), checker(allow_axioms=("Mine.choice",)), checker(seconds=3.0)}) == 4


@pytest.mark.parametrize(
    ("spoil", "error", "told"),
    [
        ("folder", UsageError, "no such folder"),
        ("project", UsageError, "no Lake project"),
        ("lake", UsageError, "install elan"),
        ("configuration", RemainsError, "`lake env` fails"),
        ("lean", UsageError, "that is not there"),
        ("not lean", RemainsError, "which is no Lean"),
    ],
)
def test_what_is_missing_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: str, error: type[Exception], told: str
) -> None:
    folder, tools = make_project(tmp_path / "project", build=False), make_toolchain(tmp_path / "toolchain")
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("ELAN_HOME", str(tmp_path / "none"))
    match spoil:
        case "folder":
            shutil.rmtree(folder)
        case "project":
            (folder / "lakefile.toml").unlink()
            (folder / "lake-manifest.json").unlink()
        case "lake":
            (tools / "lake").unlink()
        case "configuration":
            (folder / "lakefile.toml").unlink()
        case "lean":
            (tools / "lean").unlink()
        case "not lean":
            (tools / "lean").write_text("#!/bin/sh\necho hello\n")
    with pytest.raises(error, match=told) as raised:
        project_toolchain(folder)
    assert str(folder) in str(raised.value) or "elan" in str(raised.value)


def test_a_project_that_is_not_built_is_refused_before_work_starts(tmp_path: Path) -> None:
    lean = project_toolchain(make_project(tmp_path / "project", build=False))
    with LeanPool(lean, PoolConfig(workers=1)) as pool, pytest.raises(RemainsError, match=r"Mine.*lake build"):
        try_lean(pool, [HEADER])


def test_a_project_that_works_under_one_of_its_headers_is_fit(project: Toolchain) -> None:
    with LeanPool(project, PoolConfig(workers=1)) as pool:
        try_lean(pool, ["prelude\nimport Nowhere\n", HEADER])


def test_the_command_takes_a_folder(tmp_path: Path, folder: Path) -> None:
    from tests.filter.test_run import _corpus, _verdicts

    corpus = _corpus(tmp_path / "corpus", [(SWAP, "\n  exact ⟨h.2, h.1⟩", "stop")], header=HEADER)
    summary = check(FilterConfig(corpus.root, workers=1, lean=str(folder)))
    assert _verdicts(corpus) == {"s00000": "verified"}
    assert (summary.counts.num_confirmed, summary.counts.num_unconfirmed) == (1, 0)
    assert "looked at again: 1" in summary.as_text()
