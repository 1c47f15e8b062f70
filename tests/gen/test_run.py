"""`cli gen` on a corpus: resumed, enlarged, killed, refused."""

from __future__ import annotations

import json
import random
import shutil
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from gen.batch import BatchConfig
from gen.models import open_folder
from gen.run import GenConfig, generate
from gen.template import find_template, template_hash
from store.corpus import Corpus, provenance_of
from store.errors import RemainsError, UsageError
from store.ids import config_hash, problem_id, sample_id
from tests.commands import run, start
from tests.gen.models import STATEMENTS, save_corpus, save_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"))


def rows(corpus: Path) -> list[tuple[object, ...]]:
    with Corpus.open(corpus).connect() as connection:
        return connection.execute(
            "SELECT sample_id, completion, token_ids, finish_reason FROM samples ORDER BY ALL"
        ).fetchall()


def config(corpus: Path, model: Path, **changed: object) -> GenConfig:
    return GenConfig(**{"corpus": corpus, "model": model, "n": 8, "max_new_tokens": 8, "shard_size": 8} | changed)


def test_the_same_command_twice_does_nothing_the_second_time(tmp_path: Path, model: Path) -> None:
    corpus = save_corpus(tmp_path / "corpus")
    first = generate(config(corpus, model))
    before = rows(corpus)
    second = generate(config(corpus, model))
    assert (first.num_samples, second.num_samples, second.num_existing) == (24, 0, 24)
    assert rows(corpus) == before


def test_a_larger_n_adds_only_what_is_missing(tmp_path: Path, model: Path) -> None:
    grown, whole = save_corpus(tmp_path / "grown"), save_corpus(tmp_path / "whole")
    generate(config(grown, model, n=3))
    assert generate(config(grown, model, n=8)).num_samples == 15
    generate(config(whole, model, n=8))
    assert rows(grown) == rows(whole)


def test_a_lost_shard_is_drawn_again_as_it_was(tmp_path: Path, model: Path) -> None:
    corpus = save_corpus(tmp_path / "corpus")
    generate(config(corpus, model))
    before = rows(corpus)
    next(iter(corpus.glob("samples/*/*/*.parquet"))).unlink()
    generate(config(corpus, model))
    assert rows(corpus) == before


def test_the_policy_and_the_run_are_on_record(tmp_path: Path, model: Path) -> None:
    corpus = save_corpus(tmp_path / "corpus")
    summary = generate(config(corpus, model, seed=5))
    with Corpus.open(corpus).connect() as connection:
        assert connection.execute("SELECT policy_id FROM policies").fetchall() == [(summary.policy_id,)]
    record = json.loads(next(iter((corpus / "runs").glob("*-gen-*.json"))).read_text())
    assert record["config"]["seed"] == 5
    assert record["engine"]["name"] == "transformers"


def test_every_sample_says_which_template_it_was_drawn_with(tmp_path: Path, model: Path) -> None:
    corpus = save_corpus(tmp_path / "corpus")
    file = tmp_path / "mine.j2"
    file.write_text("{# extract: next-line #}\n{{ statement }}{{ '\\n' }}\n")
    for template in ("plain", str(file)):
        generate(config(corpus, model, template=template))
    with Corpus.open(corpus).connect() as connection:
        found = connection.execute("SELECT template, count(*) FROM samples GROUP BY ALL ORDER BY 1 DESC").fetchall()
        mixed = connection.execute("SELECT count(DISTINCT sample_id) FROM corpus").fetchone()
    hashed = template_hash(find_template(str(file)))
    assert found == [("plain", 24), (f"next-line@{hashed}", 24)]
    assert mixed == (48,)
    records = [json.loads(path.read_text()) for path in (corpus / "runs").glob("*-gen-*.json")]
    assert {record["template"]["text"] for record in records} > {"{{ statement }}{{ '\\n' }}"}


def test_the_ids_of_plain_samples_are_those_of_a_corpus_without_templates(tmp_path: Path, model: Path) -> None:
    corpus = save_corpus(tmp_path / "corpus")
    policy = generate(config(corpus, model, n=1)).policy_id
    sampling = config_hash(
        {"temperature": 1.0, "top_p": 1.0, "top_k": 0, "max_new_tokens": 8, "template": "6a868822e72c6908"}
    )
    expected = {sample_id(problem_id("", statement), policy, sampling, 0, 0) for statement in STATEMENTS}
    assert {row[0] for row in rows(corpus)} == expected


def test_a_chat_without_a_chat_template_is_wrong_use_and_writes_nothing(tmp_path: Path, model: Path) -> None:
    corpus = save_corpus(tmp_path / "corpus")
    with pytest.raises(UsageError, match="has no chat template"):
        generate(config(corpus, model, template="chat"))
    assert rows(corpus) == []


def test_a_prompt_longer_than_the_context_is_refused_by_name_and_the_others_go_on(tmp_path: Path) -> None:
    short = save_model(tmp_path / "model", context=32)
    long = "theorem long (p : Prop) " + "(h : p) " * 20 + ": p := by"
    corpus = save_corpus(tmp_path / "corpus", [STATEMENTS[0], long])
    summary = generate(config(corpus, short))
    assert len(summary.refused) == 1
    assert "context" in summary.refused[0]
    assert len(rows(corpus)) == 8


def test_a_model_that_gives_nan_is_an_error_and_writes_nothing(tmp_path: Path, model: Path) -> None:
    broken = Path(shutil.copytree(model, tmp_path / "model"))
    weights = load_file(broken / "model.safetensors")
    weights["model.norm.weight"] = torch.full_like(weights["model.norm.weight"], torch.nan)
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    corpus = save_corpus(tmp_path / "corpus")
    with pytest.raises(RemainsError):
        generate(config(corpus, broken))
    assert rows(corpus) == []


@pytest.mark.parametrize("lost", ["config.json", "tokenizer", "model.safetensors", ""])
def test_a_folder_that_is_no_model_is_wrong_use(tmp_path: Path, model: Path, lost: str) -> None:
    folder = Path(shutil.copytree(model, tmp_path / "model"))
    for file in folder.iterdir():
        if file.name.startswith(lost):
            file.unlink()
    with pytest.raises(UsageError, match="--model"):
        generate(config(save_corpus(tmp_path / "corpus"), folder))


def test_a_split_without_problems_is_wrong_use(tmp_path: Path, model: Path) -> None:
    with pytest.raises(UsageError, match="split"):
        generate(config(save_corpus(tmp_path / "corpus"), model, split="nowhere"))


@pytest.mark.slow
def test_killed_ten_times_every_sample_stands_once_and_is_the_same(tmp_path: Path, model: Path) -> None:
    killed, whole = save_corpus(tmp_path / "killed"), save_corpus(tmp_path / "whole")
    command = ("gen", "--model", model, "--corpus", killed, "--n", 200, "--max-new-tokens", 16)
    moments = random.Random(0)
    begin = time.monotonic()
    assert run(*command, "--seed", 9).returncode == 0
    usual = time.monotonic() - begin
    for _ in range(10):
        process = start(*command)
        time.sleep(usual * moments.uniform(0.1, 1.0))
        process.kill()
        process.join()
    assert run(*command).returncode == 0
    for seed in (0, 9):
        generate(GenConfig(corpus=whole, model=model, n=200, max_new_tokens=16, seed=seed))
    found = rows(killed)
    assert len(found) == len({row[0] for row in found}) == 2 * 200 * len(STATEMENTS)
    assert found == rows(whole)


def test_token_statistics_are_those_of_the_distribution_at_each_token(tmp_path: Path, model: Path) -> None:
    """Few rows, so that sequences also give up their rows and are taken up again."""
    corpus = Corpus.open(save_corpus(tmp_path / "corpus"))
    generate(config(corpus.root, model, batch=BatchConfig(max_sequences=5, token_stats=True)))
    plain = AutoModelForCausalLM.from_pretrained(model).double().eval()
    tokenizer = open_folder(model).tokenizer
    with corpus.connect() as connection:
        query = "FROM token_stats JOIN samples USING (sample_id, policy_id) JOIN problems USING (problem_id)"
        found = connection.sql(query).to_arrow_table().to_pylist()
    assert len(found) == 24
    for row in found:
        prompt = tokenizer(row["statement"], add_special_tokens=False)["input_ids"]
        with torch.no_grad():
            logits = plain(torch.tensor([prompt + row["token_ids"]])).logits[0, len(prompt) - 1 : -1]
        assert row["entropy"] == pytest.approx(
            torch.distributions.Categorical(logits=logits).entropy().tolist(), abs=1e-4
        )
        assert row["logsumexp"] == pytest.approx(logits.logsumexp(-1).tolist(), abs=1e-4)
        assert row["mean_logit"] == pytest.approx(logits.mean(-1).tolist(), abs=1e-4)


def test_a_shard_says_where_it_comes_from(tmp_path: Path, model: Path) -> None:
    corpus = Corpus.open(save_corpus(tmp_path / "corpus"))
    summary = generate(config(corpus.root, model, temperature=0.5))
    found = provenance_of(corpus.files("samples")[0])
    assert found["policy_id"] == summary.policy_id
    assert found["sampling"]["temperature"] == 0.5
    assert found["engine"]["dtype"] == "float32"
    assert {"model", "template_hash", "seed", "hardware", "engine"} <= found.keys()
