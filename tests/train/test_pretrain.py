"""A base policy from scratch: it learns, it is repeatable, and bad pairs are named."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from store.corpus import Corpus
from store.errors import UsageError
from store.ids import policy_id
from train.pretrain import PretrainConfig, PretrainSummary, epochs, pretrain, rate, read_pairs, split_by_prompt
from train.rows import Tokens

PAIRS = [{"prompt": f"copy {a} {b} :=", "completion": f" {a} {b}"} for a, b in itertools.product("abcdefgh", repeat=2)]
SMALL = PretrainConfig(
    pairs=PAIRS, out=Path(), steps=150, batch_tokens=300, learning_rate=1e-2, width=32, layers=2, heads=2, context=32
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> PretrainSummary:
    return pretrain(replace(SMALL, out=tmp_path_factory.mktemp("base") / "policy"))


def test_the_loss_falls_below_that_of_a_uniform_guess(trained: PretrainSummary) -> None:
    # Three tokens follow a prompt; who only knows which kinds of word come where pays 2/3 · log 8 = 1.39 nats a token.
    assert trained.held_out_loss is not None
    assert trained.held_out_loss < 1.39


def test_the_policy_is_an_ordinary_folder(trained: PretrainSummary) -> None:
    model, tokenizer = AutoModelForCausalLM.from_pretrained(trained.path), AutoTokenizer.from_pretrained(trained.path)
    prompt = tokenizer("copy a b :=", return_tensors="pt")
    text = tokenizer.decode(model.generate(prompt["input_ids"], max_new_tokens=5, do_sample=False)[0])
    assert text.startswith("copy a b :=")
    assert trained.policy_id == policy_id(trained.path)
    assert model.num_parameters() == trained.parameters


def test_the_same_seed_gives_the_same_weights(trained: PretrainSummary, tmp_path: Path) -> None:
    assert pretrain(replace(SMALL, out=tmp_path / "again")).policy_id == trained.policy_id
    other = pretrain(replace(SMALL, out=tmp_path / "other", seed=1, steps=2))
    assert other.policy_id != trained.policy_id


def test_a_finished_policy_is_left_as_it_is(trained: PretrainSummary) -> None:
    before = (trained.path / "model.safetensors").stat().st_mtime_ns
    again = pretrain(replace(SMALL, out=trained.path))
    assert (trained.path / "model.safetensors").stat().st_mtime_ns == before
    assert again.policy_id == trained.policy_id
    assert "already" in again.as_text()
    assert (again.train_loss, again.held_out_loss) == (trained.train_loss, trained.held_out_loss)


def test_a_policy_from_other_settings_is_not_mistaken_for_this_one(trained: PretrainSummary) -> None:
    with pytest.raises(UsageError, match="another policy stands there"):
        pretrain(replace(SMALL, out=trained.path, seed=5))
    with pytest.raises(UsageError, match="another policy stands there"):
        pretrain(replace(SMALL, out=trained.path, pairs=PAIRS[1:]))


def test_few_pairs_are_enough(tmp_path: Path) -> None:
    summary = pretrain(replace(SMALL, out=tmp_path / "few", pairs=PAIRS[:3], steps=2))
    assert summary.held_out_loss is None
    assert "held out" not in summary.as_text()


def test_the_policy_is_registered_without_a_parent(tmp_path: Path) -> None:
    Corpus.open(tmp_path / "corpus", create=True)
    summary = pretrain(replace(SMALL, out=tmp_path / "base", corpus=tmp_path / "corpus", steps=2))
    pretrain(replace(SMALL, out=tmp_path / "base", corpus=tmp_path / "corpus", steps=2))
    rows = [
        row for file in Corpus.open(tmp_path / "corpus").files("policies") for row in pq.read_table(file).to_pylist()
    ]
    assert [(row["policy_id"], row["parent_policy_id"]) for row in rows] == [(summary.policy_id, None)]


def test_the_time_limit_ends_the_run_early(tmp_path: Path) -> None:
    summary = pretrain(replace(SMALL, out=tmp_path / "short", steps=10**6, seconds=1.0))
    assert 0 < summary.steps < 10**5


def test_an_epoch_holds_every_row_once() -> None:
    rows = [Tokens((1,) * (1 + index % 7), (index,)) for index in range(50)]
    stream = epochs(rows, batch_tokens=30, seed=0, max_row=20)
    for _ in range(2):
        seen: Counter[int] = Counter()
        while sum(seen.values()) < len(rows):
            seen.update(row.completion[0] for group in next(stream) for row in group)
        assert seen == Counter(range(50))


def test_no_prompt_is_both_learnt_and_held_out() -> None:
    rows = [Tokens((index % 9,), (index,)) for index in range(50)]
    learnt, held_out = split_by_prompt(rows, 13)
    assert {row.prompt for row in learnt}.isdisjoint(row.prompt for row in held_out)
    assert 0 < len(held_out) <= 13
    assert len(learnt) + len(held_out) == len(rows)


def test_the_learning_rate_rises_and_falls() -> None:
    assert rate(0.05, 0.1) == pytest.approx(0.5)
    assert rate(0.1, 0.1) == pytest.approx(1)
    assert rate(0.55, 0.1) == pytest.approx(0.505)
    assert rate(1, 0.1) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"prompt": "a", "completion": "b"}\n{"prompt": "a"}\n', "line 2: no record"),
        ('{"prompt": "", "completion": "b"}\n', "line 1: .*not empty"),
        ('{"prompt": "a", "completion": 3}\n', "line 1: .*texts"),
        ("{\n", "line 1: no JSON"),
        ("", "nothing to learn from"),
    ],
)
def test_bad_pairs_are_named(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_pairs(file)


def test_pairs_are_read_with_line_separators_inside_their_texts(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(json.dumps({"prompt": "a\u2028b", "completion": ""}, ensure_ascii=False) + "\n", encoding="utf-8")
    assert read_pairs(file) == [("a\u2028b", "")]


def test_a_pair_longer_than_the_context_is_refused(tmp_path: Path) -> None:
    pairs = [*PAIRS, {"prompt": "copy :=", "completion": " a" * 40}]
    with pytest.raises(UsageError, match=r"pair 65 has 43 tokens, more than the context of 32"):
        pretrain(replace(SMALL, pairs=pairs, out=tmp_path / "long"))
