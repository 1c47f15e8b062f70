"""Where an interrupted training goes on: the model as an ordinary Hugging Face folder, the optimiser beside it.

The order of the data, the learning rate and the seed of the random numbers are functions of the step.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from store.errors import CorpusError, UsageError
from store.shards import atomic_path
from train.parallel import OptimizerState

_STATE = "trainer.pt"


@dataclass(frozen=True)
class State:
    """What a training is besides its weights, after `step` steps."""

    step: int
    optimizer: OptimizerState
    objective: dict[str, Tensor]
    """What the objective remembers."""
    loss_scale: tuple[float, int]
    """`LossScale`'s factor and calm."""


@dataclass(frozen=True)
class Checkpoint:
    """A finished checkpoint on disk."""

    folder: Path
    state: State


def checkpoints_of(out: Path) -> Path:
    """Return the folder of a policy's checkpoints."""
    return out / "checkpoints"


def save_checkpoint(out: Path, state: State, write_weights: Callable[[Path], None], fingerprint: str) -> None:
    """Write `state` and the weights; they appear whole or not at all, then older checkpoints go."""
    folder = checkpoints_of(out) / f"step-{state.step:06d}"
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.tmp")
    try:
        temporary.mkdir(parents=True)
        write_weights(temporary)
        torch.save({**vars(state), "fingerprint": fingerprint}, temporary / _STATE)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(temporary, folder)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError
        shutil.rmtree(temporary, ignore_errors=True)
        raise CorpusError(f"cannot write the checkpoint {folder}: {error}. Free some space and run again.") from error
    for other in checkpoints_of(out).glob("*step-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def save_state(out: Path, state: State) -> None:
    """Leave the state of a finished training beside its policy."""
    with atomic_path(out / _STATE) as temporary:
        torch.save(vars(state), temporary)


def forget_state(out: Path) -> None:
    """Remove what `save_state` left."""
    (out / _STATE).unlink(missing_ok=True)


def load_state(out: Path) -> State:
    """Return what `save_state` left. Raises UsageError where there is nothing."""
    if not (out / _STATE).is_file():
        raise UsageError(f"{out}: no optimiser here ({_STATE}) to go on with.")
    return State(**torch.load(out / _STATE, map_location="cpu", weights_only=True))


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
    del state["fingerprint"]
    return Checkpoint(folders[-1], State(**state))
