"""One step of offline training beside its plain alternative: `python -m benchmarks.train`.

The work is that of a step: 24 problems, 48 samples of each, a few of them verified, some of these the same. Plain is
what comes to mind first: every verified sample a row padded to the longest, all logits, log-softmax, gather. All
compute the same gradient; the benchmark compares the losses. The three layouts of rows stand beside it. Time is the
processor's, the least of some runs, so that a busy machine matters little.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from train.data import Completion, SolvedProblem
from train.draws import DrawTable
from train.learner import MASKED_ROW, MAX_STRETCH
from train.logprobs import SequenceLogProbs, row_limit
from train.objective import positive_loss, static_log_weight
from train.rows import Tokens, collate, plan_batches

VOCABULARIES = (500, 32_000)
LAYOUTS = ("shared", "packed", "padded")
ALPHA = 0.5
REPEATS = 3


def main() -> None:
    """Print seconds a step and the ratio, for a small and a large vocabulary."""
    print(f"one step of train, forward and backward, {torch.get_num_threads()} threads")
    for vocabulary in VOCABULARIES:
        model, table = _model(vocabulary), _step(vocabulary)
        num_tokens = sum(len(table.rows[row].tokens) for row in table.row.tolist())
        ways = {layout: partial(_ours, layout) for layout in LAYOUTS} | {"plain": _plain}
        found = {name: _time(way, model, table) for name, way in ways.items()}
        loss = found["plain"][0]
        assert all(abs(other - loss) < 1e-4 * abs(loss) for other, _ in found.values()), found
        rates = "   ".join(f"{name} {num_tokens / seconds:,.0f}" for name, (_, seconds) in found.items())
        print(
            f"vocabulary {vocabulary:>6,}, tokens/s: {rates}; shared {found['plain'][1] / found['shared'][1]:.1f} times"
        )


def _ours(layout: str, model: LlamaForCausalLM, table: DrawTable) -> float:
    log_probs, total, packed = SequenceLogProbs(model), 0.0, layout == "packed"
    sequences = [row.tokens for row in table.rows]
    stretch = math.inf if packed else MAX_STRETCH
    shared = row_limit(model) if layout == "shared" else None
    for batch in plan_batches(sequences, 8192, shared=shared, packed=packed, max_row=MASKED_ROW, max_stretch=stretch):
        rows = [row for group in batch for row in group]
        log_policy = log_probs(collate([[sequences[row] for row in group] for group in batch], 0, packed=packed))
        draws = table.draws_of(rows)
        place = torch.zeros(len(table.rows), dtype=torch.long).index_copy(
            0, torch.tensor(rows), torch.arange(len(rows))
        )
        loss = _loss(table, draws, log_policy[place[table.row[draws]]])
        loss.backward()
        total += loss.item()
    return total


def _plain(model: LlamaForCausalLM, table: DrawTable) -> float:
    sequences = [table.rows[row].tokens for row in table.row.tolist()]
    length = max(map(len, sequences))
    ids = torch.tensor([[*row.prompt, *row.completion, *[0] * (length - len(row))] for row in sequences])
    kept = torch.tensor([[len(row.prompt) <= place < len(row) for place in range(1, length)] for row in sequences])
    seen = torch.tensor([[place < len(row) for place in range(length)] for row in sequences])
    log_probs = model(input_ids=ids, attention_mask=seen.long(), use_cache=False).logits[:, :-1].log_softmax(-1)
    chosen = log_probs.gather(-1, ids[:, 1:, None])[..., 0]
    loss = _loss(table, torch.arange(len(sequences)), (chosen * kept).double().sum(1))
    loss.backward()
    return loss.item()


def _loss(table: DrawTable, draws: Tensor, log_policy: Tensor) -> Tensor:
    base, partition, sampler = (part[draws] for part in (table.log_base, table.log_partition, table.log_sampler))
    log_weight = static_log_weight(base, partition, sampler, alpha=ALPHA)
    return (table.share[draws] * positive_loss(log_policy, sampler, log_weight, alpha=ALPHA)).sum()


def _time(
    way: Callable[[LlamaForCausalLM, DrawTable], float], model: LlamaForCausalLM, table: DrawTable
) -> tuple[float, float]:
    """Return the loss and the least seconds of some runs after a first one."""
    loss, seconds = way(model, table), []
    for _ in range(REPEATS):
        start = time.process_time()
        way(model, table)
        seconds.append(time.process_time() - start)
        model.zero_grad()
    return loss, min(seconds)


def _model(vocabulary: int) -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=128, intermediate_size=384, num_hidden_layers=4, num_attention_heads=4,
        max_position_embeddings=512, tie_word_embeddings=True,
    )  # fmt: skip
    return LlamaForCausalLM(config).eval()


def _step(vocabulary: int) -> DrawTable:
    """Draw 24 problems: about 36 tokens of prompt, seven verified draws of 18 tokens or so, half of them different."""
    rng = random.Random(0)

    def words(low: int, high: int) -> tuple[int, ...]:
        return tuple(rng.randrange(1, vocabulary) for _ in range(rng.randint(low, high)))

    problems = []
    for number in range(24):
        prompt, choices = words(20, 55), [words(5, 50) for _ in range(4)]
        drawn = sorted(rng.choice(choices) for _ in range(rng.randint(1, 13)))
        completions = tuple(
            Completion(Tokens(prompt, tokens), *[(-40.0,) * drawn.count(tokens)] * 2) for tokens in sorted(set(drawn))
        )
        problems.append(SolvedProblem(str(number), 48, -2.0, completions))
    return DrawTable.of(problems)


if __name__ == "__main__":
    main()
