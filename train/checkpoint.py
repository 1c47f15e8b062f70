"""Where an interrupted training goes on: the model as an ordinary Hugging Face folder, the optimiser beside it.

Nothing else has a state: the order of the data is a function of seed and step, and no step draws a random number.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import Tensor

from store.errors import CorpusError, UsageError

_STATE = "trainer.pt"


@dataclass(frozen=True)
class Checkpoint:
    """A finished checkpoint on disk."""

    folder: Path
    step: int
    optimizer: Mapping[str, Any]
    objective: Mapping[str, Tensor]
    """What the objective remembers."""


def checkpoints_of(out: Path) -> Path:
    """Return the folder of a policy's checkpoints."""
    return out / "checkpoints"


def save_checkpoint(
    out: Path, step: int, model: Any, optimizer: Mapping[str, Any], objective: Mapping[str, Tensor], fingerprint: str
) -> None:
    """Write the state after `step` steps; it appears whole or not at all, then older checkpoints go."""
    folder = checkpoints_of(out) / f"step-{step:06d}"
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.tmp")
    state = {"step": step, "optimizer": optimizer, "objective": dict(objective), "fingerprint": fingerprint}
    try:
        temporary.mkdir(parents=True)
        transformers.utils.logging.disable_progress_bar()
        model.save_pretrained(temporary)
        torch.save(state, temporary / _STATE)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(temporary, folder)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError
        shutil.rmtree(temporary, ignore_errors=True)
        raise CorpusError(f"cannot write the checkpoint {folder}: {error}. Free some space and run again.") from error
    for other in checkpoints_of(out).glob("*step-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def latest_checkpoint(out: Path, fingerprint: str) -> Checkpoint | None:
    """Return the checkpoint to go on from, None if there is none.

    Raises UsageError when it was made with other settings or from other samples.
    """
    folders = sorted(checkpoints_of(out).glob("step-*"))
    if not folders:
        return None
    state = torch.load(folders[-1] / _STATE, map_location="cpu", weights_only=True)
    if state["fingerprint"] != fingerprint:
        raise UsageError(
            f"--out {out}: holds a checkpoint of a training with other settings or other samples. Name another folder, "
            "or remove this one."
        )
    return Checkpoint(folders[-1], state["step"], state["optimizer"], state["objective"])
