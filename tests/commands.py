"""Commands as processes of their own that need not import torch again: forks of one that has.

What such a process does, and what a signal does to it, is what `python cli.py …` would: it is a process group of its own,
with its own folder, environment and output. Only the interpreter's start and its end are left out: tests/test_cli.py and
tests/store/test_object_store.py start the commands from nothing.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import cli

LOADED = [
    "filter.run", "gen.run", "gen.transformers_engine", "store.report", "store.sql", "train.evaluate", "train.loop",
    "train.pretrain", "train.score", "train.trainer", "transformers.models.llama.modeling_llama",
]  # fmt: skip
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(LOADED)


def start(*words: object, cwd: Path | None = None, out: str = os.devnull, err: str = os.devnull) -> ForkServerProcess:
    """Start `cli WORDS` and return its process; its output goes to the files `out` and `err`."""
    process = CONTEXT.Process(
        target=_command, args=(list(map(str, words)), str(cwd or Path.cwd()), dict(os.environ), out, err)
    )
    process.start()
    return process


def run(*words: object, cwd: Path | None = None, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run `cli WORDS` to its end.

    Raises:
        subprocess.TimeoutExpired: it took longer than `timeout` seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = start(*words, cwd=cwd, out=str(out), err=str(err))
        process.join(timeout)
        if process.is_alive():
            process.kill()
            raise subprocess.TimeoutExpired(["cli", *map(str, words)], timeout)
        return subprocess.CompletedProcess(words, process.exitcode or 0, out.read_text(), err.read_text())


def kill(process: ForkServerProcess) -> None:
    """Kill a command that has begun, with all that it started; one that has just ended is left as it is."""
    assert process.pid
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.join()


def _command(words: list[str], cwd: str, environment: Mapping[str, str], out: str, err: str) -> None:
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    for number, name in ((1, out), (2, err)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), number)
    sys.argv = ["cli", *words]
    cli.main()
