"""What commands wrote of themselves, asked in SQL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

import store
from store.corpus import Corpus
from store.database import init_script
from tests.store.building import fill, problem

TRAINED = {"policy_id": "new", "parent_policy_id": "base", "objective": "rloo"}
STEPS = [{"step": 1, "loss": 2.0, "tokens": 10, "odd": 7.0}, {"step": 2, "loss": None, "tokens": 20}]
INTERVAL = {"estimate": 0.5, "low": 0.25, "high": 0.75}


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return fill(tmp_path / "it's here", problems=[problem("a")])


def ask(corpus: Corpus, query: str) -> list[tuple[Any, ...]]:
    with store.open(corpus.root) as connection:
        return connection.execute(query).fetchall()


def test_every_step_of_a_finished_training_is_a_row(corpus: Corpus) -> None:
    corpus.write_run("train", {"result": TRAINED, "steps": STEPS})
    corpus.write_run("train", {"result": TRAINED})  # of an earlier version: without its steps
    found = ask(corpus, "SELECT policy_id, parent_policy_id, objective, step, loss, tokens, metrics['odd'] FROM steps")
    assert sorted(found) == [("new", "base", "rloo", 1, 2.0, 10, 7.0), ("new", "base", "rloo", 2, None, 20, None)]


def test_a_training_that_was_recorded_twice_counts_once(corpus: Corpus) -> None:
    """Killed between its record and its summary, it ends again."""
    for seconds in (1.0, 2.0):
        corpus.write_run("train", {"result": TRAINED | {"seconds": seconds}, "steps": STEPS})
    assert ask(corpus, "SELECT count(*) FROM steps") == [(2,)]


def test_rounds_of_loops_have_their_counts_and_times(corpus: Corpus) -> None:
    record = {
        "config": {"out": "loops/a"}, "round": 1, "policy_id": "base", "trained": "new", "problems": ["x", "y"],
        "num_samples": 8, "num_verified": 3, "num_solved": 1, "learnt_from": [0, 1], "ess": 0.5, "gap": None,
        "stages": [
            {"stage": "gen", "round": 1, "start": 10.0, "end": 12.0}, {"stage": "gen", "round": 1, "start": 20.0, "end": 21.0},
            {"stage": "train", "round": 1, "start": 12.0, "end": 12.5},
        ],
    }  # fmt: skip
    corpus.write_run("loop", record)
    corpus.write_run("gen", {"config": {"out": "no round"}})
    columns = (
        "loop, round, policy_id, trained, n_problems, n_samples, n_verified, n_solved, learnt_from, ess, gap, seconds"
    )
    assert ask(corpus, f"SELECT {columns} FROM rounds") == [
        ("loops/a", 1, "base", "new", 2, 8, 3, 1, [0, 1], 0.5, None, {"gen": 3.0, "train": 0.5})
    ]


def test_evaluations_have_every_k(corpus: Corpus) -> None:
    record = {
        "policy_id": "new", "problems": "split test", "n": 2, "n_problems": 4, "n_missing": 0, "n_solved": 3,
        "pass_at": [INTERVAL, {**INTERVAL, "estimate": 0.6}], "distinct": INTERVAL, "entropy": None,
        "gini_simpson": None, "perplexity": None, "cut_share": 0.0,
    }  # fmt: skip
    corpus.write_run("eval", record)
    query = 'SELECT policy_id, n, n_solved, pass_at[2].estimate, "distinct".low, entropy FROM evaluations'
    assert ask(corpus, query) == [("new", 2, 3, 0.6, 0.25, None)]


def test_a_record_of_any_kind_can_be_asked(corpus: Corpus) -> None:
    file = corpus.write_run("gen", {"config": {"n": 3}})
    found = ask(corpus, "SELECT name, kind, record->>'$.config.n' FROM runs")
    assert found == [(str(file).rsplit("/", 1)[1].removesuffix(".json"), "gen", "3")]


def test_without_a_record_the_views_are_empty(corpus: Corpus) -> None:
    for view in ("runs", "steps", "rounds", "evaluations"):
        assert ask(corpus, f"SELECT count(*) FROM {view}") == [(0,)]


def test_the_plain_client_has_them_too(corpus: Corpus) -> None:
    corpus.write_run("train", {"result": TRAINED, "steps": STEPS})
    with duckdb.connect() as connection:
        connection.execute(init_script(corpus.root))
        assert connection.execute("SELECT count(*) FROM steps").fetchall() == [(2,)]


def test_numbers_that_json_does_not_know_are_none(tmp_path: Path) -> None:
    from train.tracking import METRICS, read_steps

    (tmp_path / METRICS).write_text(json.dumps({"step": 1, "gap": float("nan"), "loss": 0.5}) + "\n")
    assert read_steps(tmp_path) == [{"step": 1, "gap": None, "loss": 0.5}]
