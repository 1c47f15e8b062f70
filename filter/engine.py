"""Processes for documents: forked from a Lean that has imported their header, or started fresh where that is not to be.

A header's import is paid once (`fork_server`), however many documents and threads need it; a child costs milliseconds
and has seen nothing but its own document. The headers used last are kept. A server that dies is replaced, and what was
at work is nobody's fault. A Lean that cannot be spoken to in this way gives each document a process of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from filter.process import (
    INFORMATION,
    KILLED,
    START_SECONDS,
    EndUnknownError,
    Failure,
    Limits,
    Outcome,
    resident_mib,
    run_lean,
    watch,
)
from filter.sandbox import probe
from filter.toolchain import Toolchain

SERVER = Path(__file__).parent / "fork_server.py"
OPTIONS = ("Elab.async=false", "linter.all=false")
"""As on the command line in `process`; the others there concern what the command line does with messages."""
MAX_HEADERS = 16
MAX_SHARE = 0.5
"""Of the machine's memory, for imported headers; the one used last is always kept."""
MAX_DOCUMENTS = 20_000
"""A server is replaced after so many; it does not grow, and need not be trusted not to."""
MAX_DEATHS = 3
"""A server that died this often before it finished a document is not started again."""
ATTEMPTS = 3
"""At a document whose process is killed from outside, or whose server dies."""
PERSISTENT = 20
"""The same where only one sample is left: that something killed it says nothing of it, so it is tried on."""
NOT_DONE = 70
"""As in `fork_server`: the child could not do what it was asked."""
_IMPORT = re.compile(r"\s*(?:(?:public|private|meta)\s+)*import\b")
_PROBE = (
    "theorem remains_right (p : Prop) (h : p) : p := h\n"
    "#print axioms remains_right\n"
    "theorem remains_wrong (p q : Prop) (h : p) : q := h\n"
)


def imports(head: str) -> str:
    """Return the part of a document's head that ends with its last import."""
    lines = head.splitlines(keepends=True)
    last = max((number for number, line in enumerate(lines) if _IMPORT.match(line)), default=-1)
    return "".join(lines[: last + 1])


class Engine:
    """Runs documents for one toolchain, with one limit of heartbeats. Safe to share between threads."""

    def __init__(self, toolchain: Toolchain, heartbeats: int, *, fork: bool = True) -> None:
        self.toolchain = toolchain
        self._fork = fork and toolchain.library is not None
        self._heartbeats = heartbeats
        self._servers: OrderedDict[str, Server] = OrderedDict()
        self._hopeless: set[str] = set()
        """Headers under which the server does not answer as it should."""
        self._lock, self._starting = threading.Lock(), threading.Lock()

    def close(self) -> None:
        """End the servers and what they run."""
        with self._lock:
            servers = [*self._servers.values()]
            self._servers.clear()
        for server in servers:
            server.close()

    def run(self, head: str, text: str, limits: Limits, olean: Path | None = None, attempts: int = ATTEMPTS) -> Outcome:
        """Compile a document that begins with `head`. Raises nothing for what Lean does."""
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="remains-") as folder:
            source = Path(folder) / "candidate.lean"
            source.write_text(text, encoding="utf-8", newline="\n")
            outcome = self._ask(head, {"source": str(source), "olean": str(olean or "")}, limits, attempts)
        if outcome is None:
            outcome = run_lean(self.toolchain, text, limits, olean=olean)
            tried = 1
            while tried < _attempts_for(outcome, attempts):
                tried += 1
                outcome = run_lean(self.toolchain, text, limits, olean=olean)
        outcome.seconds = time.monotonic() - start
        return outcome

    def check_again(
        self, head: str, limits: Limits, given: tuple[Path, Sequence[int]], checked: tuple[Path, Sequence[int]]
    ) -> Outcome | None:
        """Let the kernel alone check a module that imports what `head` does; None where this Lean cannot be asked to.

        Both are compiled modules and places among their constants: those of `given` are taken as they are, those of
        `checked` are declared after them, in this order.
        """
        modules = [(str(file), [*places]) for file, places in (given, checked)]
        return self._ask(head, {"given": modules[0], "checked": modules[1]}, limits, PERSISTENT)

    def forks(self, head: str) -> bool:
        """Return whether documents with this head are forked; starts the server."""
        server = self._server(imports(head))
        if server:
            server.release()
        return server is not None

    def _ask(self, head: str, request: dict[str, object], limits: Limits, attempts: int) -> Outcome | None:
        """Ask a server; again, a new one if need be, where something else on this machine killed the child or it."""
        outcome, tried = None, 0
        while outcome is None or tried < _attempts_for(outcome, attempts):
            tried += 1
            server = self._server(imports(head))
            if server is None:
                return None
            try:
                outcome = server.run(request, limits)
            finally:
                server.release()
        return outcome

    def _server(self, header: str) -> Server | None:
        """Return a server, kept for the caller until it is released; one thread at a time starts one."""
        if not self._fork or header in self._hopeless:
            return None
        if server := self._running(header):
            return server
        with self._starting:
            if server := self._running(header):  # another thread has started it meanwhile
                return server
            worn = self._servers.get(header)
            return self._start(header, worn.num_deaths if worn else 0)

    def _running(self, header: str) -> Server | None:
        with self._lock:
            server = self._servers.get(header)
            if server is None or server.is_worn:
                return None
            self._servers.move_to_end(header)
            server.keep()
            return server

    def _start(self, header: str, num_deaths: int) -> Server | None:
        fresh = Server(self.toolchain, header, self._heartbeats)
        answers = fresh.answers_rightly()
        while answers is None and num_deaths < MAX_DEATHS:
            num_deaths += 1
            fresh.close()
            fresh = Server(self.toolchain, header, self._heartbeats)
            answers = fresh.answers_rightly()
        fresh.num_deaths = num_deaths + 1  # until it has finished a document
        if num_deaths >= MAX_DEATHS or not answers:
            self._hopeless.add(header)
            fresh.retire()
            return None
        fresh.keep()
        with self._lock:
            old = [found for found in (self._servers.pop(header, None),) if found]
            self._servers[header] = fresh
            while len(self._servers) > 1 and self._is_too_much():
                old.append(self._servers.popitem(last=False)[1])
        for each in old:
            each.retire()
        return fresh

    def _is_too_much(self) -> bool:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
        used = sum(server.memory_mib for server in self._servers.values())
        return len(self._servers) > MAX_HEADERS or used > MAX_SHARE * total


def _attempts_for(outcome: Outcome, attempts: int) -> int:
    """Return how often to try in all what ended so: one that memory was too short for is not tried for ever."""
    kind = outcome.failure.kind if outcome.failure else ""
    return attempts if kind in ("killed", "lost") else ATTEMPTS if kind == "starved" else 1


def _was_killed(outcome: Outcome) -> bool:
    return outcome.failure is not None and outcome.failure.kind in ("killed", "lost", "starved", "start")


class Server:
    """One `fork_server`. It ends when it is retired and nothing runs in it any more, or at once when it is closed."""

    def __init__(self, toolchain: Toolchain, header: str, heartbeats: int) -> None:
        assert toolchain.library is not None
        self._header = header
        self._folder = tempfile.TemporaryDirectory(prefix="remains-")
        file = Path(self._folder.name) / "header.lean"
        file.write_text(header, encoding="utf-8", newline="\n")
        options = (f"maxHeartbeats={heartbeats}", *OPTIONS, *toolchain.options)
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                probe().wrap((*toolchain.python, str(SERVER), str(toolchain.library), str(file), *options)),
                env=dict(toolchain.env),
                cwd=self._folder.name,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.num_deaths = 0
        self.memory_mib = 0.0
        self._num_documents, self._num_kept, self._is_retired, self._has_died = 0, 0, False, False
        self._lock = threading.Lock()

    def answers_rightly(self) -> bool | None:
        """Wait until the header is imported, then try a right proof and a wrong one; None if it was killed."""
        self._requests.settimeout(START_SECONDS)
        try:
            if self._requests.recv(16) != b"ready":
                return None if self._was_killed() else False
        except OSError:
            return False
        self._requests.settimeout(None)
        self.memory_mib = resident_mib(self._process.pid)
        source = Path(self._folder.name) / "probe.lean"
        source.write_text(self._header + _PROBE, encoding="utf-8", newline="\n")
        outcome = self.run({"source": str(source), "olean": ""}, Limits(30.0, 4096, 0))
        if self._was_killed() or _was_killed(outcome):
            return None
        first = self._header.count("\n")
        said = [(found.line - first, found.severity) for found in outcome.diagnostics]
        wanted = "'remains_right' does not depend on any axioms"
        return (
            outcome.failure is None
            and said == [(1, INFORMATION), (2, 1)]
            and outcome.diagnostics[0].message.strip() == wanted
        )

    def _was_killed(self) -> bool:
        """Whether it has died by SIGKILL, which is never its own doing."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(0.1) in KILLED
        return False

    @property
    def is_worn(self) -> bool:
        """Whether it has died, or has done enough."""
        return self._has_died or self._process.poll() is not None or self._num_documents >= MAX_DOCUMENTS

    def run(self, request: dict[str, object], limits: Limits) -> Outcome:
        """Let a child do what `fork_server` knows to do."""
        self._num_documents += 1
        try:
            child = _Forked(self._requests, request, self.memory_mib)
        except OSError as error:
            self._has_died = True
            return Outcome(failure=Failure("lost", f"the server has died: {error}"))
        outcome = watch(child, limits)
        has_died = outcome.failure is not None and outcome.failure.kind in ("lost", "start")
        self._has_died |= has_died
        if outcome.failure and outcome.failure.detail == f"exit status {NOT_DONE}":
            outcome.failure = Failure("refused", "the child could not do what it was asked")
        if not has_died:
            self.num_deaths = 0
        return outcome

    def keep(self) -> None:
        """Let it live until `release`, retired or not."""
        with self._lock:
            self._num_kept += 1

    def release(self) -> None:
        """Give back what `keep` took."""
        with self._lock:
            self._num_kept -= 1
            unused = self._is_retired and not self._num_kept
        if unused:
            self.close()

    def retire(self) -> None:
        """Let it end as soon as nobody keeps it."""
        with self._lock:
            self._is_retired = True
            unused = not self._num_kept
        if unused:
            self.close()

    def close(self) -> None:
        """End it; children die with it."""
        self._requests.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, 9)
        self._process.wait()
        self._folder.cleanup()


class _Forked:
    """A child of a server, as `watch` sees it."""

    def __init__(self, requests: socket.socket, request: dict[str, object], shared_mib: float) -> None:
        self.shared_mib = shared_mib
        self.output, theirs = os.pipe()
        self._life, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            socket.send_fds(requests, [json.dumps(request).encode()], [theirs, other.fileno()])
        except OSError:
            self.close()
            self.kill()
            raise
        finally:
            os.close(theirs)
            other.close()
        self.pid = int(self._hear(START_SECONDS) or 0)

    def wait(self, seconds: float) -> int | None:
        said = self._hear(seconds)
        if said == b"":
            raise EndUnknownError("the server died")
        return None if said is None else int(said)

    def _hear(self, seconds: float) -> bytes | None:
        """Return the server's next word: b"" if it has died, None if it says nothing."""
        self._life.settimeout(seconds)
        try:
            return self._life.recv(64)
        except TimeoutError:
            return None
        except OSError:
            return b""

    def kill(self) -> None:
        self._life.close()

    def close(self) -> None:
        os.close(self.output)
