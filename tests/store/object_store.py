"""A real S3 server (moto) that notes what it is asked, and a connection to it that breaks."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from s3fs import S3FileSystem

BUCKET = "proofs"
REQUESTS = "/requests-so-far"
ROOT = Path(__file__).parents[2]


class ObjectStore:
    """Answers on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.store.s3_server"]
        self._server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._server.stdout is not None
        self.port = int(self._server.stdout.readline())

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """(method, path, bytes asked for or 0) of every request so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{REQUESTS}") as answer:
            return [(method, path, num_bytes) for method, path, num_bytes in json.load(answer)]

    def client(self) -> Any:
        return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{self.port}")

    def names(self) -> list[str]:
        return [entry["Key"] for entry in self.client().list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def close(self) -> None:
        self._server.communicate()


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
