"""Numba loops around what is timed, so that Python adds nothing.

Each loop moves its point a little and uses what comes back: the compiler can drop nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from bare import DIMENSION, Problem, log_density_and_gradient, rates_and_gradient
from numba import njit
from numpy.typing import NDArray

type Array = NDArray[np.float64]


@njit
def kernel_loop(
    n: int, problem: Problem, scales: Array, cotangent: Array, out: Array, gradient: Array
) -> float:
    """Call the hand-written contraction with its adjoint."""
    total = 0.0
    for i in range(n):
        at = 0.1 + 1e-7 * i
        rates_and_gradient(problem, scales, at, -at, cotangent, out, gradient)
        total += out[i % out.size] + gradient[i % gradient.size]
    return total


@njit
def density_loop(n: int, point: Array, problem: Problem, gradient: Array) -> float:
    """Call the hand-written log-density with its gradient."""
    total = 0.0
    for i in range(n):
        point[0] = 0.1 + 1e-7 * i
        total += log_density_and_gradient(point, problem, gradient) + gradient[i % DIMENSION]
    return total


@njit
def op_loop(
    n: int,
    shaped_value: Any,
    shaped_adjoint: Any,
    plain_value: Any,
    plain_adjoint: Any,
    shaped: Array,
    plain: Array,
    scales: Array,
    shape: Array,
    no_shape: Array,
    cotangent: Array,
) -> float:
    """Call the Numba functions of `RateOp` and `RateAdjointOp`, with and without shape axes."""
    total = 0.0
    for i in range(n):
        shape[0] = 0.1 + 1e-7 * i
        counts = shaped_value(shaped, scales, shape)
        more = plain_value(plain, scales, no_shape)
        to_scales, to_shape = shaped_adjoint(shaped, scales, shape, cotangent)
        to_plain, _ = plain_adjoint(plain, scales, no_shape, cotangent)
        total += counts[0] + more[0] + to_scales[0] + to_shape[0] + to_plain[0]
    return total


@njit
def model_loop(
    n: int, function: Any, size: int, point: Array, addresses: tuple[int, int, int, int]
) -> float:
    """Call the C function that nutpie calls; NaN if it ever fails."""
    at, gradient, value, user_data = addresses
    failures = 0
    for i in range(n):
        point[0] = 0.1 + 1e-7 * i
        failures += function(size, at, gradient, value, user_data)
    return np.nan if failures else 0.0
