"""Training in several processes of this machine: torchrun starts one a GPU, and each runs the same `train`.

On several machines torchrun is started by hand on each (`torchrun --nnodes 2 … -m cli train …`); the number of
processes is then its own. What a process has to say of an error is written to a file and raised here, in the words that
one process alone would have used.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from store.errors import RemainsError, UsageError

if TYPE_CHECKING:
    from train.config import TrainConfig

_ERROR = "error.pickle"


def inside_a_group() -> bool:
    """Say whether this process is one of several already, started by torchrun or `accelerate launch`."""
    return "WORLD_SIZE" in os.environ


def run_processes(config: TrainConfig) -> None:
    """Train in `config.processes` processes; raise what the first of them that failed says.

    Raises UsageError when there are fewer GPUs.
    """
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else None
    if gpus is not None and config.processes > gpus:
        raise UsageError(f"--processes {config.processes}: there are {gpus} GPUs here, and each process needs one.")
    with tempfile.TemporaryDirectory() as folder:
        errand = Path(folder) / "config.pickle"
        errand.write_bytes(pickle.dumps(config))
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
        command = [*torchrun, f"--nproc-per-node={config.processes}", "-m", "train.launch", str(errand)]
        done = subprocess.run(command, env=_environment(config.processes), check=False)
        said = Path(folder) / _ERROR
        if said.exists():
            raise pickle.loads(said.read_bytes())
        if done.returncode:
            raise RemainsError(
                f"one of the {config.processes} training processes died (exit code {done.returncode}); what it said "
                "stands above. The same command goes on from the last checkpoint."
            )


def _environment(processes: int) -> dict[str, str]:
    """Return the environment of the processes: our modules, and an equal share of the cores for each."""
    threads = str(max(1, (os.cpu_count() or 1) // processes))
    root = str(Path(__file__).parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    return {"OMP_NUM_THREADS": threads, "GOMP_SPINCOUNT": "3000"} | dict(os.environ) | {"PYTHONPATH": path}


def _work(errand: Path) -> None:
    """Be one of the processes. A user's error ends quietly: the one who waits says it once."""
    from train.trainer import train

    try:
        train(pickle.loads(errand.read_bytes()))
    except RemainsError as error:
        own = errand.with_name(f"{_ERROR}.{os.getpid()}")
        own.write_bytes(pickle.dumps(error))
        os.replace(own, errand.with_name(_ERROR))


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
