"""`cli explore`: the pages on a port of this machine."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from store.corpus import Corpus
from store.errors import UsageError


@dataclass(frozen=True)
class ExploreConfig:
    """Where to listen."""

    corpus: str | Path
    host: str = "127.0.0.1"
    port: int = 8765
    """0: any that is free."""
    seconds: float = 20.0
    """A query that takes longer is stopped."""


def explore(config: ExploreConfig) -> None:
    """Serve the pages until Ctrl-C.

    Raises UsageError when the packages are missing or the port is taken.
    """
    try:
        import uvicorn

        from store.explore.app import create_app
    except ImportError as error:
        raise UsageError(f"cli explore needs {error.name}: pip install 'remains[explore]'") from error
    from store.explore.data import Explorer

    if not config.seconds > 0:
        raise UsageError(f"--seconds {config.seconds:g}: must be more than 0.")
    corpus = Corpus.open(config.corpus)
    with _listening(config) as listener:
        explorer = Explorer(corpus, config.seconds)
        print(f"http://{config.host}:{listener.getsockname()[1]}/   Ctrl-C ends", flush=True)
        server = uvicorn.Server(uvicorn.Config(create_app(explorer, [config.host]), log_level="warning"))
        try:
            server.run(sockets=[listener])
        finally:
            explorer.close()


def _listening(config: ExploreConfig) -> socket.socket:
    try:
        return socket.create_server((config.host, config.port))
    except (OSError, OverflowError) as error:
        raise UsageError(f"--host {config.host} --port {config.port}: {error}. --port 0 takes a free one.") from error
