"""`cli gen --engine vllm` beside a bare `LLM.generate`: `python -m benchmarks.vllm`.

Same model (a Llama of 0.9 million parameters with random weights), same requests, same settings. Ours writes the
corpus, shard by shard, with both log-probabilities of every sample; the bare call returns its outputs and stores
nothing. The two take turns, and every ratio is the median over the turns. Loading is left out on both sides.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.gen import NUM_WORDS, write_model
from gen.engine import Engine
from gen.models import open_folder
from gen.prompts import encode_prompt
from gen.run import GenConfig, generate
from gen.sampling import SamplingConfig, sample_key
from gen.vllm_engine import VllmEngine
from store.corpus import Corpus
from store.ids import problem_id
from store.schema import PROBLEMS

NUM_PROBLEMS = 48
NUM_SAMPLES = 16
MAX_NEW_TOKENS = 48
MAX_RUNNING = 128
REPEATS = 5


def main() -> None:
    """Print tokens a second and the ratios."""
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
    import vllm

    with tempfile.TemporaryDirectory() as folder:
        path, problems = write_model(Path(folder) / "model"), _problems(random.Random(0))
        sampling = SamplingConfig(max_new_tokens=MAX_NEW_TOKENS)
        engine = VllmEngine(open_folder(path), sampling, {"max_num_seqs": MAX_RUNNING})
        bare = _Bare(vllm, engine, [row["statement"] for row in problems])
        kinds: dict[str, Callable[[], int]] = {
            "gen, into a corpus": lambda: _ours(engine, path, problems),
            "bare, a seed a draw, log-probabilities": lambda: bare.run(seeds=True, logprobs=0),
            "bare, a seed a draw, none": lambda: bare.run(seeds=True, logprobs=None),
            "bare, n samples a prompt, no seed, log-probabilities": lambda: bare.run(seeds=False, logprobs=0),
        }
        turns = [{name: _rate(work) for name, work in kinds.items()} for _ in range(REPEATS + 1)][1:]
    print(f"vLLM {vllm.__version__}: {NUM_PROBLEMS} problems, {NUM_SAMPLES} samples of each, median of {REPEATS}")
    first = next(iter(kinds))
    for name in kinds:
        rate = statistics.median(turn[name] for turn in turns)
        ratio = statistics.median(turn[first] / turn[name] for turn in turns)
        print(f"{name:<54} {rate:>8,.0f} tokens/s   gen is {ratio:.2f} times as fast")


@dataclass
class _Bare:
    """vLLM's own `LLM.generate`, over the engine that is loaded anyway."""

    vllm: Any
    engine: VllmEngine
    prompts: list[str]

    def __post_init__(self) -> None:
        folder = self.engine.folder
        self.ids = [encode_prompt(folder.tokenizer, prompt, folder.end_tokens) for prompt in self.prompts]
        self.llm = self.vllm.LLM(
            str(folder.path),
            dtype="float32",
            enforce_eager=True,
            max_num_seqs=MAX_RUNNING,
            disable_log_stats=True,
            enable_chunked_prefill=False,
            max_num_batched_tokens=self.engine.engine.vllm_config.scheduler_config.max_num_batched_tokens,
        )

    def run(self, *, seeds: bool, logprobs: int | None) -> int:
        settings: dict[str, Any] = {
            "max_tokens": MAX_NEW_TOKENS,
            "logprobs": logprobs,
            "flat_logprobs": True,
            "stop_token_ids": sorted(self.engine.folder.end_tokens),
        }
        prompts, params = [], []
        for number, ids in enumerate(self.ids):
            for index in range(NUM_SAMPLES if seeds else 1):
                seed = sample_key(0, str(number), index) & (2**63 - 1) if seeds else None
                prompts.append({"prompt_token_ids": ids})
                params.append(self.vllm.SamplingParams(n=1 if seeds else NUM_SAMPLES, seed=seed, **settings))
        outputs = self.llm.generate(prompts, params, use_tqdm=False)
        return sum(len(one.token_ids) for output in outputs for one in output.outputs)


def _ours(engine: VllmEngine, model: Path, problems: list[dict[str, object]]) -> int:
    @dataclass(frozen=True)
    class Loaded(GenConfig):
        def load(self) -> Engine:
            return _Open(engine)

    with tempfile.TemporaryDirectory() as folder:
        corpus = Corpus.open(Path(folder) / "corpus", create=True)
        corpus.append_problems(pa.Table.from_pylist(problems, PROBLEMS))
        config = Loaded(corpus.root, model, n=NUM_SAMPLES, max_new_tokens=MAX_NEW_TOKENS, engine="vllm", shard_size=128)
        return generate(config).num_tokens


class _Open:
    """An engine that stays when it is closed."""

    def __init__(self, engine: VllmEngine) -> None:
        self.engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def close(self) -> None:
        pass


def _problems(rng: random.Random) -> list[dict[str, object]]:
    rows = []
    for number in range(NUM_PROBLEMS):
        statement = " ".join(f"w{rng.randrange(NUM_WORDS)}" for _ in range(rng.randint(30, 60)))
        row = {"name": f"t{number}", "header": "", "statement": statement, "split": "train"}
        rows.append({"problem_id": problem_id("", statement), **row})
    return rows


def _rate(work: Callable[[], int]) -> float:
    start = time.perf_counter()
    return work() / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
