"""A tiny Llama and its tokenizer, made from their configuration."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from store.corpus import Corpus
from store.ids import problem_id
from store.schema import PROBLEMS
from train.tokenizer import train_tokenizer

STATEMENTS = [
    "theorem t (p : Prop) (h : p) : p := by",
    "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by",
    "theorem t (p q r : Prop) (h : p ∧ q ∧ r) : r ∧ q ∧ p := by",
]


def save_model(folder: Path, seed: int = 0, context: int = 64, hidden_size: int = 32) -> Path:
    """Write a model of two layers with sharp, untrained weights; its end token comes up now and then."""
    tokenizer = train_tokenizer([*STATEMENTS, "\n  exact h", "\n  exact ⟨h.2, h.1⟩"])
    torch.manual_seed(seed)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=hidden_size,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=context,
            initializer_range=0.3,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    with torch.no_grad():
        model.lm_head.weight[tokenizer.eos_token_id] *= 2
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_corpus(folder: Path, statements: list[str] = STATEMENTS) -> Path:
    rows = [
        {
            "problem_id": problem_id("", statement),
            "name": "t",
            "header": "",
            "statement": statement,
            "informal": None,
            "source": "tests",
            "split": "train",
        }
        for statement in statements
    ]
    Corpus.open(folder, create=True).append_problems(pa.Table.from_pylist(rows, PROBLEMS))
    return folder
