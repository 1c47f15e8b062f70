"""A running Kimina Lean server as the first look: `cli filter --lean kimina:http://HOST:PORT`.

The server compiles the same documents as a Lean of our own would: references and candidates in namespaces, a theorem
named by a fresh random number after each, and the question for its axioms, whose answer must stand at its exact place.
The server's own opinion ("no error, no sorry") decides nothing. What it cannot give is the second look, for it hands
out no compiled file; that one is taken by a Lean on this machine, where one is named.

Servers of both generations are understood: POST /api/check, and POST /verify where there is no such page.
"""

from __future__ import annotations

import json
import math
import os
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from filter.embedded import COMMAND_TOKENS
from filter.process import MAX_OUTPUT_BYTES, SEVERITY, Diagnostic, Failure, Limits, Outcome
from filter.toolchain import Toolchain
from store.errors import RemainsError, UsageError
from store.ids import content_hash

PREFIX = "kimina:"
KEYS = ("KIMINA_API_KEY", "LEAN_SERVER_API_KEY")
"""Environment variables that may hold the server's key; the second is the server's own."""
DOCUMENT_SIZE = 32
"""Samples to a document: one that runs into a limit says nothing about the others in it."""
SECONDS, HEARTBEATS = 60.0, 200_000
"""For each proof, unless said otherwise: servers are for Mathlib. The time is what the server counts."""
ATTEMPTS = 4
FIRST_WAIT = 1.0
"""Seconds before the second attempt; twice as many before each further one."""
BUSY_SECONDS = 600.0
"""A server all of whose Leans are taken is asked again for so long."""
MAX_FAILURES = 50
"""Documents in a row for which the server had nothing but errors, after which the run ends."""
LIBRARY_COMMANDS = frozenset(
    (Path(__file__).parent / "lean" / "library_commands.txt").read_text(encoding="utf-8").split()
)
"""Words that begin commands in Mathlib, Batteries and other versions of Lean, beside those of the embedded one."""

_FIRST_QUESTION = "#print axioms True.intro"
_FIRST_ANSWER = "'True.intro' does not depend on any axioms"


class KiminaError(RemainsError):
    """The server cannot be used. Nobody's proof is wrong for it."""


class _Busy(Exception):
    """All of the server's Leans are taken."""


class _Trouble(Exception):
    """Something on the way that may be gone when it is tried again."""


class _TooMuch(Exception):
    """More messages than anybody should read; a candidate decides what Lean says."""


class _Broken(_Trouble):
    """The server itself reports a failure, which a document may have brought about."""


@dataclass(frozen=True)
class Prepared:
    """A document with a line of ours behind its imports, from whose answer the server's way of counting lines shows."""

    text: str
    line: int
    """Of our line, from 0: as many as stand before it."""


class KiminaServer:
    """One server, asked by any number of threads."""

    def __init__(self, url: str) -> None:
        """Ask for its version of Lean. Raises KiminaError if it does not answer, UsageError for what is no URL."""
        self.url = _checked(url)
        self._key = next((os.environ[name] for name in KEYS if os.environ.get(name)), None)
        self._is_old = False
        self._failures = 0
        self._lock = threading.Lock()
        self.version = self._ask_version()

    def toolchain(self) -> Toolchain:
        """Return the server as a Lean that documents are made for; there is no command that starts it."""
        return Toolchain(
            name=f"{PREFIX}{self.url}",
            version=self.version,
            command=(),
            env={},
            preamble="",
            command_tokens=COMMAND_TOKENS | LIBRARY_COMMANDS,
            fingerprint=content_hash("kimina", self.url, self.version),
            readable=(),
            seconds=SECONDS,
            heartbeats=HEARTBEATS,
        )

    def run(self, text: str, limits: Limits) -> Outcome:
        """Let the server compile a document. Raises KiminaError when the server is what fails."""
        start = time.monotonic()
        prepared = prepare(text, limits.heartbeats)
        seconds = max(1, math.ceil(limits.seconds))
        outcome = self._outcome(prepared, seconds)
        with self._lock:
            self._failures = self._failures + 1 if outcome.failure and outcome.failure.kind == "crash" else 0
            if self._failures >= MAX_FAILURES:
                assert outcome.failure
                raise KiminaError(f"{self.url} fails on every document ({outcome.failure.detail}). {_AGAIN}")
        outcome.seconds = time.monotonic() - start
        return outcome

    def _outcome(self, prepared: Prepared, seconds: int) -> Outcome:
        try:
            result = self._result(prepared.text, seconds, reuse=prepared.line > 0)
        except _Broken as error:
            return Outcome(failure=Failure("crash", str(error)))
        except _TooMuch:
            return Outcome(failure=Failure("output", f"more than {MAX_OUTPUT_BYTES // 2**20} MiB of messages"))
        if isinstance(result, Failure):
            return Outcome(failure=result)
        return read_answer(prepared, result)

    def _ask_version(self) -> str:
        try:
            answer = self._result("#eval Lean.versionString", 60, reuse=False)
        except _Broken as error:
            raise KiminaError(f"{self.url}: {error}. {_AGAIN}") from error
        said = [] if isinstance(answer, Failure) else diagnostics(answer)
        return (
            said[0].message.strip().strip('"') if len(said) == 1 and said[0].severity == SEVERITY["info"] else "unknown"
        )

    def _result(self, code: str, seconds: int, *, reuse: bool) -> dict[str, Any] | Failure:
        """Return what Lean said; tries again while trying may help.

        Without imports no Lean is taken that has seen another document: the server would go on from that.
        """
        wait, deadline, attempts = FIRST_WAIT, time.monotonic() + BUSY_SECONDS, 0
        while True:
            try:
                return self._try(code, seconds, reuse)
            except _Busy as error:
                if time.monotonic() > deadline:
                    raise KiminaError(f"{self.url} is busy, for {BUSY_SECONDS:g} s by now. {_AGAIN}") from error
            except _Trouble as error:
                attempts += 1
                if attempts == ATTEMPTS:
                    if isinstance(error, _Broken):
                        raise
                    raise KiminaError(f"{self.url}: {error}, {ATTEMPTS} times. {_AGAIN}") from error
            time.sleep(wait)
            wait = min(2 * wait, 30.0)

    def _try(self, code: str, seconds: int, reuse: bool) -> dict[str, Any] | Failure:
        name = uuid.uuid4().hex
        if not self._is_old:
            snippets = [{"id": name, "code": code}]
            asked = {"snippets": snippets, "timeout": seconds, "debug": False, "reuse": reuse}
            answer = self._post("/api/check", asked, seconds)
            if answer is not None:
                return _only_result(answer, "id", name, seconds)
            self._is_old = True
        codes = [{"custom_id": name, "proof": code}]
        answer = self._post("/verify", {"codes": codes, "timeout": seconds, "disable_cache": not reuse}, seconds)
        if answer is None:
            raise KiminaError(f"{self.url} has neither /api/check nor /verify: this is no Kimina Lean server.")
        return _only_result(answer, "custom_id", name, seconds)

    def _post(self, path: str, body: object, seconds: int) -> Any:
        """Return the JSON that a page answers with, None if there is no such page."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=2 * seconds + 120) as answer:
                data = answer.read(MAX_OUTPUT_BYTES + 1)
        except urllib.error.HTTPError as error:
            with error:
                return self._refused(error.code, error.read(2000).decode("utf-8", "replace"))
        except (OSError, HTTPException) as error:
            raise _Trouble(f"no answer ({getattr(error, 'reason', None) or error or type(error).__name__})") from error
        if len(data) > MAX_OUTPUT_BYTES:
            raise _TooMuch
        try:
            return json.loads(data)
        except ValueError as error:
            raise _Trouble("an answer that is no JSON") from error

    def _refused(self, code: int, said: str) -> None:
        if code in (404, 405):
            return None
        if code in (401, 403):
            raise KiminaError(f"{self.url} wants a key (HTTP {code}): set {KEYS[0]}.")
        if code in (429, 503):
            raise _Busy
        if code in (400, 413, 422):
            raise KiminaError(f"{self.url} does not understand what it is asked (HTTP {code}: {said[:200]}).")
        raise _Broken(f"HTTP {code}: {' '.join(said.split())[:200]}")


_AGAIN = "What was judged is written; run the same command again."


def _checked(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"--lean {PREFIX}{url}: name the server as {PREFIX}http://HOST:PORT.")
    if parts.username or parts.password:
        raise UsageError(f"--lean {PREFIX}…: leave the key out of the address; set {KEYS[0]}.")
    return url.rstrip("/")


def prepare(text: str, heartbeats: int) -> Prepared:
    """Put our line behind the imports, where the server cuts a document in two."""
    lines = text.split("\n")
    at = next((at for at, line in enumerate(lines) if line.strip() and not line.strip().startswith("import ")), 0)
    ours = f"set_option maxHeartbeats {heartbeats} set_option linter.all false {_FIRST_QUESTION}"
    return Prepared("\n".join([*lines[:at], ours, *lines[at:]]), at)


def read_answer(prepared: Prepared, response: dict[str, Any]) -> Outcome:
    """Return the messages at their places in the document as it was before our line.

    A server counts lines from the document's beginning or from the end of its imports. Which, shows the answer to our
    question, which stands before all text of a candidate's; without it, nothing is taken from what the server says.
    """
    said = sorted(diagnostics(response), key=lambda message: (message.line, message.column))
    first = next((each for each in said if each.message.rstrip("\n") == _FIRST_ANSWER), None)
    shift = None if first is None else prepared.line - first.line
    if first is None or shift not in (0, prepared.line):
        return Outcome(failure=Failure("start", "the server did not answer our first question at its place"))
    placed = [
        Diagnostic(each.line + shift - (each.line + shift > prepared.line), each.column, each.severity, each.message)
        for each in said
        if each is not first
    ]
    return Outcome(placed)


def diagnostics(response: dict[str, Any]) -> list[Diagnostic]:
    """Return the messages of an answer, lines from 0. Raises KiminaError for what is no message."""
    try:
        return [
            Diagnostic(
                int(each["pos"]["line"]) - 1, int(each["pos"]["column"]), SEVERITY[each["severity"]], str(each["data"])
            )
            for each in response.get("messages") or []
            if each["severity"] != "trace"
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise KiminaError(f"a Kimina Lean server said something that is no message of Lean's: {error!r}") from error


def _only_result(answer: Any, name_key: str, name: str, seconds: int) -> dict[str, Any] | Failure:
    """Return the response for the one document asked about, or how it ended."""
    try:
        [result] = answer["results"]
        if result[name_key] != name:
            raise _Trouble("an answer to another question")
        error, response = result.get("error"), result.get("response")
        if error is None and isinstance(response, dict):
            return Failure("crash", str(response["message"])[:200]) if "message" in response else response
    except (TypeError, KeyError, ValueError, AttributeError) as problem:
        raise _Trouble("an answer of unknown form") from problem
    if not isinstance(error, str):
        raise _Trouble("an answer with neither a response nor an error")
    if "header command timed out" in error:
        raise _Trouble(f"the imports take longer than {seconds} s")
    if "timed out" in error:
        return Failure("timeout", f"{seconds} s at the server")
    return Failure("memory" if "memory" in error.lower() else "crash", " ".join(error.split())[:200])
