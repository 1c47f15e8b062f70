"""The keys and values of a running batch, in slots that sequences take and leave.

Each layer holds two tensors of shape (rows, heads, columns, width). All sequences are aligned on the right: whatever
their lengths, the next token of every one goes into the column `now`, and a sequence of length t occupies the columns
now − t … now − 1 of its row. A step writes one column in place, and attention reads the columns from `low` on; the
columns before a row's own start are masked. (transformers' DynamicCache copies everything at every step.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

from gen.shared_prompts import Prompts
from store.errors import UsageError


@dataclass
class Window:
    """The part of the slots that is in use."""

    rows: int = 0
    low: int = 0
    """First column that any row uses."""
    now: int = 0
    """Column of the next token."""
    columns: int = 0
    """Columns there are."""


class SlotLayer(DynamicLayer):
    """One layer's slots, in the form in which transformers' models use a cache."""

    keys: Any
    values: Any

    def __init__(self, window: Window) -> None:
        super().__init__()
        self.window = window
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Write the new column and return the columns in use."""
        window = self.window
        new, used = slice(window.now, window.now + 1), slice(window.low, window.now + 1)
        self.keys[: window.rows, :, new] = key_states
        self.values[: window.rows, :, new] = value_states
        return self.keys[: window.rows, :, used], self.values[: window.rows, :, used]

    def get_seq_length(self) -> int:
        """Return the number of past columns in use."""
        return self.window.now - self.window.low


class Slots(Cache):
    """The slots of all layers; the engine keeps `window` and says which rows move where.

    Shared prompts stay out of the slots, which then hold only what was drawn.
    """

    def __init__(self, num_layers: int, *, shared: bool = False) -> None:
        self.window = Window()
        self.prompts = Prompts(num_layers) if shared else None
        layers: list[Any] = [SlotLayer(self.window) for _ in range(num_layers)]
        super().__init__(layers=layers)

    @property
    def all_layers(self) -> list[Any]:
        """The layers; transformers declares a union that has no keys."""
        return self.layers

    def allocate(self, like: Any, rows: int, columns: int, now: int) -> None:
        """Make room of (rows, columns), and move what is in use so that the next column is `now`.

        `like` is any cache of the same model: heads, widths, type and device are taken from it. One layer moves at a
        time, so memory never holds everything twice. Unused columns are zero, since a masked NaN would still spread.
        """
        window = self.window
        used = window.now - window.low
        for layer, shape in zip(self.all_layers, like.layers, strict=True):
            for name in ("keys", "values"):
                _, heads, _, width = getattr(shape, name).shape
                room = _zeros((rows, heads, columns, width), getattr(shape, name))
                if used and window.rows:
                    old = getattr(layer, name)[: window.rows, :, window.low : window.now]
                    room[: window.rows, :, now - used : now] = old
                setattr(layer, name, room)
        window.columns, window.low, window.now = columns, now - used, now

    def insert(self, prefill: Any, lengths: Tensor, source: Tensor) -> None:
        """Append one row for each entry of `source`, the index of its prompt in a left-padded prefill.

        `lengths` (B,) are the prompts' tokens.
        """
        window = self.window
        rows = slice(window.rows, window.rows + len(source))
        window.rows = rows.stop
        if self.prompts is not None:
            self.prompts.insert(prefill, lengths, source)
            return
        for layer, filled in zip(self.all_layers, prefill.layers, strict=True):
            columns = slice(window.now - filled.keys.shape[-2], window.now)
            layer.keys[rows, :, columns] = filled.keys[source]
            layer.values[rows, :, columns] = filled.values[source]

    def keep(self, rows: Tensor, moved: Tensor) -> None:
        """Let the rows be these of the ones before, in this order; `moved` are the places that change."""
        used, source = slice(self.window.low, self.window.now), rows[moved]
        if len(moved):
            for layer in self.all_layers:
                layer.keys[moved, :, used] = layer.keys[source, :, used]
                layer.values[moved, :, used] = layer.values[source, :, used]
        if self.prompts is not None:
            self.prompts.keep(rows)
        self.window.rows = len(rows)


def _zeros(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Return zeros of the type and on the device of `like`.

    On a CPU from calloc: memory is taken page by page, as it is written, and rows that nobody uses cost nothing.
    """
    if like.device.type != "cpu":
        return like.new_zeros(shape)
    blank = np.zeros(math.prod(shape) * like.element_size(), dtype=np.uint8)
    return torch.from_numpy(blank).view(like.dtype).view(shape)


def bytes_per_token(cache: Any) -> int:
    """Return the bytes that one token of one sequence takes in all layers of a cache that has been filled."""
    tensors = [tensor for layer in cache.layers for tensor in (layer.keys, layer.values)]
    return sum(tensor.shape[1] * tensor.shape[3] * tensor.element_size() for tensor in tensors)


def refuse_other_caches(config: Any) -> None:
    """Raise UsageError for a model that keeps more than keys and values (recurrent or shared states)."""
    layers = DynamicCache(config=config).layers
    if any(type(layer) not in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers):
        raise UsageError(
            f"--model: {config.model_type} keeps a recurrent or shared state, which this engine cannot batch. "
            "Use a model with attention in every layer."
        )


def new_prefill_cache() -> DynamicCache:
    """Return an empty cache that keeps every column, sliding windows or not: the mask says what a layer sees."""
    return DynamicCache()


def left_pad(prompts: list[list[int]], pad: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return (ids, mask), both (B, longest): prompts aligned on the right."""
    longest = max(map(len, prompts))
    ids = [[pad] * (longest - len(prompt)) + prompt for prompt in prompts]
    mask = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device, dtype=torch.bool)
