"""A training set that is larger than the memory given to reading it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from store.corpus import Corpus
from store.schema import SAMPLES
from tests.store.building import fill, problem, sample, verdict
from train import selection

NUM_SHARDS, A_SHARD, NUM_TOKENS = 15, 1500, 800
"""A sample is 6 kB: a text of twice as many letters as it has tokens, and four bytes a token."""
MEMORY = "112MB"
"""With one thread: what DuckDB needs at the least grows with their number."""


def large(root: Path) -> Corpus:
    """Fifteen problems, 1,500 samples of each, all verified, a few by two checkers; 135 MB in all."""
    problems = [problem(f"t{number}") for number in range(NUM_SHARDS)]
    corpus = fill(root, problems=problems)
    for number, row in enumerate(problems):
        random = np.random.default_rng(number)
        draws = [
            sample(row["problem_id"], "base", index, completion=random.bytes(NUM_TOKENS).hex())
            for index in range(A_SHARD)
        ]
        tokens = random.integers(0, 2**31 - 1, A_SHARD * NUM_TOKENS, dtype=np.int32)
        offsets = pa.array(np.arange(0, len(tokens) + 1, NUM_TOKENS, dtype=np.int32))
        table = pa.Table.from_pylist(draws, SAMPLES)
        place = table.schema.get_field_index("token_ids")
        table = table.set_column(place, SAMPLES.field("token_ids"), pa.ListArray.from_arrays(offsets, pa.array(tokens)))
        corpus.append_samples(table, round=0, policy_id="base", shard=f"s-{number}")
        fill(root, verdicts=[verdict(draw) for draw in draws])
        fill(root, verdicts=[verdict(draw, checker_id="second") for draw in draws[:5]])
    return corpus


def one_thread(connect: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def connected(*arguments: Any) -> Iterator[Any]:
        with connect(*arguments) as connection:
            connection.execute("SET threads = 1")
            yield connection

    return connected


def test_reading_a_training_set_takes_no_more_memory_than_is_given_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = large(tmp_path)
    monkeypatch.setattr(selection, "MEMORY", MEMORY)
    monkeypatch.setattr(Corpus, "connect", one_thread(Corpus.connect))
    monkeypatch.setattr(selection, "ROWS_SORTED_AT_ONCE", 2 * A_SHARD)
    asked = selection.Selection(where="log_base < 0 AND log_ratio IS NOT NULL")
    found = [(row["problem_id"], row["sample_id"]) for row in selection.rows(corpus, asked, "base")]
    with corpus.connect() as connection:
        assert found == connection.execute("SELECT problem_id, sample_id FROM samples ORDER BY ALL").fetchall()
    assert len(found) == NUM_SHARDS * A_SHARD
