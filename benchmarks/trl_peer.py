"""TRL's part of `benchmarks.against_trl`, run by the Python that has TRL: nothing of ours is imported."""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path

STEPS = 3
BATCH_TOKENS = 8192


def main() -> None:
    """Take the steps and print what they took."""
    import transformers
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    idle = _peak()
    folder = Path(sys.argv[1])
    rows = [
        {"input_ids": prompt + completion, "completion_mask": [0] * len(prompt) + [1] * len(completion)}
        for prompt, drawn in json.loads((folder / "problems.json").read_text())
        for completion in drawn
    ]
    rows.sort(key=lambda row: len(row["input_ids"]))
    longest = len(rows[-1]["input_ids"])
    turns = -(-len(rows) * longest // BATCH_TOKENS)
    config = SFTConfig(
        output_dir=str(folder / "theirs"), max_steps=STEPS, per_device_train_batch_size=-(-len(rows) // turns),
        gradient_accumulation_steps=turns, learning_rate=1e-4, lr_scheduler_type="constant", bf16=False,
        gradient_checkpointing=False, shuffle_dataset=False, train_sampling_strategy="sequential", logging_steps=1,
        report_to="none", save_strategy="no", use_cpu=True, max_length=None, optim="adamw_torch_fused",
        disable_tqdm=True,
    )  # fmt: skip
    ends: list[float] = []
    losses: list[float] = []

    class Clock(transformers.TrainerCallback):
        def on_step_end(self, *_: object, **__: object) -> None:
            ends.append(time.process_time())

        def on_log(self, *_: object, logs: dict[str, float], **__: object) -> None:
            if "loss" in logs:
                losses.append(logs["loss"])

    model = transformers.AutoModelForCausalLM.from_pretrained(folder / "model", dtype="float32")
    trainer = SFTTrainer(
        model=model, args=config, train_dataset=Dataset.from_list(rows), callbacks=[Clock()],
        processing_class=transformers.AutoTokenizer.from_pretrained(folder / "model"),
    )  # fmt: skip
    trainer.train()
    seconds = min(after - before for before, after in itertools.pairwise(ends))
    print()
    print(json.dumps({"seconds": seconds, "peak": _peak(), "idle": idle, "loss": losses[0]}))


def _peak() -> float:
    """Return the most memory that this process has held, MiB."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
