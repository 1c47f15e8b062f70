"""The scripts for real models: every command line is one that `cli` takes, with settings that the stages take."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer

import cli

SCRIPTS = Path(__file__).parents[2] / "recipes" / "prover"
RECORDER = """#!{python}
import json, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
"""


def recorded(script: str, place: str, folder: Path, **settings: str) -> list[list[str]]:
    """Run a script with a `cli` that writes down its arguments."""
    log, recorder = folder / "log", folder / "recorder"
    recorder.write_text(RECORDER.format(python=sys.executable, log=str(log)))
    recorder.chmod(0o755)
    (folder / "float32").mkdir(exist_ok=True)
    environment = {**os.environ, "CLI": str(recorder), "BASE_FLOAT32": "float32", **settings}
    subprocess.run(["sh", str(SCRIPTS / script), place], cwd=folder, env=environment, check=True, timeout=60)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    log.unlink()
    return lines


def parsed(arguments: list[str]) -> tuple[str, dict[str, Any]]:
    """Parse a command line as `cli` does, without running it."""
    command: Any = typer.main.get_command(cli.app)
    names = []
    while hasattr(command, "commands"):
        names.append(arguments[0])
        command, arguments = command.commands[arguments[0]], arguments[1:]
    return " ".join(names), command.make_context(names[-1], list(arguments)).params


@pytest.mark.parametrize("place", ["node", "ray"])
@pytest.mark.parametrize("script", ["prepare.sh", "offline.sh", "online.sh"])
def test_every_line_of_the_scripts_is_a_command(script: str, place: str, tmp_path: Path) -> None:
    lines = [parsed(line) for line in recorded(script, place, tmp_path)]
    expected = {
        "prepare.sh": {"import problems": 2},
        "offline.sh": {"gen": 1, "filter": 1, "train": 6, "eval": 6, "report": 1},
        "online.sh": {"import problems": 14, "loop": 7, "eval": 7},
    }
    assert Counter(name for name, _ in lines) == expected[script]
    for name, settings in lines:
        if name in ("gen", "filter", "loop", "eval"):
            assert settings["distributed"] == ("ray" if place == "ray" else None)


def test_the_numbers_are_the_paper_s(tmp_path: Path) -> None:
    loops = [settings for name, settings in map(parsed, recorded("online.sh", "node", tmp_path)) if name == "loop"]
    for one in loops:
        assert (one["rounds"], one["problems_per_round"], one["n"], one["steps"]) == (200, 128, 4, 1)
        assert (one["learning_rate"], one["z"], one["replay"], one["carry_optimizer"]) == (2e-6, "round", 0, True)
    assert [one["alpha"] for one in loops] == [0.0, 0.25, 0.5, 0.75, 0.9, 0.999, None]
    assert loops[-1]["objective"] == "dr-grpo"
    assert all(one["problems_sql"].is_file() for one in loops)
    lines = map(parsed, recorded("offline.sh", "node", tmp_path))
    gen, *rest = (settings for name, settings in lines if name in ("gen", "train", "eval"))
    assert gen["n"] * 10_000 == pytest.approx(200 * 128 * 4, rel=0.03)  # as many samples as online
    assert {one["n"] for one in rest if "against" in one} == {256}


def test_the_settings_are_taken_by_the_stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands themselves, up to the one call that each of them makes."""
    import train.evaluate
    import train.loop
    import train.trainer

    made = Counter[str]()

    class Said:
        def as_text(self) -> str:
            return ""

        show = lambda self, format: ""  # noqa: E731

    def note(kind: str) -> Any:
        def run(config: Any) -> Said:
            made[kind] += 1
            return Said()

        return run

    for module, name in ((train.loop, "run_loop"), (train.trainer, "train"), (train.evaluate, "evaluate_policy")):
        monkeypatch.setattr(module, name, note(name))
    for script in ("offline.sh", "online.sh"):
        for line in recorded(script, "ray", tmp_path):
            if line[0] in ("loop", "train", "eval"):
                cli.app(line, standalone_mode=False)
    assert made == {"run_loop": 7, "train": 6, "evaluate_policy": 13}
