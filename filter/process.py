"""One Lean process for one document, watched from outside and killed as a group; here: started fresh.

A document holds hundreds of samples, and no process has seen anything but its own document. (A language-server worker
that lives on was measured too: it spends several times as long per sample on reports and snapshots for an editor.)
Time and memory are watched from outside because Lean's own limits do not bound everything a proof can do. Where the
header can be imported once, `filter.engine` forks the process instead of starting it.
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
from typing import Protocol

from filter.sandbox import probe
from filter.toolchain import Toolchain

MAX_OUTPUT_BYTES = 64 * 2**20
POLL_SECONDS = 0.05
START_SECONDS = 300.0
"""From the start of the process to the first thing it says, on a machine that is busy, with a header that is heavy."""
MAX_SIGNS = 1000
"""A process may live this many times `seconds` at most."""
PATIENCE = 6
"""A process that waits for its turn on a busy machine has this many times `seconds` of wall clock for each sample."""
OPTIONS = ("-DElab.async=false", "-DmaxErrors=1000000", "-Dlinter.all=false", "--json")
"""One thread of elaboration, every error reported (Lean falls silent after 100), no advice on style."""
KILLED = (-9, 137)
"""Exit statuses that Lean does not choose."""
ERROR, WARNING, INFORMATION = 1, 2, 3
SEVERITY = {"error": ERROR, "warning": WARNING, "information": INFORMATION, "info": INFORMATION}


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
    """CPU time without a sign of life; every sample of a document gives one, so it is a limit for each. How busy the
    machine is does not matter; wall clock is limited too, to PATIENCE times as much."""
    memory_mib: int
    """Resident memory, beyond that of the imported header where one is shared."""
    heartbeats: int
    """Lean's deterministic measure of work per declaration (option maxHeartbeats)."""


@dataclass(frozen=True)
class Failure:
    """Why Lean did not finish."""

    kind: str
    """timeout, memory, output, crash, starved (the kernel ended it, out of memory), killed (by something else on the
    machine), lost (what ran it died), start (it never said anything), or refused (a child of `fork_server` cannot do
    what it was asked)"""
    detail: str


@dataclass
class Outcome:
    """What Lean said until it finished, or until it failed."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    failure: Failure | None = None
    seconds: float = 0.0


class Running(Protocol):
    """A process that compiles a document."""

    pid: int
    output: int
    """Descriptor that its messages are read from."""
    shared_mib: float
    """Resident memory that it had to begin with."""

    def wait(self, seconds: float) -> int | None:
        """Return how it ended, None if it has not within these seconds. Raises EndUnknownError if none can tell."""

    def kill(self) -> None:
        """End it, if it has not ended."""

    def close(self) -> None:
        """Close `output`, when nobody reads it any more."""


class EndUnknownError(Exception):
    """What ran the process has died itself."""


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
        outcome = watch(_Fresh(command, toolchain, folder), limits)
    outcome.seconds = time.monotonic() - start
    return outcome


class _Fresh:
    """A process of its own, and its group."""

    shared_mib = 0.0

    def __init__(self, command: tuple[str, ...], toolchain: Toolchain, folder: str) -> None:
        self._process = subprocess.Popen(
            probe().wrap(command),
            env=dict(toolchain.env),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.pid, self.output = self._process.pid, self._process.stdout.fileno()

    def wait(self, seconds: float) -> int | None:
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        if self._process.stdout is not None:
            self._process.stdout.close()


def watch(process: Running, limits: Limits) -> Outcome:
    """Read what a process says until it ends or hits a limit; end it."""
    outcome, said, num_starved = Outcome(), _Output(process), _num_starved()
    try:
        while said.thread.is_alive() and outcome.failure is None:
            said.thread.join(POLL_SECONDS)
            outcome.failure = said.over_limit(limits)
        if outcome.failure is None:
            outcome.failure = _exit_failure(process, limits, num_starved)
    finally:
        process.kill()
        said.thread.join()
        process.close()
    outcome.diagnostics = _diagnostics(b"".join(said.parts))
    return outcome


class _Output:
    """Reads a process's output in a thread, up to a bound, and watches what it uses meanwhile."""

    def __init__(self, process: Running) -> None:
        self.parts: list[bytes] = []
        self.num_bytes = 0
        self._process = process
        self._start = self._last_sign = time.monotonic()
        self._bytes_at_sign, self._cpu_at_sign = 0, 0.0
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while self.num_bytes <= MAX_OUTPUT_BYTES and (part := os.read(self._process.output, 2**20)):
                self.parts.append(part)
                self.num_bytes += len(part)
                self._last_sign = time.monotonic()

    def over_limit(self, limits: Limits) -> Failure | None:
        """Return the limit that the process has hit, if any."""
        if self.num_bytes > MAX_OUTPUT_BYTES:
            return Failure("output", f"more than {MAX_OUTPUT_BYTES // 2**20} MiB of messages")
        used = resident_mib(self._process.pid) - self._process.shared_mib
        if used > limits.memory_mib:
            return Failure("memory", f"{used:,.0f} MiB resident, more than {limits.memory_mib:,}")
        return self._over_time(limits)

    def _over_time(self, limits: Limits) -> Failure | None:
        now, cpu = time.monotonic(), _cpu_seconds(self._process.pid)
        if not self.num_bytes and not self._process.shared_mib:  # it may still import
            return Failure("start", f"silent for {START_SECONDS:g} s") if now > self._start + START_SECONDS else None
        if self.num_bytes != self._bytes_at_sign:
            self._bytes_at_sign, self._cpu_at_sign = self.num_bytes, cpu
        if cpu - self._cpu_at_sign > limits.seconds:
            return Failure("timeout", f"{limits.seconds:g} s of CPU time")
        patience = PATIENCE * limits.seconds
        if now > min(self._last_sign, self._start + MAX_SIGNS * limits.seconds) + patience:
            return Failure("timeout", f"{patience:g} s of wall clock")
        return None


def _exit_failure(process: Running, limits: Limits, num_starved: int) -> Failure | None:
    """Wait for a process whose output has ended; it may have closed its output and live on."""
    try:
        status = process.wait(limits.seconds)
    except EndUnknownError as error:
        return Failure("lost", str(error))
    if status is None:
        return Failure("timeout", f"{limits.seconds:g} s of wall clock after its last word")
    if status in KILLED:
        if _num_starved() > num_starved:
            return Failure("starved", "the machine was out of memory")
        return Failure("killed", "killed from outside")
    return None if status in (0, 1) else Failure("crash", f"exit status {status}")


def _num_starved() -> int:
    """Return how many processes this kernel has ended so far because memory was short."""
    with contextlib.suppress(OSError):
        lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return 0


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


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process; 0 when there is none."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process and its threads have used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0
