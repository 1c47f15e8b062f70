"""Log-probabilities of completions under a model, in chunks: the (batch, time, vocabulary) logits never exist at once.

Shapes: B sequences, T tokens of the longest one, N completion tokens of the whole batch, D the hidden width, V the
vocabulary. Log-softmax in float32, sums over a sequence in float64, all in nats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from store.errors import UsageError

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
    """Sequences padded on the right to one length. A causal model never looks right, so no attention mask is needed."""

    ids: Tensor
    """(B, T)"""
    position: Tensor
    """(N,) into the flattened (B, T): the place that predicts each completion token, the one before it."""
    target: Tensor
    """(N,) the completion tokens."""
    row: Tensor
    """(N,) the sequence that each completion token belongs to."""

    def to(self, device: torch.device | str) -> Batch:
        """Return the batch on `device`."""
        return Batch(*(tensor.to(device) for tensor in (self.ids, self.position, self.target, self.row)))


def collate(sequences: Sequence[Tokens], pad: int) -> Batch:
    """Pad `sequences` to the longest. Raises ValueError for an empty prompt, whose first token nothing predicts."""
    length = max(len(sequence) for sequence in sequences)
    ids = torch.full((len(sequences), length), pad, dtype=torch.long)
    position: list[int] = []
    target: list[int] = []
    row: list[int] = []
    for index, sequence in enumerate(sequences):
        if not sequence.prompt:
            raise ValueError("a sequence has an empty prompt")
        ids[index, : len(sequence)] = torch.tensor(sequence.prompt + sequence.completion)
        start = index * length + len(sequence.prompt) - 1
        position.extend(range(start, start + len(sequence.completion)))
        target.extend(sequence.completion)
        row.extend([index] * len(sequence.completion))
    return Batch(ids, torch.tensor(position), torch.tensor(target), torch.tensor(row))


class SequenceLogProbs(nn.Module):
    """The model as a function from a batch to log π(y|x) of its completions, (B,) in float64.

    It is a module of its own so that data-parallel wrappers see one forward pass.
    """

    def __init__(self, model: Any, chunk_logits: int = CHUNK_LOGITS) -> None:
        super().__init__()
        self.model = model
        self.chunk_logits = chunk_logits

    def forward(self, batch: Batch) -> Tensor:
        """Return log π(y|x) per sequence, (B,)."""
        per_token = self.token_log_probs(batch)
        total = torch.zeros(len(batch.ids), dtype=torch.float64, device=per_token.device)
        return total.index_add(0, batch.row, per_token.double())

    def token_log_probs(self, batch: Batch) -> Tensor:
        """Return log π of every completion token, (N,) in float32."""
        decoder = self.model.get_decoder()
        hidden = decoder(input_ids=batch.ids, use_cache=False).last_hidden_state  # (B, T, D)
        chosen = hidden.flatten(0, 1)[batch.position]  # (N, D)
        return head_log_probs(self.model, chosen, batch.target, self.chunk_logits)


def head_log_probs(model: Any, hidden: Tensor, target: Tensor, chunk_logits: int = CHUNK_LOGITS) -> Tensor:
    """Return log softmax(head(hidden))[target], (N,): one chunk's logits at a time, made again for the gradient.

    `hidden` (N, D), `target` (N,).
    """
    head = model.get_output_embeddings()
    softcap = getattr(model.config.get_text_config(decoder=True), "final_logit_softcapping", None)

    def one_chunk(part: Tensor, expected: Tensor) -> Tensor:
        logits = head(part).float()  # (chunk, V)
        if softcap:
            logits = softcap * torch.tanh(logits / softcap)
        return -functional.cross_entropy(logits, expected, reduction="none")

    rows = max(1, chunk_logits // head.weight.shape[0])
    if len(hidden) <= rows:
        return one_chunk(hidden, target)
    pieces = zip(hidden.split(rows), target.split(rows), strict=True)
    return torch.cat([checkpoint(one_chunk, part, expected, use_reentrant=False) for part, expected in pieces])


@torch.no_grad()
def check_head(model: Any) -> None:
    """Raise UsageError when the model does more to its logits than `head_log_probs` knows of."""
    device = next(model.parameters()).device
    ids = torch.arange(1, 9, device=device)[None] % model.get_output_embeddings().weight.shape[0]
    plain = model(input_ids=ids, use_cache=False).logits[0, :-1].float().log_softmax(-1)
    expected = plain.gather(1, ids[0, 1:, None])[:, 0]
    batch = collate([Tokens((int(ids[0, 0]),), tuple(ids[0, 1:].tolist()))], 0).to(device)
    found = SequenceLogProbs(model).token_log_probs(batch)
    if not torch.allclose(found, expected, atol=1e-2, rtol=1e-3):
        raise UsageError(
            f"the model's architecture ({type(model).__name__}) scales its logits in a way that is not known here; "
            "train another architecture."
        )


def length_batches(lengths: Sequence[int], max_tokens: int) -> list[list[int]]:
    """Cut indices, sorted by length, into batches of at most `max_tokens` tokens with their padding (one at least)."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: (lengths[index], index)):
        # Lengths ascend, so the newest is the padded length of its batch.
        if batches and (len(batches[-1]) + 1) * lengths[index] <= max_tokens:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
