"""The transformers engine: any causal language model in the Hugging Face format, batched, on a CPU or a GPU.

One batch runs all the time. A sequence that ends leaves its row to the last one; when enough rows are free, the next
prompts are prefilled together, once each, and copied to as many rows as draws are asked of them. Memory for keys and
values is bounded: if the sequences outgrow it, the youngest give up their rows and are taken up again later from the
tokens that they have.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from torch import Tensor
from transformers.cache_utils import DynamicCache

from gen import shared_prompts
from gen.batch import BatchConfig
from gen.decoding import Decoder
from gen.engine import Request, Sample
from gen.models import ModelFolder, default_device, open_folder
from gen.prompts import encode_prompt
from gen.sampling import STATISTICS, SamplingConfig, draw, sample_key, token_statistics, uniforms
from gen.slots import Slots, bytes_per_token, left_pad, new_prefill_cache, refuse_other_caches
from gen.stops import cut_at_stop, tokens_that_may_stop
from store.errors import RemainsError, UsageError

ROOM = 128
"""Columns added at once when the slots are full, at least."""
REFILL = 0.5
"""Share of the rows that still run when the free ones are filled again.

Full batches matter to a large model; for a tiny one on a CPU attention over the columns of older rows costs as much, so
anything from 0 to 0.9 runs within 15 %.
"""
PREFILL_TOKENS = 16_384
"""Prompt tokens prefilled at once, padding included."""

MAX_SHARING = 64
"""Samples that read one copy of a prompt, at most: the table of who reads what is as wide as its largest group."""


@dataclass
class Sequence:
    """One draw on its way."""

    request: Request
    index: int
    prompt: list[int]
    key: int
    """Source of its randomness."""
    limit: int
    """Tokens that it may have."""
    tokens: list[int] = field(default_factory=list)
    """Drawn before it last gave up its row; with their log-probabilities."""
    log_policy: list[float] = field(default_factory=list)
    log_sampler: list[float] = field(default_factory=list)
    statistics: tuple[list[float], ...] = ()
    """One list for each of `STATISTICS`, if they are asked for."""
    stopped: bool = False
    """Whether a stop string came."""


class TransformersEngine:
    """A loaded model with one sampling configuration."""

    name = "transformers"
    version = f"transformers {transformers.__version__}, torch {torch.__version__}"

    def __init__(
        self,
        folder: ModelFolder,
        sampling: SamplingConfig,
        batch: BatchConfig | None = None,
        stop: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.stop = stop
        self.sampling = sampling
        self.batch = batch or BatchConfig()
        self.device = torch.device(self.batch.device or default_device())
        refuse_other_caches(folder.config)
        self.model = folder.load(str(self.device), self.batch.dtype)
        self._extras = _accepted(self.model)
        self.decoder = Decoder(folder.tokenizer)
        self._idle: list[_Batch] = []
        self.shapes, _ = self.prefill([[min(folder.end_tokens)]])
        self.shares_prompts = self._try_sharing()
        self.kv_bytes = self._kv_budget()

    @property
    def capacity(self) -> int:
        """Draws that it takes in at once, at most."""
        return self.batch.max_sequences

    @property
    def dtype(self) -> str:
        """The type that the model computes in."""
        return str(self.model.dtype).removeprefix("torch.")

    def generate(self, requests: Iterable[Request]) -> Iterator[Sample]:
        """Yield every draw of every request once, as they finish; raises RemainsError when the model gives NaN."""
        batch = self._idle.pop() if self._idle else _Batch(self)
        queue = _Queue(self.sequences(request) for request in requests)
        while batch.admit(queue) or batch.num_rows:
            yield from batch.harvest()
            if batch.num_rows:
                batch.step(queue)
            yield from batch.harvest()
        self._idle.append(batch)

    def update_weights(self, model: Path) -> None:
        """Take over the weights of another policy of the same architecture."""
        folder = open_folder(model)
        fresh = folder.load("cpu", self.dtype)
        try:
            self.model.load_state_dict(fresh.state_dict())
        except RuntimeError as error:
            raise UsageError(f"--model {model}: its weights do not fit those of {self.folder.path}.") from error
        self.folder = folder

    def sleep(self) -> None:
        """Keep the weights in the machine's memory, and no keys and values at all."""
        self._idle.clear()
        self.model.to("cpu")
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def wake(self) -> None:
        """Bring the weights back."""
        self.model.to(self.device)

    def close(self) -> None:
        """Give back the memory."""
        self._idle.clear()
        del self.model

    def sequences(self, request: Request) -> list[Sequence]:
        """Return the draws of a request; its prompt must leave room for a token in the model's context."""
        prompt = encode_prompt(self.folder.tokenizer, request.prompt, self.folder.end_tokens)
        room = (self.folder.context or len(prompt) + self.sampling.max_new_tokens) - len(prompt)
        assert room > 0, f"{request.problem_id}: {len(prompt)} tokens do not fit the context"
        first = Sequence(request, -1, prompt, 0, min(self.sampling.max_new_tokens, room))
        keys = (sample_key(request.seed, request.problem_id, index) for index in request.indices)
        return [replace(first, index=index, key=key) for index, key in zip(request.indices, keys, strict=True)]

    def rows_for(self, columns: int) -> int:
        """Return how many rows of that many columns the memory allows, at least one."""
        fitting = self.kv_bytes // (columns * bytes_per_token(self.shapes))
        return max(1, min(self.batch.max_sequences, fitting))

    @torch.inference_mode()
    def prefill(self, prompts: list[list[int]]) -> tuple[DynamicCache, Tensor]:
        """Return the keys and values of left-padded prompts, and the (B, V) logits after each."""
        ids, mask = left_pad(prompts, min(self.folder.end_tokens), self.device)
        positions = (mask.cumsum(dim=-1) - 1).clamp_(min=0)
        cache = new_prefill_cache()
        return cache, self.forward(ids, None if mask.all() else mask, positions, cache)

    def forward(self, ids: Tensor, mask: Tensor | None, positions: Tensor, cache: Any, **shared: Any) -> Tensor:
        """Return the (B, V) logits of the last column; `shared` goes to the attention."""
        extras = {"position_ids": positions, "logits_to_keep": 1}
        accepted = {name: value for name, value in extras.items() if name in self._extras} | shared
        output = self.model(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True, **accepted)
        return output.logits[:, -1]

    def decode_step(self, ids: Tensor, mask: Tensor | None, positions: Tensor, slots: Slots) -> Tensor:
        """Return the (R, V) logits after one more token a row, (R, 1); `mask` (R, T) says which columns a row sees."""
        if slots.prompts is None:
            return self.forward(ids, mask, positions, slots)
        own = None
        if mask is not None:
            own = torch.zeros(mask.shape, dtype=self.model.dtype, device=self.device).masked_fill_(~mask, -torch.inf)
            own = own[:, None, None]
        return self.forward(ids, None, positions, slots, prompts=slots.prompts, own_mask=own)

    @torch.inference_mode()
    def _try_sharing(self) -> bool:
        """Let the model read prompts that several rows share, if that gives the same logits; return whether it does."""
        if not self.model._can_set_attn_implementation():
            return False
        plain = self.model.config._attn_implementation
        self.model.set_attn_implementation(shared_prompts.NAME)
        token = min(self.folder.end_tokens)
        try:
            shared, unshared = (self._probe(token, Slots(len(self.shapes.layers), shared=on)) for on in (True, False))
        except (shared_prompts.NotShareableError, TypeError):
            same = False
        else:
            tolerance = 1e-3 if self.model.dtype.itemsize >= 4 else 0.1
            same = bool((shared - unshared).abs().max() <= tolerance * (1 + unshared.abs().max()))
        if not same:
            self.model.set_attn_implementation(plain)
        return same

    def _probe(self, token: int, slots: Slots) -> Tensor:
        """Return the logits of two rows that follow prompts of one and two tokens."""
        cache, _ = self.prefill([[token], [token, token]])
        slots.allocate(self.shapes, 2, 4, 2)
        slots.insert(cache, torch.tensor([1, 2], device=self.device), torch.tensor([0, 1], device=self.device))
        if slots.prompts is not None:
            slots.window.low = 2
        lengths = torch.tensor([[1], [2]], device=self.device)
        mask = torch.arange(slots.window.low, 3, device=self.device) >= 2 - (slots.prompts is None) * lengths
        return self.decode_step(torch.full((2, 1), token, device=self.device), mask, lengths, slots)

    def _kv_budget(self) -> int:
        if self.batch.kv_gib is not None:
            return int(self.batch.kv_gib * 2**30)
        if self.device.type == "cuda":
            return int(0.6 * torch.cuda.mem_get_info(self.device)[0])
        return 2 * 2**30


class _Queue:
    """Draws that wait for a row: those that gave one up first, then request by request."""

    def __init__(self, groups: Iterator[list[Sequence]]) -> None:
        self.groups = groups
        self.waiting: deque[list[Sequence]] = deque()

    def peek(self) -> list[Sequence] | None:
        """Return the next draws that share a prefix, or None when there are no more."""
        while not self.waiting:
            group = next(self.groups, None)
            if group is None:
                return None
            if group:
                self.waiting.append(group)
        return self.waiting[0]

    def take(self, count: int) -> list[Sequence]:
        """Remove and return at most `count` draws of the group that `peek` shows."""
        group = self.waiting.popleft()
        if len(group) > count:
            self.waiting.appendleft(group[count:])
        return group[:count]

    def put_back(self, sequence: Sequence) -> None:
        """Let a draw wait that has given up its row."""
        self.waiting.append([sequence])


class _Batch:
    """The sequences that run, one a row; column by column like the slots.

    `tokens[row, column]` is the token whose keys and values stand, or will stand, in that column of the slots, so
    `tokens[:, now]` has been drawn and is the next step's input.
    """

    def __init__(self, engine: TransformersEngine) -> None:
        self.engine = engine
        self.slots = Slots(len(engine.shapes.layers), shared=engine.shares_prompts)
        self.window = self.slots.window
        self.ends = torch.tensor(sorted(engine.folder.end_tokens), device=engine.device)
        self.may_stop = torch.tensor(
            tokens_that_may_stop(engine.folder.tokenizer, engine.folder.vocabulary, engine.stop), device=engine.device
        )
        self.sequences: list[Sequence] = []
        self.num_allocated = 0
        self.longest_shared = 0
        self.tokens, self.log_policy, self.log_sampler = (torch.empty(0, 0) for _ in range(3))
        self.statistics = tuple(torch.empty(0, 0) for _ in STATISTICS) if engine.batch.token_stats else ()
        self.marks = torch.empty(4, 0, dtype=torch.int64)
        self.key = torch.empty(0, dtype=torch.int64)

    @property
    def start(self) -> Tensor:
        """(rows,) column that the first token of the prompt has, or would have."""
        return self.marks[0]

    @property
    def begin(self) -> Tensor:
        """(rows,) the same of the first token drawn."""
        return self.marks[1]

    @property
    def stop(self) -> Tensor:
        """(rows,) column at which a row is cut."""
        return self.marks[2]

    @property
    def born(self) -> Tensor:
        """(rows,) column of the first token drawn since the sequence took this row."""
        return self.marks[3]

    @property
    def first(self) -> Tensor:
        """(rows,) first column of the slots that belongs to a row."""
        return self.start if self.slots.prompts is None else self.born

    @property
    def num_rows(self) -> int:
        """Sequences that run."""
        return len(self.sequences)

    @property
    def num_free(self) -> int:
        """Rows that nobody uses."""
        return self.num_allocated - self.num_rows

    @torch.inference_mode()
    def admit(self, queue: _Queue) -> bool:
        """Fill free rows by one prefill when it pays; return whether it was done."""
        group = queue.peek()
        if group is None or self.num_rows > REFILL * self.num_allocated:
            return False
        self._make_room(_length(group[0]), queue)
        if self.num_free <= 0:
            return False
        self._start(_take(queue, self.num_free, self.window.now if self.slots.prompts is None else None))
        return True

    @torch.inference_mode()
    def step(self, queue: _Queue) -> None:
        """Draw one more token for every row."""
        if self.window.now + 1 >= self.window.columns:
            self._grow(self.window.now - self.window.low, queue)
        rows, now, low = self.num_rows, self.window.now, self.window.low
        first = self.first[:rows]
        columns = torch.arange(low, now + 1, device=first.device)
        mask = None if bool((first == low).all()) else columns >= first[:, None]
        positions = (now - self.start[:rows])[:, None]
        logits = self.engine.decode_step(self.tokens[:rows, now : now + 1], mask, positions, self.slots)
        self.window.now += 1
        self._draw(logits, slice(0, rows))

    @torch.inference_mode()
    def harvest(self) -> list[Sample]:
        """Take out the sequences whose last token ends them."""
        rows, now = self.num_rows, self.window.now
        is_end = torch.isin(self.tokens[:rows, now], self.ends)
        if len(self.may_stop):
            is_end |= self._at_stop()
        done = (is_end | (now + 1 >= self.stop[:rows])).nonzero()[:, 0] if rows else is_end
        if not len(done):
            return []
        finished = self._save(done)
        self._remove(done.tolist())
        return [_sample(self.engine, sequence) for sequence in finished]

    def _at_stop(self) -> Tensor:
        """Return which rows contain a stop string with their newest token, (rows,); only likely ones are decoded."""
        rows, now, engine = self.num_rows, self.window.now, self.engine
        found = torch.zeros(rows, dtype=torch.bool, device=engine.device)
        for row in torch.isin(self.tokens[:rows, now], self.may_stop).nonzero()[:, 0].tolist():
            sequence = self.sequences[row]
            tokens = sequence.tokens + self.tokens[row, int(self.born[row]) : now + 1].tolist()
            likely = cut_at_stop(tokens, engine.decoder.text, engine.stop, len(tokens) - 1) is not None
            # Single bytes may read otherwise within the whole text.
            sequence.stopped = likely and any(stop in engine.decoder.text(tokens) for stop in engine.stop)
            found[row] = sequence.stopped
        return found

    def _save(self, rows: Tensor) -> list[Sequence]:
        """Write what rows have drawn into their sequences, and return these."""
        used = slice(self.window.low, self.window.now + 1)
        parts = [part[rows, used].tolist() for part in self._columns()]
        births = (self.born[rows] - self.window.low).tolist()
        sequences = [self.sequences[row] for row in rows.tolist()]
        for sequence, born, *drawn in zip(sequences, births, *parts, strict=True):
            statistics = sequence.statistics or tuple([] for _ in self.statistics)
            before = (sequence.tokens, sequence.log_policy, sequence.log_sampler, *statistics)
            whole: list[Any] = [[*old, *new[born:]] for old, new in zip(before, drawn, strict=True)]
            sequence.tokens, sequence.log_policy, sequence.log_sampler = whole[:3]
            sequence.statistics = tuple(whole[3:])
        return sequences

    def _remove(self, rows: list[int]) -> None:
        """Free rows: the last ones that stay move into the gaps."""
        gone = set(rows)
        left = self.num_rows - len(gone)
        gaps = [row for row in rows if row < left]
        movers = [row for row in range(left, self.num_rows) if row not in gone]
        for gap, mover in zip(gaps, movers, strict=True):
            self.sequences[gap] = self.sequences[mover]
        del self.sequences[left:]
        target, source = (torch.tensor(index, dtype=torch.int64, device=self.engine.device) for index in (gaps, movers))
        order = torch.arange(left, device=self.engine.device)
        order[target] = source
        self.slots.keep(order, target)
        for part in (*self._columns(), self.key):
            part[target] = part[source]
        self.marks[:, target] = self.marks[:, source]
        self.window.low = int(self.first[:left].min()) if left else self.window.now

    @torch.inference_mode()
    def _start(self, groups: list[list[Sequence]]) -> None:
        """Prefill each group's prefix once, give each of its sequences a row and draw their next tokens."""
        prefixes = [_prefix(group[0]) for group in groups]
        cache, logits = self.engine.prefill(prefixes)
        source = [number for number, group in enumerate(groups) for _ in group]
        index = torch.tensor(source, device=self.engine.device)
        first = self.num_rows
        self.slots.insert(cache, torch.tensor([len(prefix) for prefix in prefixes], device=self.engine.device), index)
        for sequence in (sequence for group in groups for sequence in group):
            self._place(sequence)
        self.window.low = int(self.first[: self.num_rows].min())
        self._draw(logits[index], slice(first, self.num_rows))

    def _place(self, sequence: Sequence) -> None:
        row, now = self.num_rows, self.window.now
        self.sequences.append(sequence)
        begin = now - len(sequence.tokens)
        marks = (begin - len(sequence.prompt), begin, begin + sequence.limit, now)
        self.marks[:, row] = torch.tensor(marks, device=self.engine.device)
        self.key[row] = sequence.key

    def _draw(self, logits: Tensor, rows: slice) -> None:
        """Draw the tokens of the column `now` for some rows."""
        now = self.window.now
        uniform = uniforms(self.key[rows], now - self.begin[rows])
        drawn = draw(logits, uniform, self.engine.sampling)
        log_policy = drawn[1]
        if not bool(torch.isfinite(log_policy).all()):
            raise RemainsError(
                f"--model {self.engine.folder.path}: gives NaN or infinite logits. Its weights are broken, or "
                f"{self.engine.dtype} is too narrow for it (try --dtype float32)."
            )
        statistics = token_statistics(logits) if self.statistics else ()
        for part, values in zip(self._columns(), (*drawn, *statistics), strict=True):
            part[rows, now] = values.to(part.dtype)

    def _make_room(self, length: int, queue: _Queue) -> None:
        """See that a prefix of that length fits before the column `now`."""
        before = length if self.slots.prompts is None else 0
        if not self.num_rows or before > self.window.now or self.window.now + 1 >= self.window.columns:
            self._grow(max(before, self.window.now - self.window.low), queue, length - before)

    def _grow(self, now: int, queue: _Queue, shared: int = 0) -> None:
        """Lay the rows out anew so that `now` is the next column and there is room after it.

        `shared`: columns of the longest prompt that is kept elsewhere; the memory for keys and values counts it as if
        every row had its own.
        """
        columns = now + min(self.engine.sampling.max_new_tokens, max(ROOM, now // 2))
        self.longest_shared = max(shared, self.longest_shared if self.num_rows else 0)
        allowed = self.engine.rows_for(columns + self.longest_shared)
        self._give_up(self.num_rows - allowed, queue)
        if not self.num_rows and columns <= self.window.columns and allowed <= self.num_allocated:
            self.window.low = self.window.now = now
            return
        shift = now - self.window.now
        old, old_marks, old_key = self._columns(), self.marks, self.key
        used = slice(self.window.low, self.window.now + 1)
        self.slots.allocate(self.engine.shapes, allowed, columns, now)
        self._allocate(allowed, columns)
        rows = self.num_rows
        if rows:
            for part, values in zip(self._columns(), old, strict=True):
                part[:rows, used.start + shift : used.stop + shift] = values[:rows, used]
            self.marks[:, :rows] = old_marks[:, :rows] + shift
            self.key[:rows] = old_key[:rows]

    def _give_up(self, count: int, queue: _Queue) -> None:
        """Let the `count` youngest sequences wait: they lose the least."""
        if count <= 0:
            return
        youngest = self.begin[: self.num_rows].argsort(descending=True)[:count].sort().values
        for sequence in self._save(youngest):
            queue.put_back(sequence)
        self._remove(youngest.tolist())

    def _allocate(self, rows: int, columns: int) -> None:
        device = self.engine.device
        self.num_allocated = rows
        self.tokens = torch.zeros(rows, columns, dtype=torch.int64, device=device)
        self.log_policy, self.log_sampler = (torch.zeros(rows, columns, device=device) for _ in range(2))
        self.statistics = tuple(torch.zeros(rows, columns, device=device) for _ in self.statistics)
        self.marks = torch.zeros(4, rows, dtype=torch.int64, device=device)
        self.key = torch.zeros(rows, dtype=torch.int64, device=device)

    def _columns(self) -> tuple[Tensor, ...]:
        return self.tokens, self.log_policy, self.log_sampler, *self.statistics


def _prefix(sequence: Sequence) -> list[int]:
    return sequence.prompt + sequence.tokens


def _length(sequence: Sequence) -> int:
    return len(sequence.prompt) + len(sequence.tokens)


def _take(queue: _Queue, free: int, longest: int | None) -> list[list[Sequence]]:
    """Take groups for at most `free` rows whose prefixes fit `longest` columns (None: any) and one prefill."""
    groups: list[list[Sequence]] = []
    width = 0
    while free and (group := queue.peek()) and (longest is None or _length(group[0]) <= longest):
        width = max(width, _length(group[0]))
        if groups and width * (len(groups) + 1) > PREFILL_TOKENS:
            break
        groups.append(queue.take(min(free, MAX_SHARING)))
        free -= len(groups[-1])
    return groups


def _sample(engine: TransformersEngine, sequence: Sequence) -> Sample:
    ended = sequence.tokens[-1] in engine.folder.end_tokens
    return Sample(
        problem_id=sequence.request.problem_id,
        seed=sequence.request.seed,
        index=sequence.index,
        completion=engine.decoder.completion(sequence.tokens[:-1] if ended else sequence.tokens, sequence.prompt[-1]),
        token_ids=sequence.tokens,
        token_logprobs=sequence.log_policy,
        logprob_policy=float(np.sum(sequence.log_policy, dtype=np.float64)),
        logprob_sampler=float(np.sum(sequence.log_sampler, dtype=np.float64)),
        finish_reason="stop" if ended or sequence.stopped else "length",
        prompt_tokens=len(sequence.prompt),
        statistics=dict(zip(STATISTICS, sequence.statistics, strict=True)) if sequence.statistics else None,
    )


def _accepted(model: Any) -> frozenset[str]:
    return frozenset(inspect.signature(model.forward).parameters)
