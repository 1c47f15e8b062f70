"""Chunked log-probabilities against the plain computation, on a tiny Llama."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
)

from train.logprobs import SequenceLogProbs, check_head, equal_work, packs_rows, shares_prompts
from train.rows import Tokens, collate, length_batches, plan_batches, shared_row

SEQUENCES = [
    Tokens((1, 2, 3), (4, 5, 0)),
    Tokens((7,), (8, 9, 10, 11, 12, 0)),
    Tokens((3, 3, 3, 3, 3), (0,)),
    Tokens((5, 6), (20, 21, 22)),
]

APART = [[sequence] for sequence in SEQUENCES]
SHARED = [
    [Tokens((1, 2, 3), (4, 5, 0)), Tokens((1, 2, 3), (0,)), Tokens((1, 2, 3), (6, 7, 8, 9, 0))],
    [Tokens((7,), (8, 9, 0)), Tokens((7,), (8, 9, 10))],
    [Tokens((3, 3, 3, 3, 3), (1, 0))],
]
"""Groups that share their prompt; one completion is a prefix of another's, one is nothing but an end."""


def llama(seed: int = 0) -> LlamaForCausalLM:
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=37, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
            tie_word_embeddings=False, initializer_range=0.5,
        )
    )  # fmt: skip


def plain(model: LlamaForCausalLM, sequence: Tokens) -> torch.Tensor:
    """One sequence by itself, all its logits at once."""
    ids = torch.tensor([sequence.prompt + sequence.completion])
    log_probs = model(input_ids=ids).logits[0, :-1].double().log_softmax(-1)
    chosen = log_probs.gather(1, ids[0, 1:, None])[:, 0]
    return chosen[len(sequence.prompt) - 1 :].sum()


@pytest.mark.parametrize("chunk_logits", [1, 100, 2**24], ids=["a token", "two tokens", "all"])
def test_log_probabilities_are_those_of_the_plain_computation(chunk_logits: int) -> None:
    model = llama()
    found = SequenceLogProbs(model, chunk_logits)(collate(APART, pad=0))
    expected = torch.stack([plain(model, sequence) for sequence in SEQUENCES])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    assert found.dtype == torch.float64


@pytest.mark.parametrize("chunk_logits", [1, 100, 2**24], ids=["a token", "two tokens", "all"])
def test_gradients_are_those_of_the_plain_computation(chunk_logits: int) -> None:
    chunked, whole = llama(), llama()
    weight = torch.tensor([0.5, -1.0, 2.0, 0.1], dtype=torch.float64)
    (weight * SequenceLogProbs(chunked, chunk_logits)(collate(APART, pad=0))).sum().backward()
    sum(w * plain(whole, s) for w, s in zip(weight, SEQUENCES, strict=True)).backward()
    for found, expected in zip(chunked.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(found.grad, expected.grad, rtol=1e-5, atol=1e-5)


def test_no_tensor_is_as_large_as_the_logits_of_a_batch() -> None:
    """The largest float tensor that autograd keeps or makes is bounded by the chunk, not by tokens × vocabulary."""
    model = LlamaForCausalLM(
        LlamaConfig(vocab_size=4096, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1)
    )
    sequences = [[Tokens((1,), tuple(range(2, 130)))]] * 4  # 512 tokens × 4,096 = 2 million logits
    kept: list[int] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        SequenceLogProbs(model, chunk_logits=8 * 4096)(collate(sequences, pad=0)).sum().backward()
    assert max(kept) <= 8 * 4096


@pytest.mark.parametrize("chunk_logits", [1, 100, 2**24], ids=["a token", "two tokens", "all"])
def test_completions_that_share_a_prompt_do_not_see_each_other(chunk_logits: int) -> None:
    shared, plainly = llama(), llama()
    weight = torch.tensor([0.5, -1.0, 2.0, 0.1, 3.0, -0.3], dtype=torch.float64)
    found = SequenceLogProbs(shared, chunk_logits)(collate(SHARED, pad=0))
    expected = torch.stack([plain(plainly, sequence) for group in SHARED for sequence in group])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    (weight * found).sum().backward()
    (weight * expected).sum().backward()
    for one, other in zip(shared.parameters(), plainly.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-4, atol=1e-4)


PACKED = [[SEQUENCES[0], SEQUENCES[2], SEQUENCES[0]], [SEQUENCES[1], SEQUENCES[3]]]
"""Rows of different lengths; one sequence stands twice in its row."""


def windowed() -> MistralForCausalLM:
    torch.manual_seed(1)
    config = MistralConfig(
        vocab_size=37, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, sliding_window=3, initializer_range=0.5,
    )  # fmt: skip
    return MistralForCausalLM(config)


@pytest.mark.parametrize("model_of", [llama, windowed])
def test_packed_sequences_do_not_see_each_other(model_of) -> None:
    packed, plainly = model_of(), model_of()
    weight = torch.tensor([0.5, -1.0, 2.0, 0.1, 3.0], dtype=torch.float64)
    found = SequenceLogProbs(packed, chunk_logits=100)(collate(PACKED, pad=0, packed=True))
    expected = torch.stack([plain(plainly, sequence) for row in PACKED for sequence in row])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    (weight * found).sum().backward()
    (weight * expected).sum().backward()
    for one, other in zip(packed.parameters(), plainly.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-4, atol=1e-4)


def test_a_model_without_attention_may_not_pack() -> None:
    assert packs_rows(llama())
    assert packs_rows(windowed())
    torch.manual_seed(0)
    mamba = MambaConfig(vocab_size=37, hidden_size=16, state_size=4, num_hidden_layers=1, initializer_range=0.5)
    assert not packs_rows(MambaForCausalLM(mamba))


def test_a_model_that_heeds_masks_may_share_prompts_and_one_with_a_window_may_not() -> None:
    assert shares_prompts(llama())
    assert not shares_prompts(windowed())


def test_two_prompts_in_a_group_are_refused() -> None:
    with pytest.raises(ValueError, match="different prompts"):
        collate([[Tokens((1,), (2,)), Tokens((3,), (2,))]], pad=0)


def test_padding_does_not_reach_a_completion() -> None:
    model = llama()
    together = SequenceLogProbs(model)(collate(APART, pad=0))
    with_other_padding = SequenceLogProbs(model)(collate(APART, pad=30))
    assert torch.equal(together, with_other_padding)


def test_capped_logits_are_understood() -> None:
    torch.manual_seed(0)
    config = Gemma2Config(
        vocab_size=37, hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, head_dim=8, final_logit_softcapping=1.5, initializer_range=0.5,
    )  # fmt: skip
    model = Gemma2ForCausalLM(config).eval()
    check_head(model)
    found = SequenceLogProbs(model)(collate(APART, pad=0))
    torch.testing.assert_close(found, torch.stack([plain(model, s) for s in SEQUENCES]), rtol=0, atol=1e-5)


def test_an_unknown_treatment_of_the_logits_is_refused() -> None:
    class Scaled(LlamaForCausalLM):
        def forward(self, **inputs: object) -> object:
            output = super().forward(**inputs)
            output.logits = output.logits * 3
            return output

    with pytest.raises(Exception, match="scales its logits"):
        check_head(Scaled(llama().config))


def test_an_empty_prompt_is_refused() -> None:
    with pytest.raises(ValueError, match="empty prompt"):
        collate([[Tokens((), (1, 2))]], pad=0)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.integers(1, 200))
def test_batches_hold_every_sequence_once_and_keep_to_the_limit(lengths: list[int], max_tokens: int) -> None:
    batches = length_batches(lengths, max_tokens)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= max_tokens


def test_a_batch_ends_where_rows_become_much_longer() -> None:
    lengths = [10] * 50 + [11] * 50 + [30] * 50
    assert [len(batch) for batch in length_batches(lengths, 10_000, max_stretch=1.2)] == [100, 50]
    assert [len(batch) for batch in length_batches(lengths, 10_000)] == [150]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 30)), min_size=1, max_size=40), st.integers(40, 200))
def test_packed_plans_hold_every_sequence_once_in_rows_that_are_nearly_full(
    shapes: list[tuple[int, int]], max_tokens: int
) -> None:
    sequences = [Tokens((prompt,) * (prompt + 1), (9,) * length) for prompt, length in shapes]
    plan = plan_batches(sequences, max_tokens, packed=True, max_row=40)
    groups = [group for batch in plan for group in batch]
    assert sorted(index for group in groups for index in group) == list(range(len(sequences)))
    lengths = [sum(len(sequences[index]) - 1 for index in group) for group in groups]
    assert max(lengths) <= 40
    # First fit: no two rows could have been one.
    assert all(one + other > 40 for place, one in enumerate(lengths) for other in lengths[:place])
    for batch in plan:
        assert collate([[sequences[i] for i in group] for group in batch], 0, packed=True).ids.numel() <= max_tokens


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 30)), min_size=1, max_size=40),
    st.integers(1, 100),
    st.booleans(),
)
def test_plans_hold_every_sequence_once_beside_its_own_prompt(
    shapes: list[tuple[int, int]], max_tokens: int, share: bool
) -> None:
    sequences = [Tokens((prompt,) * (prompt + 1), (9,) * length) for prompt, length in shapes]
    plan = plan_batches(sequences, max_tokens, shared=(lambda _: 40) if share else None)
    groups = [group for batch in plan for group in batch]
    assert sorted(index for group in groups for index in group) == list(range(len(sequences)))
    assert all(len({sequences[index].prompt for index in group}) == 1 for group in groups)
    assert share or all(len(group) == 1 for group in groups)
    for batch in plan:
        ids = collate([[sequences[index] for index in group] for group in batch], 0).ids
        assert len(batch) == 1 or ids.numel() <= max_tokens
        assert ids.shape[1] <= 40


@pytest.mark.parametrize("prompt", [1, 33, 300])
@pytest.mark.parametrize("equal", [100.0, 832.0, 25_000.0])
def test_no_other_row_makes_a_completion_cheaper_than_the_shared_row(prompt: int, equal: float) -> None:
    def cost(row: int) -> float:
        """Of a completion token: the row's cost over what it has room for."""
        return row * (1 + row / equal) / (row - prompt)

    best = min(range(prompt + 1, 20 * (prompt + int(equal))), key=cost)
    assert abs(shared_row(prompt, equal) - best) <= 1


def test_the_dense_layers_operations_are_those_that_are_counted() -> None:
    model = llama()
    ids, rows = torch.ones(1, 4, dtype=torch.long), 4
    with FlopCounterMode(display=False) as counter:
        model.model(input_ids=ids, use_cache=False)
    dense = sum(flops for name, flops in counter.get_flop_counts()["Global"].items() if "mm" in str(name))
    config = model.config
    per_token_seen = 4 * config.num_hidden_layers * config.hidden_size
    assert equal_work(model) == pytest.approx(dense / rows / per_token_seen, rel=0.05)  # norms count as dense
