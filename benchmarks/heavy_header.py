"""A header that is slow to import, as Mathlib is: one that imports very many modules, each in a file of its own.

The modules are empty, compiled by the real Lean, and the same file stands under many names; what their import costs is
what Lean does for every module. `import Heavy` takes 5 s on the machine that the default was chosen on.
"""

from __future__ import annotations

import os
import resource
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from filter.toolchain import Toolchain

NUM_MODULES = 100_000
LINKS = 50_000
"""Names that one file may have; file systems bound them."""


def with_heavy_module(toolchain: Toolchain, folder: Path, num_modules: int = NUM_MODULES) -> Toolchain:
    """Return the toolchain with a module `Heavy` in `folder`, and write it unless it is there."""
    heavy = replace(toolchain, env={**toolchain.env, "LEAN_PATH": f"{toolchain.env['LEAN_PATH']}:{folder}"})
    if not (folder / "Heavy.olean").exists():
        _write(heavy, folder, num_modules)
    return heavy


def import_seconds(toolchain: Toolchain, header: str, folder: Path) -> tuple[float, float]:
    """Return wall clock and CPU time of a fresh process for a text that only imports."""
    source = folder / "only.lean"
    source.write_text(toolchain.preamble + header, encoding="utf-8")
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*toolchain.command, str(source)], env=dict(toolchain.env), check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, cpu


def _write(toolchain: Toolchain, folder: Path, num_modules: int) -> None:
    modules = folder / "Heavy"
    modules.mkdir(parents=True, exist_ok=True)
    for index in range(num_modules):
        name = modules / f"M{index}.olean"
        if index % LINKS == 0:
            _compile(toolchain, folder, toolchain.preamble, name)
            original = name
        else:
            os.link(original, name)
    imports = "".join(f"import Heavy.M{index}\n" for index in range(num_modules))
    _compile(toolchain, folder, toolchain.preamble + imports, folder / "Heavy.olean")


def _compile(toolchain: Toolchain, folder: Path, text: str, olean: Path) -> None:
    source = folder / "source.lean"
    source.write_text(text, encoding="utf-8")
    command = [*toolchain.command, f"--root={folder}", "-o", str(olean), str(source)]
    subprocess.run(command, env=dict(toolchain.env), check=True, capture_output=True)
