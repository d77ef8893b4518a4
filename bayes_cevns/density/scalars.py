"""The functions of formulas as Numba has them, for one number at a time."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from bayes_cevns.tables.compiled import kernel

log, exp, expm1, sqrt, abs, sign = np.log, np.exp, np.expm1, np.sqrt, np.abs, np.sign  # noqa: A001  # a namespace
gammaln = math.lgamma

#: What makes a formula one that others may call.
compiled = kernel

#: Coefficients of 1/x^2, 1/x^4, ... in ln x - 1/(2x) - psi(x): Bernoulli numbers B_2n / 2n.
_BERNOULLI: Final = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)

#: From here on, the terms of the expansion that are left out are below 1e-16.
_FAR = 8.0


@kernel
def where(condition: bool, inside: float, outside: float) -> float:
    """Return one of two numbers."""
    return inside if condition else outside


@kernel
def maximum(first: float, second: float) -> float:
    """Return the larger number, NaN if the first is."""
    return second if first < second else first


@kernel
def minimum(first: float, second: float) -> float:
    """Return the smaller number, NaN if the first is."""
    return second if first > second else first


@kernel
def softplus(value: float) -> float:
    """Return ln(1 + e^v)."""
    return max(value, 0.0) + math.log1p(math.exp(-math.fabs(value)))


@kernel
def sigmoid(value: float) -> float:
    """Return 1 / (1 + e^-v)."""
    small = math.exp(-math.fabs(value))
    return 1.0 / (1.0 + small) if value >= 0.0 else small / (1.0 + small)


@kernel
def digamma(value: float) -> float:
    """Return the derivative of ln Gamma at a positive number.

    Recurrence and asymptotic expansion: Abramowitz and Stegun, 6.3.5 and 6.3.18.
    """
    found, x = 0.0, value
    while x < _FAR:
        found -= 1.0 / x
        x += 1.0
    square, power = 1.0 / (x * x), 1.0
    found += math.log(x) - 0.5 / x
    for coefficient in _BERNOULLI:
        power *= square
        found -= coefficient * power
    return found
