"""The keys and values of prompts, kept once for all samples drawn from them, and the attention that reads them there.

A decoding step has two kinds of past: the prompt, which the samples of a problem have in common, and what a sample has
drawn itself. Memory traffic is what a step costs, so the prompt's keys are read once for all of its samples: their
queries lie beside each other, (prompts, heads, samples, width), and one matrix product serves them all. One softmax
over both pasts makes the result the ordinary attention.

Shapes: N prompts, G samples of the prompt that has most, R rows (one a sample), K heads of keys, H of queries, W width,
P prompt columns, T columns drawn.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import sdpa_mask
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

NAME = "shared_prompts"
"""What transformers calls the attention below."""
_UNKNOWN = ("sliding_window", "softcap", "s_aux", "position_bias", "attention_bias")
"""Arguments with which some models change the attention's formula."""


class NotShareableError(Exception):
    """The model's attention is of another form."""


class Prompts:
    """Prompts in slots like the rows' own: aligned on the right, the last one moves where one leaves."""

    def __init__(self, num_layers: int) -> None:
        self.keys: list[Any] = [None] * num_layers
        self.values: list[Any] = [None] * num_layers
        self.num_columns = 0
        """P as allocated."""
        self.lengths = torch.empty(0, dtype=torch.int64)
        """(N,) tokens of each prompt."""
        self.of_row = torch.empty(0, dtype=torch.int64)
        """(R,) the prompt of each row."""
        self.mask = torch.empty(0)
        """(N, 1, 1, P) in use: −∞ before a prompt's first column."""
        self.rows = torch.empty(0)
        """(N, G) the rows of each prompt, filled up with row 0."""
        self.place = torch.empty(0)
        """(R,) where each row stands in `rows`, flattened."""

    def __len__(self) -> int:
        """Return N."""
        return len(self.lengths)

    def insert(self, prefill: Any, lengths: Tensor, source: Tensor) -> None:
        """Add prompts, (N', K, P', W) left-padded in each layer, and for each entry of `source` a row of that one."""
        count = len(self)
        self._reserve(prefill, count + len(lengths), prefill.layers[0].keys.shape[-2])
        columns = slice(self.num_columns - prefill.layers[0].keys.shape[-2], self.num_columns)
        for layer, filled in enumerate(prefill.layers):
            self.keys[layer][count : count + len(lengths), :, columns] = filled.keys
            self.values[layer][count : count + len(lengths), :, columns] = filled.values
        self.lengths = torch.cat([self.lengths.to(lengths.device), lengths])
        self.of_row = torch.cat([self.of_row.to(source.device), source + count])
        self._arrange()

    def keep(self, rows: Tensor) -> None:
        """Let the rows be these of the ones before, in this order; prompts without a row leave."""
        self.of_row = self.of_row[rows]
        alive = torch.zeros(len(self), dtype=torch.bool, device=rows.device).index_fill_(0, self.of_row, True)
        left = int(alive.sum())
        if left < len(self):
            gaps, movers = (~alive[:left]).nonzero()[:, 0], alive[left:].nonzero()[:, 0] + left
            for part in (*self.keys, *self.values, self.lengths):
                part[gaps] = part[movers]
            renamed = torch.arange(len(self), device=rows.device)
            renamed[movers] = gaps
            self.lengths, self.of_row = self.lengths[:left], renamed[self.of_row]
        self._arrange()

    def _reserve(self, like: Any, count: int, columns: int) -> None:
        have = 0 if self.keys[0] is None else len(self.keys[0])
        if count <= have and columns <= self.num_columns:
            return
        old, columns = self.num_columns, max(columns, self.num_columns)
        for parts, name in ((self.keys, "keys"), (self.values, "values")):
            for layer, shape in enumerate(like.layers):
                _, heads, _, width = getattr(shape, name).shape
                room = getattr(shape, name).new_zeros(max(count, 2 * have), heads, columns, width)
                if len(self):
                    room[: len(self), :, columns - old :] = parts[layer][: len(self)]
                parts[layer] = room
        self.num_columns = columns

    def _arrange(self) -> None:
        """Lay out anew which rows read which prompt."""
        if not len(self.of_row):
            return
        device = self.of_row.device
        order = self.of_row.argsort(stable=True)
        counts = self.of_row.bincount(minlength=len(self))
        rank = torch.arange(len(order), device=device) - (counts.cumsum(0) - counts)[self.of_row[order]]
        most = int(counts.max())
        self.place = torch.empty_like(self.of_row)
        self.place[order] = self.of_row[order] * most + rank
        rows = torch.zeros(len(self) * most, dtype=torch.int64, device=device)
        rows[self.place] = torch.arange(len(order), device=device)
        self.rows = rows.view(len(self), most)
        longest = int(self.lengths.max())
        ages = torch.arange(longest, 0, -1, device=device)
        blank = torch.zeros(len(self), longest, dtype=self.keys[0].dtype, device=device)
        self.mask = blank.masked_fill_(ages > self.lengths[:, None], -torch.inf)[:, None, None]

    def scores(self, query: Tensor, layer: int) -> Tensor:
        """Return (R, K, H/K, P): a query (R, K, H/K, W) times the keys of its row's prompt, padding at −∞."""
        keys = self.keys[layer][: len(self), :, -self.mask.shape[-1] :]
        together = query[self.rows].transpose(1, 2).flatten(2, 3)  # (N, K, G·H/K, W)
        scores = together @ keys.transpose(-1, -2) + self.mask
        per_row = scores.unflatten(2, (-1, query.shape[2])).transpose(1, 2).flatten(0, 1)  # (N·G, K, H/K, P)
        return per_row[self.place]

    def read(self, weights: Tensor, layer: int) -> Tensor:
        """Return (R, K, H/K, W): the values of each row's prompt under weights (R, K, H/K, P)."""
        values = self.values[layer][: len(self), :, -self.mask.shape[-1] :]
        together = weights[self.rows].transpose(1, 2).flatten(2, 3)
        per_row = (together @ values).unflatten(2, (-1, weights.shape[2])).transpose(1, 2).flatten(0, 1)
        return per_row[self.place]


def attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    """Attention in the form that transformers calls: (R, H, 1, W) queries, (R, K, T, W) keys and values drawn.

    `options["prompts"]` holds the prompts and `options["own_mask"]`, (R, 1, 1, T), is −∞ where a row has not begun.
    Without prompts (a prefill, training) this is the ordinary attention.
    """
    prompts: Prompts | None = options.pop("prompts", None)
    own_mask = options.pop("own_mask", None)
    if prompts is None:
        return ALL_ATTENTION_FUNCTIONS["sdpa"](module, query, key, value, attention_mask, **options)
    if query.shape[2] != 1 or any(options.get(name) is not None for name in _UNKNOWN):
        raise NotShareableError
    scale = options.get("scaling") or query.shape[-1] ** -0.5
    folded = query.reshape(len(query), key.shape[1], -1, query.shape[-1]) * scale
    ours = folded @ key.transpose(-1, -2)
    scores = torch.cat(
        [prompts.scores(folded, module.layer_idx), ours if own_mask is None else ours + own_mask], dim=-1
    )
    weights = scores.softmax(dim=-1, dtype=torch.float32).to(query.dtype)
    of_prompt, of_own = weights.split([weights.shape[-1] - key.shape[2], key.shape[2]], dim=-1)
    mixed = prompts.read(of_prompt, module.layer_idx) + of_own @ value
    return mixed.reshape(len(query), 1, -1, query.shape[-1]), None


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, sdpa_mask)
