"""The trainer beside TRL's `SFTTrainer`: `python -m benchmarks.against_trl /path/to/venv/bin/python`.

The other Python has TRL (`pip install torch==2.13.0 trl`). Both take the same optimiser steps (AdamW, float32) on the
same model of random weights, over the same verified draws of 24 problems: fine-tuning on completions, which is α = 0.
TRL is given its rows sorted by length, 8,192 tokens with their padding at once, as here. In one workload some draws are
equal and problems have several, as samples are; in the other every problem has one, so that nothing can be shared. Each
run is a process of its own with one thread, and the two take turns; time is the processor's, the least of some steps,
so that a busy machine matters little; memory is the most that the system saw of a process. A second argument says how
many turns.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

VOCABULARY = 32_000
NUM_PROBLEMS = 24
STEPS = 3
"""The first is not counted."""
BATCH_TOKENS = 8192


def main() -> None:
    """Print tokens a second and peak memory of both, for both workloads."""
    peer, turns = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for workload, draws in (("as sampled", (1, 13)), ("nothing shared", (1, 1))):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_model(folder / "model")
            problems = _draw(draws)
            (folder / "problems.json").write_text(json.dumps(problems))
            ours, theirs = [], []
            for _ in range(turns):
                ours.append(_run([sys.executable, "-m", "benchmarks.against_trl", "--ours", name]))
                theirs.append(_run([peer, str(Path(__file__).with_name("trl_peer.py")), name]))
            assert abs(ours[0]["loss"] - theirs[0]["loss"]) < 0.01, (ours[0]["loss"], theirs[0]["loss"])
            print(_line(workload, problems, ours, theirs), flush=True)


def _line(workload: str, problems: list, ours: list[dict], theirs: list[dict]) -> str:
    num_tokens = sum(len(prompt) + len(completion) for prompt, drawn in problems for completion in drawn)
    seconds = [min(run["seconds"] for run in runs) for runs in (ours, theirs)]
    peaks = [max(run["peak"] for run in runs) for runs in (ours, theirs)]
    idle = [run[0]["idle"] for run in (ours, theirs)]
    return (
        f"{workload}: {num_tokens:,} tokens a step; train {num_tokens / seconds[0]:,.0f} tokens/s, TRL "
        f"{num_tokens / seconds[1]:,.0f}: {seconds[1] / seconds[0]:.2f} times; peak {peaks[0]:,.0f} MiB, TRL "
        f"{peaks[1]:,.0f} MiB: {peaks[0] / peaks[1]:.2f} times; less what the imports take ({idle[0]:,.0f}, "
        f"{idle[1]:,.0f} MiB): {(peaks[0] - idle[0]) / (peaks[1] - idle[1]):.2f} times"
    )


def _run(command: list[str]) -> dict:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(done.stderr[-4000:])
    return json.loads(done.stdout.splitlines()[-1])


def _draw(draws: tuple[int, int]) -> list[tuple[list[int], list[list[int]]]]:
    """Draw prompts of 20 to 55 tokens, each with some completions of 5 to 50, half of which are repeated."""
    rng = random.Random(0)

    def words(low: int, high: int) -> list[int]:
        return [rng.randrange(1, VOCABULARY) for _ in range(rng.randint(low, high))]

    found = []
    mean = (draws[0] + draws[1]) // 2
    for _ in range(NUM_PROBLEMS * 7 // mean):  # about as many tokens in both workloads
        prompt, choices = words(20, 55), [words(5, 50) for _ in range(4)]
        found.append((prompt, [rng.choice(choices) for _ in range(rng.randint(*draws))]))
    return found


def write_model(folder: Path) -> None:
    """Write a Llama of random weights, 4 layers of width 128, with a word for each of its tokens."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=128, intermediate_size=384, num_hidden_layers=4, num_attention_heads=4,
        max_position_embeddings=512, tie_word_embeddings=True, eos_token_id=0, pad_token_id=0, bos_token_id=None,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    words = Tokenizer(models.WordLevel({f"w{index}": index for index in range(VOCABULARY)}, unk_token="w0"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(tokenizer_object=words, eos_token="w0", pad_token="w0").save_pretrained(folder)


def ours(folder: Path) -> None:
    """Take the steps with the whole trainer, its diagnostics and log included; print what it took."""
    from gen.models import open_folder
    from train.config import TrainConfig
    from train.data import Completion, SolvedProblem
    from train.learner import open_group
    from train.problem_file import ProblemFile, write_problems
    from train.rows import Tokens
    from train.trainer import _Run

    idle = peak()
    problems = []
    for number, (prompt, drawn) in enumerate(json.loads((folder / "problems.json").read_text())):
        completions = []
        for tokens in sorted(set(map(tuple, drawn))):
            count = drawn.count(list(tokens))
            known = (-float(len(tokens)),) * count
            completions.append(Completion(Tokens(tuple(prompt), tokens), known, known, round=(0,) * count))
        problems.append(SolvedProblem(str(number), len(drawn), 0.0, tuple(completions)))
    write_problems(folder / "set", problems)
    config = TrainConfig(
        corpus=folder, model=folder / "model", out=folder / "ours", objective="rs-ft", steps=STEPS,
        problems_per_step=len(problems), batch_tokens=BATCH_TOKENS,
    )  # fmt: skip
    run = _Run(config, open_folder(config.model), ProblemFile(folder / "set"), "", open_group("cpu", config))
    loss = _loss_per_token(run)
    ends: list[float] = []
    step = run._step

    def timed(number: int, chosen: list[int]) -> dict[str, float]:
        metrics = step(number, chosen)
        ends.append(time.process_time())
        return metrics

    run._step = timed  # type: ignore[method-assign]
    run.fit()
    print(json.dumps({"seconds": least(ends), "peak": peak(), "idle": idle, "loss": loss}))


def _loss_per_token(run: Any) -> float:
    """Return what TRL reports: −log π of the completions' tokens, the mean over all draws."""
    import torch

    from train.draws import DrawTable

    table, learner = DrawTable.of(list(run.problems)), run.learner
    with torch.no_grad():
        _, log_policy = learner._pass(table, learner._plan(table), None)
    of_draws = table.places(table.row.tolist())
    return -float(log_policy[of_draws].double().mean())


def least(ends: list[float]) -> float:
    """Return the shortest time from one end to the next."""
    return min(after - before for before, after in itertools.pairwise(ends))


def peak() -> float:
    """Return the most memory that this process has held, MiB."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    if sys.argv[1] == "--ours":
        ours(Path(sys.argv[2]))
    else:
        main()
