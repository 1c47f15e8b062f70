"""Every objective against enumeration: its expected gradient is autograd's gradient of the divergence it names."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from store.errors import UsageError
from tests.train.toy import Toy, gradient
from train.names import OBJECTIVES
from train.objective import advantage, positive_loss, pseudo_reward, static_log_weight
from train.objectives import REGISTRY, Objective, Samples, choose, parse_arguments
from train.objectives.divergences import alpha_of
from train.objectives.target import soft_log_partition

BETA = 0.7
EXACT = {"log_ratio_cap": None}
DIVERGENCES = [
    *(("alpha-dpg", {"alpha": alpha}) for alpha in (0.0, 0.25, 0.5, 0.999)),
    ("kl-dpg", {}),
    ("js", {}),
    ("tv", {}),
]


def divergence(name: str, options: dict, log_policy: Tensor, log_target: Tensor) -> Tensor:
    """The definition, summed over all completions."""
    policy, target = log_policy.exp(), log_target.exp()
    inside = target > 0
    if name == "reverse-kl":
        return (policy * (log_policy - log_target)).sum()
    if name == "tv":
        return (policy - target).abs().sum() / 2
    if name == "js":
        middle = (policy + target) / 2
        from_target = target[inside] * (log_target[inside] - middle[inside].log())
        return (policy * (log_policy - middle.log())).sum() / 2 + from_target.sum() / 2
    alpha = options.get("alpha", 0.0)
    if alpha == 0:
        return (target[inside] * (log_target[inside] - log_policy[inside])).sum()
    return 1 - (target[inside] ** (1 - alpha) * policy[inside] ** alpha).sum() / alpha


def target(toy: Toy, reward: Tensor, beta: float | None) -> Tensor:
    tilt = reward if beta is None else (reward / beta).exp()
    weight = toy.log_base.exp() * tilt
    return (weight / weight.sum()).log()


def expected(objective: Objective, samples: Samples) -> Tensor:
    return (samples.share * objective(samples).loss).sum()


@pytest.mark.parametrize(("name", "options"), DIVERGENCES)
@pytest.mark.parametrize("baseline", ["positive", "none"])
@pytest.mark.parametrize("sampler", ["policy", "base", "other"])
@pytest.mark.parametrize("kind", ["verdicts", "graded", "soft"])
def test_the_expected_gradient_is_that_of_the_divergence(
    name: str, options: dict, baseline: str, sampler: str, kind: str
) -> None:
    toy = Toy(11)
    reward = toy.graded if kind == "graded" else toy.verified.double()
    beta = BETA if kind == "soft" else None
    objective = choose(name, {**options, **EXACT, "baseline": baseline, "beta": beta})
    found = gradient(expected(objective, toy.samples(sampler, reward)), toy.theta)
    exact = gradient(divergence(name, options, toy.log_policy(), target(toy, reward, beta)), toy.theta)
    torch.testing.assert_close(found, exact, rtol=0, atol=1e-6)


@pytest.mark.parametrize("sampler", ["policy", "base", "other"])
def test_the_reverse_kl_to_the_soft_target_has_its_gradient_too(sampler: str) -> None:
    toy = Toy(12)
    objective = choose("reverse-kl", {**EXACT, "baseline": "none", "beta": BETA})
    found = gradient(expected(objective, toy.samples(sampler)), toy.theta)
    exact = divergence("reverse-kl", {}, toy.log_policy(), target(toy, toy.verified.double(), BETA))
    torch.testing.assert_close(found, gradient(exact, toy.theta), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("name", "options"), [*DIVERGENCES, ("reverse-kl", {"beta": BETA})])
def test_the_leave_one_out_baseline_changes_no_expected_gradient(name: str, options: dict) -> None:
    """All ordered pairs of completions are the groups; a pair's probability is the product."""
    toy = Toy(13)
    samples = toy.samples("policy")
    size = len(toy.completions)
    first, second = torch.arange(size).repeat_interleave(size), torch.arange(size).repeat(size)
    pairs = torch.stack([first, second], 1).flatten()
    chance = (samples.share[first] * samples.share[second]).repeat_interleave(2)
    names = ("log_policy", "log_base", "log_sampler", "reward", "log_partition", "num_drawn", "num_tokens", "round")
    paired = replace(
        samples, **{key: getattr(samples, key)[pairs] for key in names}, share=chance / 2, tokens=None,
        problem=torch.arange(size * size).repeat_interleave(2),
    )  # fmt: skip
    objective = choose(name, {**options, **EXACT, "baseline": "leave-one-out"})
    exact = divergence(name, options, toy.log_policy(), target(toy, toy.verified.double(), options.get("beta")))
    found = gradient(expected(objective, paired), toy.theta)
    torch.testing.assert_close(found, gradient(exact, toy.theta), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["alpha-dpg", "js", "tv", "kl-dpg", "reverse-kl", "reinforce", "rloo"])
def test_ratios_of_tokens_agree_where_the_policy_itself_was_sampled(name: str) -> None:
    toy = Toy(14)
    given = {"alpha": 0.5} if name == "alpha-dpg" else {}
    whole, token = (
        gradient(expected(choose(name, {**given, "ratio": ratio}), toy.samples("policy")), toy.theta)
        for ratio in ("sequence", "token")
    )
    torch.testing.assert_close(whole, token, rtol=0, atol=1e-9)


@pytest.mark.parametrize("surrogate", ["ppo", "gspo"])
@pytest.mark.parametrize("ratio", ["sequence", "token"])
def test_all_surrogates_have_one_gradient_where_the_policy_itself_was_sampled(surrogate: str, ratio: str) -> None:
    toy = Toy(15)
    plain, clipped = (
        gradient(expected(choose("rloo", {"surrogate": kind, "ratio": ratio}), toy.samples("policy")), toy.theta)
        for kind in ("reinforce", surrogate)
    )
    torch.testing.assert_close(plain, clipped, rtol=0, atol=1e-9)


@pytest.mark.parametrize("beta", [None, BETA])
@pytest.mark.parametrize("log_z", ["stored", "learned"])
def test_on_policy_trajectory_balance_has_twice_the_gradient_of_the_reverse_kl(beta: float | None, log_z: str) -> None:
    toy = Toy(16)
    floor = 0.01
    objective = choose("tb", {"beta": beta, "floor": floor, "log_z": log_z})
    samples = toy.samples("policy")
    samples = replace(samples, state=objective.start(samples.log_partition[:1]))
    reward = toy.verified.double() if beta else toy.verified.double().clamp(min=floor)
    exact = divergence("reverse-kl", {}, toy.log_policy(), target(toy, reward, beta))
    found = gradient(expected(objective, samples), toy.theta)
    torch.testing.assert_close(found, 2 * gradient(exact, toy.theta), rtol=0, atol=1e-6)


@pytest.mark.parametrize("beta", [None, BETA])
def test_the_stored_log_z_makes_the_balance_exact(beta: float | None) -> None:
    """Where π_θ is the target itself, every gap is 0."""
    toy, floor = Toy(17), 0.01
    samples = toy.samples("base")
    reward = toy.verified.double() if beta else toy.verified.double().clamp(min=floor)
    at_target = replace(samples, log_policy=target(toy, reward, beta))
    loss = choose("tb", {"beta": beta, "floor": floor})(at_target).loss
    torch.testing.assert_close(loss, torch.zeros_like(loss), rtol=0, atol=1e-12)


def test_fine_tuning_is_the_mean_over_the_verified_samples() -> None:
    toy = Toy(18)
    samples = replace(toy.samples("base"), share=torch.full_like(toy.log_base, 1 / len(toy.log_base)))
    loss = expected(choose("rs-ft", {}), samples)
    torch.testing.assert_close(loss, -samples.log_policy[toy.verified].mean())


def test_fine_tuning_problem_by_problem_counts_every_problem_alike() -> None:
    log_policy = torch.tensor([-1.0, -2.0, -4.0, -8.0], dtype=torch.float64)
    samples = four(log_policy, [1, 1, 1, 0], problem=[0, 0, 1, 1])
    assert expected(choose("rs-ft", {"per": "problem"}), samples).item() == pytest.approx((1.5 + 4) / 2)
    assert expected(choose("rs-ft", {}), samples).item() == pytest.approx(7 / 3)


def four(log_policy: Tensor, reward: list[float], *, problem: list[int], log_sampler: Tensor | None = None) -> Samples:
    """Return samples of one token each, of a base that is the sampler, with Z = ½."""
    ones = torch.ones_like(log_policy)
    group = torch.tensor(problem)
    size = torch.bincount(group)[group].double()
    drawn = log_policy.detach() if log_sampler is None else log_sampler
    return Samples(
        log_policy=log_policy, log_base=drawn, log_sampler=drawn, reward=torch.tensor(reward).double(),
        log_partition=ones * math.log(0.5), problem=group, num_drawn=size, share=1 / (size * (max(problem) + 1)),
        num_tokens=ones, round=torch.zeros_like(group), row=torch.arange(max(problem) + 1),
    )  # fmt: skip


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.5, 0.75, 0.999, 1.0])
def test_the_registry_computes_the_formulas_of_the_paper(alpha: float) -> None:
    """The default is `positive_loss`; with a baseline it is pseudo-reward, advantage, surrogate."""
    toy = Toy(19)
    samples = toy.samples("other")
    log_weight = static_log_weight(samples.log_base, samples.log_partition, samples.log_sampler, alpha=alpha)
    plain = torch.where(
        toy.verified, positive_loss(samples.log_policy, samples.log_sampler, log_weight, alpha=alpha), 0
    )
    torch.testing.assert_close(choose("alpha-dpg", {"alpha": alpha})(samples).loss, plain)
    given = samples.log_policy, samples.log_base, toy.verified, samples.log_partition
    gain = advantage(pseudo_reward(*given, alpha=alpha), samples.problem)
    ratio = (samples.log_policy.detach() - samples.log_sampler).clamp(max=3).exp()
    found = choose("alpha-dpg", {"alpha": alpha, "clip": 10, "baseline": "leave-one-out"})(samples).loss
    torch.testing.assert_close(found, -ratio * gain * samples.log_policy)


@pytest.mark.parametrize(("alpha", "value"), [(0, 1.0), (0.25, 0.681793), (0.5, 0.414214), (0.9, 0.071773)])
def test_pseudo_rewards_where_the_target_is_twice_the_policy(alpha: float, value: float) -> None:
    # 2^(1 − α) − 1; two verified and one wrong sample: 2^(1 − α) − 1 less the mean of it and −1.
    zero, log_half = torch.zeros(3, dtype=torch.float64), torch.full((3,), math.log(0.5), dtype=torch.float64)
    reward = pseudo_reward(zero + log_half, zero, torch.tensor([True, True, False]), zero, alpha=alpha)
    assert reward.tolist() == pytest.approx([value, value, -1], abs=1e-6)
    gain = advantage(reward, torch.zeros(3, dtype=torch.long))
    assert gain.tolist() == pytest.approx([(value + 1) / 2, (value + 1) / 2, -1 - value], abs=1e-6)


def test_ratios_above_the_cap_are_truncated_or_masked() -> None:
    # π/q = 4 and ½, the cap is 2; REINFORCE on rewards of 1: the weights are 2 or 0, and ½.
    drawn = torch.tensor([0.1, 0.4, 0.1, 0.4], dtype=torch.float64).log()
    log_policy = torch.tensor([0.4, 0.2, 0.4, 0.2], dtype=torch.float64).log().requires_grad_()
    samples = four(log_policy, [1, 1, 0, 0], problem=[0] * 4, log_sampler=drawn)
    for bound, weight in (("truncate", 2.0), ("mask", 0.0)):
        loss = choose("reinforce", {"bound": bound, "log_ratio_cap": math.log(2)})(samples).loss
        assert gradient(loss.sum(), log_policy).tolist() == pytest.approx([-weight, -0.5, 0, 0])


def test_alpha_moves_over_the_steps_and_with_the_difficulty() -> None:
    samples = four(torch.zeros(4, dtype=torch.float64), [1, 1, 1, 0], problem=[0, 0, 1, 1])
    samples = replace(samples, progress=0.25, log_partition=torch.tensor([0.1, 0.1, 1.0, 1.0]).double().log())
    over_steps = choose("alpha-dpg", {"alpha": 0.8, "alpha_end": 0.4}).options
    assert alpha_of(samples, over_steps).tolist() == pytest.approx([0.7] * 4)
    by_problem = choose("alpha-dpg", {"alpha": 0.8, "alpha_hard": 0.1}).options
    assert alpha_of(samples, by_problem).tolist() == pytest.approx([0.17, 0.17, 0.8, 0.8])


def test_an_alpha_for_each_problem_is_that_problems_objective() -> None:
    toy = Toy(20)
    samples = toy.samples("base")
    alpha = 0.1 + samples.log_partition[0].exp().item() * (0.8 - 0.1)
    mixed = choose("alpha-dpg", {"alpha": 0.8, "alpha_hard": 0.1})(samples).loss
    torch.testing.assert_close(mixed, choose("alpha-dpg", {"alpha": alpha})(samples).loss)


def test_the_soft_partition_function_is_the_sum_over_all_completions() -> None:
    toy = Toy(21)
    samples = replace(toy.samples("base"), log_sampler=torch.zeros_like(toy.log_base))  # a uniform list of all of them
    for reward in (toy.verified.double(), toy.graded):
        expected_z = (toy.log_base.exp() * (reward / BETA).exp()).sum().log().item()
        found = soft_log_partition(replace(samples, reward=reward), BETA)
        assert found.tolist() == pytest.approx([expected_z] * len(found), abs=1e-9)


def test_a_sharper_soft_target_tends_to_the_filtered_one() -> None:
    toy = Toy(22)
    samples = toy.samples("base")
    soft, hard = (
        gradient(expected(choose("alpha-dpg", {"alpha": 0.5, "beta": beta}), samples), toy.theta)
        for samples, beta in ((samples, 0.02), (toy.samples("base"), None))
    )
    torch.testing.assert_close(soft, hard, rtol=0, atol=1e-6)


def test_no_objective_reads_what_it_was_promised_not_to_need() -> None:
    """Without `whole_step` a sample's loss ignores the others' π_θ, without `tokens` there are none."""
    toy = Toy(23)
    for name in OBJECTIVES:
        objective = choose(name, {"alpha": 0.5} if name == "alpha-dpg" else {})
        samples = replace(toy.samples("other"), greedy_reward=torch.zeros_like(toy.log_base))
        samples = replace(samples, state=objective.start(samples.log_partition[:1]))
        if not objective.needs.tokens:
            samples = replace(samples, tokens=None)
        whole = objective(samples).loss
        shifted = samples.log_policy.detach() - torch.arange(len(whole)).clamp(max=1)
        tokens = samples.tokens
        if tokens is not None:
            tokens = replace(tokens, log_policy=tokens.log_policy - (tokens.sample > 0).double())
        other = objective(replace(samples, log_policy=shifted, tokens=tokens)).loss
        assert objective.needs.whole_step or other[0].item() == pytest.approx(whole[0].item()), name


# What is refused


def test_the_registry_has_every_name_that_help_lists() -> None:
    assert set(REGISTRY) == set(OBJECTIVES)


def test_the_documentation_has_a_row_for_every_objective_and_names_every_option() -> None:
    text = (Path(__file__).parents[2] / "docs" / "objectives.md").read_text(encoding="utf-8")
    for name, entry in REGISTRY.items():
        assert f"| `{name}` |" in text, name
        for option in fields(entry.options):
            assert f"`{option.name}`" in text or f"`{option.name}=" in text, option.name


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("gropo", {}, r"--objective gropo: unknown; did you mean grpo\? There are alpha-dpg, "),
        ("alpha-dpg", {}, "needs alpha; give --alpha"),
        ("alpha-dpg", {"alpha": "1.5"}, r"alpha = 1.5: must be in \[0, 1\]"),
        ("alpha-dpg", {"alpha": "nan"}, r"alpha = nan: must be in \[0, 1\]"),
        ("alpha-dpg", {"alpha": "half"}, "alpha=half: must be a number"),
        ("alpha-dpg", {"alpha": 0.5, "alpha_hrad": 1}, r"no such option; did you mean alpha_hard\?"),
        ("alpha-dpg", {"alpha": 0.5, "baseline": "mean"}, "knows positive, none, leave-one-out"),
        ("grpo", {"alpha": 0.5}, "grpo has no such option"),
        ("grpo", {"std": "yes"}, "must be true or false"),
        ("grpo", {"ratio": "none"}, "clips the ratio, so ratio cannot be none"),
        ("js", {"beta": 0}, "beta = 0.0: must be positive"),
        ("tb", {"floor": -1}, "floor = -1.0: must be positive"),
        ("pass-k", {"k": 0}, "k = 0: must be 1 or more"),
        ("rloo", {"log_ratio_cap": -1}, "log_ratio_cap = -1.0"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(name: str, arguments: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        choose(name, arguments)


def test_options_come_as_text() -> None:
    assert parse_arguments(["std=false", "kl=0.1"]) == {"std": "false", "kl": "0.1"}
    objective = choose("grpo", {"std": "false", "kl": "0.1", "log_ratio_cap": "none"})
    assert (objective.options.std, objective.options.kl, objective.options.log_ratio_cap) == (False, 0.1, None)
    assert objective.label == "grpo log_ratio_cap=None kl=0.1 std=False"
    for pairs, message in ((["std"], "must be key=value"), (["k=1", "k=2"], "given twice")):
        with pytest.raises(UsageError, match=message):
            parse_arguments(pairs)
