"""What stays on the disk of the policies that a loop trains, and in which type."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gen.models import open_folder
from store.errors import UsageError
from train.checkpoint import forget_state

HALVES = ("bfloat16", "float16")


def forget(folders: Sequence[Path], kept: Sequence[Path]) -> None:
    """Remove the weights of the policies that are not kept, and every optimiser but the newest policy's.

    What says how they were trained stays.
    """
    for folder in folders:
        if folder not in kept:
            for weights in folder.glob("*.safetensors"):
                weights.unlink()
        if folder not in kept[-1:]:
            forget_state(folder)


def refuse_halves(base: Path) -> None:
    """Raise UsageError for a base that is stored in 16 bits: the policies of the rounds are stored like it.

    A weight of 0.02 in bfloat16 has neighbours 6e-5 away, so a round of one step at a learning rate of 1e-6 would move
    nothing.
    """
    dtype = str(open_folder(base).config.dtype or "float32").removeprefix("torch.")
    if dtype in HALVES:
        raise UsageError(
            f"--carry-optimizer: the weights of {base} are stored in {dtype}, and so would be every round's policy: "
            "steps smaller than its rounding would be lost between the rounds. Store the base in float32 first."
        )
