from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from store.corpus import Corpus
from store.errors import CorpusError, UsageError
from store.schema import PROBLEMS, SAMPLES, SCHEMA_VERSION, TABLES, VERDICTS, VERSION_KEY
from store.shards import atomic_path
from tests.store.building import fill, policy, problem, sample, verdict

ROOT = Path(__file__).parent.parent.parent


def count(corpus: Corpus, table: str) -> int:
    with corpus.connect() as connection:
        (found,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return found


def test_an_empty_corpus_can_be_asked_everything(tmp_path: Path) -> None:
    corpus = Corpus.open(tmp_path / "corpus", create=True)
    for name in [
        *TABLES,
        "corpus",
        "draws",
        "partition",
        "z_adaptive",
        "weights",
        "importance_weight(0.5)",
        "pass_at_k(4)",
        "diversity",
    ]:
        assert count(corpus, name) == 0
    assert corpus.problems() == []


def test_problems_come_back_as_they_went_in_and_only_once(tmp_path: Path) -> None:
    rows = [problem("a", informal="in words"), problem("b", split="test"), problem("a")]
    corpus = Corpus.open(tmp_path / "corpus", create=True)
    assert corpus.append_problems(pa.Table.from_pylist(rows, PROBLEMS)) == 2
    assert corpus.append_problems(pa.Table.from_pylist(rows, PROBLEMS)) == 0
    assert {found.name for found in corpus.problems()} == {"a", "b"}
    (test,) = corpus.problems("test")
    assert (test.name, test.statement, test.informal) == ("b", rows[1]["statement"], None)


def test_a_corpus_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "corpus").write_text("hello")
    with pytest.raises(UsageError, match="this is a file"):
        Corpus.open(tmp_path / "corpus", create=True)


def test_a_folder_that_is_no_corpus_is_refused_unless_it_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no corpus here"):
        Corpus.open(tmp_path)
    assert Corpus.open(tmp_path, create=True).root == tmp_path


def test_a_corpus_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    Corpus.open(tmp_path, create=True)
    (tmp_path / "corpus.json").write_text(json.dumps({"schema_version": SCHEMA_VERSION + 1}))
    with pytest.raises(UsageError, match="newer Remains"):
        Corpus.open(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", '{"schema_version": null}', '{"schema_version": "one"}'])
def test_a_damaged_marker_is_named(tmp_path: Path, text: str) -> None:
    Corpus.open(tmp_path, create=True)
    (tmp_path / "corpus.json").write_text(text)
    with pytest.raises(CorpusError, match=r"corpus\.json is damaged"):
        Corpus.open(tmp_path)


def test_a_shard_of_a_newer_version_is_named(tmp_path: Path) -> None:
    corpus = Corpus.open(tmp_path, create=True)
    schema = PROBLEMS.with_metadata({VERSION_KEY: b"999"})
    pq.write_table(pa.Table.from_pylist([problem("a")], schema), tmp_path / "problems" / "new.parquet")
    with pytest.raises(CorpusError, match=r"new\.parquet: written by a newer"):
        corpus.connect()


@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"PAR1 nonsense"]
)
def test_a_damaged_shard_is_named(tmp_path: Path, damage: object) -> None:
    row = problem("a")
    corpus = fill(tmp_path, problems=[row], samples=[sample(row["problem_id"], "base")])
    (shard,) = corpus.files("samples")
    shard.write_bytes(damage(shard.read_bytes()))  # type: ignore[operator]
    with pytest.raises(CorpusError, match=f"{shard.name}: unreadable shard of samples"):
        corpus.connect()


def test_a_shard_of_another_table_is_named(tmp_path: Path) -> None:
    corpus = fill(tmp_path, problems=[problem("a")])
    (shard,) = corpus.files("problems")
    shard.rename(tmp_path / "samples" / "lost.parquet")
    with pytest.raises(CorpusError, match=r"lost\.parquet: no shard of samples, it has no column sample_id"):
        corpus.connect()


def test_a_missing_column_a_null_and_a_wrong_type_are_named(tmp_path: Path) -> None:
    corpus = Corpus.open(tmp_path, create=True)
    row = sample("x", "base")
    with pytest.raises(CorpusError, match="table samples: column seed is missing"):
        corpus.append_samples(pa.Table.from_pylist([row]).drop(["seed"]), round=0, policy_id="base", shard="a")
    with pytest.raises(CorpusError, match="table samples: column completion has a null"):
        corpus.append_samples(pa.Table.from_pylist([{**row, "completion": None}]), round=0, policy_id="base", shard="a")
    with pytest.raises(CorpusError, match="table samples: column seed is no int64"):
        corpus.append_samples(pa.Table.from_pylist([{**row, "seed": "one"}]), round=0, policy_id="base", shard="a")
    assert corpus.files("samples") == []


def test_a_sample_that_stands_in_two_files_counts_once(tmp_path: Path) -> None:
    row = problem("a")
    draws = [sample(row["problem_id"], "base", index) for index in range(5)]
    corpus = fill(tmp_path, problems=[row], samples=draws, verdicts=[verdict(draw) for draw in draws])
    corpus.append_samples(pa.Table.from_pylist(draws[1:4], SAMPLES), round=0, policy_id="base", shard="again")
    corpus.append_samples(pa.Table.from_pylist(draws[:2], SAMPLES), round=1, policy_id="base", shard="and-again")
    assert count(corpus, "samples") == count(corpus, "corpus") == count(corpus, "draws") == 5
    with corpus.connect() as connection:
        assert connection.execute("SELECT n, n_verified FROM partition").fetchall() == [(5, 5)]
        assert connection.execute("SELECT DISTINCT token_ids FROM samples").fetchall() == [([1, 2],)]


def _without_template(corpus: Corpus) -> None:
    """Write the file of samples as earlier versions did."""
    [file] = corpus.files("samples")
    columns = pa.schema([column for column in SAMPLES if column.name != "template"], SAMPLES.metadata)
    rows = pq.read_table(file).drop_columns("template")
    file.unlink()
    pq.write_table(rows.cast(columns), file)


def _templates(corpus: Corpus, table: str) -> list[tuple[object, ...]]:
    with corpus.connect() as connection:
        return connection.execute(f"SELECT sample_index, template FROM {table} ORDER BY sample_index").fetchall()


def test_a_file_without_the_template_column_is_read_and_means_plain(tmp_path: Path) -> None:
    given = problem("a")
    old = fill(tmp_path / "corpus", problems=[given], samples=[sample(given["problem_id"], "p", i) for i in range(2)])
    _without_template(old)
    assert _templates(old, "samples") == [(0, None), (1, None)]
    assert _templates(old, "corpus") == [(0, "plain"), (1, "plain")]
    fill(tmp_path / "corpus", samples=[sample(given["problem_id"], "p", 2, template="chat")])
    assert _templates(old, "samples") == [(0, None), (1, None), (2, "chat")]
    assert _templates(old, "corpus") == [(0, "plain"), (1, "plain"), (2, "chat")]
    assert count(old, "draws") == count(old, "partition") == 0


def test_a_connection_shows_one_moment_and_the_next_one_what_was_added(tmp_path: Path) -> None:
    given = problem("a")
    old = fill(tmp_path / "corpus", problems=[given], samples=[sample(given["problem_id"], "p")])
    _without_template(old)
    with old.connect() as connection:
        fill(tmp_path / "corpus", samples=[sample(given["problem_id"], "p", 1, template="chat")])
        found = connection.execute("SELECT template FROM samples ORDER BY sample_index").fetchall()
    assert found == [(None,)]
    assert _templates(old, "samples") == [(0, None), (1, "chat")]


def test_a_table_may_be_appended_without_the_column_that_came_later(tmp_path: Path) -> None:
    given = problem("a")
    corpus = fill(tmp_path / "corpus", problems=[given])
    rows = pa.Table.from_pylist([sample(given["problem_id"], "p")], SAMPLES).drop_columns("template")
    corpus.append_samples(rows, round=0, policy_id="p", shard="s")
    assert _templates(corpus, "samples") == [(0, None)]


def test_the_latest_verdict_counts(tmp_path: Path) -> None:
    row = problem("a")
    draw = sample(row["problem_id"], "base")
    later = verdict(draw, "error", checked_at=verdict(draw)["checked_at"].replace(hour=13), checker_id="newer")
    corpus = fill(tmp_path, problems=[row], samples=[draw], verdicts=[verdict(draw)])
    corpus.append_verdicts(pa.Table.from_pylist([later], VERDICTS), checker_id="newer")
    with corpus.connect() as connection:
        found = connection.execute("SELECT verdict, verified, checker_id FROM corpus").fetchall()
    assert found == [("error", False, "newer")]


def test_a_cut_sample_is_no_proof_whatever_was_said_of_it(tmp_path: Path) -> None:
    row = problem("a")
    draw = sample(row["problem_id"], "base", finish_reason="length")
    corpus = fill(tmp_path, problems=[row], samples=[draw], verdicts=[verdict(draw)])
    with corpus.connect() as connection:
        assert connection.execute("SELECT verified FROM corpus").fetchall() == [(False,)]


def test_an_unjudged_or_aborted_sample_is_no_draw(tmp_path: Path) -> None:
    row = problem("a")
    waiting, aborted = sample(row["problem_id"], "base", 0), sample(row["problem_id"], "base", 1, finish_reason="abort")
    corpus = fill(tmp_path, problems=[row], samples=[waiting, aborted], verdicts=[verdict(aborted, "empty")])
    assert count(corpus, "corpus") == 2
    assert count(corpus, "draws") == 0


def test_a_policy_registered_twice_is_one(tmp_path: Path) -> None:
    corpus = fill(tmp_path, policies=[policy("p"), policy("p", path="elsewhere"), policy("q")])
    assert count(corpus, "policies") == 2


def test_what_a_killed_writer_left_is_not_read(tmp_path: Path) -> None:
    corpus = fill(tmp_path, problems=[problem("a")])
    (shard,) = corpus.files("problems")
    (tmp_path / "problems" / f".{shard.name}.0123.tmp").write_bytes(shard.read_bytes()[:50])
    assert count(corpus, "problems") == 1


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_path(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_clear_error_and_an_intact_corpus(tmp_path: Path) -> None:
    corpus = fill(tmp_path, problems=[problem("a")])
    code = (
        "import os, resource, sys\n"
        "from pathlib import Path\n"
        "import pyarrow as pa\n"
        "from store.corpus import Corpus\n"
        "from store.errors import CorpusError\n"
        "from store.schema import PROBLEMS\n"
        "from tests.store.building import problem\n"
        "rows = pa.Table.from_pylist([problem(os.urandom(500).hex()) for _ in range(200)], PROBLEMS)\n"
        "corpus = Corpus.open(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try: corpus.append_problems(rows)\n"
        "except CorpusError as error: print(error)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, timeout=120)
    assert done.stdout.startswith(f"cannot write {tmp_path}")
    assert len(done.stdout.strip().splitlines()) == 1
    assert [path.name for path in (tmp_path / "problems").iterdir()] == [corpus.files("problems")[0].name]
    assert count(corpus, "problems") == 1


def test_a_run_is_recorded_as_json(tmp_path: Path) -> None:
    corpus = Corpus.open(tmp_path, create=True)
    path = corpus.write_run("gen", {"seed": 1, "model": Path("m")})
    assert path.parent == tmp_path / "runs"
    assert "-gen-" in path.name
    assert json.loads(path.read_text()) == {"seed": 1, "model": "m"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(CorpusError, match="cannot create a corpus"):
        Corpus.open(tmp_path / "corpus", create=True)


WRITER = """
import sys
from pathlib import Path
import pyarrow as pa
from store.corpus import Corpus
from store.schema import SAMPLES
from tests.store.building import sample
corpus = Corpus.open(Path(sys.argv[1]))
for shard in range(12):
    rows = [sample("x", sys.argv[2], 1000 * shard + index) for index in range(300)]
    corpus.append_samples(pa.Table.from_pylist(rows, SAMPLES), round=0, policy_id=sys.argv[2], shard=f"shard-{shard}")
"""


def test_readers_never_see_half_a_shard(tmp_path: Path) -> None:
    corpus = fill(tmp_path, problems=[problem("a")])
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, name], cwd=ROOT) for name in ("one", "two")]
    seen = []
    while any(writer.poll() is None for writer in writers) or not seen:
        with corpus.connect() as connection:
            counts = connection.execute("SELECT policy_id, count(*) FROM samples GROUP BY 1").fetchall()
        assert all(found % 300 == 0 for _, found in counts)
        seen.append(sum(found for _, found in counts))
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen == sorted(seen)
    assert count(corpus, "samples") == 2 * 12 * 300
