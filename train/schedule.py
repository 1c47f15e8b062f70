"""How the learning rate goes over the steps, as a function of the step alone: nothing to save, nothing to restore."""

from __future__ import annotations

import math

SCHEDULES = ("constant", "linear", "cosine")


def learning_rate(step: int, steps: int, *, peak: float, warmup: float, schedule: str) -> float:
    """Return the learning rate of step 1 … `steps`.

    It rises in equal parts over the first `warmup` share of the steps and reaches `peak` with the last of these. Then
    it stays (constant), or falls to 0, which it would reach one step after the last, along a line or half a cosine.
    """
    rising = round(warmup * steps)
    if step < rising:
        return peak * step / rising
    left = (steps + 1 - step) / (steps + 1 - max(1, rising))
    if schedule == "linear":
        return peak * left
    if schedule == "cosine":
        return peak * (1 - math.cos(math.pi * left)) / 2
    return peak
