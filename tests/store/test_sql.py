from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from store.corpus import Corpus
from store.database import ORDER, VIEWS, init_script
from store.errors import CorpusError, UsageError
from store.sql import run_query
from tests.store.building import fill, problem, sample, verdict


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    row = problem("a")
    draws = [sample(row["problem_id"], "base", index) for index in range(3)]
    return fill(tmp_path / "corpus", problems=[row], samples=draws, verdicts=[verdict(draw) for draw in draws])


def files(corpus: Corpus) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in corpus.root.rglob("*")}


WRITES = [
    "CREATE TABLE t AS SELECT 1",
    "DROP VIEW samples",
    "COPY (SELECT 1) TO '{root}/samples/x.csv'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{root}/samples/x.csv'",
    "explain (analyze) copy (SELECT 1) TO '{root}/samples/x.csv'",
    "EXPLAIN /* hidden */ ANALYZE COPY (SELECT 1) TO '{root}/samples/x.csv'",
    "PREPARE p AS COPY (SELECT 1) TO '{root}/samples/x.csv'",
    "ATTACH '{root}/samples/x.db'",
    "EXPORT DATABASE '{root}/samples/x'",
    "SET enable_external_access = true",
    "INSTALL httpfs",
    "SELECT 1; DROP VIEW samples",
]
READS_ELSEWHERE = [
    "FROM read_text('/etc/passwd')",
    "FROM glob('/etc/*')",
    "FROM read_text('{root}/corpus.json')",
    "FROM read_csv('{root}/../outside.csv')",
    "FROM '{root}/samples/../../outside.csv'",
]


@pytest.mark.parametrize("query", [*WRITES, *READS_ELSEWHERE])
def test_a_query_neither_writes_nor_leaves_the_corpus(query: str, corpus: Corpus) -> None:
    (corpus.root.parent / "outside.csv").write_text("a\n1\n")
    before = files(corpus)
    with pytest.raises(UsageError, match="SQL") as caught:
        run_query(corpus, query.format(root=corpus.root), "json")
    assert "\n" not in str(caught.value)
    assert files(corpus) == before


def test_a_query_sees_no_variable_of_this_process(corpus: Corpus) -> None:
    secret = [{"a": 1}]  # noqa: F841
    with pytest.raises(UsageError, match="secret does not exist"):
        run_query(corpus, "FROM secret")


@pytest.mark.parametrize(
    "query", ["DESCRIBE samples", "SUMMARIZE problems", "EXPLAIN FROM corpus", "EXPLAIN ANALYZE FROM draws"]
)
def test_what_only_reads_is_allowed(query: str, corpus: Corpus, capsys: pytest.CaptureFixture[str]) -> None:
    run_query(corpus, query)
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT nope FROM samples", 'column "nope" not found'),
        ("", "here are 0"),
        ("FROM x.y", "y"),
    ],
)
def test_bad_sql_is_one_clear_line(query: str, said: str, corpus: Corpus) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        run_query(corpus, query)
    assert "\n" not in str(caught.value)


def test_an_unknown_format_and_parquet_to_the_screen_are_wrong_use(corpus: Corpus) -> None:
    with pytest.raises(UsageError, match="--format xml"):
        run_query(corpus, "SELECT 1", "xml")
    with pytest.raises(UsageError, match="--out"):
        run_query(corpus, "SELECT 1", "parquet")


def test_a_result_is_not_written_into_the_corpus(corpus: Corpus) -> None:
    with pytest.raises(UsageError, match="inside the corpus"):
        run_query(corpus, "SELECT 1", "parquet", corpus.root / "samples" / "mine.parquet")


QUERY = "SELECT sample_index, token_ids, created_at, 'a,\"b\"\nα' AS text, sum(1) OVER () AS n, 'nan'::DOUBLE AS x FROM samples ORDER BY 1"


def test_json_holds_the_rows(corpus: Corpus, capsys: pytest.CaptureFixture[str]) -> None:
    run_query(corpus, QUERY, "json")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["sample_index"] for row in rows] == [0, 1, 2]
    first = {"sample_index": 0, "token_ids": [1, 2], "text": 'a,"b"\nα', "n": 3, "x": None}
    assert rows[0] == {**first, "created_at": "2026-01-01 12:00:00+00:00"}


def test_csv_holds_the_rows(corpus: Corpus, tmp_path: Path) -> None:
    run_query(corpus, QUERY, "csv", tmp_path / "out.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8"))))
    assert [row["sample_index"] for row in rows] == ["0", "1", "2"]
    assert (rows[0]["token_ids"], rows[0]["text"]) == ("[1, 2]", 'a,"b"\nα')


def test_parquet_holds_the_rows(corpus: Corpus, tmp_path: Path) -> None:
    run_query(corpus, QUERY, "parquet", tmp_path / "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet")
    assert table["sample_index"].to_pylist() == [0, 1, 2]
    assert table["token_ids"].to_pylist() == [[1, 2]] * 3


def test_a_table_shows_rows_and_says_what_it_leaves_out(corpus: Corpus, capsys: pytest.CaptureFixture[str]) -> None:
    run_query(corpus, "SELECT '[bold]' AS a, NULL AS b, 1/3 AS c")
    assert capsys.readouterr().out.split() == ["a", "b", "c", "[bold]", "-", "0.333333"]
    run_query(corpus, "FROM range(1000)")
    assert "the first 200 rows" in capsys.readouterr().out


@pytest.mark.parametrize("name", ORDER)
def test_every_view_says_what_it_is(name: str) -> None:
    lines = (VIEWS / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"-- {name}")
    assert lines[1].startswith("--")


def test_every_view_file_is_loaded() -> None:
    assert {path.stem for path in VIEWS.glob("*.sql")} == set(ORDER)


def test_the_plain_duckdb_client_can_load_the_views(corpus: Corpus) -> None:
    with duckdb.connect() as connection:
        connection.execute(init_script(corpus.root))
        assert connection.execute("SELECT n, n_verified FROM partition").fetchall() == [(3, 3)]
        assert connection.execute("SELECT pass FROM pass_at_k(2)").fetchall() == [(1.0,)]


def test_a_path_with_a_quote_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = fill(tmp_path / "it's a corpus", problems=[problem("a")])
    run_query(corpus, "SELECT name FROM problems", "json")
    assert json.loads(capsys.readouterr().out) == {"name": "a"}


def test_a_shard_damaged_inside_is_an_error_not_a_traceback(corpus: Corpus) -> None:
    (shard,) = corpus.files("samples")
    data = bytearray(shard.read_bytes())
    data[4:400] = b"\xff" * 396
    shard.write_bytes(data)
    with pytest.raises((UsageError, CorpusError)):
        run_query(corpus, "SELECT sample_id, completion, problem_id FROM samples", "json")
