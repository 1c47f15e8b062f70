from __future__ import annotations

from random import Random

from recipes.quickstart.noise import LOCAL, SWAPS, corrupt, tokens
from recipes.quickstart.pretraining import PretrainingMix, pretraining_pairs


def clean_completions() -> list[str]:
    return [pair["completion"] for pair in pretraining_pairs(400, 5, PretrainingMix(noise=0.0))]


def test_tokens_join_to_the_text_again() -> None:
    for completion in clean_completions():
        assert "".join(tokens(completion)) == completion


def test_exactly_one_token_is_changed_or_dropped() -> None:
    rng = Random(1)
    kinds = set()
    for completion in clean_completions():
        before, after = tokens(completion), tokens(corrupt(completion, rng))
        spoilt = corrupt(completion, Random(2))
        assert spoilt != completion
        if len(after) == len(before):
            changed = [(a.strip(), b.strip()) for a, b in zip(before, after, strict=True) if a != b]
            assert len(changed) == 1
            old, new = changed[0]
            assert (SWAPS.get(old) == new or SWAPS.get(new) == old) or (LOCAL.fullmatch(old) and LOCAL.fullmatch(new))
            kinds.add("changed")
        else:
            assert len(after) == len(before) - 1
            assert [token.strip() for token in after] in [
                [token.strip() for token in before[:index] + before[index + 1 :]] for index in range(len(before))
            ]
            kinds.add("dropped")
    assert kinds == {"changed", "dropped"}


def test_a_renamed_token_is_a_name_of_the_same_proof() -> None:
    completion = "\n  exact h1 (h2 h3)"
    results = {corrupt(completion, Random(seed)) for seed in range(60)}
    renamed = {result for result in results if result.startswith("\n  exact") and len(result) == len(completion)}
    assert renamed <= {
        completion[:9] + words
        for words in ("h2 (h2 h3)", "h3 (h2 h3)", "h1 (h1 h3)", "h1 (h3 h3)", "h1 (h2 h1)", "h1 (h2 h2)")
    }
    assert len(renamed) >= 4


def test_noise_changes_the_share_asked_for_and_nothing_else() -> None:
    clean = pretraining_pairs(1500, 3, PretrainingMix(noise=0.0))
    noisy = pretraining_pairs(1500, 3, PretrainingMix(noise=0.25))
    assert [pair["prompt"] for pair in clean] == [pair["prompt"] for pair in noisy]
    changed = sum(a["completion"] != b["completion"] for a, b in zip(clean, noisy, strict=True))
    assert 0.25 - 4 * 0.0112 < changed / 1500 < 0.25 + 4 * 0.0112  # standard error √(0.25·0.75/1500)
