"""Every command's help ends with an example; here they are run, as a user would paste them, after the short quickstart."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer

import cli
from tests.commands import kill, run, start

ROOT = Path(__file__).parent.parent
PROBLEM = {"name": "t", "statement": "theorem t (p : Prop) (h : p) : p := by", "split": "test"}


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


EXAMPLES = {
    name: (command.epilog or "").removeprefix("Example:").strip()
    for name, command in commands(typer.main.get_command(cli.app))
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the short quickstart was begun, killed in the middle, and begun again."""
    folder = tmp_path_factory.mktemp("newcomer")
    first = start("quickstart", "--fast", cwd=folder)
    deadline = time.monotonic() + 300
    while not list(folder.glob("quickstart/corpus/samples/*/*/*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.05)
    kill(first)
    done = run("quickstart", "--fast", cwd=folder, timeout=600)
    assert done.returncode == 0, done.stderr
    (folder / "output.txt").write_text(done.stdout)
    (folder / "lean-workbook.jsonl").write_text(json.dumps(PROBLEM) + "\n")
    pq.write_table(pa.Table.from_pylist([PROBLEM]), folder / "minif2f.parquet")
    return folder


@pytest.mark.slow
def test_an_interrupted_quickstart_goes_on_to_its_table_and_report(folder: Path) -> None:
    table = (folder / "output.txt").read_text().splitlines()
    labels = [line.split("  ")[0] for line in table[1:7]]
    assert labels == ["base", "α = 0", "α = 0.25", "α = 0.5", "α = 0.75", "α = 0.999"]
    assert "<svg" in (folder / "quickstart" / "report.html").read_text()


@pytest.mark.slow
def test_every_sample_of_the_quickstart_stands_once_with_one_verdict(folder: Path) -> None:
    query = (
        "SELECT count(*) AS n, count(DISTINCT sample_id) AS n_distinct, "
        "(SELECT count(*) FROM verdicts) AS n_verdicts, "
        "(SELECT count(DISTINCT sample_id) FROM verdicts) AS n_judged FROM samples"
    )
    done = run("sql", query, "--corpus", "quickstart/corpus", "--format", "json", cwd=folder)
    row = json.loads(done.stdout)
    assert row["n"] == row["n_distinct"] == row["n_verdicts"] == row["n_judged"] > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name in EXAMPLES if name != "explore"]
)  # it serves: tests/store/test_explore.py
def test_the_example_of_the_help_works(name: str, folder: Path) -> None:
    words = shlex.split(EXAMPLES[name])
    assert words[:1] == ["cli"]
    assert " ".join(words[1:]).startswith(name)
    done = run(*words[1:], cwd=folder, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.slow
def test_the_readmes_query_finds_proofs_that_the_base_found_once(folder: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    begin = text.index('cli sql --corpus quickstart/corpus "') + len('cli sql --corpus quickstart/corpus "')
    query = text[begin : text.index('"', begin)]
    done = run("sql", query, "--corpus", "quickstart/corpus", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("name")
