"""Log-probabilities of completions under a model, in chunks: the (batch, time, vocabulary) logits never exist at once.

Shapes: B rows, T tokens of the longest one, S sequences, N completion tokens of the whole batch, D the hidden width, V
the vocabulary. Log-softmax in float32, sums over a sequence in float64, all in nats.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from gen.sampling import STATISTICS, token_statistics
from store.errors import UsageError
from train.rows import Batch, RowLimit, Tokens, collate, shared_row

CHUNK_LOGITS = 2**24
"""Logits that exist at one time: 64 MiB in float32."""


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


def row_limit(model: Any) -> RowLimit:
    """Return how long the rows are in which this model's completions share a prompt: `shared_row`."""
    return partial(shared_row, equal_work=equal_work(model))


def equal_work(model: Any) -> float:
    """Return the length of a row, in tokens, in which attention takes as many operations as the dense layers.

    These take 2 a parameter and token; attention takes 4 a layer and dimension of its heads for each token that a token
    looks at.
    """
    config = model.config.get_text_config(decoder=True)
    heads = config.num_attention_heads
    width = heads * (getattr(config, "head_dim", None) or config.hidden_size // heads)
    return model.get_decoder().num_parameters(exclude_embeddings=True) / (2 * config.num_hidden_layers * width)


@torch.no_grad()
def packs_rows(model: Any) -> bool:
    """Return whether sequences may stand in one row, told apart by their positions alone."""
    device, (one, other) = next(model.parameters()).device, _probe(model)
    log_probs = SequenceLogProbs(model)
    try:
        together = log_probs(collate([[one, other, one]], 0, packed=True).to(device))
    except (TypeError, ValueError, RuntimeError, NotImplementedError):
        return False
    apart = log_probs(collate([[one], [other], [one]], 0).to(device))
    return torch.allclose(together, apart, atol=1e-2, rtol=1e-3)


def _probe(model: Any) -> tuple[Tokens, Tokens]:
    """Return two sequences with one prompt and different completions."""
    size = model.get_output_embeddings().weight.shape[0]
    prompt = tuple(token % size for token in (1, 2, 3))
    return Tokens(prompt, tuple(token % size for token in (4, 5, 6))), Tokens(
        prompt, tuple(token % size for token in (7, 8, 9))
    )
