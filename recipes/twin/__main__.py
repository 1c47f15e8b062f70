"""`python -m recipes.twin OUT`: the paper's experiment in small.

`--base Q0 Q1 Q2` takes problems and base policies from finished quickstarts of seed 0, 1, 2; else they are made. The
same command goes on where it was interrupted. `--table-only` prints the table and draws the pictures of what is done.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from store.errors import RemainsError

if TYPE_CHECKING:
    from recipes.twin.plan import Plan


def main() -> None:
    """Parse the arguments; exit with 1 for an error, in one line."""
    arguments = _arguments()
    try:
        sys.exit(_run(arguments))
    except RemainsError as error:
        sys.exit(f"error: {error}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m recipes.twin", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--base", type=Path, nargs="+", default=[], metavar="QUICKSTART")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trainings", type=int, default=2, help="of the rows that most comparisons rest on, a seed")
    parser.add_argument("--processes", type=int, default=2, help="jobs side by side, each with one thread and one Lean")
    parser.add_argument("--fast", action="store_true", help="a trial of minutes whose numbers say nothing")
    parser.add_argument("--table-only", action="store_true")
    parser.add_argument("--work", type=int, metavar="PARENT", help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(arguments: argparse.Namespace) -> int:
    from recipes.twin.plan import Plan, claim

    plan = Plan(arguments.out, tuple(arguments.base), arguments.seeds, arguments.fast, arguments.trainings)
    claim(plan)
    if arguments.work:
        return _work(plan, arguments.work)
    failed = 0 if arguments.table_only else _start(plan, arguments.processes)
    from recipes.twin.table import show

    print(show(plan))
    return failed


def _work(plan: Plan, parent: int) -> int:
    import torch

    from recipes.twin.work import work

    torch.set_num_threads(1)
    return 0 if work(plan, parent) else 1


def _start(plan: Plan, processes: int) -> int:
    """Run the processes and wait for them; return 1 where one of them failed."""
    command = [sys.executable, "-m", "recipes.twin", *sys.argv[1:], "--work", str(os.getpid())]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    logs = [plan.out / f"process-{number}.log" for number in range(processes)]
    running = [subprocess.Popen(command, stderr=log.open("a"), stdout=log.open("a"), env=environment) for log in logs]
    print(f"{processes} processes; what they say is in {logs[0]}, …", file=sys.stderr, flush=True)
    return max(one.wait() for one in running) and 1


if __name__ == "__main__":
    main()
