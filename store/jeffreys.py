"""The 95 % Jeffreys interval of a pass rate in numpy: the one of `views/jeffreys.sql` and of `partition`."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TAIL = 0.025
"""Posterior mass left out on each side."""
_HALVINGS = 50
_LARGEST_TERM = 2000
_PRECISION = 1e-14
_TINY = 1e-300


def interval(n: npt.ArrayLike, verified: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return both ends for arrays of draws and verified draws; real numbers will do.

    The ends are the quantiles of Beta(verified + ½, n − verified + ½) that leave 2.5 % outside; the lower one is 0
    where nothing was verified, the upper one 1 where everything was.
    """
    draws, found = np.broadcast_arrays(np.asarray(n, float), np.asarray(verified, float))
    a, b = found + 0.5, draws - found + 0.5
    low = np.where(found <= 0, 0.0, quantile(TAIL, a, b))
    high = np.where(found >= draws, 1.0, quantile(1 - TAIL, a, b))
    return low, high


def quantile(mass: float, a: Floats, b: Floats) -> Floats:
    """Return where Beta(a, b) has `mass` below, by halving [0, 1]."""
    low, high = np.zeros_like(a), np.ones_like(a)
    log_beta = _log_gamma(a) + _log_gamma(b) - _log_gamma(a + b)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = _cdf(middle, a, b, log_beta) < mass
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def _cdf(x: Floats, a: Floats, b: Floats, log_beta: Floats) -> Floats:
    """Return I_x(a, b), the regularised incomplete beta function, for 0 < x < 1 (DLMF 8.17.22 and 8.17.4)."""
    mirrored = x > (a + 1) / (a + b + 2)
    x, a, b = np.where(mirrored, 1 - x, x), np.where(mirrored, b, a), np.where(mirrored, a, b)
    log_front = a * np.log(x) + b * np.log1p(-x) - log_beta - np.log(a)
    part = np.exp(log_front) * _fraction(x, a, b)
    return np.where(mirrored, 1 - part, part)


def _fraction(x: Floats, a: Floats, b: Floats) -> Floats:
    """Return the continued fraction of DLMF 8.17.22 by Lentz's method; it needs about √max(a, b) terms."""
    c, d = np.ones_like(x), _away(1 - (a + b) * x / (a + 1))
    d = 1 / d
    total = d
    for m in range(1, _LARGEST_TERM):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d, c = 1 / _away(1 + term * d), _away(1 + term / c)
            change = c * d
            total = total * change
        if np.all(np.abs(change - 1) < _PRECISION):
            break
    return total


def _away(values: Floats) -> Floats:
    """Keep a denominator from being 0."""
    return np.where(np.abs(values) < _TINY, _TINY, values)


def _log_gamma(values: Floats) -> Floats:
    return np.array([math.lgamma(value) for value in values.ravel()]).reshape(values.shape)
