"""The shard plan: nothing missing, nothing twice."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from gen.plan import Known, Source, cut, plan
from store.ids import sample_id

SOURCE = Source("policy", "sampling", 7)


def known(folder: Path, ids: list[str]) -> Known:
    pq.write_table(pa.table({"sample_id": pa.array(ids, pa.string())}), folder / "known.parquet")
    return Known([folder / "known.parquet"])


@given(st.integers(0, 30), st.integers(1, 40), st.integers(1, 50))
@settings(max_examples=80, deadline=None)
def test_a_cut_holds_every_sample_once_in_bounded_parts(num_problems: int, n: int, shard_size: int) -> None:
    names = [f"p{number}" for number in range(num_problems)]
    parts = list(cut(names, n, shard_size))
    pairs = [(name, index) for problems, indices in parts for name in problems for index in indices]
    assert sorted(pairs) == sorted((name, index) for name in names for index in range(n))
    assert all(0 < len(problems) * len(indices) <= shard_size for problems, indices in parts)


def test_what_is_known_is_left_out_and_the_rest_is_asked_for(tmp_path: Path) -> None:
    there = [sample_id("b", *("policy", "sampling"), 7, index) for index in (0, 2)]
    shards = list(plan(["a", "b"], 3, SOURCE, known(tmp_path, there), 100))
    wanted = {(draws.problem_id, index) for shard in shards for draws in shard.draws for index in draws.sample_ids}
    assert wanted == {("a", 0), ("a", 1), ("a", 2), ("b", 1)}


def test_when_all_is_known_there_is_no_shard(tmp_path: Path) -> None:
    ids = [
        name
        for shard in plan(["a", "b"], 3, SOURCE, Known([]), 2)
        for d in shard.draws
        for name in d.sample_ids.values()
    ]
    assert list(plan(["a", "b"], 3, SOURCE, known(tmp_path, ids), 4)) == []


def test_a_shard_keeps_its_name_when_others_are_finished(tmp_path: Path) -> None:
    first, *rest = plan(["a", "b", "c"], 2, SOURCE, Known([]), 2)
    ids = [name for draws in first.draws for name in draws.sample_ids.values()]
    again = plan(["a", "b", "c"], 2, SOURCE, known(tmp_path, ids), 2)
    assert [shard.name for shard in again] == [shard.name for shard in rest]


def test_seed_policy_and_sampling_tell_shards_apart() -> None:
    sources = [SOURCE, Source("other", "sampling", 7), Source("policy", "other", 7), Source("policy", "sampling", 8)]
    names = {shard.name for source in sources for shard in plan(["a"], 2, source, Known([]), 10)}
    assert len(names) == 4
