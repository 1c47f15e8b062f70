"""Log-probabilities of completions under a model, in chunks: the (batch, time, vocabulary) logits never exist at once.

Shapes: B rows, T tokens of the longest one, S sequences, N completion tokens of the whole batch, D the hidden width, V
the vocabulary. Log-softmax in float32, sums over a sequence in float64, all in nats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from gen.sampling import STATISTICS, token_statistics
from store.errors import UsageError

WORTH_A_PASS = 384
"""Tokens: a smaller batch costs more in overhead than its padding does."""

CHUNK_LOGITS = 2**24
"""Logits that exist at one time: 64 MiB in float32."""


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
    """Rows padded on the right to one length. A row is a prompt and the completions that share it, one after the other.

    The last token of a completion predicts nothing and is not in a row. A causal model never looks right, so rows with
    one completion need no mask.
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
    """(B, T): 0 in a prompt, 1, 2, … in its completions; None if no row has a second completion."""
    position_ids: Tensor | None
    """(B, T): every completion counts on from its prompt; None with `segment`."""

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


def collate(groups: Sequence[Sequence[Tokens]], pad: int) -> Batch:
    """Lay out one row a group; the sequences of a group have one prompt.

    Raises ValueError for an empty prompt, whose first token nothing predicts, and for two prompts in a group.
    """
    rows = [_lay_out(group) for group in groups]
    length, flat = max(len(row.ids) for row in rows), [sequence for group in groups for sequence in group]
    shared = len(flat) > len(groups)
    places = [index * length + place for index, row in enumerate(rows) for place in row.predicts]
    return Batch(
        ids=_padded([row.ids for row in rows], length, pad),
        position=torch.tensor(places),
        target=torch.tensor([token for sequence in flat for token in sequence.completion]),
        sequence=torch.tensor([index for index, sequence in enumerate(flat) for _ in sequence.completion]),
        num_sequences=len(flat),
        segment=_padded([row.segment for row in rows], length, -1) if shared else None,
        position_ids=_padded([row.position_ids for row in rows], length, 0) if shared else None,
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


def _padded(rows: Sequence[list[int]], length: int, pad: int) -> Tensor:
    return torch.tensor([row + [pad] * (length - len(row)) for row in rows])


class SequenceLogProbs(nn.Module):
    """The model as a function from a batch to log π(y|x) of its S sequences, (S,) in float64.

    It is a module of its own so that data-parallel wrappers see one forward pass.
    """

    def __init__(self, model: Any, chunk_logits: int = CHUNK_LOGITS) -> None:
        super().__init__()
        self.model = model
        self.chunk_logits = chunk_logits

    def forward(self, batch: Batch, *, per_token: bool = False) -> Tensor:
        """Return log π(y|x) per sequence, (S,) in float64, or of every completion token, (N,) in float32."""
        log_probs = self.token_log_probs(batch)
        if per_token:
            return log_probs
        total = torch.zeros(batch.num_sequences, dtype=torch.float64, device=log_probs.device)
        return total.index_add(0, batch.sequence, log_probs.double())

    def token_log_probs(self, batch: Batch) -> Tensor:
        """Return log π of every completion token, (N,) in float32."""
        return head_log_probs(self.model, self._hidden(batch), batch.target, self.chunk_logits)

    def token_statistics(self, batch: Batch, all_of_them: bool = True) -> TokenStatistics:
        """Return log_policy and, if wanted, entropy (nats), logsumexp and mean_logit of every token's distribution.

        Each is (N,) in float32; not for training, as all chunks' graphs would be kept.
        """
        hidden = self._hidden(batch)
        if not all_of_them:
            return {"log_policy": head_log_probs(self.model, hidden, batch.target, self.chunk_logits)}
        logits_of = _head(self.model)
        rows = max(1, self.chunk_logits // self.model.get_output_embeddings().weight.shape[0])
        parts = [
            _statistics(logits_of(part), target)
            for part, target in zip(hidden.split(rows), batch.target.split(rows), strict=True)
        ]
        return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}

    def _hidden(self, batch: Batch) -> Tensor:
        """Return what the head makes the completion tokens' logits of, (N, D)."""
        decoder = self.model.get_decoder()
        hidden = decoder(
            input_ids=batch.ids,
            attention_mask=batch.attention_mask(),
            position_ids=batch.position_ids,
            use_cache=False,
        ).last_hidden_state  # (B, T, D)
        return hidden.flatten(0, 1)[batch.position]


def head_log_probs(model: Any, hidden: Tensor, target: Tensor, chunk_logits: int = CHUNK_LOGITS) -> Tensor:
    """Return log softmax(head(hidden))[target], (N,): one chunk's logits at a time, made again for the gradient.

    `hidden` (N, D), `target` (N,).
    """
    logits_of = _head(model)

    def one_chunk(part: Tensor, expected: Tensor) -> Tensor:
        return -functional.cross_entropy(logits_of(part), expected, reduction="none")

    rows = max(1, chunk_logits // model.get_output_embeddings().weight.shape[0])
    if len(hidden) <= rows:
        return one_chunk(hidden, target)
    pieces = zip(hidden.split(rows), target.split(rows), strict=True)
    return torch.cat([checkpoint(one_chunk, part, expected, use_reentrant=False) for part, expected in pieces])


TokenStatistics = dict[str, Tensor]
"""Name to (N,) values, one a completion token."""


def _head(model: Any) -> Callable[[Tensor], Tensor]:
    """Return the function from hidden states (…, D) to logits (…, V) in float32."""
    head = model.get_output_embeddings()
    softcap = getattr(model.config.get_text_config(decoder=True), "final_logit_softcapping", None)

    def logits_of(hidden: Tensor) -> Tensor:
        logits = head(hidden).float()
        return softcap * torch.tanh(logits / softcap) if softcap else logits

    return logits_of


def _statistics(logits: Tensor, target: Tensor) -> TokenStatistics:
    """Return what one chunk of (n, V) logits says of its tokens."""
    log_policy = -functional.cross_entropy(logits, target, reduction="none")
    return {"log_policy": log_policy, **dict(zip(STATISTICS, token_statistics(logits), strict=True))}


@torch.no_grad()
def check_head(model: Any) -> None:
    """Raise UsageError when the model does more to its logits than `head_log_probs` knows of."""
    probe = _probe(model)[0]
    ids = torch.tensor([probe.prompt + probe.completion], device=next(model.parameters()).device)
    plain = model(input_ids=ids, use_cache=False).logits[0, :-1].float().log_softmax(-1)
    expected = plain.gather(1, ids[0, 1:, None])[len(probe.prompt) - 1 :, 0]
    found = SequenceLogProbs(model).token_log_probs(collate([[probe]], 0).to(ids.device))
    if not torch.isfinite(expected).all():
        raise UsageError("the model gives NaN or infinite logits: its weights are broken, or its dtype is too narrow.")
    if not torch.allclose(found, expected, atol=1e-2, rtol=1e-3):
        raise UsageError(
            f"the model's architecture ({type(model).__name__}) scales its logits in a way that is not known here; "
            "train another architecture."
        )


@torch.no_grad()
def shares_prompts(model: Any) -> bool:
    """Return whether completions of one prompt may stand in one row: the model must heed a mask and position ids.

    Models with a sliding window make masks of their own, and so get a row for each completion.
    """
    config = model.config.get_text_config(decoder=True)
    if getattr(config, "sliding_window", None) or getattr(config, "layer_types", None):
        return False
    device, (one, other) = next(model.parameters()).device, _probe(model)
    log_probs = SequenceLogProbs(model)
    try:
        together = log_probs(collate([[one, other]], 0).to(device))
    except (TypeError, ValueError, RuntimeError, NotImplementedError):
        return False
    apart = log_probs(collate([[one], [other]], 0).to(device))
    return torch.allclose(together, apart, atol=1e-2, rtol=1e-3)


def _probe(model: Any) -> tuple[Tokens, Tokens]:
    """Return two sequences with one prompt and different completions."""
    size = model.get_output_embeddings().weight.shape[0]
    prompt = tuple(token % size for token in (1, 2, 3))
    return Tokens(prompt, tuple(token % size for token in (4, 5, 6))), Tokens(
        prompt, tuple(token % size for token in (7, 8, 9))
    )


Group = list[int]
"""Indices of sequences that share a row."""


def plan_batches(
    sequences: Sequence[Tokens],
    max_tokens: int,
    *,
    share_prompts: bool,
    max_row: int = 512,
    max_stretch: float = math.inf,
) -> list[list[Group]]:
    """Cut the sequences into batches of rows of about one length, at most `max_tokens` tokens with their padding.

    `max_stretch` ends a batch where its rows become that much longer, so that little is padding. With `share_prompts`
    the sequences of one prompt stand in one row, or in several of at most `max_row` tokens. A row that is longer by
    itself is a batch by itself.
    """
    groups = _by_prompt(sequences, max_row) if share_prompts else [[index] for index in range(len(sequences))]
    lengths = [_row_length([sequences[index] for index in group]) for group in groups]
    return [[groups[index] for index in batch] for batch in length_batches(lengths, max_tokens, max_stretch)]


def _by_prompt(sequences: Sequence[Tokens], max_row: int) -> list[Group]:
    open_group: dict[tuple[int, ...], Group] = {}
    groups: list[Group] = []
    for index, sequence in enumerate(sequences):
        group = open_group.get(sequence.prompt)
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
