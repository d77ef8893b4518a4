"""Charts (`bayes_cevns.density.chart`) and their gradients for Numba."""

from __future__ import annotations

import math
from typing import Final

from bayes_cevns.arrays import Array
from bayes_cevns.tables.compiled import kernel
from bayes_cevns.tables.views import fill

# Places in the numbers of a chart: the first knot, the distance of knots, the logarithm of the
# determinant of L without its first row, then c and L.
_LOW: Final = 0
_STEP: Final = 1
_VOLUME: Final = 2
_CURVE: Final = 3


@kernel
def _place(numbers: Array, pieces: int, z: float) -> tuple[int, float, float]:
    """Return the piece of the curve, the distance from its first knot, and how far z is outside."""
    low, step = numbers[_LOW], numbers[_STEP]
    high, inside = low + step * pieces, low
    if z > low:  # not if it is NaN
        inside = z
    if z > high:
        inside = high
    piece = min(int((inside - low) / step), pieces - 1)
    return piece, inside - low - step * piece, z - inside


@kernel
def chart_point(numbers: Array, pieces: int, z: Array, u: Array) -> float:
    """Fill in u for z, and return the logarithm of the determinant of du/dz."""
    size, rise = z.size, 1.0
    piece, t, outside = _place(numbers, pieces, z[0])
    factor = _CURVE + 4 * size * pieces
    for i in range(size):
        at = _CURVE + 4 * (i * pieces + piece)
        a, b, c, d = numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]
        slope = b + t * (2.0 * c + 3.0 * t * d)
        u[i] = a + t * (b + t * (c + t * d)) + slope * outside
        for j in range(i + 1):
            u[i] += numbers[factor + i * size + j] * z[j]
        if i == 0:
            rise = slope + numbers[factor]
    return numbers[_VOLUME] + math.log(rise)


@kernel
def chart_gradient(numbers: Array, pieces: int, z: Array, slopes: Array, gradient: Array) -> None:
    """Fill in derivatives by z for those by u, with that of the logarithm of the determinant."""
    size = z.size
    piece, t, outside = _place(numbers, pieces, z[0])
    factor = _CURVE + 4 * size * pieces
    fill(gradient, 0.0)
    for i in range(size):
        at = _CURVE + 4 * (i * pieces + piece)
        b, c, d = numbers[at + 1], numbers[at + 2], numbers[at + 3]
        slope = b + t * (2.0 * c + 3.0 * t * d)
        gradient[0] += slopes[i] * slope
        for j in range(i + 1):
            gradient[j] += slopes[i] * numbers[factor + i * size + j]
        if i == 0 and outside == 0.0:
            gradient[0] += (2.0 * c + 6.0 * t * d) / (slope + numbers[factor])
