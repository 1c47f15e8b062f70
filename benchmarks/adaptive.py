"""What `cli gen --until-…` saves, and what stopping early does to estimates: `python -m benchmarks.adaptive`.

Nothing is simulated: every number is a sum over all points at which a plan can end, averaged over problems whose pass
rates follow Beta(0.3, 2), of mean 0.13 like the quickstart's base policy, or are spread evenly. Flat is a plain --n,
that of the last look: it gives every problem the same precision.
"""

from __future__ import annotations

import math

import numpy as np

from train.stopping import Behaviour, Ends, Floats, Plan, Precision, behaviour, ends

PLANS = (
    Plan(Precision(z_error=0.1), 8, 512),
    Plan(Precision(z_error=0.05), 8, 512),
    Plan(Precision(z_rel_error=0.5), 8, 512),
    Plan(Precision(z_rel_error=0.25), 8, 512),
)
RATES = (np.arange(2000) + 0.5) / 2000
SPECTRA = {"Beta(0.3, 2)": RATES ** (0.3 - 1) * (1 - RATES), "uniform": np.ones_like(RATES)}


def main() -> None:
    """Print samples, bias and coverage of some plans."""
    for plan in PLANS:
        flat = _flat(plan.looks[-1])
        ours, theirs = behaviour(plan.ends, RATES), behaviour(flat, RATES)
        print(f"{plan.precision}, looks {', '.join(map(str, plan.looks))}")
        for name, density in SPECTRA.items():
            _print_cost(plan, name, density / density.sum(), ours)
        print(
            f"  {'bias at the worst Z':24} pass rate {_worst(plan.ends, False):.4f}   Ẑ {_worst(plan.ends, True):.0e}"
        )
        print(f"  {'coverage':24} ours {_coverage(ours)}   flat --n {plan.looks[-1]} {_coverage(theirs)}")


def _flat(n: int) -> Ends:
    return ends([(n, np.ones(n + 1, bool))])


def _print_cost(plan: Plan, name: str, weight: Floats, ours: Behaviour) -> None:
    spent, flat = float(weight @ ours.samples), plan.looks[-1]
    settled = [_settled(plan, found, weight) for found in (plan.ends, _flat(round(spent)))]
    errors = [_error(plan.ends, weight, unbiased) for unbiased in (False, True)]
    print(
        f"  {name:24} {spent:6.1f} samples a problem, flat {flat}: {flat / spent:.2f} times as many"
        f"   settled {settled[0]:.1%}, by as many flat samples {settled[1]:.1%}"
        f"   RMS error: pass rate {errors[0]:.4f}, Ẑ {errors[1]:.4f}"
    )


def _settled(plan: Plan, found: Ends, weight: Floats) -> float:
    precise = plan.precision.reached(found.n, found.verified)
    return float(sum(w * found.probability(z)[precise].sum() for w, z in zip(weight, RATES, strict=True)))


def _error(found: Ends, weight: Floats, unbiased: bool) -> float:
    estimate = _estimate(found, unbiased)
    squares = (found.probability(z) @ (estimate - z) ** 2 for z in RATES)
    return math.sqrt(sum(w * square for w, square in zip(weight, squares, strict=True)))


def _worst(found: Ends, unbiased: bool) -> float:
    estimate = _estimate(found, unbiased)
    return max(abs(float(found.probability(z) @ estimate - z)) for z in RATES)


def _estimate(found: Ends, unbiased: bool) -> Floats:
    return found.unbiased if unbiased else found.verified / found.n


def _coverage(acts: Behaviour) -> str:
    worst = int(acts.coverage.argmin())
    return f"{acts.coverage.mean():.1%} on average, least {acts.coverage[worst]:.1%} (Z = {RATES[worst]:.3f})"


if __name__ == "__main__":
    main()
