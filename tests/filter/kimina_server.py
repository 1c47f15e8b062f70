"""A real HTTP server that speaks the API of Kimina Lean Server, with the embedded Lean behind it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from filter.embedded import embedded_toolchain
from filter.process import Limits, run_lean

SEVERITIES = {1: "error", 2: "warning", 3: "info"}


@dataclass
class Behaviour:
    """Which server it is, and what goes wrong with it."""

    pages: tuple[str, ...] = ("/api/check", "/verify")
    counts_from_imports: bool = False
    """Whether lines are counted from the end of the imports, as the first versions do."""
    key: str | None = None
    troubles: list[str] = field(default_factory=list)
    """What goes wrong with the next requests, one after the other: an HTTP status, `hang up`, `no json`, `other id`."""
    loses_messages: bool = False
    num_asked: int = 0
    reuses: set[bool] = field(default_factory=set)


@contextmanager
def kimina(behaviour: Behaviour) -> Iterator[str]:
    """Serve at an address of this machine; yield it."""
    handler = type("Handler", (_Handler,), {"behaviour": behaviour})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour

    def log_message(self, *arguments: object) -> None:
        pass

    def do_POST(self) -> None:
        self.behaviour.num_asked += 1
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        trouble = self.behaviour.troubles.pop(0) if self.behaviour.troubles else ""
        if trouble == "hang up":
            self.connection.close()
        elif trouble.isdecimal():
            self._say(int(trouble), {"detail": "No available REPLs" if trouble == "429" else "it broke"})
        elif trouble == "no json":
            self._send(200, b"<html>")
        elif self.path not in self.behaviour.pages:
            self._say(404, {"detail": "Not Found"})
        elif self.behaviour.key and self.headers["Authorization"] != f"Bearer {self.behaviour.key}":
            self._say(401, {"detail": "Invalid API key"})
        else:
            self._check(body, trouble)

    def _check(self, body: dict[str, Any], trouble: str) -> None:
        is_new = self.path == "/api/check"
        snippets = body["snippets"] if is_new else body["codes"]
        if not snippets or not isinstance(body["timeout"], int):
            return self._say(422, {"detail": "value is not a valid integer"})
        self.behaviour.reuses.add(body["reuse"] if is_new else not body["disable_cache"])
        results = []
        for snippet in snippets:
            name, code = (snippet["id"], snippet["code"]) if is_new else (snippet["custom_id"], snippet["proof"])
            found = self._run(code, body["timeout"])
            if found is None:
                return self._say(500, {"detail": "Lean process broken pipe"})
            name = "another" if trouble == "other id" else name
            results.append({"id" if is_new else "custom_id": name, "time": 0.1} | found)
        self._say(200, {"results": results})

    def _run(self, code: str, seconds: int) -> dict[str, Any] | None:
        """Cut off the imports, as the server does; here the prelude stands for whatever they name."""
        lines = code.splitlines()
        at = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith("import ")), len(lines))
        toolchain = embedded_toolchain()
        text = toolchain.preamble + "\n".join(lines[at:]) + "\n"
        outcome = run_lean(toolchain, text, Limits(float(seconds), 2048, 200_000))
        if outcome.failure and outcome.failure.kind == "timeout":
            return {"error": f"Lean REPL command timed out in {seconds} seconds"}
        if outcome.failure and outcome.failure.kind == "memory":
            return {"error": "Lean REPL process exceeded memory limit"}
        if outcome.failure:
            return None
        before = toolchain.preamble.count("\n") - (0 if self.behaviour.counts_from_imports else at)
        messages = [
            {
                "severity": SEVERITIES[each.severity],
                "pos": {"line": each.line - before + 1, "column": each.column},
                "endPos": None,
                "data": each.message,
            }
            for each in outcome.diagnostics
        ]
        kept = {} if self.behaviour.loses_messages or not messages else {"messages": messages}
        return {"response": {"env": 0, **kept}}

    def _say(self, status: int, answer: object) -> None:
        self._send(status, json.dumps(answer).encode())

    def _send(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
