"""Read what Lean compiled without running Lean: the constants, types and tables of an `.olean` file.

The file is the memory image of one Lean object and all it refers to. A process that ran a candidate's proof wrote it,
so nothing in it is trusted: every address and size is checked, nothing recurses, cycles end, and whatever is not as
Lean writes it raises OleanError. Layout: Lean's `include/lean/lean.h` and `src/library/module.cpp`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAGIC, FORMAT = b"olean", 2
BASE_AT, ROOT_AT, FIRST_OBJECT = 80, 88, 96
ARRAY, BIG_NUMBER, STRING = 246, 250, 249
MAX_PARTS = 1000
"""Components of a name, elements of a list: more is hostile."""

KINDS = ("axiom", "definition", "theorem", "opaque", "quotient", "inductive", "constructor", "recursor")
BVAR, FVAR, MVAR, SORT, CONST, APP, LAMBDA, FORALL, LET, LITERAL, MDATA, PROJECTION = range(12)
_CHILDREN = {APP: (0, 1), LAMBDA: (1, 2), FORALL: (1, 2), LET: (1, 2, 3), MDATA: (1,), PROJECTION: (2,)}
"""Which fields of an expression are expressions."""
NUM_FIELDS = (1, 1, 1, 1, 2, 2, 3, 3, 4, 1, 2, 3)

Name = tuple[str | int, ...]
"""The components of a name; () is the anonymous one."""


class OleanError(Exception):
    """The file is not what Lean writes."""


@dataclass(frozen=True)
class Constant:
    """One declaration. `type` and `value` are addresses of expressions; value is None where there is none to follow."""

    name: Name
    kind: str
    parameters: tuple[Name, ...]
    type: int
    value: int | None
    is_unsafe: bool


class Olean:
    """One file, read lazily; addresses are Lean's, a number or an empty value has an odd one."""

    def __init__(self, data: bytes) -> None:
        if len(data) < FIRST_OBJECT or data[:5] != MAGIC or data[5] != FORMAT:
            raise OleanError("no olean of the known format")
        self.data = data
        self._base, self._root = struct.unpack_from("<QQ", data, BASE_AT)
        self._names: dict[int, Name] = {1: ()}
        self.constants: dict[Name, Constant] = {}
        fields = self.fields(self._root, 0, 5)
        self.imports = [self.name(self.fields(each, 0, 1)[0]) for each in self.array(fields[0])]
        names = [self.name(each) for each in self.array(fields[1])]
        for each in self.array(fields[2]):
            constant = self._constant(each)
            if self.constants.setdefault(constant.name, constant) is not constant:
                raise OleanError(f"two constants are called {shown(constant.name)}")
        if names != list(self.constants):
            raise OleanError("the list of names differs from the constants")
        self.extra_names = [self.name(each) for each in self.array(fields[3])]
        self.tables = self._tables(fields[4])

    @classmethod
    def read(cls, path: Path) -> Olean:
        """Read a file. Raises OleanError for anything but a well-formed olean."""
        try:
            return cls(path.read_bytes())
        except OSError as error:
            raise OleanError(f"{path.name}: {error.strerror}") from error

    # Objects

    def header(self, address: int) -> tuple[int, int, int, int]:
        """Return (offset, size, number of fields, tag) of the object at an address."""
        offset = address - self._base
        if address % 8 or not FIRST_OBJECT <= offset <= len(self.data) - 8:
            raise OleanError(f"an address outside the file: {address:#x}")
        size, number, tag = struct.unpack_from("<HBB", self.data, offset + 4)
        return offset, size, number, tag

    def tag(self, address: int) -> int:
        """Return which constructor made the value; for one without fields, its number."""
        return address >> 1 if address & 1 else self.header(address)[3]

    def fields(self, address: int, tag: int, count: int) -> tuple[int, ...]:
        """Return the `count` fields of a constructor."""
        offset, size, number, found = self.header(address)
        if found != tag or number != count or offset + max(size, 8 + 8 * count) > len(self.data):
            raise OleanError(f"constructor {found} with {number} fields where {tag} with {count} belongs")
        return struct.unpack_from(f"<{count}Q", self.data, offset + 8)

    def scalars(self, address: int) -> bytes:
        """Return the plain bytes after a constructor's fields."""
        offset, size, number, _ = self.header(address)
        if offset + size > len(self.data):
            raise OleanError("an object that reaches over the end")
        return self.data[offset + 8 + 8 * number : offset + size]

    def array(self, address: int) -> tuple[int, ...]:
        """Return the elements of an array."""
        offset, _, _, tag = self.header(address)
        if tag != ARRAY or offset + 24 > len(self.data):
            raise OleanError("no array where one belongs")
        (length,) = struct.unpack_from("<Q", self.data, offset + 8)
        if length > (len(self.data) - offset - 24) // 8:
            raise OleanError("an array longer than the file")
        return struct.unpack_from(f"<{length}Q", self.data, offset + 24)

    def string(self, address: int) -> str:
        """Return a string."""
        offset, _, _, tag = self.header(address)
        if tag != STRING or offset + 32 > len(self.data):
            raise OleanError("no string where one belongs")
        (size,) = struct.unpack_from("<Q", self.data, offset + 8)
        if not 0 < size <= len(self.data) - offset - 32:
            raise OleanError("a string longer than the file")
        try:
            return self.data[offset + 32 : offset + 31 + size].decode("utf-8")
        except UnicodeDecodeError as error:
            raise OleanError("a string that is not UTF-8") from error

    def number(self, address: int) -> int:
        """Return a natural number, large ones included."""
        if address & 1:
            return address >> 1
        offset, _, _, tag = self.header(address)
        if tag != BIG_NUMBER or offset + 24 > len(self.data):
            raise OleanError("no number where one belongs")
        _, size, limbs = struct.unpack_from("<iiQ", self.data, offset + 8)
        start = limbs - self._base
        if size <= 0 or start != offset + 24 or start + 8 * size > len(self.data):
            raise OleanError("a malformed number")
        value = int.from_bytes(self.data[start : start + 8 * size], "little")
        if value < 2**63:
            raise OleanError("a small number written as a large one")
        return value

    def list(self, address: int) -> list[int]:
        """Return the elements of a linked list."""
        found = []
        while not address & 1:
            element, address = self.fields(address, 1, 2)
            found.append(element)
            if len(found) > MAX_PARTS:
                raise OleanError("a list without end")
        return found

    def name(self, address: int) -> Name:
        """Return a name."""
        known = self._names.get(address)
        if known is not None:
            return known
        parts: list[str | int] = []
        at = address
        while at not in self._names:
            tag = self.tag(at)
            at, part = self.fields(at, tag if tag in (1, 2) else 1, 2)
            parts.append(self.string(part) if tag == 1 else self.number(part))
            if len(parts) > MAX_PARTS:
                raise OleanError("a name without end")
        self._names[address] = found = (*self._names[at], *reversed(parts))
        return found

    # Declarations

    def _constant(self, address: int) -> Constant:
        tag = self.tag(address)
        if tag >= len(KINDS):
            raise OleanError(f"a constant of unknown kind {tag}")
        (body,) = self.fields(address, tag, 1)
        _, _, number, _ = self.header(body)
        fields = self.fields(body, 0, number)
        kind = KINDS[tag]
        name, parameters, type_ = self.fields(fields[0], 0, 3)
        has_value = kind in ("definition", "theorem", "opaque")
        if has_value and number < 2:
            raise OleanError(f"a {kind} without a value")
        return Constant(
            name=self.name(name),
            kind=kind,
            parameters=tuple(self.name(each) for each in self.list(parameters)),
            type=type_,
            value=fields[1] if has_value else None,
            is_unsafe=kind != "theorem" and self._is_unsafe(kind, body),
        )

    def _is_unsafe(self, kind: str, body: int) -> bool:
        """`safety` of a definition is 0 unsafe, 1 safe, 2 partial; elsewhere `isUnsafe` is among the flags."""
        flags = self.scalars(body)
        if kind == "quotient":
            return False
        return flags[:1] != b"\1" if kind == "definition" else any(flags[:1]) if kind == "axiom" else False

    def _tables(self, address: int) -> dict[Name, int]:
        """Return table -> number of rows, for the tables that hold something."""
        found = {}
        for each in self.array(address):
            name, rows = self.fields(each, 0, 2)
            if count := len(self.array(rows)):
                found[self.name(name)] = count
        return found

    # Expressions

    def used_constants(self, *roots: int) -> set[Name]:
        """Return the names of the constants in expressions; types of projections count as used."""
        found: set[Name] = set()
        for address in self._expressions(roots):
            tag = self.tag(address)
            if tag in (CONST, PROJECTION):
                found.add(self.name(self.fields(address, tag, NUM_FIELDS[tag])[0]))
            elif tag in (FVAR, MVAR):
                raise OleanError("an expression that is not closed")
        return found

    def _expressions(self, roots: tuple[int, ...]) -> Iterator[int]:
        """Yield every expression below `roots` once."""
        seen, left = set(roots), list(roots)
        while left:
            address = left.pop()
            yield address
            for child in self.children(address):
                if child not in seen:
                    seen.add(child)
                    left.append(child)

    def children(self, address: int) -> tuple[int, ...]:
        """Return the expressions that one is made of."""
        tag = self.tag(address)
        if address & 1 or tag >= len(NUM_FIELDS):
            raise OleanError("no expression where one belongs")
        fields = self.fields(address, tag, NUM_FIELDS[tag])
        return tuple(fields[index] for index in _CHILDREN.get(tag, ()))


def shown(name: Name) -> str:
    """Return a name as Lean prints it, more or less."""
    return ".".join(str(part) for part in name)
