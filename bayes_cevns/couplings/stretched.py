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

from typing import Any

import numpy as np
import pytensor.tensor as pt
from numpy.typing import ArrayLike
from pymc.logprob.transforms import Transform
from pytensor.tensor.variable import TensorVariable
from scipy.special import logit

from bayes_cevns.arrays import Array


def unbounded(share: ArrayLike, length: float) -> Array:
    """Return v for shares in (0, 1), the inverse of the map above, R being the length."""
    s = np.asarray(share, dtype=float)
    if length == 0.0:
        return np.asarray(logit(s))
    y = length * s
    return np.asarray(y - 0.5 * length + np.log(-np.expm1(-y)) - np.log(-np.expm1(y - length)))


class Stretched(Transform):
    """The map as a transform of a uniform random variable.

    Parameters
    ----------
    length
        R, a scalar that may be data: zero, or 0.1 and more. In between, rounding errors are large:
        what is divided by R is the difference of two nearly equal numbers.
    """

    name = "stretched"

    def __init__(self, length: TensorVariable) -> None:
        self._length = length
        self._some = pt.switch(pt.gt(length, 0.0), length, 1.0)  # no 0/0 at R = 0

    def forward(self, value: TensorVariable, *inputs: Any) -> TensorVariable:
        """Return v for t."""
        lower, upper = inputs[-2:]
        share = (value - lower) / (upper - lower)
        y = self._some * share
        long = y - 0.5 * self._some + pt.log(-pt.expm1(-y)) - pt.log(-pt.expm1(y - self._some))
        return pt.switch(pt.gt(self._length, 0.0), long, pt.log(share) - pt.log1p(-share))

    def backward(self, value: TensorVariable, *inputs: Any) -> TensorVariable:
        """Return t for v."""
        lower, upper = inputs[-2:]
        half = 0.5 * self._some
        long = (pt.softplus(value + half) - pt.softplus(value - half)) / self._some
        share = pt.switch(pt.gt(self._length, 0.0), long, pt.sigmoid(value))
        return lower + (upper - lower) * share

    def log_jac_det(self, value: TensorVariable, *inputs: Any) -> TensorVariable:
        """Return the logarithm of dt/dv."""
        lower, upper = inputs[-2:]
        # The difference of two logistic functions R apart is (1 - e^-R) times the product of the
        # one and the other's complement.
        half = 0.5 * self._length
        window = pt.log(-pt.expm1(-self._some) / self._some)
        window = pt.switch(pt.gt(self._length, 0.0), window, 0.0)
        ends = -pt.softplus(-value - half) - pt.softplus(value - half)
        return pt.log(upper - lower) + window + ends
