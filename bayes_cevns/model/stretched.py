"""The unbounded coordinate of a coupling as a transform of PyMC."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pymc.logprob.transforms import Transform
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.couplings.stretched import log_rise_of, share_of


class Stretched(Transform):
    """The map of `bayes_cevns.couplings.stretched` as a transform of a uniform random variable.

    Parameters
    ----------
    length
        R, a scalar that may be data.
    """

    name = "stretched"

    def __init__(self, length: TensorVariable) -> None:
        self._length = length

    def forward(self, value: TensorVariable, *inputs: Any) -> TensorVariable:
        """Return v for t."""
        lower, upper = inputs[-2:]
        share = (value - lower) / (upper - lower)
        some = pt.switch(pt.gt(self._length, 0.0), self._length, 1.0)
        y = some * share
        long = y - 0.5 * some + pt.log(-pt.expm1(-y)) - pt.log(-pt.expm1(y - some))
        return pt.switch(pt.gt(self._length, 0.0), long, pt.log(share) - pt.log1p(-share))

    def backward(self, value: TensorVariable, *inputs: Any) -> TensorVariable:
        """Return t for v."""
        lower, upper = inputs[-2:]
        return lower + (upper - lower) * share_of(pt)(value, self._length)

    def log_jac_det(self, value: TensorVariable, *inputs: Any) -> TensorVariable:
        """Return the logarithm of dt/dv."""
        lower, upper = inputs[-2:]
        return pt.log(upper - lower) + log_rise_of(pt)(value, self._length)
