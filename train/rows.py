"""Sequences laid out as rows of a batch: one each, those with one prompt together, or packed; and batches of such rows.

Shapes: B rows, T tokens of the longest one, S sequences, N completion tokens of the whole batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

WORTH_A_PASS = 384
"""Tokens: a smaller batch costs more in overhead than its padding does."""


@dataclass(frozen=True)
class Tokens:
    """One prompt and one of its completions; the end token, where one was drawn, belongs to the completion."""

    prompt: tuple[int, ...]
    completion: tuple[int, ...]

    def __len__(self) -> int:
        """Return the number of tokens of both."""
        return len(self.prompt) + len(self.completion)


@dataclass(frozen=True)
class Batch:
    """Rows padded on the right to one length. A row is a prompt and the completions that share it, one after the other;
    or, packed, some sequences one after the other.

    The last token of a completion predicts nothing and is not in a row. A causal model never looks right, so rows with
    one completion need no mask. Packed sequences are told apart by their positions, which start again:
    transformers makes the boundaries of attention from these, whichever the kernel.
    """

    ids: Tensor
    """(B, T)"""
    position: Tensor
    """(N,) into the flattened (B, T): the place that predicts each completion token."""
    target: Tensor
    """(N,) the completion tokens."""
    sequence: Tensor
    """(N,) which of the S sequences, in the order they came, each completion token belongs to."""
    num_sequences: int
    segment: Tensor | None
    """(B, T): 0 in a prompt, 1, 2, … in its completions; None if no row has a second completion, and in
    packed rows."""
    position_ids: Tensor | None
    """(B, T): every completion counts on from its prompt, every packed sequence from 0; None where each row is one
    sequence."""

    def to(self, device: torch.device | str) -> Batch:
        """Return the batch on `device`."""
        moved: dict[str, Any] = {
            key: value.to(device) for key, value in vars(self).items() if isinstance(value, Tensor)
        }
        return replace(self, **moved)

    def attention_mask(self) -> Tensor | None:
        """Return who sees whom, (B, 1, T, T) boolean: its prompt and its own completion up to itself."""
        if self.segment is None:
            return None
        seen, seer = self.segment[:, None, None, :], self.segment[:, None, :, None]
        return ((seen == 0) | (seen == seer)).tril()


def collate(groups: Sequence[Sequence[Tokens]], pad: int, *, packed: bool = False) -> Batch:
    """Lay out one row a group: sequences with one prompt that they share or, packed, any sequences.

    Raises ValueError for an empty prompt, whose first token nothing predicts, and for two prompts in a group.
    """
    rows = [_pack(group) if packed else _lay_out(group) for group in groups]
    length, flat = max(len(row.ids) for row in rows), [sequence for group in groups for sequence in group]
    several = len(flat) > len(groups)
    places = [index * length + place for index, row in enumerate(rows) for place in row.predicts]
    return Batch(
        ids=_padded([row.ids for row in rows], length, pad),
        position=torch.tensor(places),
        target=torch.tensor([token for sequence in flat for token in sequence.completion]),
        sequence=torch.tensor([index for index, sequence in enumerate(flat) for _ in sequence.completion]),
        num_sequences=len(flat),
        segment=_padded([row.segment for row in rows], length, -1) if several and not packed else None,
        position_ids=_padded([row.position_ids for row in rows], length, 0) if several else None,
    )


@dataclass(frozen=True)
class _Row:
    ids: list[int]
    segment: list[int]
    position_ids: list[int]
    predicts: list[int]
    """Places in the row, one a completion token."""


def _lay_out(group: Sequence[Tokens]) -> _Row:
    prompt = group[0].prompt
    if not prompt:
        raise ValueError("a sequence has an empty prompt")
    row = _Row(list(prompt), [0] * len(prompt), list(range(len(prompt))), [])
    for number, sequence in enumerate(group, 1):
        if sequence.prompt != prompt:
            raise ValueError("the sequences of a group have different prompts")
        start, inputs = len(row.ids), sequence.completion[:-1]
        row.predicts.extend([len(prompt) - 1, *range(start, start + len(inputs))])
        row.ids.extend(inputs)
        row.segment.extend([number] * len(inputs))
        row.position_ids.extend(range(len(prompt), len(prompt) + len(inputs)))
    return row


def _pack(group: Sequence[Tokens]) -> _Row:
    row = _Row([], [], [], [])
    for sequence in group:
        if not sequence.prompt:
            raise ValueError("a sequence has an empty prompt")
        inputs = [*sequence.prompt, *sequence.completion[:-1]]
        start = len(row.ids) + len(sequence.prompt) - 1
        row.predicts.extend(range(start, start + len(sequence.completion)))
        row.ids.extend(inputs)
        row.position_ids.extend(range(len(inputs)))
    return row


def _padded(rows: Sequence[list[int]], length: int, pad: int) -> Tensor:
    return torch.tensor([row + [pad] * (length - len(row)) for row in rows])


Group = list[int]
"""Indices of sequences that share a row."""
RowLimit = Callable[[int], int]
"""From the length of a prompt to that of the longest row in which completions share it."""


def shared_row(prompt: int, equal_work: float) -> int:
    """Return the length of the row in which completions of a prompt of this many tokens cost least each.

    Dense layers read each of a row's T tokens once and masked attention looks from each at all T, so a row costs
    T (1 + T/E), where both cost the same at T = E = `equal_work`. Per completion of c tokens, k of which make
    T = p + k c, that is least at T = p + √(p (p + E)), whatever c.
    """
    return prompt + math.isqrt(int(prompt * (prompt + equal_work)))


def plan_batches(
    sequences: Sequence[Tokens],
    max_tokens: int,
    *,
    shared: RowLimit | None = None,
    packed: bool = False,
    max_row: int = 512,
    max_stretch: float = math.inf,
) -> list[list[Group]]:
    """Cut the sequences into batches of rows of about one length, at most `max_tokens` tokens with their padding.

    `max_stretch` ends a batch where its rows become that much longer, so that little is padding. With `shared`
    the sequences of one prompt stand in one row, or in several as long as it says; `packed` rows hold any sequences,
    at most `max_row` tokens. A row that is longer by itself is a batch by itself.
    """
    if packed:
        groups = _packs([_row_length([sequence]) for sequence in sequences], max_row)
        lengths = [sum(_row_length([sequences[index]]) for index in group) for group in groups]
    else:
        groups = _by_prompt(sequences, shared, max_tokens) if shared else [[index] for index in range(len(sequences))]
        lengths = [_row_length([sequences[index] for index in group]) for group in groups]
    return [[groups[index] for index in batch] for batch in length_batches(lengths, max_tokens, max_stretch)]


def _packs(lengths: Sequence[int], max_row: int) -> list[Group]:
    """Put the longest first into the first row that has room for it: rows of about `max_row` tokens."""
    packs: list[Group] = []
    room: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: (-lengths[index], index)):
        place = next((place for place, left in enumerate(room) if lengths[index] <= left), None)
        if place is None:
            packs.append([])
            room.append(max_row)
            place = len(packs) - 1
        packs[place].append(index)
        room[place] -= lengths[index]
    return packs


def _by_prompt(sequences: Sequence[Tokens], limit: RowLimit, max_tokens: int) -> list[Group]:
    open_group: dict[tuple[int, ...], Group] = {}
    groups: list[Group] = []
    for index, sequence in enumerate(sequences):
        group, max_row = open_group.get(sequence.prompt), min(limit(len(sequence.prompt)), max_tokens)
        if group is None or _row_length([sequences[member] for member in group] + [sequence]) > max_row:
            group = open_group[sequence.prompt] = []
            groups.append(group)
        group.append(index)
    return groups


def _row_length(group: Sequence[Tokens]) -> int:
    return len(group[0].prompt) + sum(len(sequence.completion) - 1 for sequence in group)


def length_batches(lengths: Sequence[int], max_tokens: int, max_stretch: float = math.inf) -> list[list[int]]:
    """Cut indices, sorted by length, into batches of at most `max_tokens` tokens with their padding (one at least).

    A batch that is worth a pass of its own ends where a row would be `max_stretch` times longer than its shortest.
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: (lengths[index], index)):
        # Lengths ascend, so the newest is the padded length of its batch.
        length = lengths[index]
        fits = bool(batches) and (len(batches[-1]) + 1) * length <= max_tokens
        if fits and (length <= max_stretch * lengths[batches[-1][0]] or len(batches[-1]) * length < WORTH_A_PASS):
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
