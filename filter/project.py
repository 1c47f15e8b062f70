"""A Lean project as a checker: the toolchain that its `lean-toolchain` names, the modules that Lake has built.

Lake is asked once (`lake env`) where things are; afterwards Lean itself is started, without Lake and without elan. The
problems' own headers say what is imported. What the project is made of is part of every verdict's checker_id.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from filter.embedded import COMMAND_TOKENS, SOURCES, python_command
from filter.toolchain import Toolchain
from store.errors import RemainsError, UsageError

MARKS = ("lakefile.toml", "lakefile.lean", "lake-manifest.json")
LAKE_SECONDS = 1800
"""Lake may have to unpack a toolchain or read a large project's configuration."""
INSTALL_ELAN = (
    "install elan, Lean's version manager (https://lean-lang.org/install), or put Lake's folder on PATH; "
    "docs/lean-projects.md has every step"
)
LIBRARY = Path("lib", "lean", "libleanshared.so")
SECONDS, MEMORY_MIB, HEARTBEATS = 60.0, 8192, 200_000
"""For each proof, unless said otherwise: with a library such as Mathlib, elaboration is slower and larger."""
EXTRA_TOKENS = frozenset((SOURCES / "library_commands.txt").read_text(encoding="utf-8").split())
"""Commands of Lean's own and of widely used libraries that the embedded Lean does not know."""


def project_toolchain(folder: Path) -> Toolchain:
    """Return the Lean of a Lake project. Raises UsageError for what is missing, RemainsError where Lake fails."""
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise UsageError(f"--lean {folder}: no such folder; name `embedded` or the folder of a Lake project")
    if not any((folder / mark).is_file() for mark in MARKS):
        raise UsageError(f"--lean {folder}: no Lake project (it has no {', no '.join(MARKS)})")
    told = _lake_environment(folder)
    lean = _lean(folder, told)
    prefix = lean.resolve().parents[1]
    search = (*filter(None, told.get("LEAN_PATH", "").split(":")), str(prefix / "lib" / "lean"))  # Lean's own come last
    environment = {
        "LEAN_PATH": ":".join(search),
        "LEAN_SYSROOT": str(prefix),
        "LC_ALL": "C.UTF-8",
    }
    version = _version(folder, lean, environment)
    library = prefix / LIBRARY
    return Toolchain(
        name=folder.name,
        version=version,
        command=(str(lean),),
        env=environment,
        preamble="",
        command_tokens=COMMAND_TOKENS | EXTRA_TOKENS,
        fingerprint=(revision := _fingerprint(folder, version)),
        readable=(folder, prefix, *map(Path, search)),
        library=library if library.is_file() else None,
        python=python_command(),
        seconds=SECONDS,
        memory_mib=MEMORY_MIB,
        heartbeats=HEARTBEATS,
        revision=revision,
        remedy=f"run `lake build` in {folder} (with Mathlib, `lake exe cache get` before it)",
    )


def _lake_environment(folder: Path) -> dict[str, str]:
    """Return the variables that `lake env` prints: the search path, the toolchain."""
    lake = _find_lake()
    try:
        done = subprocess.run(
            [lake, "env"],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LAKE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise RemainsError(f"`lake env` in {folder} took over {LAKE_SECONDS} s: run it there by hand") from late
    if done.returncode:
        wanted = _read(folder / "lean-toolchain").strip() or "none"
        said = " ".join((done.stderr or done.stdout).split())[-400:]
        raise RemainsError(
            f"`lake env` fails in {folder} (lean-toolchain: {wanted}): {said or 'no message'}; "
            "`elan toolchain list` shows what is installed, `lake build` there what is wrong"
        )
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def _find_lake() -> str:
    home = Path(os.environ.get("ELAN_HOME") or Path.home() / ".elan")
    found = shutil.which("lake") or shutil.which("lake", path=str(home / "bin"))
    if found is None:
        raise UsageError(f"no `lake` on PATH or in {home / 'bin'}: {INSTALL_ELAN}")
    return found


def _lean(folder: Path, told: Mapping[str, str]) -> Path:
    named = [Path(told["LEAN"])] if told.get("LEAN") else []
    named += [Path(told["LEAN_SYSROOT"]) / "bin" / "lean"] if told.get("LEAN_SYSROOT") else []
    for lean in named:
        if lean.is_file():
            return lean
    looked = ", ".join(map(str, named)) or "it names none"
    raise UsageError(f"`lake env` in {folder} names a Lean that is not there ({looked}): {INSTALL_ELAN}")


def _version(folder: Path, lean: Path, environment: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            [str(lean), "--version"], env=dict(environment), capture_output=True, text=True, timeout=120, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as failed:
        raise RemainsError(f"{lean}, the Lean of {folder}, does not run ({failed}): {INSTALL_ELAN}") from failed
    found = re.match(r"Lean \(version (\S+?),", done.stdout)
    if found is None:
        raise RemainsError(f"{lean} --version says {done.stdout.strip()[:200]!r}, which is no Lean: {INSTALL_ELAN}")
    return found.group(1)


def _fingerprint(folder: Path, version: str) -> str:
    """SHA-256 over Lean's version, the toolchain's name, the revisions of all dependencies, and what is built here."""
    digest = hashlib.sha256()
    for part in (
        version,
        _read(folder / "lean-toolchain").strip(),
        _read(folder / "lake-manifest.json"),
        *_built(folder),
    ):
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def _built(folder: Path) -> Iterator[str]:
    """Yield name and content hash of every module that the project itself has built."""
    build = folder / ".lake" / "build"
    for file in sorted(build.rglob("*.olean")):
        known = Path(f"{file}.hash")  # Lake's own
        yield str(file.relative_to(build))
        yield _read(known) if known.is_file() else hashlib.sha256(file.read_bytes()).hexdigest()


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
