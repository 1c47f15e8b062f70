from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from store.corpus import Corpus
from store.database import ORDER, VIEWS
from store.prompt import SqlCompleter, prompt_session
from store.shell import COMMANDS, Session, answer, is_complete
from store.sql import open_read_only
from tests.store.building import fill, problem, sample, verdict

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-c", "import cli; cli.main()", "sql", "--corpus"]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    row = problem("a")
    draws = [sample(row["problem_id"], "base", index) for index in range(3)]
    return fill(tmp_path / "corpus", problems=[row], samples=draws, verdicts=[verdict(draw) for draw in draws])


@pytest.fixture
def session(corpus: Corpus) -> Session:
    return Session(corpus, open_read_only(corpus))


def said(session: Session, capsys: pytest.CaptureFixture[str], entry: str) -> str:
    answer(session, entry)
    return capsys.readouterr().out


def piped(corpus: Corpus, text: str) -> str:
    done = subprocess.run(
        [*COMMAND, str(corpus.root)], input=text, capture_output=True, text=True, cwd=ROOT, check=True, timeout=60,
        env={"HOME": str(corpus.root.parent), "PATH": ""},
    )  # fmt: skip
    return done.stdout


def test_the_shell_can_be_piped_into(corpus: Corpus) -> None:
    out = piped(corpus, "SELECT ';\n' AS a,\ncount(*) AS n\nFROM samples;\nnonsense;\n.nothing\nSELECT 42 AS after;\n")
    assert "3" in out.split()
    assert "syntax error" in out
    assert ".nothing: no such command" in out
    assert "42" in out


def test_a_piped_statement_without_its_end_is_named(corpus: Corpus) -> None:
    assert "the input ends within a statement: SELECT 1" in piped(corpus, "SELECT 1\n")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("SELECT 1;", True),
        ("SELECT 1", False),
        ("SELECT ';", False),
        ("SELECT 1 -- ;", False),
        ("SELECT 'α → β';", True),
        ("SELECT 'α;", False),
        (".views", True),
    ],
)
def test_a_statement_is_whole_at_a_semicolon_of_its_own(text: str, whole: bool) -> None:
    assert is_complete(text) is whole


def test_views_are_listed_with_their_comments(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(session, capsys, ".views")
    for name in ORDER:
        first, *_ = (VIEWS / f"{name}.sql").read_text(encoding="utf-8").splitlines()
        assert first.removeprefix("-- ") in out
    assert "partition" not in said(session, capsys, ".views draws").splitlines()[0]


def test_help_names_every_command(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(session, capsys, ".help")
    assert all(name in out for name in COMMANDS)


def test_read_runs_the_statements_of_a_file(
    session: Session, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "two.sql"
    file.write_text("-- first\nSELECT 11 AS a;\n/* ; */ SELECT 22 AS b")
    out = said(session, capsys, f".read {file}")
    assert out.split() == ["a", "11", "b", "22"]
    file.write_text("SELECT 1; COPY (SELECT 1) TO 'x.csv'")
    assert "read-only" in said(session, capsys, f".read {file}")
    assert "not a file" in said(session, capsys, ".read /nowhere.sql")


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_export_writes_the_latest_rows(
    suffix: str, session: Session, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / f"rows.{suffix}"
    assert "ask a query first" in said(session, capsys, f".export {file}")
    answer(session, "SELECT sample_index AS i FROM samples ORDER BY 1;")
    assert "wrote" in said(session, capsys, f".export {file}")
    expected = {"csv": '"i"\n0\n1\n2\n', "jsonl": '{"i": 0}\n{"i": 1}\n{"i": 2}\n'}
    if suffix == "parquet":
        assert pq.read_table(file).to_pydict() == {"i": [0, 1, 2]}
    else:
        assert file.read_text() == expected[suffix]


def test_export_refuses_the_corpus_and_unknown_kinds(
    session: Session, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answer(session, "SELECT 1;")
    assert "inside the corpus" in said(session, capsys, f".export {session.corpus.root}/samples/x.parquet")
    assert "end the name in" in said(session, capsys, f".export {tmp_path}/x.xlsx")
    assert not (tmp_path / "x.xlsx").exists()


def test_a_wide_row_is_shown_as_a_block(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(session, capsys, "FROM corpus ORDER BY sample_index LIMIT 1;")
    assert out.startswith("row 1")
    assert "  theorem a (p q : Prop) (h : p ∧ q) : q ∧ p := by" in out
    answer(session, ".mode table")
    assert not said(session, capsys, "SELECT 1 AS a, 'x' AS b;").startswith("row 1")


def complete(completer: SqlCompleter, text: str) -> list[str]:
    found = completer.get_completions(Document(text), CompleteEvent())
    return [completion.text for completion in found]


def test_completion_knows_tables_columns_and_macros(session: Session) -> None:
    completer = SqlCompleter(session.connection)
    assert complete(completer, "FROM part") == ["partition"]
    assert complete(completer, "FROM pass_") == ["pass_at_k("]
    assert complete(completer, "SELECT z_im") == ["z_importance"]
    assert complete(completer, "FROM problems WHERE spl") == ["split"]
    assert "proof_hash" not in complete(completer, "FROM problems WHERE p")
    assert complete(completer, ".vi") == [".views"]


def test_enter_begins_a_line_until_the_statement_is_whole_and_history_stays(session: Session, tmp_path: Path) -> None:
    with create_pipe_input() as keys:
        prompt = prompt_session(session.connection, tmp_path / "history", is_complete, input=keys, output=DummyOutput())
        keys.send_text("SELECT\r42;\r")
        assert prompt.prompt() == "SELECT\n42;"
    assert "42;" in (tmp_path / "history").read_text()
    assert (tmp_path / "history").stat().st_mode & 0o077 == 0


def test_the_shell_runs_in_a_terminal(corpus: Corpus) -> None:
    master, slave = pty.openpty()
    env = {"HOME": str(corpus.root.parent), "PATH": "", "TERM": "xterm-256color"}
    process = subprocess.Popen([*COMMAND, str(corpus.root)], stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, env=env)
    try:
        seen = _until(master, b"corpus")
        os.write(master, b"SELECT 6 * 7 AS x;\r")
        seen += _until(master, b"42")
        os.write(master, b".quit\r")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)
    assert b"42" in seen


def _until(terminal: int, wanted: bytes) -> bytes:
    seen = b""
    deadline = time.monotonic() + 60
    while wanted not in seen and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 65536)
            if b"\x1b[6n" in seen[-65536:]:
                os.write(terminal, b"\x1b[1;1R")
    return seen
