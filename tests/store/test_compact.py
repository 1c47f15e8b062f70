"""Compaction: nothing is lost, doubled or drawn again, whoever reads meanwhile."""

from __future__ import annotations

import random
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gen.run import GenConfig, generate
from store.compact import CompactConfig, compact
from store.corpus import Corpus
from store.importing import import_problems
from store.location import Address
from store.schema import COPIED, SAMPLES, SCORES, VERDICTS
from tests.gen.models import STATEMENTS, save_model
from tests.store.building import fill, problem, sample, verdict
from tests.store.object_store import BUCKET, serving

ROOT = Path(__file__).parent.parent.parent
VIEWS = ("samples", "verdicts", "scores", "corpus", "draws", "partition", "weights", "pass_at_k(2)", "diversity")


def many_shards(root: Address, *, num_shards: int = 6, seed: int = 0) -> Corpus:
    """Write a corpus of two policies in small shards, each judged and scored by another."""
    chance = random.Random(seed)
    rows = [problem(f"t{index}") for index in range(4)]
    corpus = fill(root, problems=rows)
    for policy in ("base", "tuned"):
        for number in range(num_shards):
            draws = [
                sample(row["problem_id"], policy, number, log_policy=chance.uniform(-9, -1), completion=f"\n  {number}")
                for row in rows
            ]
            corpus.append_samples(pa.Table.from_pylist(draws, SAMPLES), round=0, policy_id=policy, shard=f"s-{number}")
            said = [verdict(draw, chance.choice(["verified", "error"])) for draw in draws]
            corpus.append_verdicts(pa.Table.from_pylist(said, VERDICTS), checker_id="lean")
            other = "tuned" if policy == "base" else "base"
            scores = [{"sample_id": d["sample_id"], "policy_id": other, "logprob": -5.0} for d in draws]
            corpus.append_scores(pa.Table.from_pylist(scores, SCORES), policy_id=other)
    return corpus


@pytest.fixture(params=["folder", "store"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Address]:
    if request.param == "folder":
        yield tmp_path / "corpus"
        return
    with serving():
        yield f"s3://{BUCKET}/{uuid.uuid4().hex}"


def rows_of(corpus: Corpus) -> list[list[dict[str, object]]]:
    """Return all rows of all views, without the columns that compaction fills in."""
    with corpus.connect() as connection:
        found = [connection.sql(f"FROM {view} ORDER BY ALL").to_arrow_table().to_pylist() for view in VIEWS]
    for place, view in enumerate(VIEWS):
        copied = COPIED.get(view, ())
        found[place] = [{name: value for name, value in row.items() if name not in copied} for row in found[place]]
    return found


def test_compacted_scores_name_problem_and_policy_of_their_samples(tmp_path: Path) -> None:
    corpus = many_shards(tmp_path)
    asked = "SELECT sample_id, policy_id, {} AS problem_id, sampled_by FROM {} ORDER BY ALL"
    with corpus.connect() as connection:
        looked_up = connection.sql(asked.format("problem_id", "named_scores")).fetchall()
        assert {row[2:] for row in connection.sql(asked.format("sampled_problem", "scores")).fetchall()} == {
            (None, None)
        }
    sampled = {(row["sample_id"], row["problem_id"], row["policy_id"]) for row in rows_of(corpus)[0]}
    assert {(row[0], *row[2:]) for row in looked_up} == sampled
    compact(CompactConfig(tmp_path))
    with corpus.connect() as connection:
        assert connection.sql(asked.format("sampled_problem", "scores")).fetchall() == looked_up
        assert connection.sql(asked.format("problem_id", "named_scores")).fetchall() == looked_up


def test_a_file_compacted_without_the_copied_columns_is_compacted_again(tmp_path: Path) -> None:
    corpus = many_shards(tmp_path)
    compact(CompactConfig(tmp_path, keep_minutes=0))
    files = corpus.files("scores")
    for file in files:
        rows = pq.read_table(file, partitioning=None).drop_columns(list(COPIED["scores"]))
        pq.write_table(rows, file.with_name("compact-0123456789abcdef.parquet"))
        file.unlink()
    before = rows_of(corpus)
    assert compact(CompactConfig(tmp_path, keep_minutes=0)).num_written == len(files)
    close(rows_of(Corpus.open(tmp_path)), before)
    assert corpus.files("scores") == files  # the file that has them takes the place of the one that has not


def test_every_view_says_the_same_before_and_after(address: Address) -> None:
    corpus = many_shards(address)
    before = rows_of(corpus)
    summary = compact(CompactConfig(address))
    assert (summary.num_written, summary.num_removed) == (2 + 1 + 2 + 1, 0)
    close(rows_of(Corpus.open(address)), before)
    assert len(corpus.files("samples")) == 12 + 2
    assert compact(CompactConfig(address, keep_minutes=0)).num_removed == 12 + 12 + 12 + 1
    close(rows_of(Corpus.open(address)), before)
    assert len(corpus.files("samples")) == 2
    assert (
        compact(CompactConfig(address, keep_minutes=0)).as_text().startswith("0 files are now 0 (0 rows); 0 replaced")
    )


def close(found: list[list[dict[str, object]]], wanted: list[list[dict[str, object]]]) -> None:
    """Compare rows; sums of floating-point numbers may have been added in another order."""
    assert [len(view) for view in found] == [len(view) for view in wanted]
    for mine, theirs in zip(found, wanted, strict=True):
        for row, other in zip(mine, theirs, strict=True):
            assert row.keys() == other.keys()
            for name, value in row.items():
                assert value == (pytest.approx(other[name], rel=1e-12) if isinstance(value, float) else other[name])


def test_shards_that_come_later_are_seen_beside_compacted_ones(tmp_path: Path) -> None:
    corpus = many_shards(tmp_path, num_shards=3)
    compact(CompactConfig(tmp_path, keep_minutes=0))
    draws = [sample(problem(f"t{index}")["problem_id"], "base", 99) for index in range(4)]
    fill(tmp_path, samples=draws, verdicts=[verdict(draw) for draw in draws[:3]])
    later = rows_of(corpus)
    assert [len(view) for view in later[:2]] == [28, 27]
    compact(CompactConfig(tmp_path, keep_minutes=0))
    close(rows_of(corpus), later)


def test_rows_that_stand_twice_count_once_and_stay_apart(tmp_path: Path) -> None:
    corpus = many_shards(tmp_path, num_shards=3)
    before = rows_of(corpus)
    twice = [sample(problem("t0")["problem_id"], "base", index, log_policy=-1.0) for index in (0, 1)]
    known = {row["sample_id"]: row for row in before[0]}
    rows = [{**known[row["sample_id"]]} for row in twice]
    corpus.append_samples(pa.Table.from_pylist(rows, SAMPLES), round=0, policy_id="base", shard="again")
    assert compact(CompactConfig(tmp_path)).num_kept_apart == 3
    close(rows_of(corpus), before)
    corpus.append_samples(pa.Table.from_pylist(rows[:1], SAMPLES), round=0, policy_id="base", shard="and-again")
    compact(CompactConfig(tmp_path, keep_minutes=0))
    close(rows_of(corpus), before)


def test_a_later_verdict_counts_over_a_compacted_one(tmp_path: Path) -> None:
    corpus = many_shards(tmp_path, num_shards=2)
    compact(CompactConfig(tmp_path, keep_minutes=0))
    with corpus.connect() as connection:
        draws = connection.sql("FROM samples").to_arrow_table().to_pylist()
    said = [verdict(draw, "timeout", checker_id="newer") for draw in draws[:5]]
    later = [{**row, "checked_at": row["checked_at"] + timedelta(hours=1)} for row in said]
    corpus.append_verdicts(pa.Table.from_pylist(later, VERDICTS), checker_id="newer")
    for _ in range(2):
        with corpus.connect() as connection:
            ((found,),) = connection.sql("SELECT count(*) FROM judged WHERE verdict = 'timeout'").fetchall()
            ((all_,),) = connection.sql("SELECT count(*) FROM judged").fetchall()
        assert (found, all_) == (5, 16)
        compact(CompactConfig(tmp_path, keep_minutes=0))


def test_a_corpus_pinned_or_seen_by_a_run_shows_the_same_rows_after_compaction(address: Address) -> None:
    corpus = many_shards(address, num_shards=3)
    pinned = corpus.pinned()
    run = corpus.write_run("train", {"shards": pinned.shards()})
    then = rows_of(pinned)
    fresh = [sample(problem("t1")["problem_id"], "base", index) for index in (50, 51)]
    fill(address, samples=fresh, verdicts=[verdict(draw) for draw in fresh])
    assert len(rows_of(corpus)[0]) == len(then[0]) + 2
    compact(CompactConfig(address, keep_minutes=0))
    compact(CompactConfig(address, keep_minutes=0))
    assert len(rows_of(corpus)[0]) == len(then[0]) + 2
    close(rows_of(Corpus.open(address).pinned(run.name)), then)


def test_two_compactions_at_once_count_nothing_twice_and_lose_nothing(tmp_path: Path) -> None:
    corpus = many_shards(tmp_path, num_shards=5)
    before = rows_of(corpus)
    away = tmp_path / "away.parquet"
    compact(CompactConfig(tmp_path, max_rows=8))  # pairs of shards of four rows
    (hidden,) = tmp_path.glob("samples/round=000/policy=base/s-0.parquet")
    first = sorted(tmp_path.glob("samples/round=000/policy=base/compact-*"))
    for file in first:
        file.rename(file.with_suffix(".hidden"))
    hidden.rename(away)  # the other one listed the folder before this shard was written
    compact(CompactConfig(tmp_path, max_rows=8))
    away.rename(hidden)
    for file in first:
        file.with_suffix(".hidden").rename(file)
    close(rows_of(corpus), before)
    compact(CompactConfig(tmp_path, max_rows=8, keep_minutes=0))
    close(rows_of(corpus), before)


def test_compaction_makes_gen_draw_nothing_again(tmp_path: Path) -> None:
    model = save_model(tmp_path / "model")
    file = tmp_path / "problems.jsonl"
    file.write_text("".join(f'{{"statement": "{statement}"}}\n' for statement in STATEMENTS))
    import_problems(tmp_path / "corpus", [file])
    config = GenConfig(corpus=tmp_path / "corpus", model=model, n=8, max_new_tokens=8, shard_size=4)
    assert generate(config).num_samples == 24
    compact(CompactConfig(tmp_path / "corpus", keep_minutes=0))
    assert len(Corpus.open(tmp_path / "corpus").files("samples")) == 1
    again = generate(config)
    assert (again.num_samples, again.num_existing) == (0, 24)


WRITER = """
import sys, time
import pyarrow as pa
from store.corpus import Corpus
from store.schema import SAMPLES
from tests.store.building import sample
corpus, name, until = Corpus.open(sys.argv[1]), sys.argv[2], time.monotonic() + float(sys.argv[3])
shard = 0
while time.monotonic() < until:
    rows = [sample("x", name, 1000 * shard + index) for index in range(300)]
    corpus.append_samples(pa.Table.from_pylist(rows, SAMPLES), round=0, policy_id=name, shard=f"shard-{shard}")
    shard += 1
print(300 * shard)
"""
READER = """
import sys, time
from store.corpus import Corpus
corpus, until, seen = Corpus.open(sys.argv[1]), time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < until:
    with corpus.connect() as connection:
        counts = connection.execute("SELECT policy_id, count(*), count(DISTINCT sample_id) FROM samples GROUP BY 1")
        found = counts.fetchall()
    assert all(rows % 300 == 0 and rows == distinct for _, rows, distinct in found), found
    total = sum(rows for _, rows, _ in found)
    assert total >= seen, (total, seen)
    seen = total
print(seen)
"""


@pytest.mark.slow
def test_two_writers_five_readers_and_a_compaction_never_disagree(tmp_path: Path) -> None:
    seconds = 20.0
    corpus = fill(tmp_path / "corpus", problems=[problem("a")])
    root = str(corpus.root)

    def start(code: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", code, root, *arguments], cwd=ROOT, stdout=-1, text=True)

    writers = [start(WRITER, name, str(seconds)) for name in ("one", "two")]
    readers = [start(READER, str(seconds + 2)) for _ in range(5)]
    num_compacted, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        num_compacted += compact(CompactConfig(root, max_rows=20_000, keep_minutes=0.5)).num_sources
    written = sum(int(writer.communicate(timeout=60)[0]) for writer in writers)
    seen = [int(reader.communicate(timeout=60)[0]) for reader in readers]
    assert [process.returncode for process in (*writers, *readers)] == [0] * 7
    assert num_compacted > 1
    with corpus.connect() as connection:
        assert connection.sql("SELECT count(*), count(DISTINCT sample_id) FROM samples").fetchall() == [(written,) * 2]
    assert 0 < max(seen) <= written
