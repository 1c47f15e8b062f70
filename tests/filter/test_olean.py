"""Compiled files are read without trusting a byte of them."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from filter.olean import Olean, OleanError
from filter.process import Limits, run_lean
from filter.shapes import type_shape
from filter.toolchain import Toolchain

SOURCE = """namespace a
theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := match h with | ⟨x, y⟩ => ⟨y, x⟩
theorem u.{w} {α : Sort w} (x : α) : x = x := rfl
end a
namespace b
axiom t (p q : Prop) (h : p ∧ q) : q ∧ p
axiom u.{w} {α : Sort w} (y : α) : y = y
theorem big : 123456789012345678901234567890 = 123456789012345678901234567890 := rfl
end b
"""


@pytest.fixture(scope="module")
def compiled(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("olean") / "x.olean"
    outcome = run_lean(toolchain, toolchain.preamble + SOURCE, Limits(30, 2048, 20000), olean=target)
    assert outcome.failure is None
    return target.read_bytes()


def test_the_constants_are_those_of_the_source(compiled: bytes) -> None:
    olean = Olean(compiled)
    kinds = {name: constant.kind for name, constant in olean.constants.items() if len(name) == 2}
    assert kinds == {
        ("a", "t"): "theorem",
        ("a", "u"): "theorem",
        ("b", "t"): "axiom",
        ("b", "u"): "axiom",
        ("b", "big"): "theorem",
    }
    assert olean.constants[("a", "u")].parameters == (("w",),)
    assert olean.imports == [("Remains",)]


def test_equal_types_have_equal_shapes_and_others_have_not(compiled: bytes) -> None:
    olean = Olean(compiled)
    shape = {name: type_shape(olean, constant, {}) for name, constant in olean.constants.items()}
    assert shape[("a", "t")] == shape[("b", "t")]
    assert shape[("a", "u")] == shape[("b", "u")]
    assert len({shape[("a", "t")], shape[("a", "u")], shape[("b", "big")]}) == 3


def test_used_constants_are_those_of_the_proof(compiled: bytes) -> None:
    olean = Olean(compiled)
    theorem = olean.constants[("a", "t")]
    assert theorem.value is not None
    assert olean.used_constants(theorem.type, theorem.value) == {("And",), ("And", "intro"), ("a", "t", "match_1")}


def _read_all(data: bytes) -> None:
    """Touch everything that the second look touches."""
    olean = Olean(data)
    for constant in olean.constants.values():
        type_shape(olean, constant, {})
        olean.used_constants(*(root for root in (constant.type, constant.value) if root is not None))


def test_a_truncated_file_is_refused_at_every_length(compiled: bytes) -> None:
    _read_all(compiled)
    for length in range(0, len(compiled) - 8, 97):
        with pytest.raises(OleanError):
            _read_all(compiled[:length])


def test_garbled_files_are_read_or_refused_and_nothing_else(compiled: bytes) -> None:
    rng = random.Random(3)
    refused = 0
    for _ in range(1500):
        data = bytearray(compiled)
        for _ in range(rng.choice([1, 2, 8, 64])):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            _read_all(bytes(data))
        except OleanError:
            refused += 1
    assert refused > 700


def test_pointers_turned_around_end_in_a_refusal_not_in_a_loop(compiled: bytes) -> None:
    """Every word that looks like an address is pointed at another object of the file: cycles appear, types get mixed."""
    (base,) = struct.unpack_from("<Q", compiled, 80)
    words = [
        at
        for at in range(96, len(compiled) - 8, 8)
        if 0 <= struct.unpack_from("<Q", compiled, at)[0] - base < len(compiled)
    ]
    rng = random.Random(5)
    for _ in range(1500):
        data = bytearray(compiled)
        for _ in range(3):
            struct.pack_into("<Q", data, rng.choice(words), struct.unpack_from("<Q", compiled, rng.choice(words))[0])
        try:
            _read_all(bytes(data))
        except OleanError:
            continue


def test_a_negative_number_is_refused(compiled: bytes) -> None:
    """The literal 123456789012345678901234567890 with its sign turned: a kernel once believed such a one."""
    digits = (123456789012345678901234567890).to_bytes(16, "little")
    at = compiled.index(digits) - 16
    size = struct.unpack_from("<i", compiled, at + 4)[0]
    assert size == 2
    data = bytearray(compiled)
    struct.pack_into("<i", data, at + 4, -2)
    with pytest.raises(OleanError, match="malformed number"):
        _read_all(bytes(data))


def test_no_olean_at_all_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"olean", b"\0" * 4096, b"olean\x02" + b"\xff" * 4096, b"olean\x03" + b"\0" * 4096):
        (tmp_path / "x.olean").write_bytes(content)
        with pytest.raises(OleanError):
            _read_all((tmp_path / "x.olean").read_bytes())
    with pytest.raises(OleanError):
        Olean.read(tmp_path / "missing.olean")
