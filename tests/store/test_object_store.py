"""The corpus in an object store: a real S3 server, a real model, the real Lean."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gen.models import open_folder
from gen.run import GenConfig, GenSummary, generate
from store.corpus import Corpus
from store.errors import CorpusError, UsageError
from store.explore.data import Explorer
from store.importing import import_problems
from store.location import ObjectPath, locate
from store.metrics import evaluate
from store.report import config_from_corpus, write_report
from store.schema import SAMPLES
from store.show import show
from store.sql import run_query
from store.stats import describe
from tests.gen.models import STATEMENTS, save_model
from tests.store.building import fill, problem, sample, study, verdict
from tests.store.object_store import BUCKET, ObjectStore, breaking_after, serving
from train.data import Selection, load_problems

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with serving() as opened:
        yield opened


@pytest.fixture
def url(store: ObjectStore) -> str:
    """Where no corpus is yet. The space and the quote are there to be quoted."""
    return f"s3://{BUCKET}/it's one/{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    file = tmp_path / "problems.jsonl"
    file.write_text("".join(json.dumps({"statement": statement}) + "\n" for statement in STATEMENTS))
    return file


def small(url: str | Path) -> Corpus:
    """One problem, three samples of it, two verified."""
    row = problem("a")
    draws = [sample(row["problem_id"], "base", index) for index in range(3)]
    return fill(url, problems=[row], samples=draws, verdicts=[verdict(draw) for draw in draws[:2]])


def sampled(address: str | Path, model: Path, problems: Path) -> GenSummary:
    import_problems(address, [problems])
    return generate(GenConfig(corpus=address, model=model, n=8, max_new_tokens=8, shard_size=8))


def rows(address: str | Path) -> list[tuple[object, ...]]:
    with Corpus.open(address).connect() as connection:
        return connection.execute(
            "SELECT sample_id, completion, token_ids, finish_reason FROM samples ORDER BY ALL"
        ).fetchall()


def test_a_store_holds_the_samples_that_a_folder_would(url: str, tmp_path: Path, model: Path, problems: Path) -> None:
    sampled(tmp_path / "corpus", model, problems)
    summary = sampled(url, model, problems)
    assert (summary.num_samples, len(summary.shards)) == (24, 3)
    assert rows(url) == rows(tmp_path / "corpus")


def test_the_same_commands_twice_do_nothing(url: str, store: ObjectStore, model: Path, problems: Path) -> None:
    sampled(url, model, problems)
    before = store.names()
    assert import_problems(url, [problems]).num_new == 0
    again = generate(GenConfig(corpus=url, model=model, n=8, max_new_tokens=8, shard_size=8))
    assert (again.num_samples, again.num_existing) == (0, 24)
    assert store.names() == before


def test_a_lost_shard_is_drawn_again_as_it_was(url: str, store: ObjectStore, model: Path, problems: Path) -> None:
    sampled(url, model, problems)
    before = rows(url)
    lost = str(Corpus.open(url).files("samples")[1]).removeprefix(f"s3://{BUCKET}/")
    store.client().delete_object(Bucket=BUCKET, Key=lost)
    assert sampled(url, model, problems).num_samples == 8
    assert rows(url) == before


def test_training_reads_the_rows_that_it_would_from_a_folder(
    url: str, tmp_path: Path, model: Path, problems: Path
) -> None:
    found = []
    for address in (url, tmp_path / "corpus"):
        sampled(address, model, problems)
        corpus = Corpus.open(address)
        with corpus.connect() as connection:
            draws = connection.sql("FROM samples WHERE finish_reason = 'stop'").to_arrow_table().to_pylist()
        fill(address, verdicts=[verdict(draw) for draw in draws])
        found.append(load_problems(corpus, open_folder(model), Selection()))
    assert found[0] == found[1] != []


def test_every_view_answers_as_it_does_over_a_folder(url: str, tmp_path: Path) -> None:
    answers = []
    for address in (url, tmp_path / "corpus"):
        corpus = fill(address)
        small(address)
        with corpus.connect() as connection:
            views = ["corpus", "draws", "partition", "weights", "importance_weight(0.5)", "pass_at_k(2)", "diversity"]
            answers.append([connection.sql(f"FROM {view} ORDER BY ALL").to_arrow_table() for view in views])
    assert answers[0] == answers[1]
    assert all(answer.num_rows for answer in answers[0])


def test_evaluation_and_report_read_a_store(url: str, tmp_path: Path) -> None:
    local, _ = study(tmp_path / "study" / "corpus", num_problems=4, n=4)
    for table in ("problems", "samples", "verdicts", "policies"):
        for file in local.files(table):
            place = f"{url}/{Path(str(file)).relative_to(local.root)}"
            ObjectPath(place).write_bytes(Path(str(file)).read_bytes())
    corpus = Corpus.open(url, create=True)
    assert evaluate(corpus, "base", "test") == evaluate(local, "base", "test")
    html = write_report(config_from_corpus(url, out=tmp_path / "report.html")).read_text(encoding="utf-8")
    assert url.rsplit("/", 1)[1] in html


def test_a_sample_is_shown_and_explored_from_a_store_as_from_a_folder(url: str, tmp_path: Path) -> None:
    told = []
    for address in (url, tmp_path / "corpus"):
        corpus = small(address)
        explorer = Explorer(corpus)
        filters = {"policy": "base", "split": "", "difficulty": "", "text": "", "sort": "hardest"}
        found, num_found = explorer.problems(filters, 0)
        wanted = {"policy": "", "verdict": "", "sort": "weight", "alpha": 0.5, "base": "base"}
        drawn, num_drawn = explorer.samples(found[0]["problem_id"], wanted, 0)
        record = explorer.sample(drawn[0]["sample_id"], 0.5)
        table, more, _ = explorer.query("SELECT count(*) AS n FROM corpus", 0)
        assert (num_found, num_drawn, table.to_pylist(), more) == (1, 3, [{"n": 3}], False)
        shown = show(corpus, None, 0.5).split("origin")[0]  # which says where the shard is
        told.append((shown, found, drawn, record.row, record.weights))
        explorer.close()
    assert told[0] == told[1]
    assert "log p/q" in told[0][0]


def test_a_query_reads_the_corpus_and_nothing_else(url: str, store: ObjectStore) -> None:
    corpus = small(url)
    store.client().put_object(Bucket=BUCKET, Key="outside.csv", Body=b"a\n1\n")
    before = store.names()
    inside = url.replace("'", "''")
    for query in (
        f"FROM read_csv('s3://{BUCKET}/outside.csv')",
        f"FROM 's3://{BUCKET}/outside.csv'",
        f"FROM glob('s3://{BUCKET}/*')",
        f"FROM read_text('{inside}/corpus.json')",
        f"FROM read_csv('{inside}/samples/../../../outside.csv')",
        "FROM read_text('/etc/passwd')",
        f"COPY (SELECT 1) TO '{inside}/samples/x.csv'",
        "CREATE TABLE t AS SELECT 1",
    ):
        with pytest.raises(UsageError, match="SQL") as caught:
            run_query(corpus, query)
        assert "\n" not in str(caught.value)
    assert store.names() == before


def test_a_connection_shows_the_shards_that_were_there_and_the_next_one_the_new_ones(url: str) -> None:
    corpus = small(url)
    with corpus.connect() as before:
        late = pa.Table.from_pylist([sample("x", "base", 9)], SAMPLES)
        Corpus.open(url).append_samples(late, round=1, policy_id="base", shard="late")
        assert before.execute("SELECT count(*) FROM samples").fetchall() == [(3,)]
    with corpus.connect() as after:
        assert after.execute("SELECT count(*) FROM samples").fetchall() == [(4,)]


def test_views_upon_views_do_not_ask_the_store_again(url: str, store: ObjectStore) -> None:
    small(url)
    num_shards = 3
    before = len(store.requests)
    describe(Corpus.open(url))
    # Three for the marker (is it there, how long is it, what does it say), two listings of shards, three to see that
    # there are no run records, two for each shard: check, read.
    assert len(store.requests) - before <= 3 + 2 + 3 + 2 * num_shards


def test_a_narrow_column_is_fetched_alone(url: str, store: ObjectStore) -> None:
    draws = [sample("x", "base", index, completion=random.Random(index).randbytes(2000).hex()) for index in range(4000)]
    corpus = fill(url, samples=draws)
    size = sum(file.stat().st_size if isinstance(file, Path) else file.size() for file in corpus.files("samples"))
    assert size > 8_000_000
    before = len(store.requests)
    with corpus.connect() as connection:
        assert connection.execute("SELECT sum(sample_index) FROM samples").fetchall() == [(3999 * 4000 / 2,)]
    assert sum(num_bytes for _, _, num_bytes in store.requests[before:]) < size / 10


def test_a_shard_is_one_put(url: str, store: ObjectStore) -> None:
    corpus = Corpus.open(url, create=True)
    before = len(store.requests)
    corpus.append_samples(pa.Table.from_pylist([sample("x", "base")], SAMPLES), round=0, policy_id="base", shard="s")
    (file,) = corpus.files("samples")
    sent = [(method, path) for method, path, _ in store.requests[before:] if method != "GET"]
    assert sent == [("PUT", str(file).removeprefix("s3:/"))]


def test_a_write_that_breaks_halfway_leaves_nothing_and_the_next_one_succeeds(url: str, store: ObjectStore) -> None:
    corpus = small(url)
    before = store.names()
    draws = [sample("x", "base", index, completion=random.Random(index).randbytes(2000).hex()) for index in range(200)]
    table = pa.Table.from_pylist(draws, SAMPLES)
    with breaking_after(store, 100_000), pytest.raises(CorpusError, match=r"broken\.parquet") as caught:
        corpus.append_samples(table, round=0, policy_id="base", shard="broken")
    assert "\n" not in str(caught.value)
    assert store.names() == before
    corpus.append_samples(table, round=0, policy_id="base", shard="broken")
    assert len(rows(url)) == 203


def test_a_damaged_shard_and_one_of_another_table_are_named(url: str, store: ObjectStore) -> None:
    corpus = small(url)
    place = f"{url}/samples/bad.parquet"
    for damage, said in ((b"PAR1 nonsense", "unreadable shard of samples"), (b"", "unreadable"), (None, "no column")):
        text = io.BytesIO()
        pq.write_table(pa.table({"a": [1]}), text)
        ObjectPath(place).write_bytes(text.getvalue() if damage is None else damage)
        with pytest.raises(CorpusError, match=rf"bad\.parquet: .*{said}"):
            corpus.connect()
    store.client().delete_object(Bucket=BUCKET, Key=place.removeprefix(f"s3://{BUCKET}/"))


def test_what_is_no_corpus_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no corpus here"):
        Corpus.open(url)
    with pytest.raises(CorpusError, match="bucket does not exist"):
        Corpus.open("s3://nobody-has-this/corpus", create=True)
    ObjectPath(f"{url}/corpus.json").write_bytes(b"[]")
    with pytest.raises(CorpusError, match=r"corpus\.json is damaged"):
        Corpus.open(url)


def test_a_lost_network_is_one_clear_line(url: str, store: ObjectStore) -> None:
    corpus = small(url)
    with breaking_after(store, 10), pytest.raises(CorpusError, match="the network") as caught:
        corpus.connect()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sftp://host/corpus", "a URL of s3"),
        ("s3://", "names no bucket"),
        (Path("s3://bucket/corpus"), "as text"),
    ],
)
def test_an_address_that_can_hold_no_corpus_is_refused(address: str | Path, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Corpus.open(address, create=True)


def test_a_path_stays_a_path(tmp_path: Path) -> None:
    for address in ("corpus", str(tmp_path), "c:orpus", "a//b"):
        assert locate(address) == Path(address)
    assert locate(f"file://{tmp_path}") == tmp_path
    assert locate("S3://Bucket/a/") == ObjectPath("s3://Bucket/a")


def test_an_object_reads_like_a_file(url: str) -> None:
    data = random.Random(0).randbytes(5000)
    place = ObjectPath(f"{url}/thing")
    place.write_bytes(data)
    ours, known = place.open(), io.BytesIO(data)
    moves = random.Random(1)
    for _ in range(30):
        offset, size = moves.randrange(-20, 5200), moves.choice([-1, 0, 1, 100, 6000])
        whence = moves.choice([io.SEEK_SET, io.SEEK_END])
        offset = abs(offset) if whence == io.SEEK_SET else -offset
        assert ours.seek(offset, whence) == known.seek(offset, whence)
        assert ours.read(size) == known.read(size)
        assert ours.tell() == known.tell()


def cli(*arguments: str, without_s3fs: bool = False) -> subprocess.CompletedProcess[str]:
    hide = "sys.modules['s3fs'] = None\n" if without_s3fs else ""
    code = f"import sys\n{hide}import cli\ncli.main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=300, cwd=ROOT, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def test_without_s3fs_one_line_says_what_to_install(url: str) -> None:
    done = cli("stats", "--corpus", url, without_s3fs=True)
    assert done.returncode == 2
    assert "pip install 'remains[s3]'" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_the_commands_work_on_a_url(url: str, tmp_path: Path, model: Path, problems: Path) -> None:
    corpus = ("--corpus", url)
    sampling = ("gen", "--model", str(model), *corpus, "--n", "8", "--max-new-tokens", "8")
    said = [
        cli(*command)
        for command in (
            ("import", "problems", str(problems), *corpus),
            sampling,
            sampling,
            ("filter", *corpus, "--workers", "1"),
            ("filter", *corpus, "--workers", "1"),
            ("stats", *corpus),
            ("sql", "SELECT count(*) AS n, count(verdict) AS judged FROM corpus", *corpus, "--format", "json"),
        )
    ]
    assert [done.returncode for done in said] == [0] * len(said), [done.stderr for done in said]
    texts = [done.stdout for done in said]
    assert "3 new problems" in texts[0]
    assert "24 new samples" in texts[1]
    assert "0 new samples" in texts[2]
    assert texts[3].startswith("24 samples judged")
    assert texts[4].startswith("0 samples judged")
    assert f"corpus {url}" in texts[5]
    assert json.loads(texts[6]) == {"n": 24, "judged": 24}
    assert list(tmp_path.iterdir()) == [problems]


@pytest.mark.slow
def test_a_policy_is_trained_from_a_store(url: str, tmp_path: Path, model: Path, problems: Path) -> None:
    sampled(url, model, problems)
    with Corpus.open(url).connect() as connection:
        draws = connection.sql("FROM samples WHERE finish_reason = 'stop'").to_arrow_table().to_pylist()
    fill(url, verdicts=[verdict(draw) for draw in draws])
    out = tmp_path / "policy"
    done = cli(
        "train", "--alpha", "0.5", "--model", str(model), "--corpus", url, "--out", str(out), "--steps", "2"
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with Corpus.open(url).connect() as connection:
        paths = connection.sql("SELECT path FROM policies WHERE parent_policy_id IS NOT NULL").fetchall()
    assert paths == [(str(out),)]
