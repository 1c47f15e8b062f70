"""Sampling beside its plain alternatives: `python -m benchmarks.gen`.

Same model (a Llama of 0.9 million parameters with random weights), same prompts, same distribution, same number of
samples. Plain is `model.generate`: prompt by prompt with all its samples at once, and sample by sample. They draw
only; gen also gives both log-probabilities. Rates are in drawn tokens, medians of the repeats.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from gen.engine import Request
from gen.models import open_folder
from gen.sampling import SamplingConfig
from gen.transformers_engine import TransformersEngine

NUM_WORDS = 300
NUM_PROBLEMS = 48
NUM_SAMPLES = 8
MAX_NEW_TOKENS = 48
REPEATS = 5


def main() -> None:
    """Print tokens a second and the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_model(Path(folder))
        engine = TransformersEngine(open_folder(path), SamplingConfig(max_new_tokens=MAX_NEW_TOKENS))
    requests = list(_requests(random.Random(0)))
    print(
        f"gen: {NUM_PROBLEMS} problems, {NUM_SAMPLES} samples of each, {torch.get_num_threads()} threads, "
        f"median of {REPEATS}"
    )
    ours = _rate(lambda: sum(len(sample.token_ids) for sample in engine.generate(requests)))
    by_prompt = _rate(lambda: sum(_plain(engine, request, NUM_SAMPLES) for request in requests))
    by_sample = _rate(lambda: sum(_plain(engine, request, 1) for request in requests[:NUM_SAMPLES]))
    print(f"gen                         {ours:>10,.0f} tokens/s")
    for what, rate in (("generate, prompt by prompt", by_prompt), ("generate, sample by sample", by_sample)):
        print(f"{what}  {rate:>10,.0f} tokens/s   gen is {ours / rate:.1f} times as fast")


def _rate(work: Callable[[], int]) -> float:
    """Return the median of tokens a second; the first run warms up and does not count."""
    rates = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        num_tokens = work()
        rates.append(num_tokens / (time.perf_counter() - start))
    return statistics.median(rates[1:])


@torch.inference_mode()
def _plain(engine: TransformersEngine, request: Request, num_samples: int) -> int:
    """Draw with transformers' own `generate`; return the tokens drawn, end tokens included."""
    inputs = engine.folder.tokenizer(request.prompt, return_tensors="pt")
    drawn = engine.model.generate(
        input_ids=inputs["input_ids"],
        attention_mask=inputs["attention_mask"],
        do_sample=True,
        top_k=0,
        max_new_tokens=MAX_NEW_TOKENS,
        num_return_sequences=num_samples,
        pad_token_id=0,
    )[:, inputs["input_ids"].shape[1] :]
    ended = drawn == min(engine.folder.end_tokens)
    return int((ended.cumsum(dim=1) - ended.int() == 0).sum())


def _requests(rng: random.Random) -> Iterator[Request]:
    for number in range(NUM_PROBLEMS):
        prompt = " ".join(f"w{rng.randrange(NUM_WORDS)}" for _ in range(rng.randint(30, 60)))
        yield Request(f"problem {number}", prompt, 0, tuple(range(NUM_SAMPLES)))


def write_model(path: Path) -> Path:
    """Write a Llama of 0.9 million parameters with random weights, and its tokenizer."""
    torch.manual_seed(0)
    words = ("<unk>", "<s>", "</s>", *(f"w{number}" for number in range(NUM_WORDS)))
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", unk_token="<unk>").save_pretrained(path)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=4,
        num_attention_heads=4,
        max_position_embeddings=256,
        eos_token_id=2,
        bos_token_id=1,
    )
    LlamaForCausalLM(config).save_pretrained(path)
    return path


if __name__ == "__main__":
    main()
