"""`generate` cut short, and asked for other samples: nothing twice, nothing lost."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from gen.run import GenConfig, generate
from gen.transformers_engine import BatchConfig, TransformersEngine
from store.corpus import Corpus
from store.errors import RemainsError, UsageError

STATEMENTS = tuple(f"{first} {second} a" for first in "abcdefgh" for second in "abcd")
Rows = list[tuple[str, str, int, list[int], float]]


def config(corpus: Corpus, word_model: Path, **changes: object) -> GenConfig:
    return replace(GenConfig(corpus.root, word_model, n=4, max_new_tokens=8, shard_size=16), **changes)  # type: ignore[arg-type]


def rows(corpus: Corpus) -> Rows:
    """Straight from the files: a sample in two files would show twice."""
    with corpus.connect() as connection:
        return connection.execute(
            "SELECT sample_id, problem_id, sample_index, token_ids, logprob_policy "
            "FROM read_parquet($files) ORDER BY problem_id, sample_index, sample_id",
            {"files": [str(path) for path in corpus.files("samples")]},
        ).fetchall()


def test_problems_added_later_are_sampled_alone(make_corpus, word_model: Path) -> None:
    corpus = make_corpus(*STATEMENTS[:5])
    generate(config(corpus, word_model))
    make_corpus(*STATEMENTS[:9])
    assert generate(config(corpus, word_model)).num_samples == 16


def test_another_seed_or_temperature_is_another_set_of_samples(make_corpus, word_model: Path) -> None:
    corpus = make_corpus("a b")
    for changes in ({}, {"seed": 1}, {"temperature": 0.5}):
        assert generate(config(corpus, word_model, **changes)).num_samples == 4
    assert len({row[0] for row in rows(corpus)}) == 12


def test_only_the_named_problems_are_sampled(make_corpus, word_model: Path) -> None:
    corpus = make_corpus("a b", "c d")
    one = corpus.problems()[0].problem_id
    generate(config(corpus, word_model, problem_ids=(one,)))
    assert {row[1] for row in rows(corpus)} == {one}
    with pytest.raises(UsageError, match="no such problem"):
        generate(config(corpus, word_model, problem_ids=("nobody",)))


@pytest.mark.parametrize("wrong", [{"n": 0}, {"round": -1}, {"shard_size": 0}, {"seed": 2**63}, {"top_p": 2.0}])
def test_values_out_of_range_name_their_flag(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="--" + next(iter(wrong)).replace("_", "-")):
        GenConfig(Path("corpus"), Path("model"), **wrong)  # type: ignore[arg-type]


def test_an_unknown_template_is_refused_before_anything_is_read() -> None:
    with pytest.raises(UsageError, match="--template"):
        GenConfig(Path("corpus"), Path("model"), template="fancy")


def test_ctrl_c_finishes_the_shards_in_flight_and_the_next_run_the_rest(
    make_corpus, word_model: Path, monkeypatch
) -> None:
    corpus, whole = make_corpus(*STATEMENTS), make_corpus(*STATEMENTS, name="whole")
    step, count = TransformersEngine.generate, 0

    def interrupted(engine: TransformersEngine, requests):
        nonlocal count
        for sample in step(engine, requests):
            count += 1
            if count == 5:
                os.kill(os.getpid(), signal.SIGINT)
            yield sample

    monkeypatch.setattr(TransformersEngine, "generate", interrupted)
    few = config(corpus, word_model, batch=BatchConfig(max_sequences=4))
    with pytest.raises(KeyboardInterrupt):
        generate(few)
    done = len(rows(corpus))
    assert 0 < done < len(STATEMENTS) * 4
    assert done % 16 == 0
    monkeypatch.undo()
    assert generate(few).num_existing == done
    generate(replace(few, corpus=whole.root))
    assert [row[:4] for row in rows(corpus)] == [row[:4] for row in rows(whole)]


def test_an_engine_that_fails_midway_leaves_the_finished_shards(make_corpus, word_model: Path, monkeypatch) -> None:
    corpus = make_corpus(*STATEMENTS)
    step = TransformersEngine.generate

    def failing(engine: TransformersEngine, requests):
        for number, sample in enumerate(step(engine, requests)):
            if number == 60:
                raise RemainsError("the machine is on fire")
            yield sample

    monkeypatch.setattr(TransformersEngine, "generate", failing)
    few = config(corpus, word_model, batch=BatchConfig(max_sequences=4))
    with pytest.raises(RemainsError, match="fire"):
        generate(few)
    monkeypatch.undo()
    done = len(rows(corpus))
    assert done > 0
    assert generate(few).num_samples == len(STATEMENTS) * 4 - done
