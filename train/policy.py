"""A policy on disk: an ordinary Hugging Face folder that appears whole or not at all, registered in the corpus."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import transformers
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from store.corpus import Corpus
from store.errors import CorpusError
from store.ids import policy_id
from store.schema import POLICIES


def save_policy(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write model and tokenizer to a temporary folder beside `folder` and rename; files already there are kept."""
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.tmp")
    try:
        transformers.utils.logging.disable_progress_bar()
        model.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(temporary.iterdir(), key=lambda file: file.name == "config.json"):
            os.replace(file, folder / file.name)  # config.json last: it says that the policy is complete
    except OSError as error:
        raise CorpusError(f"cannot write the policy to {folder}: {error}. Free some space and run again.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def register_policy(
    corpus: Corpus | None, folder: Path, *, parent: str | None, step: int, config: Mapping[str, object]
) -> str:
    """Return the policy's id, after entering it into the corpus' table of policies if there is a corpus."""
    identity = policy_id(folder)
    if corpus is not None:
        row = {
            "policy_id": identity,
            "path": str(folder),
            "parent_policy_id": parent,
            "step": step,
            "config": json.dumps(config, sort_keys=True),
            "created_at": datetime.now(UTC),
        }
        corpus.append_policies(pa.Table.from_pylist([row], POLICIES))
    return identity
