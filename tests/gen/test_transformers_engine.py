"""The batched engine against one unbatched forward pass in float64."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from gen.engine import Request, Sample
from gen.models import open_folder
from gen.sampling import SamplingConfig, truncate
from gen.transformers_engine import BatchConfig, TransformersEngine
from tests.gen.models import STATEMENTS, save_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"))


def requests(n: int, seed: int = 0) -> list[Request]:
    return [Request(f"problem-{i}", statement, seed, tuple(range(n))) for i, statement in enumerate(STATEMENTS)]


def sample(model: Path, config: SamplingConfig, n: int, rows: int = 1024) -> dict[tuple[str, int], Sample]:
    engine = TransformersEngine(open_folder(model), config, BatchConfig(max_sequences=rows, device="cpu"))
    found = list(engine.generate(requests(n)))
    assert len(found) == len({(one.problem_id, one.index) for one in found}) == n * len(STATEMENTS)
    return {(one.problem_id, one.index): one for one in found}


@pytest.mark.parametrize(
    "config",
    [
        SamplingConfig(max_new_tokens=12),
        SamplingConfig(temperature=0.6, max_new_tokens=12),
        SamplingConfig(top_k=5, top_p=0.9, max_new_tokens=12),
    ],
)
def test_log_probabilities_are_those_of_a_plain_forward_pass(model: Path, config: SamplingConfig) -> None:
    plain = AutoModelForCausalLM.from_pretrained(model).double().eval()
    tokenizer = open_folder(model).tokenizer
    for (problem, _), one in sample(model, config, 4, rows=5).items():
        prompt = tokenizer(STATEMENTS[int(problem[-1])], add_special_tokens=False)["input_ids"]
        with torch.no_grad():
            logits = plain(torch.tensor([prompt + one.token_ids])).logits[0, len(prompt) - 1 : -1]
        at = torch.arange(len(one.token_ids)), torch.tensor(one.token_ids)
        torch.testing.assert_close(
            torch.tensor(one.token_logprobs).double(), logits.log_softmax(-1)[at], atol=2e-4, rtol=0
        )
        assert one.logprob_policy == pytest.approx(logits.log_softmax(-1)[at].sum().item(), abs=1e-3)
        assert one.logprob_sampler == pytest.approx(truncate(logits, config).log_softmax(-1)[at].sum().item(), abs=1e-3)
        assert one.prompt_tokens == len(prompt)


def test_the_size_of_the_batch_changes_no_sample(model: Path) -> None:
    config = SamplingConfig(max_new_tokens=16)
    large, small, single = (sample(model, config, 6, rows) for rows in (1024, 4, 1))
    for key, one in large.items():
        assert one.token_ids == small[key].token_ids == single[key].token_ids


def test_a_sample_stops_at_its_end_token_or_is_cut(model: Path) -> None:
    end = open_folder(model).end_tokens
    found = sample(model, SamplingConfig(max_new_tokens=8), 30).values()
    assert {one.finish_reason for one in found} == {"stop", "length"}
    for one in found:
        assert not end.intersection(one.token_ids[:-1])
        assert (one.token_ids[-1] in end) == (one.finish_reason == "stop")
        assert len(one.token_ids) <= 8
        assert one.finish_reason == "stop" or len(one.token_ids) == 8


def test_whole_completions_come_up_as_often_as_their_probability_says(model: Path) -> None:
    """The most frequent completions: their share of 3,000 draws against exp(log π), within five standard errors."""
    config = SamplingConfig(max_new_tokens=3)
    engine = TransformersEngine(open_folder(model), config, BatchConfig(device="cpu"))
    draws = list(engine.generate([Request("x", STATEMENTS[0], 0, tuple(range(3000)))]))
    counts: dict[tuple[int, ...], int] = {}
    chance: dict[tuple[int, ...], float] = {}
    for one in draws:
        key = tuple(one.token_ids)
        counts[key] = counts.get(key, 0) + 1
        chance[key] = torch.tensor(one.logprob_policy).exp().item()
    for key in sorted(counts, key=lambda key: -counts[key])[:5]:
        error = (chance[key] * (1 - chance[key]) / 3000) ** 0.5
        assert abs(counts[key] / 3000 - chance[key]) < 5 * error + 1e-6


def test_a_llama_reads_its_prompts_once_for_all_samples(model: Path) -> None:
    """The probabilities are checked above; with 5 rows for 12 draws prompts also come, go and move there."""
    engine = TransformersEngine(open_folder(model), SamplingConfig(max_new_tokens=4), BatchConfig(device="cpu"))
    assert engine.shares_prompts


def test_a_completion_ends_with_the_token_that_completes_a_stop_string(model: Path) -> None:
    """What is drawn does not depend on the stop string: up to it the samples are those drawn without one."""
    config, stop = SamplingConfig(max_new_tokens=12), ("h.", "exact", "q")
    free = sample(model, config, 30, rows=7)
    engine = TransformersEngine(open_folder(model), config, BatchConfig(max_sequences=7, device="cpu"), stop)
    stopped = {(one.problem_id, one.index): one for one in engine.generate(requests(30))}
    cut = 0
    for key, one in stopped.items():
        whole = free[key]
        assert whole.token_ids[: len(one.token_ids)] == one.token_ids
        if len(one.token_ids) < len(whole.token_ids):
            cut += 1
            assert one.finish_reason == "stop"
            assert any(text in one.completion for text in stop)
            shorter = engine.decoder.text(one.token_ids[:-1])
            assert not any(text in shorter for text in stop)
        else:
            assert not any(text in engine.decoder.text(one.token_ids[:-1]) for text in stop)
    assert 5 < cut < len(stopped)
