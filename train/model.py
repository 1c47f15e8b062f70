"""The model that is trained: all its weights or adapters, whole or as a skeleton to be filled; what is saved of it."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from accelerate import init_empty_weights
from torch import Tensor, nn
from transformers.modeling_layers import GradientCheckpointingLayer

from gen.models import ModelFolder
from store.errors import UsageError
from train.config import Lora

ADAPTER = "adapter"
"""Folder of the adapters beside the merged policy."""

_INSIDE_PEFT = "base_model.model."
"""How the names of a model's weights begin where peft has put adapters into it."""


@dataclass(frozen=True)
class Trained:
    """A model and, where only they are trained, the adapters in it."""

    model: Any
    """The causal language model, its linear layers replaced where there are adapters."""
    adapters: Any = None
    """peft's view of the same model, None without adapters."""

    @property
    def layers(self) -> list[nn.Module]:
        """The decoder's layers: the units of sharding and of gradient checkpointing."""
        return [module for module in self.model.modules() if isinstance(module, GradientCheckpointingLayer)]


def check_lora(lora: Lora | None) -> None:
    """Raise UsageError, before anything is read, for adapters that cannot be trained here."""
    if lora is None:
        return
    if importlib.util.find_spec("peft") is None:
        raise UsageError("--lora: peft is not installed. pip install 'remains[lora]'.")
    if lora.quantized and not torch.cuda.is_available():
        raise UsageError("--qlora: 4-bit weights need a CUDA GPU, and there is none here. Use --lora.")
    if lora.quantized and importlib.util.find_spec("bitsandbytes") is None:
        raise UsageError("--qlora: bitsandbytes is not installed. pip install 'remains[qlora]'.")


def load(folder: ModelFolder, lora: Lora | None, checkpoint: Path | None) -> Trained:
    """Return the real model, from `checkpoint` where there is one. Dropout is off: π_θ is one distribution.

    Raises UsageError for weights that do not fit, and for a checkpoint of another architecture.
    """
    if checkpoint:
        _check_architecture(folder, checkpoint, adapters=lora is not None)
    if lora is None:
        source = ModelFolder(checkpoint, folder.config, folder.tokenizer) if checkpoint else folder
        return Trained(source.load("cpu", "float32"))
    model = _quantized(folder) if lora.quantized else folder.load("cpu", "float32")
    return _with_adapters(model, lora, checkpoint)


def skeleton(folder: ModelFolder, lora: Lora | None) -> Trained:
    """Return a model of the same shape and names whose parameters are on the meta device; its buffers are real."""
    with init_empty_weights(include_buffers=False):
        empty = transformers.AutoModelForCausalLM.from_config(folder.config, dtype=torch.float32).eval()
        trained = Trained(empty) if lora is None else _with_adapters(empty, lora, None)
    trained.model.tie_weights()
    return trained


def checkpoint_gradients(trained: Trained) -> None:
    """Make every layer forget its activations and compute them again for the gradient; dropout stays off.

    Raises UsageError for a model that cannot.
    """
    if not trained.model.supports_gradient_checkpointing or not trained.layers:
        raise UsageError(f"--gradient-checkpointing: {type(trained.model).__name__} does not support it.")
    # transformers 5.20 gave it a new name
    enable = getattr(trained.model, "activation_checkpointing_enable", trained.model.gradient_checkpointing_enable)
    enable({"use_reentrant": False})
    for layer in trained.layers:
        # The layer alone looks at its own flag; what is inside it, dropout too, stays in evaluation.
        layer.training = True
        for name in ("dropout", "attention_dropout", "activation_dropout"):
            if isinstance(getattr(layer, name, None), float):
                setattr(layer, name, 0.0)


def save_weights(folder: ModelFolder, trained: Trained, weights: Mapping[str, Tensor] | None, place: Path) -> None:
    """Write what is trained as an ordinary folder: a model's, or peft's for adapters.

    `weights`: those of a skeleton by the model's names; None for a model that has its own.
    """
    transformers.utils.logging.disable_progress_bar()
    if trained.adapters is None:
        _whole(folder, trained, weights, torch.float32).save_pretrained(place)
        return
    named = None if weights is None else {_INSIDE_PEFT + name: value for name, value in weights.items()}
    trained.adapters.save_pretrained(place, state_dict=named, save_embedding_layers=False)


def finished_policy(folder: ModelFolder, trained: Trained, weights: Mapping[str, Tensor] | None, adapter: Path) -> Any:
    """Return the policy, on the CPU, in the type that the weights of the policy it started from are stored in.

    Adapters are written to `adapter` and merged into those weights, in float32.
    """
    dtype = stored_dtype(folder)
    if trained.adapters is None:
        return _whole(folder, trained, weights, dtype).cpu().to(dtype)
    from peft import PeftModel

    save_weights(folder, trained, weights, adapter)
    merged: Any = PeftModel.from_pretrained(folder.load("cpu", "float32"), str(adapter)).merge_and_unload()
    return merged.to(dtype)


def _whole(folder: ModelFolder, trained: Trained, weights: Mapping[str, Tensor] | None, dtype: torch.dtype) -> Any:
    """Return a model with its weights: the trained one, or one made of a skeleton's `weights`."""
    if weights is None:
        return trained.model
    with init_empty_weights(include_buffers=False):
        model = transformers.AutoModelForCausalLM.from_config(folder.config, dtype=dtype)
    model.load_state_dict({name: value.to(dtype) for name, value in weights.items()}, assign=True, strict=False)
    model.tie_weights()
    if (folder.path / "generation_config.json").is_file():
        model.generation_config = transformers.GenerationConfig.from_pretrained(folder.path)
    return model


def stored_dtype(folder: ModelFolder) -> torch.dtype:
    """Return the type that a folder's weights are stored in, float32 where it does not say."""
    name = getattr(folder.config, "dtype", None) or getattr(folder.config.get_text_config(decoder=True), "dtype", None)
    found = getattr(torch, name.removeprefix("torch.")) if isinstance(name, str) else name
    return found if found in (torch.bfloat16, torch.float16) else torch.float32


def _with_adapters(model: Any, lora: Lora, checkpoint: Path | None) -> Trained:
    from peft import LoraConfig, PeftModel, get_peft_model

    if checkpoint:
        adapters: Any = PeftModel.from_pretrained(model, str(checkpoint), is_trainable=True)
    else:
        config = LoraConfig(
            r=lora.rank,
            lora_alpha=lora.rank * lora.scale,  # type: ignore[arg-type]  # peft divides it by r, in floats
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        )
        adapters = get_peft_model(model, config)
    adapters.eval()
    return Trained(adapters.get_base_model(), adapters)


def _quantized(folder: ModelFolder) -> Any:
    from peft import prepare_model_for_kbit_training

    four_bits = transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    device = torch.cuda.current_device()
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(
        folder.path, quantization_config=four_bits, device_map={"": device}, local_files_only=True
    )
    return prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)


_SHAPE = (
    "model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads",
)  # fmt: skip


def _check_architecture(folder: ModelFolder, checkpoint: Path, *, adapters: bool) -> None:
    wanted = "adapter_config.json" if adapters else "config.json"
    if not (checkpoint / wanted).is_file():
        raise UsageError(f"--out: the checkpoint {checkpoint} has no {wanted}. Remove it to start anew.")
    if adapters:
        return
    found = json.loads((checkpoint / wanted).read_text(encoding="utf-8"))
    for name in _SHAPE:
        expected = getattr(folder.config, name, None)
        if name in found and found[name] != expected:
            raise UsageError(
                f"--out: the checkpoint {checkpoint} is of another architecture: its {name} is {found[name]}, that of "
                f"{folder.path} is {expected}. Remove it to start anew, or name another folder."
            )
