"""Expected limits: quantiles of the limits of toys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from bayes_cevns.arrays import Array

#: Standard deviations of a normal distribution whose probabilities the quantiles have.
SIGMAS = (-2, -1, 0, 1, 2)


@dataclass(frozen=True)
class ExpectedLimit:
    """One quantile of the limits of toys.

    Attributes
    ----------
    sigma
        Which: 0 is the median, -1 and 1 are the ends of the central 68.3%, -2 and 2 those of
        the central 95.4%.
    value
        The quantile; not a number if there are fewer toys than `least_toys`.
    mc_error
        Its standard error, from the number of toys.
    """

    sigma: int
    value: float
    mc_error: float


def expected_limits(limits: ArrayLike) -> tuple[ExpectedLimit, ...]:
    """Return the quantiles of the limits of toys, one for each of `SIGMAS`.

    Parameters
    ----------
    limits
        Limits of the toys, shape (n,), n = 0 among them.

    Notes
    -----
    The fraction of n toys below a quantile has the standard error sqrt(p (1 - p) / n); half the
    distance of the quantiles at p minus and plus that is the error of the quantile.
    """
    values = np.sort(np.asarray(limits, dtype=float))
    return tuple(_quantile(values, sigma) for sigma in SIGMAS)


def least_toys(sigma: int) -> int:
    """Return how many toys a quantile needs, so that one is expected to lie beyond it."""
    return int(np.ceil(1.0 / ndtr(-abs(sigma))))


def _quantile(values: Array, sigma: int) -> ExpectedLimit:
    if values.size < least_toys(sigma):
        return ExpectedLimit(sigma, np.nan, np.nan)
    level = ndtr(sigma)
    spread = np.sqrt(level * (1 - level) / values.size)
    around = np.clip([level - spread, level, level + spread], 0, 1)
    low, value, high = np.quantile(values, around)
    return ExpectedLimit(sigma, float(value), float(0.5 * (high - low)))
