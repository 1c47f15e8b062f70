"""A Lake project on disk, built by the real Lean: its toolchain's `lean` and `lake` are scripts that start that Lean."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path

from filter.embedded import embedded_toolchain

MODULE = """prelude
import Remains
def Mine.double (n : Nat) : Nat := n + n
theorem Mine.double_zero : Mine.double 0 = 0 := rfl
theorem Mine.trusting : Mine.double 1 = 3 := sorry
axiom Mine.choice : ∀ n : Nat, n = 0 ∨ Mine.double n = n + n
"""
HEADER = "prelude\nimport Remains\nimport Mine\nopen Mine\n"


def make_toolchain(folder: Path) -> Path:
    """A toolchain as elan unpacks one; returns its `bin`, to be put on PATH."""
    lean = embedded_toolchain()
    assert lean.library is not None
    (folder / "bin").mkdir(parents=True)
    (folder / "lib" / "lean").mkdir(parents=True)
    (folder / "lib" / "lean" / "libleanshared.so").symlink_to(lean.library)
    shutil.copytree(lean.env["LEAN_PATH"], folder / "lib" / "lean", dirs_exist_ok=True)
    _script(folder / "bin" / "lean", f'exec {shlex.join(lean.command)} "$@"')
    _script(
        folder / "bin" / "lake",
        '[ "$1" = env ] || exit 2',
        '[ -f lakefile.toml ] || { echo "error: no such file or directory: lakefile.toml" >&2; exit 1; }',
        f'echo "LEAN={folder}/bin/lean"; echo "LEAN_SYSROOT={folder}"; echo "LEAN_PATH=$PWD/.lake/build/lib/lean"',
    )
    return folder / "bin"


def make_project(folder: Path, *, build: bool = True) -> Path:
    """A project with one module of its own."""
    lean = embedded_toolchain()
    (folder / ".lake" / "build" / "lib" / "lean").mkdir(parents=True)
    (folder / "lean-toolchain").write_text("leanprover/lean4:v4.35.0\n", encoding="utf-8")
    (folder / "lakefile.toml").write_text('name = "mine"\n', encoding="utf-8")
    (folder / "lake-manifest.json").write_text(json.dumps({"version": "1.1.0", "packages": []}), encoding="utf-8")
    (folder / "Mine.lean").write_text(MODULE, encoding="utf-8")
    if build:
        olean = folder / ".lake" / "build" / "lib" / "lean" / "Mine.olean"
        command = [*lean.command, f"--root={folder}", "-o", str(olean), str(folder / "Mine.lean")]
        subprocess.run(command, env=dict(lean.env), check=True, capture_output=True, timeout=120)
    return folder


def _script(file: Path, *lines: str) -> None:
    file.write_text("\n".join(("#!/bin/sh", *lines)) + "\n", encoding="utf-8")
    file.chmod(0o755)
