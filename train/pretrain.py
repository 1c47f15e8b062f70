"""A small base policy from scratch: a Llama-shaped model and its own tokenizer, from (prompt, completion) pairs.

Left out on purpose: several processes, mixed precision, resuming in the middle. It makes the quickstart's base
policy in two minutes; a real base policy is downloaded.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from store.corpus import Corpus
from store.errors import UsageError
from store.ids import config_hash, content_hash
from store.location import Address
from store.progress import progress
from store.shards import atomic_path
from train.logprobs import SequenceLogProbs, row_limit
from train.policy import register_policy, save_policy
from train.rows import Batch, Tokens, collate, plan_batches
from train.tokenizer import train_tokenizer

Pairs = Sequence[Mapping[str, str]]

RECORD = "pretrain.json"


@dataclass(frozen=True)
class PretrainConfig:
    """What to learn from, how large a model, how long."""

    pairs: Path | Pairs
    """JSONL with a `prompt` and a `completion` a line, or such records themselves."""
    out: Path
    corpus: Address | None = None
    """Where to register the policy, if anywhere."""
    steps: int = 1000
    seconds: float | None = None
    """Stop after this long if the steps take longer; the learning rate falls with whichever ends first."""
    batch_tokens: int = 2048
    """Tokens of a step, padding included; a prompt counts once for the completions that share its row."""
    max_row: int = 256
    """Tokens of a row in which completions share their prompt."""
    learning_rate: float = 3e-3
    """At its peak."""
    warmup: float = 0.05
    """Share of the steps."""
    weight_decay: float = 0.05
    width: int = 128
    layers: int = 4
    heads: int = 4
    context: int = 512
    """Longest sequence, in tokens; longer pairs are refused."""
    held_out: int = 400
    """Pairs that only measure the loss, at most a tenth of all; their prompts are not learnt from."""
    seed: int = 0


@dataclass(frozen=True)
class PretrainSummary:
    """What came out. Losses in nats a completion token."""

    policy_id: str
    path: Path
    parameters: int
    vocabulary: int
    steps: int
    train_loss: float
    """Mean over the last tenth of the steps."""
    held_out_loss: float | None
    """None when there were too few pairs to hold any out."""
    tokens_per_second: float
    """A prompt counts once for each of its completions."""
    new: bool
    """False when the policy was there already."""

    def as_text(self) -> str:
        """Return the summary as lines to print."""
        shape = f"{self.path}: policy {self.policy_id}, {self.parameters:,} parameters, {self.vocabulary:,} words"
        held_out = "" if self.held_out_loss is None else f", held out {self.held_out_loss:.3f}"
        return (
            f"{shape}{'' if self.new else '; it was there already'}\n"
            f"{self.steps:,} steps at {self.tokens_per_second:,.0f} tokens/s; loss {self.train_loss:.3f} nats a token"
            f"{held_out}"
        )


def pretrain(config: PretrainConfig) -> PretrainSummary:
    """Train and save; a finished policy at `out` is left as it is.

    Raises UsageError for pairs that cannot be read, are empty, or are longer than the context, and for a folder that
    holds something else.
    """
    pairs = read_pairs(config.pairs)
    identity = config_hash({**_described(config), "pairs": content_hash(*(text for pair in pairs for text in pair))})
    finished = _finished(config.out, identity)
    if finished:
        return _summary(config, LlamaForCausalLM.from_pretrained(config.out), replace(finished, new=False))
    tokenizer = train_tokenizer(text for pair in pairs for text in pair)
    tokenizer.model_max_length = config.context
    rows = encode_pairs(tokenizer, pairs)
    _refuse_long(rows, config)
    learnt, held_out = split_by_prompt(rows, min(config.held_out, len(rows) // 10))
    torch.manual_seed(config.seed)
    model = LlamaForCausalLM(_architecture(config, tokenizer))
    fit = _fit(model, learnt, held_out, tokenizer.pad_token_id, config)
    config.out.mkdir(parents=True, exist_ok=True)
    with atomic_path(config.out / RECORD) as temporary:
        temporary.write_text(json.dumps({"identity": identity, "fit": asdict(fit)}, indent=2) + "\n", encoding="utf-8")
    save_policy(model, tokenizer, config.out)
    return _summary(config, model, fit)


def _finished(out: Path, identity: str) -> _Fit | None:
    """Return how the same training went if its policy stands there; refuse a folder that holds another."""
    if not (out / "config.json").exists():
        return None
    record = out / RECORD
    found = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    if found.get("identity") != identity:
        raise UsageError(f"--out {out}: another policy stands there. Name another folder, or remove this one.")
    return _Fit(**found["fit"])


# What is learnt from


def read_pairs(source: Path | Pairs) -> list[tuple[str, str]]:
    """Return the (prompt, completion) pairs; raise UsageError naming file and line, or record."""
    if not isinstance(source, Path):
        pairs = [_pair(row, f"pair {number}") for number, row in enumerate(source, 1)]
    else:
        pairs = [_pair(row, f"{source}, line {number}") for number, row in _json_lines(source)]
    if not pairs:
        raise UsageError(f"{source if isinstance(source, Path) else 'pairs'}: nothing to learn from.")
    return pairs


def _json_lines(path: Path) -> Iterator[tuple[int, object]]:
    try:
        # A JSONL file's lines end in \n alone; a Unicode line separator may stand inside a text.
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except ValueError as error:
            raise UsageError(f"{path}, line {number}: no JSON: {error}") from error


def _pair(row: object, where: str) -> tuple[str, str]:
    if not isinstance(row, Mapping) or not {"prompt", "completion"} <= row.keys():
        raise UsageError(f"{where}: no record with a `prompt` and a `completion`.")
    prompt, completion = row["prompt"], row["completion"]
    if not (isinstance(prompt, str) and isinstance(completion, str) and prompt):
        raise UsageError(f"{where}: prompt and completion must be texts, and the prompt not empty.")
    return prompt, completion


def encode_pairs(tokenizer: PreTrainedTokenizerFast, pairs: Sequence[tuple[str, str]]) -> list[Tokens]:
    """Return the tokens of each pair, an end token after each completion."""
    prompts = tokenizer([prompt for prompt, _ in pairs], add_special_tokens=False)["input_ids"]
    answers = tokenizer([completion for _, completion in pairs], add_special_tokens=False)["input_ids"]
    end = tokenizer.eos_token_id
    return [Tokens(tuple(prompt), (*answer, end)) for prompt, answer in zip(prompts, answers, strict=True)]


def _refuse_long(rows: Sequence[Tokens], config: PretrainConfig) -> None:
    number, longest = max(enumerate(map(len, rows), 1), key=lambda pair: pair[1])
    if longest > config.context:
        raise UsageError(
            f"pair {number} has {longest} tokens, more than the context of {config.context}; shorten it or raise it."
        )


def epochs(rows: Sequence[Tokens], batch_tokens: int, seed: int, max_row: int) -> Iterator[list[list[Tokens]]]:
    """Yield batches of groups without end: each epoch every row once, in random order and random company.

    Completions of one prompt share a row of at most `max_row` tokens; rows of one length make a batch.
    """
    rng = random.Random(seed)
    while True:
        order = rng.sample(rows, len(rows))
        batches = plan_batches(order, batch_tokens, shared=lambda _: max_row)
        rng.shuffle(batches)
        for batch in batches:
            yield [[order[index] for index in group] for group in batch]


def split_by_prompt(rows: Sequence[Tokens], num_held_out: int) -> tuple[list[Tokens], list[Tokens]]:
    """Return rows to learn from and about `num_held_out` held-out ones; no prompt is on both sides."""
    counts: dict[tuple[int, ...], int] = {}
    for row in rows:
        counts[row.prompt] = counts.get(row.prompt, 0) + 1
    held_out: set[tuple[int, ...]] = set()
    for prompt, count in counts.items():
        if count <= num_held_out:
            held_out.add(prompt)
            num_held_out -= count
    return [row for row in rows if row.prompt not in held_out], [row for row in rows if row.prompt in held_out]


# Learning


@dataclass(frozen=True)
class _Fit:
    """How a training went."""

    steps: int
    train_loss: float
    held_out_loss: float | None
    tokens_per_second: float
    new: bool = True
    """False when it was done by an earlier command."""


def _fit(
    model: LlamaForCausalLM, rows: Sequence[Tokens], held_out: Sequence[Tokens], pad: int, config: PretrainConfig
) -> _Fit:
    log_probs = SequenceLogProbs(model.train())
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, betas=(0.9, 0.98), fused=True
    )
    losses: list[float] = []
    clock, num_tokens = time.monotonic(), 0
    with progress("pretrain", config.steps, "steps") as advance:
        for batch in epochs(rows, config.batch_tokens, config.seed, config.max_row):
            done = _share_done(len(losses), time.monotonic() - clock, config)
            if done >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * rate(done, config.warmup)
            losses.append(_step(log_probs, collate(batch, pad), optimizer))
            num_tokens += sum(len(row) for group in batch for row in group)
            advance(1)
    elapsed = time.monotonic() - clock
    tail = losses[-max(1, len(losses) // 10) :]
    return _Fit(len(losses), sum(tail) / len(tail), _held_out_loss(log_probs, held_out, pad), num_tokens / elapsed)


def _share_done(steps: int, seconds: float, config: PretrainConfig) -> float:
    by_time = seconds / config.seconds if config.seconds else 0.0
    return max(steps / config.steps, by_time)


def rate(done: float, warmup: float) -> float:
    """Return the share of the peak learning rate: a linear rise, then a cosine to a hundredth; `done` in [0, 1)."""
    if done < warmup:
        return max(0.01, done / warmup)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup)))


def _step(log_probs: SequenceLogProbs, batch: Batch, optimizer: torch.optim.Optimizer) -> float:
    loss = -log_probs.token_log_probs(batch).mean()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(log_probs.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@torch.no_grad()
def _held_out_loss(log_probs: SequenceLogProbs, rows: Sequence[Tokens], pad: int) -> float | None:
    if not rows:
        return None
    log_probs.model.eval()
    planned = plan_batches(rows, 8192, shared=row_limit(log_probs.model))
    batches = [collate([[rows[index] for index in group] for group in batch], pad) for batch in planned]
    total = sum(log_probs(batch).sum().item() for batch in batches)
    return -total / sum(len(row.completion) for row in rows)


def _architecture(config: PretrainConfig, tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=config.width,
        intermediate_size=3 * config.width,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        max_position_embeddings=config.context,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def _summary(config: PretrainConfig, model: LlamaForCausalLM, fit: _Fit) -> PretrainSummary:
    corpus = Corpus.open(config.corpus) if config.corpus else None
    policy = register_policy(corpus, config.out, parent=None, step=fit.steps, config=_described(config))
    return PretrainSummary(
        policy_id=policy,
        path=config.out,
        parameters=model.num_parameters(),
        vocabulary=model.config.vocab_size,
        steps=fit.steps,
        train_loss=fit.train_loss,
        held_out_loss=fit.held_out_loss,
        tokens_per_second=fit.tokens_per_second,
        new=fit.new,
    )


def _described(config: PretrainConfig) -> dict[str, Any]:
    """Return what decides the policy; where things stand does not."""
    return {key: value for key, value in vars(config).items() if key not in {"pairs", "out", "corpus"}}
