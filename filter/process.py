"""One Lean process for one document: started fresh, watched from outside, killed as a group.

A document holds hundreds of samples, so that starting Lean costs each of them well under a millisecond, and no process
has seen anything but its own document. (A language-server worker that lives on was measured too: it spends several
times as long per sample on reports and snapshots for an editor.) The clock and the memory are watched from outside
because Lean's own limits do not bound everything a proof can do.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from filter.sandbox import probe
from filter.toolchain import Toolchain

MAX_OUTPUT_BYTES = 64 * 2**20
POLL_SECONDS = 0.05
START_SECONDS = 120.0
"""From the start of the process to the first thing it says, on a machine that is busy."""
MAX_SIGNS = 1000
"""A process may live this many times `seconds` at most."""
OPTIONS = ("-DElab.async=false", "-DmaxErrors=1000000", "-Dlinter.all=false", "--json")
"""One thread of elaboration, every error reported (Lean falls silent after 100), no advice on style."""
SEVERITY = {"error": 1, "warning": 2, "information": 3, "info": 3}


@dataclass(frozen=True)
class Diagnostic:
    """One message of Lean's; line and column count from 0."""

    line: int
    column: int
    severity: int
    message: str


@dataclass(frozen=True)
class Limits:
    """What one process may use."""

    seconds: float
    """Wall clock without a sign of life; every sample of a document gives one, so it is a limit for each."""
    memory_mib: int
    """Resident memory."""
    heartbeats: int
    """Lean's deterministic measure of work per declaration (option maxHeartbeats)."""


@dataclass(frozen=True)
class Failure:
    """Why Lean did not finish."""

    kind: str
    """timeout, memory, output, crash, or start: it never said anything"""
    detail: str


@dataclass
class Outcome:
    """What Lean said until it finished, or until it failed."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    failure: Failure | None = None
    seconds: float = 0.0


def run_lean(
    toolchain: Toolchain, text: str, limits: Limits, arguments: Sequence[str] = (), olean: Path | None = None
) -> Outcome:
    """Compile `text` in a fresh process; with `olean`, keep what was compiled there. Raises nothing for what Lean does.

    A process that ends by itself with status 0 or 1 has finished, with or without errors in the text.
    """
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="remains-") as folder:
        source = Path(folder) / "candidate.lean"
        source.write_text(text, encoding="utf-8", newline="\n")
        wanted = () if olean is None else ("-o", str(olean))
        options = (f"-DmaxHeartbeats={limits.heartbeats}", *OPTIONS)
        command = (*toolchain.command, *options, *arguments, *wanted, str(source))
        outcome = _watch(_start(command, toolchain, folder), limits)
    outcome.seconds = time.monotonic() - start
    return outcome


def _start(command: tuple[str, ...], toolchain: Toolchain, folder: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        probe().wrap(command),
        env=dict(toolchain.env),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _watch(process: subprocess.Popen[bytes], limits: Limits) -> Outcome:
    outcome, chunks = Outcome(), _Output(process)
    try:
        while chunks.thread.is_alive() and outcome.failure is None:
            chunks.thread.join(POLL_SECONDS)
            outcome.failure = _over_limit(process.pid, chunks, limits)
        if outcome.failure is None:
            outcome.failure = _exit_failure(process, limits)
    finally:
        _kill_group(process)
        chunks.thread.join()
    outcome.diagnostics = _diagnostics(b"".join(chunks.parts))
    return outcome


class _Output:
    """Reads a process's output in a thread, up to a bound."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.parts: list[bytes] = []
        self.num_bytes = 0
        self.start = self.last_sign = time.monotonic()
        self.thread = threading.Thread(target=self._read, args=(process,), daemon=True)
        self.thread.start()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            while self.num_bytes <= MAX_OUTPUT_BYTES and (part := os.read(process.stdout.fileno(), 2**20)):
                self.parts.append(part)
                self.num_bytes += len(part)
                self.last_sign = time.monotonic()


def _over_limit(pid: int, output: _Output, limits: Limits) -> Failure | None:
    if output.num_bytes > MAX_OUTPUT_BYTES:
        return Failure("output", f"more than {MAX_OUTPUT_BYTES // 2**20} MiB of messages")
    now = time.monotonic()
    if not output.num_bytes and now > output.start + START_SECONDS:
        return Failure("start", f"silent for {START_SECONDS:g} s")
    if output.num_bytes and now > min(output.last_sign, output.start + MAX_SIGNS * limits.seconds) + limits.seconds:
        return Failure("timeout", f"{limits.seconds:g} s of wall clock")
    used = _resident_mib(pid)
    if used > limits.memory_mib:
        return Failure("memory", f"{used:,.0f} MiB resident, more than {limits.memory_mib:,}")
    return None


def _exit_failure(process: subprocess.Popen[bytes], limits: Limits) -> Failure | None:
    """Wait for a process whose output has ended; it may have closed its output and live on."""
    try:
        status = process.wait(limits.seconds)
    except subprocess.TimeoutExpired:
        return Failure("timeout", f"{limits.seconds:g} s of wall clock after its last word")
    return None if status in (0, 1) else Failure("crash", f"exit status {status}")


def _diagnostics(output: bytes) -> list[Diagnostic]:
    """Read the messages, one JSON object a line; a last line that was cut off, or that is none, says nothing."""
    found = []
    for line in output.split(b"\n"):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            row = json.loads(line)
            where = row["pos"]
            found.append(
                Diagnostic(int(where["line"]) - 1, int(where["column"]), SEVERITY[row["severity"]], str(row["data"]))
            )
    return found


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _resident_mib(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
