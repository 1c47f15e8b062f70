"""A real S3 server (moto) as a process of its own: it prints its port and answers until its input ends.

It is apart from the tests' process because vLLM looks into every loaded module, and breaks at werkzeug's proxies.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.store.object_store import REQUESTS


class Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


def main() -> None:
    app = DomainDispatcherApplication(create_backend_app)
    requests: list[tuple[str, str, int]] = []

    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == REQUESTS:
            start("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(requests).encode()]
        first, _, last = environ.get("HTTP_RANGE", "bytes=0--1").removeprefix("bytes=").partition("-")
        requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], int(last) - int(first) + 1))
        return app(environ, start)

    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
