"""From the sampler's coordinates to parameters, and the priors of these, for Numba."""

from __future__ import annotations

import math

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards.densities import Counted, LogNormal, Normal, SplitNormal
from bayes_cevns.couplings.stretched import log_rise_of, share_of, slope_of_log_rise_of
from bayes_cevns.density import scalars
from bayes_cevns.density.kinds import (
    ABOVE,
    AS_IT_IS,
    BELOW,
    BETWEEN,
    COUNTED,
    LOG_NORMAL,
    NORMAL,
    NOTHING,
    POSITIVE,
    RANGE,
    SPLIT_NORMAL,
)
from bayes_cevns.density.scalars import sigmoid, softplus
from bayes_cevns.tables.compiled import kernel

_share, _log_rise = kernel(share_of(scalars)), kernel(log_rise_of(scalars))
_slope_of_log_rise = kernel(slope_of_log_rise_of(scalars))

_normal, _normal_slope = kernel(Normal.kernel_of(scalars)), kernel(Normal.slope_of(scalars))
_split, _split_slope = kernel(SplitNormal.kernel_of(scalars)), kernel(SplitNormal.slope_of(scalars))
_log_normal, _log_normal_slope = (
    kernel(LogNormal.kernel_of(scalars)),
    kernel(LogNormal.slope_of(scalars)),
)
_counted, _counted_slope = kernel(Counted.kernel_of(scalars)), kernel(Counted.slope_of(scalars))


@kernel
def natural(kind: int, numbers: Array, u: float) -> tuple[float, float, float]:
    """Return a parameter for its coordinate.

    Returns
    -------
    value, log_rise, slope
        The parameter, the logarithm of |d value / du|, and the derivative of that. The parameter
        rises with u, except `BELOW` its upper end.
    """
    if kind == AS_IT_IS:
        return u, 0.0, 0.0
    if kind == ABOVE:
        return numbers[0] + math.exp(u), u, 1.0
    if kind == BELOW:
        return numbers[1] - math.exp(u), u, 1.0
    if kind == POSITIVE:
        return softplus(u), -softplus(-u), sigmoid(-u)
    length = numbers[1] - numbers[0]
    if kind == BETWEEN:
        share = sigmoid(u)
        rise = math.log(length) - 2.0 * softplus(-u) - u
        return numbers[0] + length * share, rise, 1.0 - 2.0 * share
    value = numbers[0] + length * _share(u, numbers[4])
    return value, math.log(length) + _log_rise(u, numbers[4]), _slope_of_log_rise(u, numbers[4])


@kernel
def log_prior(kind: int, numbers: Array, value: float) -> tuple[float, float]:
    """Return the logarithm of the density of a parameter, and its derivative."""
    if kind == NOTHING:
        return 0.0, 0.0
    if kind == RANGE:
        return -math.log(numbers[1] - numbers[0]), 0.0
    a, b, c, norm = numbers[0], numbers[1], numbers[2], numbers[3]
    if kind == NORMAL:
        return _normal(value, a, b) - norm, _normal_slope(value, a, b)
    if kind == SPLIT_NORMAL:
        return _split(value, a, b, c) - norm, _split_slope(value, a, b, c)
    if kind == LOG_NORMAL:
        return _log_normal(value, a, b) - norm, _log_normal_slope(value, a, b)
    if kind == COUNTED:
        return _counted(value, a, b) - norm, _counted_slope(value, a, b)
    return np.nan, np.nan
