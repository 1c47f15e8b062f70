"""Peak memory of reading a training set against its number of samples: `python -m benchmarks.rows [PROBLEMS …]`.

Corpora of ten thousand and a hundred thousand problems with ten samples each, of 100 tokens, half of them verified;
each is read as `cli train` reads it, by a process of its own, whose peak is what the system says of it at the end.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.gen import NUM_WORDS, write_model
from gen.models import open_folder
from store.corpus import Corpus
from store.schema import PROBLEMS, SAMPLES

SIZES = (10_000, 100_000)
PER_PROBLEM, TOKENS = 10, 100
PROBLEMS_A_SHARD = 5000


def main() -> None:
    """Print the peak of each size."""
    for num_problems in map(int, sys.argv[1:] or SIZES):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_corpus(folder, num_problems)
            start = time.perf_counter()
            command = [sys.executable, "-m", "benchmarks.rows", "--read", name]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            print(
                f"{num_problems * PER_PROBLEM:>9,} samples  {time.perf_counter() - start:>6.1f} s  {done.stdout}",
                end="",
            )
            sys.stdout.flush()


def read(folder: Path) -> None:
    """Read the training set to the disk, and from it a few steps; print the peak."""
    from benchmarks.against_trl import peak
    from train.data import stream_problems
    from train.order import problem_batches
    from train.problem_file import ProblemFile, write_problems
    from train.selection import Selection

    model = open_folder(folder / "model")
    before = peak()
    write_problems(folder / "set", stream_problems(Corpus.open(folder / "corpus"), model, Selection()))
    problems = ProblemFile(folder / "set")
    batches = problem_batches(len(problems), 24, seed=0)
    drawn = sum(problems[place].num_samples for _ in range(10) for place in next(batches))
    size = (folder / "set").stat().st_size / 2**20
    print(
        f"{problems.num_verified:>9,} verified, {size:,.0f} MiB on the disk; peak {peak():,.0f} MiB, of which "
        f"{before:,.0f} before; {drawn} samples in ten steps"
    )


def write_corpus(folder: Path, num_problems: int) -> None:
    """Write a corpus of random words, and a model that knows them."""
    policy = open_folder(write_model(folder / "model")).policy_id
    corpus = Corpus.open(folder / "corpus", create=True)
    for start in range(0, num_problems, PROBLEMS_A_SHARD):
        values = {"first": start, "last": min(start + PROBLEMS_A_SHARD, num_problems), "policy": policy}
        with duckdb.connect() as connection:
            for name, text in TABLES.items():
                wanted = {key: value for key, value in values.items() if f"${key}" in text}
                connection.execute(f"CREATE TABLE {name} AS {text}", wanted)
            problems, samples, verdicts = (connection.table(name).to_arrow_table() for name in TABLES)
        corpus._write("problems", problems.cast(PROBLEMS), f"{start}.parquet")
        corpus.append_samples(samples.cast(SAMPLES), round=0, policy_id=policy, shard=f"shard-{start:07d}")
        corpus.append_verdicts(verdicts, checker_id="none")


TABLES = {
    "problems": """
        SELECT format('p{:07d}', i) AS problem_id, format('p{:07d}', i) AS name, '' AS header,
            format('w{} w{}', i % 400, i // 400) AS statement, NULL AS informal, NULL AS source, 'train' AS split
        FROM range($first, $last) t(i)""",
    "samples": f"""
        SELECT format('s{{:07d}}-{{:02d}}', i, j) AS sample_id, format('p{{:07d}}', i) AS problem_id,
            $policy::VARCHAR AS policy_id, 0 AS round, j AS sample_index,
            array_to_string([format('w{{}}', w) FOR w IN words], ' ') AS completion,
            [w + 3 FOR w IN words] || [2] AS token_ids, [-0.5 FOR w IN words] || [-0.5] AS token_logprobs,
            -0.5 * {TOKENS} AS logprob_policy, -0.5 * {TOKENS} AS logprob_sampler, 'stop' AS finish_reason,
            2 AS prompt_tokens, 0 AS seed, now() AS created_at, NULL AS template
        FROM (
            SELECT i, j, [(hash(i, j, k) % {NUM_WORDS})::INTEGER FOR k IN range({TOKENS - 1})] AS words
            FROM range($first, $last) t(i), range({PER_PROBLEM}) u(j)
        )""",
    "verdicts": """
        SELECT sample_id, problem_id, CASE WHEN sample_index % 2 = 0 THEN 'verified' ELSE 'rejected' END AS verdict,
            NULL AS detail, NULL AS proof_hash, NULL AS axioms, 0.0 AS elapsed_ms, 'none' AS checker_id,
            now() AS checked_at
        FROM samples""",
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(Path(sys.argv[2]))
    else:
        main()
