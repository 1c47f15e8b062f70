"""Objectives by name: what each is called, what it can be told, and how a name and options become one function."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from types import NoneType
from typing import Any

from torch import Tensor

from store.errors import UsageError
from train.names import OBJECTIVES
from train.objectives.samples import Needs, Samples, State, Terms


@dataclass(frozen=True)
class Entry:
    """One row of the registry."""

    name: str
    source: str
    options: type
    """A frozen dataclass of what it can be told; it checks its values with ValueError."""
    terms: Callable[[Samples, Any], Terms]
    needs: Callable[[Any], Needs]
    start: Callable[[Tensor, Any], State] = lambda log_partition, options: {}
    """The state before the first step, from log Z of every problem of the training set."""


REGISTRY: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Enter an objective; its name stands in `train.names` and is taken once."""
    assert entry.name in OBJECTIVES, entry.name
    assert entry.name not in REGISTRY, entry.name
    REGISTRY[entry.name] = entry


@dataclass(frozen=True)
class Objective:
    """An objective with its options: all that the trainer knows of it."""

    entry: Entry
    options: Any

    def __call__(self, samples: Samples) -> Terms:
        """Return the loss of every sample, metrics and the next state."""
        return self.entry.terms(samples, self.options)

    @property
    def needs(self) -> Needs:
        """What has to be loaded and computed for it."""
        return self.entry.needs(self.options)

    def start(self, log_partition: Tensor) -> State:
        """Return the state before the first step; `log_partition` has log Z of every problem, float64."""
        return self.entry.start(log_partition, self.options)

    @property
    def label(self) -> str:
        """Return the name and what differs from its defaults."""
        defaults = {field.name: field.default for field in fields(self.entry.options)}
        chosen = {key: value for key, value in asdict(self.options).items() if value != defaults[key]}
        return " ".join([self.entry.name, *(f"{key}={value}" for key, value in chosen.items())])


def choose(name: str, arguments: Mapping[str, Any]) -> Objective:
    """Return the objective `name` with these options; values may be text, as the command line gives them.

    Raises UsageError for an unknown name or option, a missing one, and a value that it cannot have.
    """
    if name not in REGISTRY:
        raise UsageError(f"--objective {name}: unknown{_nearest(name, REGISTRY)} There are {', '.join(OBJECTIVES)}.")
    entry = REGISTRY[name]
    types = typing.get_type_hints(entry.options)
    for key in arguments:
        if key not in types:
            known = f"It takes {', '.join(types)}." if types else "It takes none."
            raise UsageError(f"--objective-arg {key}: {name} has no such option{_nearest(key, types)} {known}")
    for field in fields(entry.options):
        if field.default is MISSING and field.name not in arguments:
            raise UsageError(f"--objective {name}: needs {field.name}; give --{field.name} or --objective-arg.")
    values = {key: _parsed(name, key, value, types[key]) for key, value in arguments.items()}
    try:
        return Objective(entry, entry.options(**values))
    except ValueError as error:
        raise UsageError(f"--objective {name}: {error}.") from error


def _nearest(name: str, names: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]}?" if near else "."


def _parsed(name: str, key: str, value: Any, type_: Any) -> Any:
    """Return `value` as what the option's type hint says."""
    kinds = typing.get_args(type_) if typing.get_origin(type_) is not typing.Literal else ()
    if NoneType in kinds and (value is None or value == "none"):
        return None
    wanted = next((kind for kind in kinds if kind is not NoneType), type_)
    if typing.get_origin(wanted) is typing.Literal:
        choices = typing.get_args(wanted)
        if value not in choices:
            raise UsageError(f"--objective-arg {key}={value}: {name} knows {', '.join(choices)}.")
        return value
    if wanted is bool:
        named = {"true": True, "false": False, True: True, False: False}
        if value not in named:
            raise UsageError(f"--objective-arg {key}={value}: must be true or false.")
        return named[value]
    try:
        return wanted(value)
    except (TypeError, ValueError) as error:
        raise UsageError(f"--objective-arg {key}={value}: must be a number.") from error


def parse_arguments(pairs: list[str]) -> dict[str, str]:
    """Return key=value pairs as a mapping. Raises UsageError for one without `=` and for a key given twice."""
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"--objective-arg {pair}: must be key=value.")
        if key in found:
            raise UsageError(f"--objective-arg {key}: given twice.")
        found[key] = value
    return found


def takes(name: str, option: str) -> bool:
    """Return whether an objective has an option of that name; false for an unknown objective."""
    return name in REGISTRY and option in {field.name for field in fields(REGISTRY[name].options)}
