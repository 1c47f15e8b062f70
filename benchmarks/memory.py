"""Peak memory of `cli gen` against the number of samples: `python -m benchmarks.memory`.

The same tiny model and 100 problems, 100 and 1,000 samples of each; each run is a process of its own, and its peak is
what the system says of it at the end.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from benchmarks.gen import write_model
from store.corpus import Corpus
from store.ids import problem_id
from store.schema import PROBLEMS

NUM_PROBLEMS = 100
SIZES = (100, 1000)
RUN = """
import sys
import cli
sys.argv = ["cli", *sys.argv[1:]]
cli.main()
"""


def main() -> None:
    """Print the peak of each size."""
    for n in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            model, corpus = write_model(Path(folder) / "model"), Corpus.open(Path(folder) / "corpus", create=True)
            statements = [f"w{number} w{number + 1} w{number + 2}" for number in range(NUM_PROBLEMS)]
            rows = [
                {"problem_id": problem_id("", text), "name": "t", "header": "", "statement": text, "split": "train"}
                for text in statements
            ]
            corpus.append_problems(pa.Table.from_pylist(rows, PROBLEMS))
            command = [sys.executable, "-c", RUN, "gen", "--model", str(model), "--corpus", str(corpus.root)]
            start = time.perf_counter()
            subprocess.run(
                [*command, "--n", str(n), "--max-new-tokens", "8"], check=True, stdout=subprocess.DEVNULL
            )  # fmt: skip
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"{n * NUM_PROBLEMS:>9,} samples  {time.perf_counter() - start:>6.1f} s  peak {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
