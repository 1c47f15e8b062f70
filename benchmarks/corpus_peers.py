"""The three questions asked of pandas, polars and `datasets`: `python -m benchmarks.corpus_peers CORPUS [TURNS]`.

CORPUS is one that `benchmarks.corpus` wrote and compacted. Each tool computes the same three quantities from the same
Parquet files, in a process of its own: Z with the mixture estimate of the problems whose samples another policy scored
(for any number of policies, as the view `partition` does, without its intervals); the sum of all α-weights at α = ½;
the mean pass@8. The answers must agree. Hugging Face `datasets` has no group-by and no join: it reads, and pandas goes
on. Prints CPU seconds (with imports), wall seconds and peak memory: medians over the turns, which the tools take one
after the other.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

VERDICTS = ["sample_id", "problem_id", "policy_id", "verdict", "finish_reason", "logprob_policy", "logprob_sampler"]
SCORES = ["sample_id", "policy_id", "logprob"]
Answer = tuple[float, float, float]
"""Sum of Z over all (policy, problem), sum of the weights at α = ½, mean of pass@8."""


def ours(root: Path) -> Answer:
    """Ask the views."""
    import store

    questions = (
        "SELECT sum(z_importance) FROM partition",
        "SELECT sum(weight) FROM importance_weight(0.5)",
        "SELECT avg(pass) FROM pass_at_k(8)",
    )
    with store.open(root) as connection:
        found = [connection.execute(question).fetchall()[0][0] for question in questions]
    return found[0], found[1], found[2]


def with_pandas(root: Path) -> Answer:
    """Compute them with pandas."""
    import pandas as pd

    def read(table: str, columns: list[str]) -> pd.DataFrame:
        return pd.concat([pd.read_parquet(file, columns=columns, partitioning=None) for file in files(root, table)])

    return _in_pandas(read("verdicts", VERDICTS), read("scores", SCORES))


def with_datasets(root: Path) -> Answer:
    """Read with `datasets`, into its Arrow files on the disk, and go on with pandas."""
    import datasets

    datasets.disable_progress_bars()

    def read(table: str, columns: list[str], cache: str) -> Any:
        found = datasets.load_dataset(
            "parquet", data_files=files(root, table), columns=columns, split="train", cache_dir=cache
        )
        return found.to_pandas()

    with tempfile.TemporaryDirectory() as cache:
        return _in_pandas(read("verdicts", VERDICTS, cache), read("scores", SCORES, cache))


def _in_pandas(drawn: Any, scores: Any) -> Answer:
    import numpy as np
    import pandas as pd

    drawn = drawn[(drawn.verdict != "bad_problem") & (drawn.finish_reason != "abort")]
    drawn["v"] = ((drawn.verdict == "verified") & (drawn.finish_reason != "length")).astype(float)
    drawn["w"] = np.exp(drawn.logprob_policy - drawn.logprob_sampler)
    drawn["wv"] = drawn.w * drawn.v
    counts = drawn.groupby(["policy_id", "problem_id"]).agg(n=("v", "size"), k=("v", "sum"), wv=("wv", "sum"))
    counts["z"] = counts.wv / counts.n

    others = scores.merge(drawn, on="sample_id", suffixes=("_base", ""))
    others = others[others.policy_id != others.policy_id_base].rename(columns={"policy_id_base": "base"})
    pairs = others[["base", "problem_id", "policy_id"]].drop_duplicates()
    bases = pairs[["base", "problem_id"]].drop_duplicates()
    parts = pd.concat([pairs, bases.assign(policy_id=bases.base)])
    parts = parts.merge(counts[["n"]].reset_index(), on=["policy_id", "problem_id"])
    own = drawn.merge(bases, left_on=["policy_id", "problem_id"], right_on=["base", "problem_id"])
    based = pd.concat([others, own.assign(logprob=own.logprob_policy)])
    known = others[["sample_id", "base", "logprob"]].rename(columns={"base": "policy_id", "logprob": "density"})
    mine = based[["sample_id", "policy_id", "logprob_sampler"]].drop_duplicates("sample_id")
    known = pd.concat([known, mine.rename(columns={"logprob_sampler": "density"})])
    terms = based[["base", "problem_id", "sample_id", "logprob", "v"]].merge(known, on="sample_id")
    terms = terms.merge(parts, on=["base", "problem_id", "policy_id"])
    terms["term"] = terms.n * np.exp(terms.density - terms.logprob)
    ratio = terms.groupby(["base", "problem_id", "sample_id"]).agg(term=("term", "sum"), v=("v", "first"))
    mixed = (ratio.v / ratio.term).groupby(level=["base", "problem_id"]).sum()
    z = counts.z.copy()
    z.loc[mixed.index] = mixed.to_numpy()
    log_z = np.log(z.where(z > 0)).rename("log_z")

    total = 0.0
    for rows, log_base, base in ((drawn, "logprob_policy", "policy_id"), (others, "logprob", "base")):
        right = rows[rows.v > 0].merge(
            log_z.reset_index(), left_on=[base, "problem_id"], right_on=["policy_id", "problem_id"]
        )
        total += float(np.exp(0.5 * (right[log_base] - right.log_z - right.logprob_sampler)).sum())
    return float(z.sum()), total, mean_pass(counts.n.to_numpy(), counts.k.to_numpy())


def with_polars(root: Path) -> Answer:
    """Compute them with polars' lazy frames and its streaming engine."""
    import polars as pl

    key = ["policy_id", "problem_id"]
    drawn = (
        pl.scan_parquet(files(root, "verdicts"), hive_partitioning=False)
        .select(VERDICTS)
        .filter((pl.col("verdict") != "bad_problem") & (pl.col("finish_reason") != "abort"))
        .with_columns(
            v=((pl.col("verdict") == "verified") & (pl.col("finish_reason") != "length")).cast(pl.Float64),
            w=(pl.col("logprob_policy") - pl.col("logprob_sampler")).exp(),
        )
        .drop("verdict", "finish_reason")
    )
    scores = pl.scan_parquet(files(root, "scores"), hive_partitioning=False).select(SCORES)
    grouped = drawn.group_by(key).agg(n=pl.len(), k=pl.col("v").sum(), z=(pl.col("w") * pl.col("v")).sum() / pl.len())
    counts = grouped.collect(engine="streaming")
    others = (
        scores.rename({"policy_id": "base"}).join(drawn, on="sample_id").filter(pl.col("base") != pl.col("policy_id"))
    ).collect(engine="streaming")
    pairs = others.select("base", "problem_id", "policy_id").unique()
    bases = pairs.select("base", "problem_id").unique()
    parts = pl.concat([pairs, bases.with_columns(policy_id=pl.col("base"))]).join(counts.select(*key, "n"), on=key)
    own = drawn.join(bases.lazy(), left_on=key, right_on=["base", "problem_id"]).collect(engine="streaming")
    columns = ["base", "problem_id", "sample_id", "policy_id", "logprob", "logprob_sampler", "v"]
    own = own.with_columns(base=pl.col("policy_id"), logprob=pl.col("logprob_policy"))
    based = pl.concat([others.select(columns), own.select(columns)])
    known = pl.concat(
        [
            others.select("sample_id", policy_id="base", density="logprob"),
            based.unique("sample_id").select("sample_id", "policy_id", density="logprob_sampler"),
        ]
    )
    terms = (
        based.lazy().select("base", "problem_id", "sample_id", "logprob", "v").join(known.lazy(), on="sample_id")
        .join(parts.lazy(), on=["base", "problem_id", "policy_id"])
        .group_by("base", "problem_id", "sample_id")
        .agg(term=(pl.col("n") * (pl.col("density") - pl.col("logprob")).exp()).sum(), v=pl.col("v").first())
        .group_by("base", "problem_id")
        .agg(mixed=(pl.col("v") / pl.col("term")).sum())
    )  # fmt: skip
    z = counts.lazy().join(terms, left_on=key, right_on=["base", "problem_id"], how="left")
    z = z.select(*key, z=pl.coalesce("mixed", "z")).collect(engine="streaming")
    log_z = z.lazy().filter(pl.col("z") > 0).select(*key, log_z=pl.col("z").log())
    right = (
        drawn.filter(pl.col("v") > 0)
        .join(log_z, on=key)
        .select(s=pl.col("logprob_policy"), t="logprob_sampler", u="log_z")
    )
    more = others.lazy().filter(pl.col("v") > 0).join(log_z, left_on=["base", "problem_id"], right_on=key)
    more = more.select(s=pl.col("logprob"), t="logprob_sampler", u="log_z")
    weight = pl.concat([right, more]).select((0.5 * (pl.col("s") - pl.col("t") - pl.col("u"))).exp().sum())
    total = weight.collect(engine="streaming").item()
    return float(z["z"].sum()), float(total), mean_pass(counts["n"].to_numpy(), counts["k"].to_numpy())


def mean_pass(n: Any, verified: Any, k: int = 8) -> float:
    """Return the mean of 1 − C(n − c, k) / C(n, k) over the problems with k draws or more."""
    import numpy as np

    wrong, n = (n - verified)[n >= k], n[n >= k]
    return float(np.mean(1 - np.prod([np.maximum(wrong - i, 0) / (n - i) for i in range(k)], axis=0)))


def files(root: Path, table: str) -> list[str]:
    """Return the compacted files of a table."""
    return sorted(map(str, (root / table).rglob("compact-*.parquet")))


TOOLS: dict[str, Callable[[Path], Answer]] = {
    "this corpus's views": ours, "polars": with_polars, "pandas": with_pandas, "datasets": with_datasets,
}  # fmt: skip


def main() -> None:
    """Let the tools take turns; print their medians."""
    if sys.argv[1] == "--one":
        start = time.perf_counter()
        answer = TOOLS[sys.argv[2]](Path(sys.argv[3]))
        used = resource.getrusage(resource.RUSAGE_SELF)
        wall = time.perf_counter() - start
        print(json.dumps([answer, used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 2**20]))
        return
    root, turns = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    measured: dict[str, list[list[Any]]] = {name: [] for name in TOOLS}
    for _ in range(turns):
        for name in TOOLS:
            command = [sys.executable, "-m", "benchmarks.corpus_peers", "--one", name, root]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            measured[name].append(json.loads(done.stdout.splitlines()[-1]))
    wanted = measured["this corpus's views"][0][0]
    for name, found in measured.items():
        cpu, wall, peak = (statistics.median(turn[place] for turn in found) for place in (1, 2, 3))
        apart = max(abs(a / b - 1) for turn in found for a, b in zip(turn[0], wanted, strict=True))
        print(f"{name:<20} CPU {cpu:6.2f} s  wall {wall:6.2f} s  peak {peak:5.2f} GiB  answers within {apart:.0e}")


if __name__ == "__main__":
    main()
