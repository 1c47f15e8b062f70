"""What a step tells: how far π_θ is from the target and the base, and how much of the samples is left by their weights.

Every expectation is estimated from the step's samples of q by self-normalised importance sampling, problem by problem,
and averaged over the P problems. Tensors are (M,), float64, nats; `problem` has values 0 … P−1, each present.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from train.objective import LOG_LARGEST
from train.objectives import Objective, Samples, State
from train.objectives.correction import Correction, bounded
from train.objectives.groups import group_logsumexp, group_sum
from train.objectives.target import target_of

DEFAULT_ALPHA = 0.5
"""Of the α-divergence that is shown for objectives without an α."""


def diagnose(samples: Samples, objective: Objective) -> tuple[dict[str, float], State]:
    """Return the metrics of a step whose `log_policy` is known of every sample, and the objective's next state."""
    samples = replace(samples, log_policy=samples.log_policy.detach())
    weight, found, state = gradient_weights(samples, objective)
    options = objective.options
    target = target_of(samples, getattr(options, "beta", None))
    inside = target.support
    metrics = {
        **divergences(
            samples.log_policy[inside],
            target.log_prob[inside],
            samples.log_sampler[inside],
            samples.problem[inside],
            alpha=getattr(options, "alpha", DEFAULT_ALPHA),
        ),
        **effective_sizes(samples.share * weight, samples.problem),
        **clipping(samples, options),
        **_gap(samples),
        **(of_the_policy(samples) if _complete(samples) else {}),
    }
    return {**metrics, **{name: float(value) for name, value in found.items()}}, state


def divergences(
    log_policy: Tensor, log_target: Tensor, log_sampler: Tensor, problem: Tensor, *, alpha: float
) -> dict[str, float]:
    """Return divergences between π_θ and p from samples in the support of p, t = π_θ/p.

    - forward_kl: KL(p ‖ π_θ) = −E_p[log t]
    - alpha_divergence: (1 − E_p[t^α])/α, 0 where π_θ = p; the forward KL for α = 0
    - js: log 2 − ½ E_p[t log(1 + 1/t) + log(1 + t)]
    - tv: E_p[(1 − t)₊]
    - mass: E_p[t] = π_θ(support), for the filtered target the policy's chance of a proof
    - reverse_kl: KL(π_θ(· | support) ‖ p) = E_p[t log t]/E_p[t] − log E_p[t]; without the condition it is infinite
      unless mass is 1
    """
    log_share = _log_share(log_target - log_sampler, problem)
    log_t = (log_policy - log_target).clamp(max=LOG_LARGEST)

    def mean(log_values: Tensor) -> Tensor:
        """Return E_p of exp(log_values), (P,)."""
        return _per_problem((log_share + log_values).clamp(max=LOG_LARGEST).exp(), problem)

    forward = _per_problem(-log_share.exp() * log_t, problem)
    mass = mean(log_t)
    inner = log_t.exp() * functional.softplus(-log_t) + functional.softplus(log_t)
    tilted = _per_problem((log_share + log_t).clamp(max=LOG_LARGEST).exp() * log_t, problem)
    found = {
        "forward_kl": forward,
        "reverse_kl": tilted / mass.clamp(min=_TINY) - mass.clamp(min=_TINY).log(),
        "alpha_divergence": (1 - mean(alpha * log_t)) / alpha if alpha else forward,
        "js": torch.tensor(2.0).log() - _per_problem(log_share.exp() * inner, problem) / 2,
        "tv": _per_problem(log_share.exp() * (-torch.expm1(log_t)).clamp(min=0), problem),
        "mass": mass,
    }
    return {name: float(value.mean()) for name, value in found.items()}


def of_the_policy(samples: Samples) -> dict[str, float]:
    """Return entropy = −E_π[log π_θ] and kl_base = E_π[log π_θ − log π_base], from all samples, right and wrong."""
    share = _log_share(samples.log_policy - samples.log_sampler, samples.problem).exp()
    gap = samples.log_policy - samples.log_base
    return {
        "entropy": float(_per_problem(-share * samples.log_policy, samples.problem).mean()),
        "kl_base": float(_per_problem(share * gap, samples.problem).mean()),
    }


def effective_sizes(weight: Tensor, problem: Tensor) -> dict[str, float]:
    """Return effective sample sizes (Σw)²/Σw² of weights w ≥ 0.

    `ess_samples` is that number; `ess` its share of the samples with a weight; `ess_problem` and `ess_problem_min` are
    the mean and least share of a problem. 0 where nothing has a weight.
    """
    some = weight > 0
    if not bool(some.any()):
        return dict.fromkeys(("ess", "ess_samples", "ess_problem", "ess_problem_min"), 0.0)
    _, of = torch.unique(problem[some], return_inverse=True)
    log_weight = weight[some].log()
    whole = torch.zeros_like(of)
    size = _effective(log_weight, whole)[0]
    shares = _effective(log_weight, of) / group_sum(torch.ones_like(log_weight), of)
    each = _per_problem(shares / group_sum(torch.ones_like(log_weight), of), of)
    return {
        "ess": float(size) / len(log_weight),
        "ess_samples": float(size),
        "ess_problem": float(each.mean()),
        "ess_problem_min": float(shares.min()),
    }


def gradient_weights(samples: Samples, objective: Objective) -> tuple[Tensor, dict[str, Tensor], State]:
    """Return |∂ loss/∂ log π_θ| of each sample, (M,), with the objective's own metrics and next state.

    Where tokens have slopes of their own, their mean is taken.
    """
    leaf = samples.log_policy.detach().clone().requires_grad_()
    tokens = samples.tokens
    token_leaf = None if tokens is None else tokens.log_policy.detach().clone().requires_grad_()
    if tokens is not None and token_leaf is not None:
        tokens = replace(tokens, log_policy=token_leaf)
    given = replace(samples, log_policy=leaf, tokens=tokens)
    terms = objective(given)
    leaves = [leaf] if token_leaf is None else [leaf, token_leaf]
    slopes = torch.autograd.grad(terms.loss.sum(), leaves, allow_unused=True)
    weight = torch.zeros_like(leaf) if slopes[0] is None else slopes[0]
    if token_leaf is not None and slopes[1] is not None:
        weight = weight + given.on(slopes[1]) / samples.num_tokens
    return weight.detach().abs(), terms.metrics, {name: value.detach().cpu() for name, value in terms.state.items()}


def clipping(samples: Samples, correction: Correction) -> dict[str, float]:
    """Return the share of the ratios π_θ/q that are capped, and the share of their sum that the cap takes."""
    if correction.ratio == "none":
        return {"clip_fraction": 0.0, "clipped_mass": 0.0}
    log_ratio = samples.log_policy - samples.log_sampler
    if correction.ratio == "token" and samples.tokens is not None:
        log_ratio = samples.tokens.log_policy - samples.tokens.log_sampler
    log_ratio = log_ratio.detach()
    cap = torch.inf if correction.log_ratio_cap is None else correction.log_ratio_cap
    left = (bounded(log_ratio, correction).logsumexp(0) - log_ratio.logsumexp(0)).exp()
    return {"clip_fraction": float((log_ratio > cap).double().mean()), "clipped_mass": float(1 - left)}


def _gap(samples: Samples) -> dict[str, float]:
    """Return mean and largest size of log π_θ − log q; before the first step, the gap between their engines."""
    log_ratio = samples.log_policy.detach() - samples.log_sampler
    return {"log_ratio_mean": float(log_ratio.mean()), "log_ratio_max": float(log_ratio.abs().max())}


def _complete(samples: Samples) -> bool:
    """Return whether no sample of reward 0 was left out."""
    count = group_sum(torch.ones_like(samples.share), samples.problem)
    return bool((count == samples.num_drawn).all())


def _log_share(log_weight: Tensor, problem: Tensor) -> Tensor:
    """Return log of w/Σw, the sum being over the problem."""
    return log_weight - group_logsumexp(log_weight, problem)


def _per_problem(values: Tensor, problem: Tensor) -> Tensor:
    """Return the sum over each problem, (P,)."""
    size = int(problem.max()) + 1
    return torch.zeros(size, dtype=values.dtype, device=values.device).index_add(0, problem, values)


def _effective(log_weight: Tensor, group: Tensor) -> Tensor:
    """Return (Σw)²/Σw² of a sample's group, (M,)."""
    return (2 * group_logsumexp(log_weight, group) - group_logsumexp(2 * log_weight, group)).exp()


_TINY = 1e-300
