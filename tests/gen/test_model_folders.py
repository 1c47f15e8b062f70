"""Model folders that cannot be sampled from: one line, what and where."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from transformers import BertConfig, BertForMaskedLM

from gen.models import open_folder
from gen.sampling import SamplingConfig
from gen.transformers_engine import TransformersEngine
from store.errors import UsageError
from tests.gen.conftest import write_tokenizer


def no_folder(path: Path) -> None:
    shutil.rmtree(path)


def a_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("weights")


def no_configuration(path: Path) -> None:
    (path / "config.json").unlink()


def broken_configuration(path: Path) -> None:
    (path / "config.json").write_text("{")


def no_weights(path: Path) -> None:
    (path / "model.safetensors").unlink()


def no_tokenizer(path: Path) -> None:
    for file in path.glob("tokenizer*"):
        file.unlink()


def no_end_token(path: Path) -> None:
    for file in (path / "config.json", path / "generation_config.json", path / "tokenizer_config.json"):
        settings = json.loads(file.read_text())
        settings.pop("eos_token_id", None)
        settings.pop("eos_token", None)
        if file.name != "tokenizer_config.json":
            settings["eos_token_id"] = None
        file.write_text(json.dumps(settings))


def damaged_weights(path: Path) -> None:
    (path / "model.safetensors").write_bytes(b"not a tensor")


def weights_of_another_shape(path: Path) -> None:
    settings = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps(settings | {"num_hidden_layers": 3}))


def no_language_model(path: Path) -> None:
    shutil.rmtree(path)
    small = BertConfig(vocab_size=11, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    BertForMaskedLM(small).save_pretrained(path)
    write_tokenizer(path)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (no_folder, "no such folder"),
        (a_file, "this is a file"),
        (no_configuration, "no config.json"),
        (broken_configuration, "config.json cannot be read"),
        (no_weights, "no weights"),
        (no_tokenizer, "no tokenizer"),
        (no_end_token, "no end token"),
        (damaged_weights, "cannot be loaded"),
        (weights_of_another_shape, "the weights lack"),
        (no_language_model, "not a causal language model"),
    ],
)
def test_a_folder_that_cannot_be_sampled_from_is_refused_in_one_line(
    word_model: Path, tmp_path: Path, damage: Callable[[Path], None], reason: str
) -> None:
    path = Path(shutil.copytree(word_model, tmp_path / "model"))
    damage(path)
    with pytest.raises(UsageError, match=reason) as caught:
        TransformersEngine(open_folder(path), SamplingConfig())
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
