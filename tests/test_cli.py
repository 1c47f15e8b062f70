"""The command line as a user meets it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [
    ["quickstart"],
    ["doctor"],
    ["import", "problems"],
    ["pretrain"],
    ["gen"],
    ["score"],
    ["filter"],
    ["facts"],
    ["sql"],
    ["stats"],
    ["show"],
    ["export"],
    ["explore"],
    ["train"],
    ["loop"],
    ["eval"],
    ["report"],
]
ROOT = Path(__file__).parent.parent


def cli(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "cli.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; sys.argv = ['cli', '--help']\n"
        "import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'duckdb', 'pyarrow', 'matplotlib', 'numpy', 'ray', 'vllm'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_help_ends_with_an_example_of_the_command(command: list[str]) -> None:
    done = cli(*command, "--help")
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert "Example: cli " + " ".join(command) in text[text.rindex("Example:") :]


def test_the_list_of_commands_is_complete() -> None:
    import typer

    from cli import app

    group = typer.main.get_command(app)
    names = {name for name in group.commands if name != "import"} | {"import"}
    assert names == {command[0] for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_stands_in_the_readme(command: list[str]) -> None:
    assert f"`cli {shlex.join(command)}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_corpus_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "corpus"
    file.write_text("not a folder")
    done = cli("stats", "--corpus", str(file))
    assert done.returncode == 2
    assert done.stderr.startswith("error:")
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_unknown_template_is_refused_in_one_line_with_the_names(tmp_path: Path) -> None:
    done = cli("gen", "--model", str(tmp_path), "--corpus", str(tmp_path), "--template", "fancy")
    assert done.returncode == 2
    assert done.stderr.startswith("error: --template fancy: unknown; there are chat, deepseek-prover-v1.5,")
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_help_names_every_template() -> None:
    from cli import TEMPLATES
    from gen.template import names

    assert list(TEMPLATES) == names()


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = cli("--debug", "stats", "--corpus", str(tmp_path / "nothing"))
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("alpha", ["-0.1", "1.5", "nan"])
def test_an_alpha_outside_the_unit_interval_is_wrong_use(alpha: str, tmp_path: Path) -> None:
    done = cli("train", "--alpha", alpha, "--model", "m", "--corpus", str(tmp_path), "--out", "o")
    assert done.returncode == 2
    assert "alpha" in done.stderr
