"""An unbounded coordinate for a number between two bounds, linear except near the bounds.

A number t with a uniform prior between two bounds is sampled in an unbounded coordinate v,

    share = (t - lower) / (upper - lower) = 1/R integral_{v - R/2}^{v + R/2} logistic(v') dv'
          = [softplus(v + R/2) - softplus(v - R/2)] / R:

the logistic function averaged over a window of length R. R = 0 is the logistic function itself, the
usual choice. Take a posterior that is far narrower than the prior, with its maximum at one bound.
In v with R = 0 it has an exponential tail on one side and falls like exp(-exp(2 v)) on the other,
where NUTS diverges with steps that suit the tail. With R such that the range is R widths of the
posterior, v is linear in t except within about one such width of each bound, and the density falls
no more steeply than the posterior itself. The prior does not depend on R: its density in v is the
slope of the share.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array


def unbounded(share: ArrayLike, length: float) -> Array:
    """Return v for shares in (0, 1), the inverse of the map above, R being the length."""
    from scipy.special import logit

    s = np.asarray(share, dtype=float)
    if length == 0.0:
        return np.asarray(logit(s))
    y = length * s
    return np.asarray(y - 0.5 * length + np.log(-np.expm1(-y)) - np.log(-np.expm1(y - length)))


def share_of(functions: Any) -> Callable[[Any, Any], Any]:
    """Return the share as a function of v and R, which is zero, or 0.1 and more.

    In between, rounding errors are large: what is divided by R is the difference of two nearly
    equal numbers. `functions` has ``softplus``, ``where`` and so on: ``pytensor.tensor``, or
    `bayes_cevns.density.scalars` for Numba.
    """
    softplus, sigmoid, where = functions.softplus, functions.sigmoid, functions.where

    def share(value: Any, length: Any) -> Any:
        some = where(length > 0.0, length, 1.0)  # no 0/0 at R = 0
        long = (softplus(value + 0.5 * some) - softplus(value - 0.5 * some)) / some
        return where(length > 0.0, long, sigmoid(value))

    return share


def log_rise_of(functions: Any) -> Callable[[Any, Any], Any]:
    """Return the logarithm of the derivative of the share as a function of v and R."""
    softplus, where = functions.softplus, functions.where
    log, expm1 = functions.log, functions.expm1

    def log_rise(value: Any, length: Any) -> Any:
        # The difference of two logistic functions R apart is (1 - e^-R) times the product of the
        # one and the other's complement.
        some = where(length > 0.0, length, 1.0)
        window = where(length > 0.0, log(-expm1(-some) / some), 0.0)
        return window - softplus(-value - 0.5 * length) - softplus(value - 0.5 * length)

    return log_rise


def slope_of_log_rise_of(functions: Any) -> Callable[[Any, Any], Any]:
    """Return the derivative of `log_rise_of` with respect to v, likewise."""
    sigmoid = functions.sigmoid

    def slope(value: Any, length: Any) -> Any:
        return sigmoid(-value - 0.5 * length) - sigmoid(value - 0.5 * length)

    return slope
