"""The metrics of every step, as a JSON object a line and wherever else they are wanted."""

from __future__ import annotations

import importlib.util
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from store.errors import UsageError

METRICS = "metrics.jsonl"
TRACKING = "tracking"

_NEEDS = {"tensorboard": "tensorboard", "wandb": "wandb"}


def check_trackers(trackers: tuple[str, ...]) -> None:
    """Raise UsageError for a tracker that is not installed."""
    for tracker in trackers:
        if importlib.util.find_spec(_NEEDS[tracker]) is None:
            raise UsageError(f"--log {tracker}: not installed. pip install 'remains[tracking]'.")


class Tracking:
    """Open from the first step to the last; only the main process writes.

    Steps later than the checkpoint that a run goes on from are dropped from the file, and hidden in TensorBoard; W&B
    goes on with the run of that name.
    """

    def __init__(self, accelerator: Any, out: Path, first: int, *, run: str, config: Mapping[str, Any]) -> None:
        self.accelerator, self.path = accelerator, out / METRICS
        self.active = accelerator.is_main_process
        if self.active:
            lines = self.path.read_text().splitlines() if self.path.exists() else []
            self.path.write_text("".join(line + "\n" for line in lines if _step_of(line) <= first))
        if accelerator.log_with:
            # The id belongs to the training, so that an interrupted one goes on in the same place.
            options: dict[str, dict[str, Any]] = {
                "tensorboard": {"purge_step": first + 1},
                "wandb": {"id": run, "name": out.name, "resume": "allow", "dir": str(out)},
            }
            accelerator.init_trackers("remains", config=_flat(config), init_kwargs=options)

    def __enter__(self) -> Tracking:
        """Open the file."""
        self.stream = self.path.open("a") if self.active else None
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, and finish with the trackers."""
        if self.stream:
            self.stream.close()
        if self.accelerator.log_with:  # accelerate's own end would take the process group with it
            for tracker in self.accelerator.trackers:
                tracker.finish()

    def write(self, metrics: Mapping[str, float]) -> None:
        """Append a step."""
        if self.stream:
            self.stream.write(json.dumps(metrics) + "\n")
            self.stream.flush()
        if self.accelerator.log_with:
            self.accelerator.log({key: value for key, value in metrics.items() if key != "step"}, int(metrics["step"]))

    def read_last(self) -> dict[str, float]:
        """Return the newest step."""
        return json.loads(self.path.read_text().splitlines()[-1])


def read_steps(out: Path) -> list[dict[str, float | None]]:
    """Return the metrics of every step of a training; None for what is no finite number, which JSON does not know."""
    lines = (out / METRICS).read_text(encoding="utf-8").splitlines()
    steps = [json.loads(line) for line in lines]
    return [{key: value if math.isfinite(value) else None for key, value in step.items()} for step in steps]


def _step_of(line: str) -> float:
    """Return the step of a line; one cut off by a kill counts as late."""
    try:
        return json.loads(line)["step"]
    except (ValueError, KeyError, TypeError):
        return float("inf")


def _flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested settings under dotted names, as text where a tracker would not take them."""
    flat: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value if isinstance(value, bool | int | float | str) else str(value)
    return flat
