from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from store.corpus import Corpus
from store.errors import UsageError
from tests.store.building import fill, problem, sample, study, verdict
from train import export as module
from train.export import ExportConfig, export


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return study(tmp_path_factory.mktemp("export") / "corpus", num_problems=8, n=24)[0]


def rows(out: Path) -> list[dict[str, Any]]:
    return [row for file in sorted((out / "data").glob("*.parquet")) for row in pq.read_table(file).to_pylist()]


def expected(corpus: Corpus, split: str) -> dict[str, dict[str, Any]]:
    with corpus.connect() as connection:
        table = connection.sql("SELECT * FROM corpus").to_arrow_table()
    return {row["sample_id"]: row for row in table.to_pylist() if row["split"] == split}


def test_sft_rows_are_the_verified_proofs_each_once(corpus: Corpus, tmp_path: Path) -> None:
    summary = export(ExportConfig(corpus.root, tmp_path / "out"))
    verified = [row for row in expected(corpus, "train").values() if row["verified"]]
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(verified, key=lambda row: (-row["logprob_policy"], row["sample_id"])):
        best.setdefault((row["problem_id"], row["completion"]), row)
    written = rows(tmp_path / "out")
    assert {row["sample_id"] for row in written} == {row["sample_id"] for row in best.values()}
    assert summary.num_rows == len(written) == len(best)
    assert all(row["prompt"] + row["completion"] == row["statement"] + row["completion"] for row in written)


def test_without_dedup_every_verified_sample_stands(corpus: Corpus, tmp_path: Path) -> None:
    export(ExportConfig(corpus.root, tmp_path / "out", dedup=False))
    verified = {key for key, row in expected(corpus, "train").items() if row["verified"]}
    assert Counter(row["sample_id"] for row in rows(tmp_path / "out")) == Counter(verified)


def test_a_limit_per_problem_holds_and_the_seed_draws_who_stays(corpus: Corpus, tmp_path: Path) -> None:
    ids = {}
    for name, seed in (("a", 0), ("again", 0), ("b", 1)):
        export(ExportConfig(corpus.root, tmp_path / name, dedup=False, per_problem=2, seed=seed))
        written = rows(tmp_path / name)
        assert max(Counter(row["problem_id"] for row in written).values()) == 2
        ids[name] = [row["sample_id"] for row in written]
    assert ids["a"] == ids["again"] != ids["b"]


def test_a_pair_is_a_verified_and_a_wrong_sample_of_one_problem_and_no_sample_stands_twice(
    corpus: Corpus, tmp_path: Path
) -> None:
    export(ExportConfig(corpus.root, tmp_path / "out", kind="preference", split="test", dedup=False))
    known = expected(corpus, "test")
    written = rows(tmp_path / "out")
    assert written
    for row in written:
        chosen, rejected = known[row["chosen_id"]], known[row["rejected_id"]]
        assert (chosen["verified"], rejected["verified"]) == (True, False)
        assert chosen["problem_id"] == rejected["problem_id"] == row["problem_id"]
        assert (chosen["completion"], rejected["completion"]) == (row["chosen"], row["rejected"])
        assert rejected["verdict"] == row["rejected_verdict"] != "timeout"
    used = [row[name] for row in written for name in ("chosen_id", "rejected_id")]
    assert len(used) == len(set(used))


def test_where_chooses_and_cannot_bring_back_what_is_not_verified(corpus: Corpus, tmp_path: Path) -> None:
    export(ExportConfig(corpus.root, tmp_path / "out", where="logprob_policy > -4 -- near ones"))
    assert all(row["logprob_policy"] > -4 for row in rows(tmp_path / "out"))
    for index, where in enumerate(("true) OR (true", "nonsense", "true; DROP VIEW corpus", "true) --")):
        with pytest.raises(UsageError, match="SQL"):
            export(ExportConfig(corpus.root, tmp_path / str(index), where=where))
    with pytest.raises(UsageError, match="SQL"):
        export(
            ExportConfig(corpus.root, tmp_path / "x", where="name IN (SELECT content FROM read_text('/etc/passwd'))")
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_nothing_to_export_and_a_folder_in_use_are_refused_and_leave_nothing(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing written"):
        export(ExportConfig(corpus.root, tmp_path / "out", where="false"))
    with pytest.raises(UsageError, match="inside the corpus"):
        export(ExportConfig(corpus.root, corpus.root / "out"))
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not an empty folder"):
        export(ExportConfig(corpus.root, tmp_path / "used"))
    for wrong in ({"kind": "rl"}, {"split": "../x"}, {"per_problem": 0}, {"template": "fancy"}):
        with pytest.raises(UsageError, match=f"--{next(iter(wrong)).replace('_', '-')}"):
            export(ExportConfig(corpus.root, tmp_path / "out", **wrong))
    assert [path.name for path in tmp_path.iterdir()] == ["used"]


def test_samples_of_a_chat_become_messages_and_templates_are_not_mixed(tmp_path: Path) -> None:
    row = problem("a")
    draws = [
        sample(row["problem_id"], "base", 0, template="kimina-prover", completion="```lean4\nx\n```"),
        sample(row["problem_id"], "base", 1),
    ]
    corpus = fill(tmp_path / "corpus", problems=[row], samples=draws, verdicts=[verdict(draw) for draw in draws])
    with pytest.raises(UsageError, match=r"several templates: .*--template"):
        export(ExportConfig(corpus.root, tmp_path / "out"))
    export(ExportConfig(corpus.root, tmp_path / "out", template="kimina-prover"))
    (written,) = rows(tmp_path / "out")
    assert [message["role"] for message in written["prompt"]] == ["system", "user"]
    assert row["statement"] in written["prompt"][1]["content"]
    assert written["completion"] == [{"role": "assistant", "content": "```lean4\nx\n```"}]


def test_row_groups_and_files_stay_small(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 16)
    monkeypatch.setattr(module, "GROUP_BYTES", 1_000)
    monkeypatch.setattr(module, "FILE_BYTES", 3_000)
    summary = export(ExportConfig(corpus.root, tmp_path / "out", dedup=False))
    files = sorted((tmp_path / "out" / "data").glob("*.parquet"))
    assert len(files) == len(summary.files) > 1
    metas = [pq.read_metadata(file) for file in files]
    assert sum(meta.num_rows for meta in metas) == summary.num_rows
    assert max(meta.num_row_groups for meta in metas) > 1


def test_the_library_loads_it_by_the_card(corpus: Corpus, tmp_path: Path) -> None:
    for kind in ("sft", "preference"):
        summary = export(ExportConfig(corpus.root, tmp_path / kind, kind=kind, where="name <> '`|\"'"))
        card = (tmp_path / kind / "README.md").read_text(encoding="utf-8")
        head = yaml.safe_load(card.split("---\n")[1])
        assert head["configs"][0]["data_files"] == [{"split": "train", "path": "data/train-*.parquet"}]
        code = "import datasets, sys; print(len(datasets.load_dataset(sys.argv[1], split='train')))"
        env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / kind)], env=env, capture_output=True, text=True, timeout=100,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert int(done.stdout) == summary.num_rows > 0
