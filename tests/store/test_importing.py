from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from store.corpus import Corpus
from store.errors import UsageError
from store.ids import problem_id
from store.importing import import_problems


def jsonl(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_plain_jsonl_becomes_problems(tmp_path: Path) -> None:
    file = jsonl(
        tmp_path / "a.jsonl",
        {"statement": "theorem a : 1 = 1 := by\n"},
        {"name": "x", "header": "import Mathlib\n", "statement": "/-- a theorem about -/\nlemma b.c (n : ℕ) :\n  n = n :=", "split": "valid", "informal": "/-- n\u2028is n -/"},
    )  # fmt: skip
    summary = import_problems(tmp_path / "corpus", [file], split="test")
    assert (summary.num_rows, summary.num_distinct, summary.num_new) == (2, 2, 2)
    first, second = sorted(Corpus.open(tmp_path / "corpus").problems(), key=lambda problem: problem.name)
    assert (first.name, first.header, first.statement, first.split) == ("a", "", "theorem a : 1 = 1 := by", "test")
    assert first.problem_id == problem_id("", "theorem a : 1 = 1 := by")
    assert (second.name, second.header, second.split) == ("b.c", "import Mathlib", "valid")
    assert (second.informal, second.source) == ("n\u2028is n", "a.jsonl")


def test_the_columns_of_rewarding_the_unlikely_are_known(tmp_path: Path) -> None:
    row = {
        "theorem_full_name": "t", "theorem_statement": "theorem t : True := by\n", "informal_statement": "/-- yes -/\n",
        "src_context": "import MiniF2F.Minif2fImport\n  open Real\n", "split": "valid",
        "prompt": [{"content": "", "role": "user"}],
    }  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "a.parquet")
    import_problems(tmp_path / "corpus", [tmp_path / "a.parquet"])
    (found,) = Corpus.open(tmp_path / "corpus").problems()
    assert (found.name, found.statement, found.informal) == ("t", "theorem t : True := by", "yes")
    assert (found.header, found.split) == ("import MiniF2F.Minif2fImport\n  open Real", "valid")


def test_duplicates_are_merged_and_counted(tmp_path: Path) -> None:
    rows = [{"statement": f"theorem t{index} : True := by"} for index in (0, 1, 1, 2, 0)]
    file = jsonl(tmp_path / "a.jsonl", *rows)
    summary = import_problems(tmp_path / "corpus", [file])
    assert summary.as_text() == "5 rows: 3 new problems, 0 were there, 2 duplicates"
    again = import_problems(
        tmp_path / "corpus", [file, jsonl(tmp_path / "b.jsonl", {"statement": "theorem n : True := by"})]
    )
    assert again.as_text() == "6 rows: 1 new problems, 3 were there, 2 duplicates"
    assert len(Corpus.open(tmp_path / "corpus").problems()) == 4


GOOD = {"statement": "theorem t : True := by"}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"name": "x"}, "no statement"),
        ({"statement": "  "}, "no statement"),
        ({"statement": None}, "no statement"),
        ({"statement": 3}, "column statement is no text"),
        ({"statement": "theorem t : True"}, "does not end in `:= by`"),
        ({"statement": "-- theorem t\n:= by"}, "declares no `theorem NAME`"),
        ({"statement": "theorem t : True := by", "header": "\ud800"}, "column header is no valid Unicode"),
        ([], "a JSON object was expected"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(bad: Any, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in (GOOD, bad, GOOD)))
    with pytest.raises(UsageError, match=said) as caught:
        import_problems(tmp_path / "corpus", [tmp_path / "a.jsonl"])
    assert str(caught.value).startswith(f"{tmp_path / 'a.jsonl'}, row 2: ")
    assert not (tmp_path / "corpus").exists()


def test_a_bad_second_file_leaves_the_first_unwritten(tmp_path: Path) -> None:
    good, bad = jsonl(tmp_path / "a.jsonl", GOOD), tmp_path / "b.jsonl"
    bad.write_text('{"statement": ')
    with pytest.raises(UsageError, match=r"b\.jsonl, row 1: not JSON"):
        import_problems(tmp_path / "corpus", [good, bad])
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.parquet", b"no", "not a Parquet file"),
        ("a.jsonl", b"\xff\xfe", "neither Parquet"),
        ("a.jsonl", b"\n\n", "no rows"),
    ],
)
def test_a_file_that_is_none_is_refused(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=said):
        import_problems(tmp_path / "corpus", [tmp_path / name])
    with pytest.raises(UsageError, match="no such file"):
        import_problems(tmp_path / "corpus", [tmp_path / "missing.jsonl"])


@pytest.mark.skipif("REMAINS_TEST_DATA" not in os.environ, reason="REMAINS_TEST_DATA names no folder of problem sets")
def test_published_problem_sets_can_be_imported(tmp_path: Path) -> None:
    files = sorted(Path(os.environ["REMAINS_TEST_DATA"]).glob("*.parquet"))
    summary = import_problems(tmp_path / "corpus", files)
    assert summary.num_rows == sum(pq.read_metadata(file).num_rows for file in files)
    assert len(Corpus.open(tmp_path / "corpus").problems()) == summary.num_distinct == summary.num_new > 0
