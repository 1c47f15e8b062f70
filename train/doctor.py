"""What is on this machine, what each command would use of it, and how to get what is missing."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from importlib import metadata

from store.errors import RemainsError


def examine() -> str:
    """Return a line per part: its name, and what was found."""
    parts: dict[str, Callable[[], str]] = {
        "python": lambda: f"{platform.python_version()} ({sys.executable})",
        "machine": lambda: f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores usable",
        "torch": _torch,
        "engine": lambda: f"transformers {metadata.version('transformers')} (cli gen)",
        "lean": _lean,
        "sandbox": _sandbox,
        "disk": _disk,
    }
    width = max(map(len, parts))
    return "\n".join(f"{name:<{width}}  {look()}" for name, look in parts.items())


def _torch() -> str:
    import torch

    if not torch.cuda.is_available():
        return f"{torch.__version__}, no GPU: gen and train use the CPU with {torch.get_num_threads()} threads"
    names = ", ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
    return f"{torch.__version__}, {torch.cuda.device_count()} GPU: {names}; gen and train use the first"


def _lean() -> str:
    from filter.embedded import embedded_toolchain

    try:
        toolchain = embedded_toolchain()
    except RemainsError as error:
        return f"missing: {error}"
    return f"embedded Lean {toolchain.version}, prelude {toolchain.fingerprint[:12]} (cli filter)"


def _sandbox() -> str:
    from filter.sandbox import probe

    return str(probe())


def _disk() -> str:
    usage = shutil.disk_usage(".")
    return f"{usage.free / 2**30:,.1f} GiB free of {usage.total / 2**30:,.1f} here"
