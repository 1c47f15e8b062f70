"""The corpus at ten million samples: `python -m benchmarks.corpus FOLDER [MILLIONS…]`.

Writes a corpus of 20,000 problems by arithmetic (no model, no Lean): three policies, 350, 100 and 50 samples a problem
at 10 million, 24 tokens each with their log-probabilities, one verdict a sample; every base sample of one problem in
ten is scored under the first trained policy, and that policy's under the base. Then `cli compact`, then the method's
three questions, each in a process of its own with two threads and 2 GiB for DuckDB. What a process read from the disk
or its cache (`rchar` of /proc) says whether the token lists were touched.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from store.compact import CompactConfig, compact
from store.corpus import Corpus
from store.schema import POLICIES, PROBLEMS, SAMPLES, SCORES, VERDICTS

NUM_PROBLEMS = 20_000
POLICY_SHARES = {"ba5e0000ba5e0000": 0.7, "a1fa0000a1fa0000": 0.2, "a1fa0500a1fa0500": 0.1}
NUM_TOKENS = 24
SHARD_ROWS = 100_000
TIME = datetime(2026, 1, 1, tzinfo=UTC)
QUESTIONS = {
    "partition": "SELECT count(*), sum(n), sum(z), sum(z_importance), sum(log_partition) FROM partition",
    "weights": "SELECT count(*), sum(weight) FROM importance_weight(0.5)",
    "pass@k": "SELECT avg(pass) FROM pass_at_k(8)",
}
ASK = """
import json, resource, sys, time
import duckdb, pyarrow.parquet
from store.corpus import Corpus
from store.database import keep
before = resource.getrusage(resource.RUSAGE_SELF)
before = before.ru_utime + before.ru_stime
start = time.perf_counter()
with Corpus.open(sys.argv[1]).connect() as connection:
    connection.execute("SET threads = 2")
    connection.execute("SET memory_limit = '2GiB'")
    keep(connection, sys.argv[3:])
    rows = [connection.execute(query).fetchall() for query in sys.argv[2].split(";")]
seconds = time.perf_counter() - start
with open("/proc/self/io") as stream:
    read = int(stream.readline().split()[1])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([seconds, used.ru_utime + used.ru_stime - before, used.ru_maxrss / 2**20, read / 2**20, str(rows)]))
"""


def write(root: Path, num_samples: int, *, seed: int = 0) -> Corpus:
    """Write the corpus, in shards of `SHARD_ROWS`."""
    random = np.random.default_rng(seed)
    corpus = Corpus.open(root, create=True)
    problems = _names(np.arange(NUM_PROBLEMS))
    corpus.append_problems(_problems(problems))
    for policy in POLICY_SHARES:
        row = {"policy_id": policy, "path": f"policies/{policy}", "step": 0, "config": "{}", "created_at": TIME}
        corpus.append_policies(pa.Table.from_pylist([row], POLICIES))
    skill = np.minimum(np.exp(random.normal(-2, 1.5, NUM_PROBLEMS)), 0.99)
    for number, (policy, share) in enumerate(POLICY_SHARES.items()):
        each = max(1, round(share * num_samples / NUM_PROBLEMS))
        for first in range(0, NUM_PROBLEMS, step := max(1, SHARD_ROWS // each)):
            _write_shard(
                corpus, random, problems, skill, (number, policy), range(first, min(first + step, NUM_PROBLEMS)), each
            )
    return corpus


def _write_shard(
    corpus: Corpus, random: np.random.Generator, problems: pa.Array, skill: np.ndarray, policy: tuple[int, str],
    which: range, each: int,
) -> None:  # fmt: skip
    number, name = policy
    problem = np.repeat(np.asarray(which), each)
    index = np.tile(np.arange(each), len(which))
    ids = _names(
        (np.uint64(number) << np.uint64(60)) + problem.astype(np.uint64) * np.uint64(100_003) + index.astype(np.uint64)
    )
    tokens = -random.exponential(0.5, len(problem) * NUM_TOKENS).astype(np.float32)
    logprob = tokens.reshape(len(problem), NUM_TOKENS).astype(np.float64).sum(axis=1)
    offsets = pa.array(np.arange(0, len(tokens) + 1, NUM_TOKENS, dtype=np.int32))
    verified = random.random(len(problem)) < skill[problem]
    same = len(problem)
    columns = {
        "sample_id": ids, "problem_id": problems.take(pa.array(problem)), "policy_id": _same(name, same),
        "round": _same(number, same), "sample_index": pa.array(index.astype(np.int32)),
        "completion": _completions(random, same),
        "token_ids": pa.ListArray.from_arrays(offsets, random.integers(0, 500, len(tokens), dtype=np.int32)),
        "token_logprobs": pa.ListArray.from_arrays(offsets, tokens), "logprob_policy": logprob,
        "logprob_sampler": logprob, "finish_reason": _same("stop", same), "prompt_tokens": _same(30, same),
        "seed": _same(0, same), "created_at": _same(TIME, same),
    }  # fmt: skip
    shard = f"shard-{which.start:05d}"
    corpus.append_samples(_table(columns, SAMPLES), round=number, policy_id=name, shard=shard)
    said = {
        "sample_id": ids, "problem_id": columns["problem_id"],
        "verdict": pa.array(np.where(verified, "verified", "error")), "proof_hash": ids,
        "elapsed_ms": random.random(same), "checker_id": _same("1ea0", same), "checked_at": _same(TIME, same),
    }  # fmt: skip
    corpus.append_verdicts(_table(said, VERDICTS), checker_id="1ea0")
    if number < 2:
        _write_scores(
            corpus,
            ids.filter(pa.array(problem % 10 == 0)),
            logprob[problem % 10 == 0] + 0.1 * random.normal(size=(problem % 10 == 0).sum()),
            list(POLICY_SHARES)[1 - number],
        )


def _write_scores(corpus: Corpus, ids: pa.Array, logprob: np.ndarray, by: str) -> None:
    columns = {"sample_id": ids, "policy_id": _same(by, len(ids)), "logprob": logprob}
    corpus.append_scores(_table(columns, SCORES), policy_id=by)


def _problems(names: pa.Array) -> pa.Table:
    texts = [f"theorem t{index} (p q : Prop) (h : p ∧ q) : q ∧ p := by" for index in range(len(names))]
    columns = {
        "problem_id": names, "name": pa.array([f"t{index}" for index in range(len(names))]),
        "header": _same("", len(names)), "statement": pa.array(texts), "split": _same("train", len(names)),
    }  # fmt: skip
    return _table(columns, PROBLEMS)


def _completions(random: np.random.Generator, n: int) -> pa.Array:
    """Return texts of about 60 letters, one in four of them unlike all others."""
    number = np.where(random.random(n) < 0.25, random.integers(0, 2**40, n), random.integers(0, 50, n))
    texts = np.char.add(np.char.add("\n  exact And.intro h.2 h.1 -- and some more words ", number.astype(str)), "\n")
    return pa.array(texts)


def _names(numbers: np.ndarray) -> pa.Array:
    """Return ids as the corpus has them, 16 hexadecimal digits, scattered as a hash scatters."""
    mixed = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    text = mixed.astype(">u8").tobytes().hex()
    digits = pa.py_buffer(text.encode())
    offsets = pa.py_buffer(np.arange(0, 16 * len(mixed) + 1, 16, dtype=np.int32))
    return pa.StringArray.from_buffers(len(mixed), offsets, digits)


def _same(value: object, n: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), n)


def _table(columns: dict[str, object], schema: pa.Schema) -> pa.Table:
    n = len(columns["sample_id"] if "sample_id" in columns else columns["problem_id"])  # type: ignore[arg-type]
    arrays = [
        pa.array(columns[field.name]).cast(field.type) if field.name in columns else pa.nulls(n, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def ask(root: Path, query: str, *kept: str) -> tuple[float, float, float, float, str]:
    """Return seconds, CPU seconds, peak memory in GiB, MiB read and the rows of queries in a process of its own."""
    command = [sys.executable, "-c", ASK, str(root), query, *kept]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return tuple(json.loads(done.stdout.splitlines()[-1]))


def _sizes(corpus: Corpus) -> Iterator[str]:
    for table in ("samples", "verdicts", "scores"):
        files = corpus.files(table)
        yield f"{table} {len(files)} files, {sum(Path(str(file)).stat().st_size for file in files) / 2**20:,.0f} MiB"


def main() -> None:
    """Print times, memory and bytes read at each size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("millions", type=float, nargs="*", default=[1, 10])
    parser.add_argument("--uncompacted", action="store_true", help="Also ask before compaction.")
    options = parser.parse_args()
    for millions in options.millions:
        root = options.folder / f"{millions:g}"
        if not root.exists():
            start = time.perf_counter()
            corpus = write(root, round(millions * 1e6))
            print(
                f"{millions:g} million written in {time.perf_counter() - start:.0f} s: {'; '.join(_sizes(corpus))}",
                flush=True,
            )
            if options.uncompacted:
                show(root, "as written")
            start = time.perf_counter()
            text = compact(CompactConfig(root, keep_minutes=0)).as_text()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            print(f"compacted in {time.perf_counter() - start:.0f} s, peak {peak:.1f} GiB: {text}", flush=True)
            print("; ".join(_sizes(corpus)), flush=True)
        show(root, "compacted")


def show(root: Path, state: str) -> None:
    """Print what each question costs, and all of them on one connection that keeps `partition`."""
    all_seconds = all_work = 0.0
    asked = [(name, ask(root, query)) for name, query in QUESTIONS.items()]
    asked.append(("together", ask(root, ";".join(QUESTIONS.values()), "partition")))
    for name, (seconds, work, peak, read, rows) in asked:
        if name in QUESTIONS:
            all_seconds, all_work = all_seconds + seconds, all_work + work
        print(
            f"  {state:<10} {name:<10} {seconds:6.2f} s  CPU {work:6.2f} s  peak {peak:4.2f} GiB  "
            f"read {read:6.0f} MiB  {rows}",
            flush=True,
        )
    print(f"  {state:<10} in all     {all_seconds:6.2f} s  CPU {all_work:6.2f} s", flush=True)


if __name__ == "__main__":
    main()
