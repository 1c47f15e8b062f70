"""The batched engine against one sequence at a time in float64."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from scipy.stats import chisquare
from transformers import GPT2Config, LlamaForCausalLM, MistralConfig

from gen.engine import Request, Sample
from gen.models import open_folder
from gen.prompts import encode_prompt
from gen.sampling import SamplingConfig
from gen.transformers_engine import BatchConfig, TransformersEngine
from store.errors import UsageError
from tests.gen.conftest import END, llama, write_model
from tests.gen.reference import Reference, distribution

PROMPTS = ("a", "b c d e f g h a b c", "d d d", "h g f e d c b a a b b c c", "e f")

SAMPLERS = {
    "plain": SamplingConfig(max_new_tokens=12),
    "cold": SamplingConfig(temperature=0.6, max_new_tokens=12),
    "hot": SamplingConfig(temperature=1.7, max_new_tokens=12),
    "top-k": SamplingConfig(top_k=3, max_new_tokens=12),
    "top-p": SamplingConfig(top_p=0.7, max_new_tokens=12),
    "all": SamplingConfig(temperature=1.4, top_k=5, top_p=0.8, max_new_tokens=12),
    "greedy": SamplingConfig(temperature=0.0, max_new_tokens=12),
}


def requests(n: int, prompts: tuple[str, ...] = PROMPTS, seed: int = 0) -> Iterator[Request]:
    for number, prompt in enumerate(prompts):
        yield Request(f"problem {number}", prompt, seed, tuple(range(n)))


def sampled(path: Path, config: SamplingConfig, n: int = 6, batch: BatchConfig | None = None) -> list[Sample]:
    engine = TransformersEngine(open_folder(path), config, batch or BatchConfig(max_sequences=7))
    found = list(engine.generate(requests(n)))
    return sorted(found, key=lambda sample: (sample.problem_id, sample.index))


def check_log_probs(path: Path, config: SamplingConfig) -> None:
    reference, tokenizer = Reference(path), open_folder(path).tokenizer
    prompts = {f"problem {number}": prompt for number, prompt in enumerate(PROMPTS)}
    for sample in sampled(path, config):
        prompt = encode_prompt(tokenizer, prompts[sample.problem_id])
        log_policy, log_sampler = reference.log_probs(prompt, sample.token_ids, config)
        assert sample.prompt_tokens == len(prompt)
        assert sample.token_logprobs == pytest.approx(log_policy, abs=1e-4)
        assert sample.logprob_policy == pytest.approx(sum(log_policy), abs=1e-4)
        assert sample.logprob_sampler == pytest.approx(log_sampler, abs=1e-4)


@pytest.mark.parametrize("name", SAMPLERS)
def test_log_probabilities_equal_an_unbatched_float64_softmax(word_model: Path, name: str) -> None:
    check_log_probs(word_model, SAMPLERS[name])


@pytest.mark.parametrize(
    "config",
    [
        MistralConfig(
            vocab_size=11, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=64, sliding_window=4, initializer_range=0.6, eos_token_id=END,
        ),
        GPT2Config(vocab_size=11, n_embd=16, n_layer=2, n_head=4, n_positions=64, initializer_range=0.6, eos_token_id=END),
    ],
    ids=["sliding window", "absolute positions"],
)  # fmt: skip
def test_other_architectures_are_batched_as_exactly(tmp_path: Path, config: object) -> None:
    check_log_probs(write_model(tmp_path / "model", config), SAMPLERS["plain"])


@pytest.mark.parametrize(
    "batch",
    [BatchConfig(max_sequences=1), BatchConfig(max_sequences=5), BatchConfig(max_sequences=64, kv_gib=1e-4)],
    ids=["one row", "five rows", "memory for a few rows"],
)
def test_a_sample_does_not_depend_on_what_else_is_in_the_batch(word_model: Path, batch: BatchConfig) -> None:
    config = SamplingConfig(max_new_tokens=30)
    wide = sampled(word_model, config, batch=BatchConfig(max_sequences=1000))
    assert [(s.problem_id, s.index, s.token_ids) for s in sampled(word_model, config, batch=batch)] == [
        (s.problem_id, s.index, s.token_ids) for s in wide
    ]


def test_sequences_that_outgrow_the_memory_are_taken_up_again_where_they_were(word_model: Path, monkeypatch) -> None:
    monkeypatch.setattr("gen.transformers_engine.ROOM", 4)
    given_up = []
    put_back = "gen.transformers_engine._Queue.put_back"
    original = TransformersEngine.generate.__globals__["_Queue"].put_back
    monkeypatch.setattr(put_back, lambda queue, sequence: (given_up.append(sequence), original(queue, sequence))[1])
    config = SamplingConfig(max_new_tokens=40)
    narrow = sampled(word_model, config, batch=BatchConfig(max_sequences=12, kv_gib=120 * 256 / 2**30))
    assert given_up
    assert [s.token_ids for s in narrow] == [s.token_ids for s in sampled(word_model, config)]
    reference = Reference(word_model)
    for sample in narrow[::5]:
        prompt = encode_prompt(open_folder(word_model).tokenizer, PROMPTS[int(sample.problem_id.split()[1])])
        expected, _ = reference.log_probs(prompt, sample.token_ids, config)
        assert sample.token_logprobs == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("config", [SamplingConfig(max_new_tokens=3), SamplingConfig(0.7, 0.9, 4, 3)])
def test_frequencies_match_the_enumerated_probabilities(tmp_path: Path, config: SamplingConfig) -> None:
    path = write_model(tmp_path / "model", llama(3, initializer_range=0.3), words=("a", "b", "c"))
    engine = TransformersEngine(open_folder(path), config)
    drawn = Counter(tuple(sample.token_ids) for sample in engine.generate(requests(6000, ("a b",))))
    expected = enumerated(Reference(path), encode_prompt(open_folder(path).tokenizer, "a b"), config)
    assert math.fsum(expected.values()) == pytest.approx(1.0)
    assert set(drawn) <= set(expected)
    common = [tokens for tokens, probability in expected.items() if probability * 6000 >= 5]
    counts = [drawn[tokens] for tokens in common]
    share = [expected[tokens] * 6000 for tokens in common]
    result = chisquare([*counts, 6000 - sum(counts) + 1e-9], [*share, 6000 - sum(share) + 1e-9])
    assert result.pvalue > 1e-3


def enumerated(reference: Reference, prompt: list[int], config: SamplingConfig) -> dict[tuple[int, ...], float]:
    """Every completion with its probability."""
    found: dict[tuple[int, ...], float] = {}
    open_ones: dict[tuple[int, ...], float] = {(): 1.0}
    while open_ones:
        tokens, probability = open_ones.popitem()
        for token, share in distribution(reference.logits([*prompt, *tokens]), config).items():
            longer = (*tokens, token)
            target = found if token == END or len(longer) == config.max_new_tokens else open_ones
            target[longer] = probability * share
    return found


def test_the_end_token_is_counted_but_not_in_the_text(word_model: Path) -> None:
    ended = [sample for sample in sampled(word_model, SAMPLERS["plain"], n=20) if sample.finish_reason == "stop"]
    assert ended
    for sample in ended:
        assert sample.token_ids[-1] == END
        assert len(sample.token_logprobs) == len(sample.token_ids)
        assert len(sample.completion.split()) == len(sample.token_ids) - 1
        assert "</s>" not in sample.completion


def test_no_sequence_is_longer_than_the_context(tmp_path: Path) -> None:
    path = write_model(tmp_path / "model", llama(max_position_embeddings=16))
    samples = sampled(path, SamplingConfig(max_new_tokens=1000))
    assert max(sample.prompt_tokens + len(sample.token_ids) for sample in samples) == 16


def test_an_end_token_drawn_first_gives_an_empty_completion(tmp_path: Path) -> None:
    path = write_model(tmp_path / "model")
    network = LlamaForCausalLM.from_pretrained(path)
    with torch.no_grad():
        network.lm_head.weight.zero_()
        network.model.norm.weight.zero_()
    network.save_pretrained(path)
    empty = [sample for sample in sampled(path, SAMPLERS["plain"], n=40) if sample.token_ids == [END]]
    assert empty
    assert {sample.completion for sample in empty} == {""}
    assert empty[0].logprob_policy == pytest.approx(-math.log(11), abs=1e-6)


@pytest.mark.parametrize("wrong", [{"max_sequences": 0}, {"kv_gib": 0.0}, {"dtype": "int8"}])
def test_wrong_batch_settings_name_their_flag(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="--"):
        BatchConfig(**wrong)  # type: ignore[arg-type]
