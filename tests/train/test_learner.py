"""The trainer's ways to spread and save work: each ends with the policy that the plain way ends with."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, GPT2LMHeadModel

from gen.models import open_folder
from gen.run import GenConfig, generate
from store.corpus import Corpus
from store.errors import RemainsError, UsageError
from tests.train.copying import make_corpus, statement
from train import trainer
from train.config import Lora, TrainConfig
from train.learner import Learner, open_group
from train.precision import LossScale
from train.schedule import learning_rate
from train.trainer import train


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copying")
    make_corpus(root)
    return root


@pytest.fixture
def config(place: Path, tmp_path: Path) -> TrainConfig:
    return TrainConfig(
        corpus=place / "corpus", model=place / "base", out=tmp_path / "policy", alpha=0.5, steps=5,
        problems_per_step=9, learning_rate=2e-3, checkpoint_every=3,
    )  # fmt: skip


def metrics(config: TrainConfig) -> list[dict[str, float]]:
    return [json.loads(line) for line in (config.out / "metrics.jsonl").read_text().splitlines()]


def losses(config: TrainConfig, name: str, **changes: object) -> list[float]:
    changed = replace(config, out=config.out.with_name(name), **changes)
    train(changed)
    return [step["loss"] for step in metrics(changed)]


# The same losses, however the work is laid out


def test_packed_padded_and_shared_rows_give_the_same_losses(config: TrainConfig) -> None:
    padded = losses(config, "padded", layout="padded")
    for layout in ("packed", "shared"):
        assert losses(config, layout, layout=layout) == pytest.approx(padded, abs=1e-6)


@pytest.mark.slow
def test_sharded_over_two_processes_the_losses_are_those_of_one(config: TrainConfig) -> None:
    one = losses(config, "one")
    two = losses(config, "two", batch_tokens=40, processes=2)
    assert two == pytest.approx(one, abs=1e-6)
    assert (
        load_file(config.out.with_name("two") / "model.safetensors").keys()
        == load_file(config.out.with_name("one") / "model.safetensors").keys()
    )


@pytest.mark.slow
def test_adapters_over_two_processes_and_resumed_by_one_give_the_same_losses(config: TrainConfig, monkeypatch) -> None:
    """Stopped in the middle with FSDP2 over two processes; one process alone goes on."""
    config = replace(config, lora=Lora(4), gradient_checkpointing=True)
    whole = losses(config, "whole")
    split = replace(config, out=config.out.with_name("split"), processes=2)
    # The effective sample size stops it: with --min-ess 1 before the first step, so the limit lies between two steps.
    sizes = [step["ess"] for step in metrics(replace(config, out=config.out.with_name("whole")))]
    limit = next((sizes[at] + min(sizes[:at])) / 2 for at in range(1, len(sizes)) if sizes[at] < min(sizes[:at]))
    stopped = train(replace(split, min_ess=limit))
    assert stopped.stopped is not None
    assert stopped.stopped < limit
    train(replace(split, processes=1))
    assert [step["loss"] for step in metrics(split)] == pytest.approx(whole, abs=1e-6)


def test_a_training_that_goes_on_with_the_optimiser_is_one_training(config: TrainConfig) -> None:
    def weights(name: str, **changes: object) -> dict[str, torch.Tensor]:
        out = config.out.with_name(name)
        train(replace(config, out=out, problems_per_step=1000, warmup=0.0, **changes))
        return load_file(out / "model.safetensors")

    whole = weights("whole", steps=4)
    weights("first", steps=2, keep_optimizer=True)
    first = config.out.with_name("first")
    second = weights("second", steps=2, model=first, optimizer_from=first)
    fresh = weights("fresh", steps=2, model=first)
    for name, expected in whole.items():
        torch.testing.assert_close(second[name], expected, atol=1e-6, rtol=0)
    assert max(float((fresh[name] - whole[name]).abs().max()) for name in whole) > 1e-4
    with pytest.raises(UsageError, match="no optimiser here"):
        weights("third", steps=2, optimizer_from=config.out.with_name("whole"))


def test_an_error_in_a_process_is_said_once_in_its_own_words(config: TrainConfig) -> None:
    with pytest.raises(UsageError, match=r"no verified sample .* in split nowhere"):
        train(replace(config, processes=2, selection=replace(config.selection, split="nowhere")))
    assert not config.out.exists()


def test_gradient_checkpointing_changes_no_loss(config: TrainConfig) -> None:
    plain = losses(config, "plain")
    assert losses(config, "checkpointed", gradient_checkpointing=True) == pytest.approx(plain, abs=1e-6)


def test_gradient_checkpointing_keeps_no_layers_activations(config: TrainConfig) -> None:
    folder, kept = open_folder(config.model), {}
    tokens = torch.randint(0, folder.vocabulary, (4, 30))
    for checkpointed in (False, True):
        wanted = replace(config, gradient_checkpointing=checkpointed)
        learner, sizes = Learner(wanted, folder, open_group("cpu", wanted), None), []
        with torch.autograd.graph.saved_tensors_hooks(lambda x, sizes=sizes: sizes.append(x.numel()) or x, lambda x: x):
            learner.trained.model(input_ids=tokens, use_cache=False)
        kept[checkpointed] = sum(sizes)
    assert kept[True] < 0.5 * kept[False]


# Half precision


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_learns_nearly_the_same(config: TrainConfig, precision: str) -> None:
    plain = losses(config, "plain", steps=3)
    half = losses(config, precision, steps=3, mixed_precision=precision)
    assert half == pytest.approx(plain, rel=0.02)
    assert half != plain
    weights = load_file(config.out.with_name(precision) / "model.safetensors")
    assert {value.dtype for value in weights.values()} == {torch.float32}


def test_a_step_that_overflows_is_taken_again_with_half_the_scale() -> None:
    scale = LossScale("fp16")
    assert scale.overflowed(math.inf)
    assert scale.overflowed(math.nan)
    assert scale.factor == 2.0**14
    assert not any(scale.overflowed(1.0) for _ in range(LossScale.CALM))
    assert scale.factor == 2.0**15
    with pytest.raises(RemainsError, match="overflow whatever the scale"):
        all(scale.overflowed(math.inf) for _ in range(100))


def test_without_fp16_nothing_is_scaled() -> None:
    assert (LossScale("bf16").factor, LossScale("bf16").overflowed(math.inf)) == (1.0, False)


# Schedules


def test_schedules_rise_to_the_peak_and_fall_as_their_names_say() -> None:
    rates = {
        name: [learning_rate(step, 10, peak=8.0, warmup=0.2, schedule=name) for step in (1, 2, 5, 8, 10)]
        for name in ("constant", "linear", "cosine")
    }
    assert rates["constant"] == [4, 8, 8, 8, 8]
    # After the peak at step 2, nine ninths are left; steps 5, 8 and 10 have 6, 3 and 1 of them.
    assert rates["linear"] == pytest.approx([4, 8, 8 * 6 / 9, 8 * 3 / 9, 8 * 1 / 9])
    assert rates["cosine"] == pytest.approx([4, 8, 6, 2, 4 * (1 - math.cos(math.pi / 9))])


def test_the_learning_rate_of_a_step_is_logged(config: TrainConfig) -> None:
    train(replace(config, schedule="linear", warmup=0.0, steps=4))
    assert [step["learning_rate"] for step in metrics(config)] == pytest.approx([2e-3, 1.5e-3, 1e-3, 0.5e-3])


# Adapters


def test_merged_adapters_generate_what_the_model_with_adapters_generates(config: TrainConfig) -> None:
    from peft import PeftModel

    train(replace(config, lora=Lora(4), steps=12))
    tokenizer = AutoTokenizer.from_pretrained(config.out)
    merged = AutoModelForCausalLM.from_pretrained(config.out)
    with_adapters = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(config.model), config.out / "adapter"
    )
    base = AutoModelForCausalLM.from_pretrained(config.model)
    texts = {}
    for model in (base, merged, with_adapters.eval()):
        prompt = tokenizer([statement(name) for name in ("ab", "hc", "fe", "ga")], return_tensors="pt")
        texts[model] = model.generate(**prompt, max_new_tokens=6, do_sample=False).tolist()
    logits = [model(**prompt).logits for model in (base, merged, with_adapters)]
    assert texts[merged] == texts[with_adapters]
    torch.testing.assert_close(logits[1], logits[2], rtol=0, atol=1e-5)
    assert (logits[0] - logits[1]).abs().max() > 0.01


def test_a_policy_trained_with_adapters_samples_at_once(config: TrainConfig, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(config.corpus, corpus)
    summary = train(replace(config, corpus=corpus, lora=Lora(2)))
    assert generate(GenConfig(corpus, config.out, n=1, max_new_tokens=4)).policy_id == summary.policy_id
    rows = Corpus.open(corpus).connect().sql("SELECT policy_id, parent_policy_id FROM policies").fetchall()
    assert (summary.policy_id, summary.parent_policy_id) in rows


def test_quantized_adapters_without_a_gpu_are_refused(config: TrainConfig) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(UsageError, match="--qlora: 4-bit weights need a CUDA GPU"):
        train(replace(config, lora=Lora(quantized=True)))


# Stopping, and going on


def test_too_small_an_effective_sample_size_stops_with_a_policy_and_a_checkpoint(config: TrainConfig) -> None:
    free = replace(config, out=config.out.with_name("free"), learning_rate=2e-2, alpha=1.0)
    train(free)
    sizes = [step["ess"] for step in metrics(free)]
    place = next(at for at in range(1, len(sizes)) if sizes[at] < min(sizes[:at]))
    guarded = replace(free, out=config.out, min_ess=(sizes[place] + min(sizes[:place])) / 2)
    summary = train(guarded)
    assert (summary.steps, summary.stopped) == (place, sizes[place])
    assert "Sample again from the policy reached" in summary.as_text()
    assert (config.out / "checkpoints" / f"step-{place:06d}" / "config.json").exists()
    assert open_folder(config.out).policy_id == summary.policy_id
    assert train(guarded) == summary
    # With the guard lowered, the same command goes on to the policy that no guard would have stopped.
    assert train(replace(guarded, min_ess=0.0)).policy_id == open_folder(free.out).policy_id


def test_samples_that_say_too_little_from_the_start_are_refused(config: TrainConfig) -> None:
    with pytest.raises(RemainsError, match=r"before the first step .* below --min-ess 100\.0%.*Sample again"):
        train(replace(config, min_ess=1.0))


def test_a_checkpoint_of_another_architecture_is_refused(config: TrainConfig, monkeypatch) -> None:
    step = trainer._Run._step

    def dies_in_step_four(self: trainer._Run, number: int, chosen: list) -> dict[str, float]:
        if number == 4:
            raise KeyboardInterrupt
        return step(self, number, chosen)

    with monkeypatch.context() as patch:
        patch.setattr(trainer._Run, "_step", dies_in_step_four)
        with pytest.raises(KeyboardInterrupt):
            train(config)
    (checkpoint,) = (config.out / "checkpoints").iterdir()
    before = (config.out / "metrics.jsonl").read_text()
    GPT2LMHeadModel(GPT2Config(vocab_size=37, n_embd=16, n_layer=1, n_head=2)).save_pretrained(checkpoint)
    with pytest.raises(UsageError, match=r"is of another architecture: its model_type is gpt2, that of .* is llama"):
        train(config)
    assert (config.out / "metrics.jsonl").read_text() == before


# Trackers


def test_tensorboard_has_every_metric_of_every_step(config: TrainConfig) -> None:
    event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    train(replace(config, trackers=("tensorboard",)))
    folder = next((config.out / "tensorboard").rglob("events.out.*")).parent
    events = event_accumulator.EventAccumulator(str(folder)).Reload()
    logged = {event.step: event.value for event in events.Scalars("loss")}
    assert logged == pytest.approx({int(step["step"]): step["loss"] for step in metrics(config)})
    assert {"ess", "grad_norm", "tokens_per_second", "log_ratio_mean"} <= set(events.Tags()["scalars"])


def test_wandb_offline_leaves_a_run_beside_the_policy(config: TrainConfig, monkeypatch) -> None:
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    train(replace(config, trackers=("wandb",)))
    assert list((config.out / "wandb").glob("offline-run-*/*.wandb"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schedule": "square"}, "--schedule square: unknown; there are constant, linear, cosine"),
        ({"mixed_precision": "fp8"}, "--precision fp8: unknown"),
        ({"trackers": ("paper",)}, "--log paper: unknown"),
        ({"processes": 0}, "--processes 0: must be positive"),
        ({"min_ess": 2.0}, r"--min-ess 2.0: must be in \[0, 1\]"),
        ({"learning_rate": math.nan}, "--learning-rate nan: must be positive"),
    ],
)
def test_settings_out_of_range_are_named_by_their_flag(config: TrainConfig, change: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        replace(config, **change)
