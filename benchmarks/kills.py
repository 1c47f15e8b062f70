"""SIGKILL at random moments of a short `cli loop`: `python -m benchmarks.kills WORK QUICKSTART --kills 20`.

QUICKSTART is a finished `cli quickstart`: some of its problems and its base policy are used. The loop runs once
undisturbed; then again and again in fresh folders, each killed as often as it takes until it ends, up to the number
asked for. Every corpus must be the undisturbed one: the same samples with the same verdicts, the same policies, the
same metrics of every round to nine digits. Kills fall within 1.5 seconds after something new was written, so in every
stage.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa

from store.corpus import Corpus
from store.schema import PROBLEMS

NUM_PROBLEMS, ROUNDS = 16, 3
ROOT = Path(__file__).parent.parent
SAMPLES = "SELECT sample_id, round, policy_id, completion, verdict FROM corpus ORDER BY ALL"
POLICIES = "SELECT DISTINCT policy_id, parent_policy_id FROM policies ORDER BY ALL"


def main() -> None:
    """Run, kill, compare; exit with 1 where a corpus differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("quickstart", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    whole = _prepare(arguments.work / "whole", arguments.quickstart)
    _finish(whole, arguments.quickstart)
    expected, stages, number = _outcome(whole), Counter[str](), 0
    while stages.total() < arguments.kills:
        folder = _prepare(arguments.work / f"killed-{number}", arguments.quickstart)
        stages += _kill(folder, arguments.quickstart, arguments.kills - stages.total(), rng)
        _finish(folder, arguments.quickstart)
        if not _alike(_outcome(folder), expected):
            sys.exit(f"{folder} differs from {whole}")
        number += 1
    spread = ", ".join(f"{count} in {stage}" for stage, count in stages.most_common())
    print(f"{stages.total()} kills in {number} loops of {ROUNDS} rounds ({spread}): the same corpus every time")


def _prepare(folder: Path, quickstart: Path) -> Path:
    """Make an empty corpus with some of the problems."""
    shutil.rmtree(folder, ignore_errors=True)
    problems = Corpus.open(quickstart / "corpus").problems("train")[:NUM_PROBLEMS]
    rows = pa.Table.from_pylist([vars(problem) for problem in problems], PROBLEMS)
    Corpus.open(folder / "corpus", create=True).append_problems(rows)
    return folder


def _start(folder: Path, quickstart: Path) -> subprocess.Popen[bytes]:
    base, small = quickstart / "policies" / "base", ["--n", "8", "--steps", "3", "--max-new-tokens", "64"]
    asked = ["loop", "--model", base, "--corpus", folder / "corpus", "--out", folder / "loop", "--alpha", "0.25"]
    command = [sys.executable, "-c", "import cli; cli.main()", *map(str, asked), *small, "--rounds", str(ROUNDS)]
    with (folder / "log").open("a") as log:
        return subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=log, stderr=log)


def _finish(folder: Path, quickstart: Path) -> None:
    if _start(folder, quickstart).wait() != 0:
        sys.exit(f"the loop failed: see {folder / 'log'}")


def _kill(folder: Path, quickstart: Path, most: int, rng: random.Random) -> Counter[str]:
    """Kill the loop again and again until it has ended, or `most` times; return how often in which stage."""
    stages = Counter[str]()
    while stages.total() < most:
        process = _start(folder, quickstart)
        before = _num_files(folder) + rng.randint(0, 2)
        while process.poll() is None and _num_files(folder) <= before:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 1.5))
        if process.poll() is not None:
            break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        stages[_stage(folder)] += 1
    return stages


def _num_files(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*"))


def _stage(folder: Path) -> str:
    """Return what the loop in `folder` had still to do first when it was killed."""
    records = sorted((folder / "loop" / "rounds").glob("round-*.json"))
    if not records:
        return "planning"
    last = json.loads(records[-1].read_text(encoding="utf-8"))
    if last["trained"]:
        return "planning"
    query = "SELECT count(*), count(verdict) FROM corpus WHERE round = $round"
    with Corpus.open(folder / "corpus").connect(["corpus"]) as connection:
        drawn, judged = connection.execute(query, {"round": last["round"]}).fetchall()[0]
    if drawn < 8 * len(last["problems"]):
        return "gen"
    return "filter" if judged < drawn else "score or train"


def _outcome(folder: Path) -> dict[str, Any]:
    """Return what must not depend on the kills."""
    with Corpus.open(folder / "corpus").connect() as connection:
        found = {"samples": connection.execute(SAMPLES).fetchall(), "policies": connection.execute(POLICIES).fetchall()}
    for record in sorted((folder / "loop" / "rounds").glob("round-*.json")):
        one = json.loads(record.read_text(encoding="utf-8"))
        one["last"] = one["last"] and {key: value for key, value in one["last"].items() if key != "tokens_per_second"}
        found[record.name] = [one[key] for key in ("problems", "num_verified", "learnt_from", "ess", "last", "trained")]
    return found


def _alike(one: Any, other: Any) -> bool:
    """Compare; numbers to nine digits, as DuckDB adds up in whatever order its threads come."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == other)


if __name__ == "__main__":
    main()
