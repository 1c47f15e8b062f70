"""A real S3 server in this process (moto) that notes what it is asked, and a connection to it that breaks."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from s3fs import S3FileSystem
from werkzeug.serving import WSGIRequestHandler, make_server

BUCKET = "proofs"


class Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class ObjectStore:
    """Answers on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, int]] = []
        """(method, path, bytes asked for or 0) of every request so far."""
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Silent)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        first, _, last = environ.get("HTTP_RANGE", "bytes=0--1").removeprefix("bytes=").partition("-")
        self.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], int(last) - int(first) + 1))
        return self._app(environ, start)

    def client(self) -> Any:
        return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{self.port}")

    def names(self) -> list[str]:
        return [entry["Key"] for entry in self.client().list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def close(self) -> None:
        self._server.shutdown()


@contextlib.contextmanager
def serving() -> Iterator[ObjectStore]:
    """Start a store with one bucket, and let the AWS variables name it."""
    store = ObjectStore()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{store.port}")
        S3FileSystem.clear_instance_cache()
        store.client().create_bucket(Bucket=BUCKET)
        yield store
        S3FileSystem.clear_instance_cache()
    store.close()


@contextlib.contextmanager
def breaking_after(store: ObjectStore, num_bytes: int) -> Iterator[None]:
    """Put a wire before the store that carries this many bytes of each connection to it and then breaks."""
    with socket.create_server(("127.0.0.1", 0)) as entrance, pytest.MonkeyPatch.context() as patch:
        threading.Thread(target=_accept, args=(entrance, store.port, num_bytes), daemon=True).start()
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{entrance.getsockname()[1]}")
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        patch.setattr(S3FileSystem, "retries", 1)
        S3FileSystem.clear_instance_cache()
        yield
        S3FileSystem.clear_instance_cache()


def _accept(entrance: socket.socket, port: int, num_bytes: int) -> None:
    with contextlib.suppress(OSError):
        while True:
            outer, _ = entrance.accept()
            inner = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=_carry, args=(outer, inner, num_bytes), daemon=True).start()
            threading.Thread(target=_carry, args=(inner, outer, 2**30), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket, num_bytes: int) -> None:
    with contextlib.suppress(OSError):
        while num_bytes > 0 and (data := source.recv(min(num_bytes, 2**14))):
            target.sendall(data)
            num_bytes -= len(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
