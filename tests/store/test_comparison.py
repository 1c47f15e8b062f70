from __future__ import annotations

import numpy as np
import pytest

from store.comparison import LEVELS, compare_counts, difficulty, transition
from store.errors import UsageError
from store.metrics import Counts, summarise


def counts(names: str, n: list[int], verified: list[int], distinct: list[int] | None = None) -> Counts:
    empty = np.zeros(len(n))
    return Counts(
        np.array(list(names)), np.array(n), np.array(verified), np.array(distinct or [min(c, 1) for c in verified]),
        empty, empty, empty, empty, empty, empty, empty, empty, empty,
    )  # fmt: skip


def test_difficulty_has_its_limits_at_nine_and_three_tenths() -> None:
    found = difficulty(counts("abcdef", [10] * 6, [10, 9, 8, 3, 2, 0]))
    assert [LEVELS[place] for place in found] == ["easy", "easy", "medium", "medium", "hard", "unsolved"]


def test_a_transition_counts_every_problem_once() -> None:
    before, after = counts("abcd", [10] * 4, [0, 1, 5, 5]), counts("abcd", [10] * 4, [1, 0, 9, 5])
    assert transition(before, after) == ((0, 0, 0, 0), (1, 1, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0))


def test_problems_that_only_one_policy_has_are_left_out_and_counted() -> None:
    found = compare_counts(("p", "q"), counts("abc", [4] * 3, [4, 2, 0]), counts("bcd", [4] * 3, [0, 0, 4]), (1, 4), 0)
    assert (found.n_problems, found.n_left_out) == (2, 2)
    assert found.gains[1].estimate == pytest.approx((2 / 4 + 0) / 2)
    assert found.gains[4].estimate == pytest.approx((1 + 0) / 2)
    assert "2 more problems have draws of only one" in found.as_text()


def test_policies_without_a_common_problem_cannot_be_compared() -> None:
    with pytest.raises(UsageError, match="p and q have no problem with judged samples of both"):
        compare_counts(("p", "q"), counts("a", [4], [1]), counts("b", [4], [1]), (1,), 0)


def test_a_policy_with_fewer_draws_than_k_is_named() -> None:
    with pytest.raises(UsageError, match="pass@4: policy q has only 3 judged draws of problem b"):
        compare_counts(("p", "q"), counts("ab", [4, 4], [1, 1]), counts("ab", [4, 3], [1, 1]), (1, 4), 0)


def test_equal_proofs_on_most_problems_are_a_collapse() -> None:
    few = counts("abcd", [8] * 4, [8, 8, 4, 3], [1, 1, 2, 2])  # three with enough draws, two of them with one proof
    assert summarise("p", few, "tests", 4).collapsed
    half = counts("abcd", [8] * 4, [8, 8, 3, 3], [1, 2, 1, 1])
    assert not summarise("p", half, "tests", 4).collapsed
    assert not summarise("p", counts("a", [8], [0]), "tests", 1).collapsed
