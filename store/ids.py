"""Deterministic identities: the same thing gets the same id on every machine, so work done twice is work done once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

ID_LENGTH = 16
"""Hexadecimal digits: 64 bits, a collision among 10 million rows has probability 3e-6."""


def content_hash(*parts: str | bytes) -> str:
    """Hash parts as a sequence: every part is preceded by its length, so ("ab", "c") and ("a", "bc") differ."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()[:ID_LENGTH]


def config_hash(config: Mapping[str, object]) -> str:
    """Hash a configuration by content: key order does not matter."""
    return content_hash(json.dumps(config, sort_keys=True, ensure_ascii=True, allow_nan=False))


def problem_id(header: str, statement: str) -> str:
    """Hash what Lean is asked."""
    return content_hash(header, statement)


def sample_id(problem: str, policy: str, sampling: str, seed: int, index: int) -> str:
    """Hash what determines a draw; `sampling` is the `config_hash` of the sampling configuration."""
    return content_hash(problem, policy, sampling, str(seed), str(index))


def policy_id(folder: Path) -> str:
    """Hash the weights and all else in a model folder that changes its probabilities.

    Raises FileNotFoundError when the folder holds no weights.
    """
    weights = sorted([*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")])
    if not weights:
        raise FileNotFoundError(f"{folder}: no *.safetensors in this folder")
    described = [folder / name for name in ("config.json", "tokenizer.json") if (folder / name).is_file()]
    parts = []
    for file in [*described, *weights]:
        with file.open("rb") as stream:
            parts.append(hashlib.file_digest(stream, "sha256").hexdigest())
    return content_hash(*parts)
