"""Tiny models with word-level tokenizers, made from configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast

from store.corpus import Corpus
from store.ids import problem_id

WORDS = ("a", "b", "c", "d", "e", "f", "g", "h")
END = 2


def write_tokenizer(path: Path, words: tuple[str, ...] = WORDS) -> None:
    vocabulary = {word: number for number, word in enumerate(("<unk>", "<s>", "</s>", *words))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(path)


def llama(num_words: int = len(WORDS), **changes: Any) -> LlamaConfig:
    settings: dict[str, Any] = {
        "vocab_size": 3 + num_words,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 64,
        "initializer_range": 0.6,
        "bos_token_id": 1,
        "eos_token_id": END,
    }
    return LlamaConfig(**(settings | changes))


def write_model(path: Path, config: Any = None, words: tuple[str, ...] = WORDS) -> Path:
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(config or llama(len(words))).save_pretrained(path)
    write_tokenizer(path, words)
    return path


@pytest.fixture(scope="session")
def word_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "llama")


@pytest.fixture
def make_corpus(tmp_path: Path) -> Callable[..., Corpus]:
    def make(*statements: str, name: str = "corpus") -> Corpus:
        corpus = Corpus.open(tmp_path / name, create=True)
        rows = [
            {
                "problem_id": problem_id("", statement),
                "name": f"t{number}",
                "header": "",
                "statement": statement,
                "informal": None,
                "source": None,
                "split": "train",
            }
            for number, statement in enumerate(statements)
        ]
        corpus.append_problems(pa.Table.from_pylist(rows))
        return corpus

    return make
