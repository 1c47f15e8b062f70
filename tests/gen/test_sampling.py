"""Drawing a token, against enumeration."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gen.sampling import SamplingConfig, draw, invert, sample_key, truncate, uniforms
from store.errors import UsageError

LOGITS = torch.tensor([[2.0, 1.0, 0.0, -1.0, -3.0]])


def sampler_by_hand(config: SamplingConfig) -> list[float]:
    """Temperature, then top-k, then top-p, in plain Python."""
    weights = [math.exp(value / config.temperature) for value in LOGITS[0].tolist()]
    order = sorted(range(5), key=lambda token: -weights[token])[: config.top_k or 5]
    kept, mass = [], 0.0
    for token in order:
        kept.append(token)
        mass += weights[token]
        if mass / sum(weights[other] for other in order) >= config.top_p:
            break
    return [weights[token] / sum(weights[other] for other in kept) if token in kept else 0.0 for token in range(5)]


CONFIGS = [
    SamplingConfig(),
    SamplingConfig(temperature=0.7),
    SamplingConfig(top_k=3),
    SamplingConfig(top_p=0.8),
    SamplingConfig(temperature=1.5, top_k=4, top_p=0.9),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_tokens_come_up_as_often_as_the_sampler_says(config: SamplingConfig) -> None:
    size = 20_000
    keys = torch.tensor([sample_key(0, "x", index) for index in range(size)])
    tokens, _, log_sampler = draw(LOGITS.expand(size, -1), uniforms(keys, torch.zeros_like(keys)), config)
    expected = sampler_by_hand(config)
    counts = torch.bincount(tokens, minlength=5).tolist()
    possible = [token for token in range(5) if expected[token] > 0]
    assert sum(counts[token] for token in possible) == size
    test = stats.chisquare([counts[t] for t in possible], [expected[t] * size for t in possible])
    assert test.pvalue > 1e-4
    for token in possible:
        assert log_sampler[tokens == token][0].item() == pytest.approx(math.log(expected[token]), abs=1e-5)


def test_both_log_probabilities_agree_only_without_truncation() -> None:
    uniform = torch.tensor([0.5], dtype=torch.float64)
    for config in CONFIGS:
        token, log_policy, log_sampler = draw(LOGITS, uniform, config)
        assert log_policy.item() == pytest.approx(LOGITS.log_softmax(-1)[0, token].item())
        assert (log_policy.item() == log_sampler.item()) == (config == SamplingConfig())


def test_greedy_takes_the_likeliest_token_with_probability_one() -> None:
    token, _, log_sampler = draw(LOGITS, torch.tensor([0.99]).double(), SamplingConfig(temperature=0))
    assert (token.item(), log_sampler.item()) == (0, 0.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.integers(0, 2**52 - 1))
def test_a_token_of_probability_zero_is_never_drawn(weights: list[float], number: int) -> None:
    probability = torch.tensor([weights])
    if probability.sum() > 0:
        token = invert(probability, torch.tensor([number * 2.0**-52], dtype=torch.float64))
        assert probability[0, token] > 0


def test_random_numbers_are_uniform_and_depend_on_key_and_position_alone() -> None:
    keys = torch.tensor([sample_key(7, "p", index) for index in range(5000)])
    first, second = uniforms(keys, torch.zeros_like(keys)), uniforms(keys, torch.ones_like(keys))
    assert stats.kstest(first.numpy(), "uniform").pvalue > 1e-4
    assert abs(stats.pearsonr(first.numpy(), second.numpy()).statistic) < 0.06
    assert torch.equal(uniforms(keys[10:11], torch.ones(1, dtype=torch.long)), second[10:11])


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -1},
        {"temperature": math.nan},
        {"top_p": 0},
        {"top_p": 1.5},
        {"top_k": -1},
        {"max_new_tokens": 0},
    ],
)
def test_values_out_of_range_are_wrong_use(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="--"):
        SamplingConfig(**wrong)


def test_the_generator_is_splitmix64() -> None:
    """The first numbers for the seed 1234567, as published with the algorithm."""
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    keys = torch.full((4,), 1234567)
    assert uniforms(keys, torch.arange(4)).tolist() == [(number >> 12) * 2.0**-52 for number in published]


def test_inversion_takes_the_token_whose_interval_holds_the_number() -> None:
    probability = torch.tensor([[0.25, 0.0, 0.5, 0.25]]).repeat(5, 1)
    number = torch.tensor([0.0, 0.2499, 0.25, 0.75, 1 - 2.0**-52], dtype=torch.float64)
    assert invert(probability, number).tolist() == [0, 0, 2, 3, 3]


def test_top_p_keeps_the_smallest_set_that_reaches_it() -> None:
    logits = torch.tensor([[0.1, 0.4, 0.3, 0.2]]).log()
    kept = truncate(logits, SamplingConfig(top_p=0.65)).isfinite()
    assert kept.tolist() == [[False, True, True, False]]
    assert truncate(logits, SamplingConfig(top_p=1e-9)).isfinite().tolist() == [[False, True, False, False]]


def test_top_k_is_applied_before_top_p() -> None:
    """Of .4 .3 .2 .1 the best two renormalised are 4/7 and 3/7: top-p .5 keeps one, without top-k it would keep two."""
    logits = torch.tensor([[0.4, 0.3, 0.2, 0.1]]).log()
    assert truncate(logits, SamplingConfig(top_k=2, top_p=0.5)).isfinite().sum() == 1
    assert truncate(logits, SamplingConfig(top_p=0.5)).isfinite().sum() == 2


def test_the_hash_tells_sampling_configurations_and_templates_apart() -> None:
    configs = [
        SamplingConfig(),
        SamplingConfig(temperature=0.9),
        SamplingConfig(top_k=1),
        SamplingConfig(max_new_tokens=9),
    ]
    assert len({config.hash(template) for config in configs for template in ("one", "two")}) == 8
