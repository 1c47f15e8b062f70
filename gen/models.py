"""A model folder in the Hugging Face format: looked at, refused with a reason, or loaded."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from store.errors import UsageError
from store.ids import policy_id

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "tokenizer_config.json")


@dataclass(frozen=True)
class ModelFolder:
    """A folder that `open_folder` has found to hold a causal language model, its tokenizer and its weights."""

    path: Path
    config: Any
    tokenizer: Any

    @cached_property
    def policy_id(self) -> str:
        """The hash of the weights and of what else changes a probability."""
        return policy_id(self.path)

    @cached_property
    def end_tokens(self) -> frozenset[int]:
        """Every token that ends a completion: the tokenizer's, and those of generation_config.json."""
        found = {self.tokenizer.eos_token_id}
        for source in (self.config, _generation_config(self.path)):
            ids = getattr(source, "eos_token_id", None)
            found.update(ids if isinstance(ids, list) else [ids])
        return frozenset(token for token in found if token is not None)

    @property
    def vocabulary(self) -> int:
        """The number of tokens that the model knows."""
        return int(self.config.get_text_config(decoder=True).vocab_size)

    @property
    def context(self) -> int | None:
        """The longest sequence (prompt and completion, in tokens) that the model was made for; None if unbounded."""
        text = self.config.get_text_config(decoder=True)
        return getattr(text, "max_position_embeddings", None) or getattr(text, "n_positions", None)

    def load(self, device: str, dtype: str) -> Any:
        """Return the model on `device`, ready for inference; raises UsageError when the weights do not fit."""
        with _quiet():
            try:
                loaded: Any = transformers.AutoModelForCausalLM.from_pretrained(
                    self.path, dtype=_dtype(dtype, device), local_files_only=True, output_loading_info=True
                )
            except Exception as error:
                raise UsageError(f"--model {self.path}: the weights cannot be loaded: {_first_line(error)}") from error
        model, info = loaded
        missing = sorted(info["missing_keys"])
        if missing:
            raise UsageError(f"--model {self.path}: the weights lack {missing[0]} ({len(missing)} missing in all).")
        return model.eval().to(device)


def open_folder(path: Path) -> ModelFolder:
    """Look at a model folder without loading its weights.

    Raises UsageError: no such folder, no configuration, not a causal language model, no weights, no tokenizer, no end
    token.
    """
    if not path.is_dir():
        what = "this is a file; a model is a folder" if path.exists() else "no such folder"
        raise UsageError(f"--model {path}: {what}. Name a folder in the Hugging Face format.")
    config = _causal_config(path)
    if not any(path.glob("*.safetensors")) and not any(path.glob("pytorch_model*.bin")):
        raise UsageError(f"--model {path}: no weights here (*.safetensors). Is the training that makes it finished?")
    folder = ModelFolder(path, config, _tokenizer(path))
    if not folder.end_tokens:
        raise UsageError(f"--model {path}: the tokenizer has no end token, so no sample could ever finish.")
    return folder


def default_device() -> str:
    """Return `cuda` where there is one, else `cpu`."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def hardware() -> dict[str, object]:
    """Return what the numbers were computed on."""
    gpus = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return {"machine": platform.machine(), "cpus": os.cpu_count(), "threads": torch.get_num_threads(), "gpus": gpus}


def _causal_config(path: Path) -> Any:
    if not (path / "config.json").is_file():
        raise UsageError(f"--model {path}: no config.json here. Name a folder in the Hugging Face format.")
    try:
        config = transformers.AutoConfig.from_pretrained(path, local_files_only=True)
    except Exception as error:
        raise UsageError(f"--model {path}: config.json cannot be read: {_first_line(error)}") from error
    known = set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values())
    found = getattr(config, "architectures", None) or [MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.get(config.model_type)]
    if not known.intersection(found):
        raise UsageError(f"--model {path}: {found[0] or config.model_type} is not a causal language model.")
    return config


def _tokenizer(path: Path) -> Any:
    if not any((path / name).is_file() for name in _TOKENIZER_FILES):
        raise UsageError(f"--model {path}: no tokenizer here (tokenizer.json). Copy the one it was trained with.")
    with _quiet():
        try:
            return transformers.AutoTokenizer.from_pretrained(path, local_files_only=True)
        except Exception as error:
            raise UsageError(f"--model {path}: the tokenizer cannot be loaded: {_first_line(error)}") from error


def _generation_config(path: Path) -> Any:
    if not (path / "generation_config.json").is_file():
        return None
    return transformers.GenerationConfig.from_pretrained(path, local_files_only=True)


def _dtype(name: str, device: str) -> torch.dtype | str:
    """`auto`: float32 on a CPU, where halves are slow; as stored elsewhere."""
    if name != "auto":
        return getattr(torch, name)
    return torch.float32 if device == "cpu" else "auto"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers' own bars and warnings off the screen while a model is loaded."""
    log = transformers.utils.logging
    verbosity, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(verbosity)
        if bars:
            log.enable_progress_bar()
