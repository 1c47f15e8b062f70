"""Stopping rules, against the enumeration of every order of verdicts."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from store.errors import UsageError
from train.stopping import Ends, Plan, Precision, Rule, behaviour, ends

ABSOLUTE, RELATIVE = Precision(z_error=0.1), Precision(z_rel_error=0.5)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Any looks up to 10 samples, any points to stop at, connected or not."""
    looks = draw(st.lists(st.integers(1, 10), min_size=1, max_size=4, unique=True).map(sorted))
    flags = [np.array(draw(st.lists(st.booleans(), min_size=n + 1, max_size=n + 1))) for n in looks]
    return [*zip(looks[:-1], flags[:-1], strict=True), (looks[-1], np.ones(looks[-1] + 1, bool))]


def walk(rule: Rule, verdicts: tuple[int, ...]) -> tuple[int, int]:
    """Return where these verdicts stop."""
    return next((n, k) for n, stops in rule if stops[k := sum(verdicts[:n])])


def enumerated(rule: Rule) -> dict[tuple[int, int], Counter[int]]:
    """Return for every end the first verdicts of the different prefixes that stop there."""
    last = rule[-1][0]
    prefixes = {verdicts[: walk(rule, verdicts)[0]] for verdicts in itertools.product((0, 1), repeat=last)}
    found: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for prefix in prefixes:
        found[len(prefix), sum(prefix)][prefix[0]] += 1
    return found


def points(found: Ends) -> list[tuple[int, int]]:
    return list(zip(found.n.tolist(), found.verified.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(rules())
def test_the_ends_and_their_estimates_are_those_of_enumeration(rule: Rule) -> None:
    found, expected = ends(rule), enumerated(rule)
    assert set(points(found)) == set(expected)
    for point, log_paths, unbiased in zip(points(found), found.log_paths, found.unbiased, strict=True):
        assert math.exp(log_paths) == pytest.approx(expected[point].total())
        assert unbiased == expected[point][1] / expected[point].total()


@settings(max_examples=60, deadline=None)
@given(rules(), st.floats(0.001, 0.999))
def test_the_estimate_is_unbiased_under_any_rule(rule: Rule, z: float) -> None:
    found = ends(rule)
    chance = found.probability(z)
    assert chance.sum() == pytest.approx(1, abs=1e-12)
    assert chance @ found.unbiased == pytest.approx(z, abs=1e-12)


def test_the_plain_pass_rate_is_biased_where_luck_ends_the_sampling() -> None:
    # Stop after one sample if it is verified, else after two. By hand: E[k/n] = z + (1 − z) z/2; the one path to (2, 1)
    # and the one to (2, 0) begin with a failure, so Ẑ is 1 at (1, 1) and 0 elsewhere.
    rule = [(1, np.array([False, True])), (2, np.array([True, True, True]))]
    found = ends(rule)
    assert found.estimate == {(1, 1): 1.0, (2, 0): 0.0, (2, 1): 0.0}
    np.testing.assert_allclose(behaviour(found, np.array([0.3])).bias, [0.7 * 0.15], atol=1e-15)


@pytest.mark.parametrize("precision", [ABSOLUTE, RELATIVE, Precision(0.1, 0.5)], ids=str)
@pytest.mark.parametrize("first", [3, 8])
def test_our_plans_have_an_exact_estimate_where_the_pass_rate_is_biased(precision: Precision, first: int) -> None:
    found = Plan(precision, first, 512).ends
    rates = np.linspace(0.01, 0.99, 25)
    errors = [found.probability(z) @ found.unbiased - z for z in rates]
    np.testing.assert_allclose(errors, 0, atol=1e-12)
    assert np.abs(behaviour(found, rates).bias).max() > 0.015
    assert ((found.unbiased >= 0) & (found.unbiased <= 1)).all()


def test_one_look_is_the_pass_rate() -> None:
    found = ends([(9, np.ones(10, bool))])
    np.testing.assert_allclose(found.unbiased, np.arange(10) / 9, atol=1e-15)


def test_the_estimate_is_that_of_exact_fractions_at_a_budget_of_thousands() -> None:
    rule = [(1, np.array([False, True])), (3000, np.ones(3001, bool))]
    found = ends(rule)
    assert found.estimate[3000, 1] == 0  # its one success came later
    assert found.probability(0.25) @ found.unbiased == pytest.approx(0.25, abs=1e-12)
    doubled = ends([(2, np.array([False, True, True])), (4, np.ones(5, bool))])
    # To (4, 1) lead two paths, both through (2, 0), so neither begins with a success.
    assert doubled.estimate[4, 1] == 0
    assert doubled.estimate[2, 1] == Fraction(1, 2)


# When a plan looks and stops


def test_the_error_is_half_the_width_of_the_jeffreys_interval() -> None:
    low, high = beta(30.5, 70.5).ppf([0.025, 0.975])
    half = (high - low) / 2
    assert Precision(z_error=half + 1e-9).reached(100, 30)
    assert not Precision(z_error=half - 1e-9).reached(100, 30)


def test_the_relative_error_is_half_the_width_of_its_logarithm() -> None:
    low, high = beta(30.5, 70.5).ppf([0.025, 0.975])
    half = math.log(high / low) / 2
    assert Precision(z_rel_error=half + 1e-9).reached(100, 30)
    assert not Precision(z_rel_error=half - 1e-9).reached(100, 30)


def test_an_unsolved_problem_never_has_a_relative_error() -> None:
    assert not Precision(z_rel_error=50.0).reached(10**4, 0)
    assert Precision(z_error=0.1).reached(100, 0)


def test_both_precisions_must_hold() -> None:
    k = np.arange(129)
    both = Precision(0.05, 0.5).reached(128, k)
    each = [Precision(z_error=0.05).reached(128, k), Precision(z_rel_error=0.5).reached(128, k)]
    np.testing.assert_array_equal(both, each[0] & each[1])


def test_looks_double_up_to_the_budget() -> None:
    assert Plan(RELATIVE, 8, 100).looks == (8, 16, 32, 64, 100)
    assert Plan(RELATIVE, 8, 64).looks == (8, 16, 32, 64)
    assert Plan(RELATIVE, 8, 8).looks == (8,)


def test_no_look_comes_after_every_outcome_is_settled() -> None:
    plan = Plan(ABSOLUTE, 8, 10_000)
    assert plan.looks[-1] < 100
    assert ABSOLUTE.reached(plan.looks[-1], np.arange(plan.looks[-1] + 1)).all()
    assert not ABSOLUTE.reached(plan.looks[-1] - 1, (plan.looks[-1] - 1) // 2)
    assert Plan(ABSOLUTE, 500, 10_000).looks == (500,)


def test_no_look_comes_before_any_outcome_is_settled() -> None:
    # After 8 samples the shortest interval, that of no success, is still ± 0.13.
    assert not ABSOLUTE.reached(8, np.arange(9)).any()
    assert Plan(ABSOLUTE, 8, 64).looks == (16, 32, 64)


def test_samples_for_a_rate_is_the_least_number() -> None:
    n = ABSOLUTE.samples_for(0.2, 1000)
    assert ABSOLUTE.reached(n, 0.2 * n)
    assert not ABSOLUTE.reached(n - 1, 0.2 * (n - 1))
    assert RELATIVE.samples_for(0.0, 77) == 77


def test_other_plans_have_other_ids() -> None:
    plans = [Plan(ABSOLUTE, 8, 512), Plan(RELATIVE, 8, 512), Plan(RELATIVE, 8, 256), Plan(RELATIVE, 16, 512)]
    assert len({plan.plan_id for plan in plans}) == 4
    assert Plan(RELATIVE, 8, 512).plan_id == plans[1].plan_id


@pytest.mark.parametrize(
    "wrong", [{}, {"z_error": 0.0}, {"z_error": 1.0}, {"z_rel_error": -1.0}, {"z_rel_error": math.inf}]
)
def test_precisions_out_of_range_name_their_flag(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="--until-z-" + ("rel-error" if "z_rel_error" in wrong else "error")):
        Precision(**wrong)


# The interval at the end


@pytest.mark.parametrize("precision", [ABSOLUTE, RELATIVE], ids=str)
def test_the_interval_keeps_its_coverage_on_average_over_the_prior(precision: Precision) -> None:
    # By the likelihood principle: whatever the rule, 95 % over Z ~ Beta(½, ½), and a little more for the closed ends.
    # Z = sin²(πu/2) with u uniform has this law.
    u = (np.arange(4000) + 0.5) / 4000
    coverage = behaviour(Plan(precision, 8, 512).ends, np.sin(np.pi * u / 2) ** 2).coverage.mean()
    assert 0.949 < coverage < 0.975


@pytest.mark.parametrize(("precision", "least"), [(ABSOLUTE, 0.87), (RELATIVE, 0.88)], ids=str)
def test_the_least_coverage_at_any_rate(precision: Precision, least: float) -> None:
    rates = np.linspace(0.001, 0.999, 999)
    coverage = behaviour(Plan(precision, 8, 512).ends, rates).coverage
    assert least < coverage.min() < 0.90
    assert coverage.mean() > 0.947


def test_easy_problems_cost_little() -> None:
    samples = behaviour(Plan(RELATIVE, 8, 512).ends, np.array([0.02, 0.1, 0.5, 0.9])).samples
    assert (np.diff(samples) < 0).all()
    assert samples[0] > 400
    assert samples[-1] < 10
