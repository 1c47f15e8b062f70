"""Equal digests for equal expressions, across compiled files.

Binder names and metadata do not count. A constant counts by its name, or, where `contents` has it, by what it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from filter.olean import (
    BVAR,
    CONST,
    FORALL,
    FVAR,
    LAMBDA,
    LITERAL,
    MDATA,
    MVAR,
    NUM_FIELDS,
    PROJECTION,
    SORT,
    Constant,
    Name,
    Olean,
    OleanError,
)

_LEVEL_FIELDS = (0, 1, 2, 2, 1, 1)
_LEVEL_CHILDREN = ((), (0,), (0, 1), (0, 1), (), ())
PARAMETER, LEVEL_MVAR = 4, 5


def type_shape(olean: Olean, constant: Constant, contents: Mapping[Name, bytes]) -> bytes:
    """Return the shape of a constant's universe parameters and type."""
    return _digest(("type", constant.parameters, _of(olean, constant.type, contents)))


def definition_shape(olean: Olean, constant: Constant, contents: Mapping[Name, bytes]) -> bytes:
    """Return the shape of a definition: its universe parameters, type and value."""
    assert constant.value is not None, "a definition has a value"
    type_, value = (_of(olean, each, contents) for each in (constant.type, constant.value))
    return _digest(("definition", constant.parameters, type_, value))


def _of(olean: Olean, root_expression: int, contents: Mapping[Name, bytes]) -> bytes:
    """Children first, with an explicit stack; an expression that contains itself raises OleanError."""
    done: dict[int, bytes] = {}
    open_: set[int] = set()
    stack = [root_expression]
    while stack:
        address = stack[-1]
        if address in done:
            stack.pop()
            continue
        missing = [child for child in olean.children(address) if child not in done]
        if not missing:
            done[address] = _shape(olean, address, done, contents)
            open_.discard(stack.pop())
        elif address in open_:
            raise OleanError("an expression that contains itself")
        else:
            open_.add(address)
            stack.extend(missing)
    return done[root_expression]


def _shape(olean: Olean, address: int, done: dict[int, bytes], contents: Mapping[Name, bytes]) -> bytes:
    tag = olean.tag(address)
    fields = olean.fields(address, tag, NUM_FIELDS[tag])
    children = tuple(done[child] for child in olean.children(address))
    if tag == MDATA:
        return children[0]
    own: tuple[object, ...] = ()
    if tag == BVAR:
        own = (olean.number(fields[0]),)
    elif tag == SORT:
        own = (_level(olean, fields[0]),)
    elif tag == CONST:
        levels = tuple(_level(olean, each) for each in olean.list(fields[1]))
        name = olean.name(fields[0])
        own = (contents.get(name, name), levels)
    elif tag in (LAMBDA, FORALL):
        own = (olean.scalars(address)[8:9],)
    elif tag == LITERAL:
        own = _literal(olean, fields[0])
    elif tag == PROJECTION:
        own = (olean.name(fields[0]), olean.number(fields[1]))
    elif tag in (FVAR, MVAR):
        raise OleanError("an expression that is not closed")
    return _digest((tag, own, children))


def _level(olean: Olean, root_level: int) -> bytes:
    done: dict[int, bytes] = {}
    open_: set[int] = set()
    stack = [root_level]
    while stack:
        address = stack[-1]
        if address in done:
            stack.pop()
            continue
        tag = olean.tag(address)
        if tag >= LEVEL_MVAR:
            raise OleanError("no closed universe level where one belongs")
        fields = () if address & 1 else olean.fields(address, tag, _LEVEL_FIELDS[tag])
        children = [fields[index] for index in _LEVEL_CHILDREN[tag]]
        missing = [child for child in children if child not in done]
        if not missing:
            own = olean.name(fields[0]) if tag == PARAMETER else ()
            done[address] = _digest(("level", tag, own, *(done[child] for child in children)))
            open_.discard(stack.pop())
        elif address in open_:
            raise OleanError("a universe level that contains itself")
        else:
            open_.add(address)
            stack.extend(missing)
    return done[root_level]


def _digest(key: tuple[object, ...]) -> bytes:
    """Return the digest of what an expression is made of: numbers, names and the digests of its parts."""
    try:
        return hashlib.sha256(repr(key).encode("utf-8", "surrogatepass")).digest()
    except ValueError as error:  # Python writes no number of more than 4,300 digits
        raise OleanError("a number too large for its place") from error


def _literal(olean: Olean, address: int) -> tuple[object, ...]:
    tag = olean.tag(address)
    (value,) = olean.fields(address, tag if tag in (0, 1) else 0, 1)
    return ("nat", f"{olean.number(value):x}") if tag == 0 else ("str", olean.string(value))
