"""Coordinates of the sampler in which a density is close to standard normal.

Those of the model follow from coordinates z of the sampler as

    u = c(z_1) + L z

with a curve c and a lower triangular L (`bayes_cevns.inference.modes.chart` finds both).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.tables.compiled import kernel
from bayes_cevns.tables.views import fill

# Places in the numbers of a chart: the first knot, the distance of knots, the logarithm of the
# determinant of L without its first row, then c and L.
_LOW: Final = 0
_STEP: Final = 1
_VOLUME: Final = 2
_CURVE: Final = 3


@dataclass(frozen=True, eq=False, repr=False)
class Chart(Displayed):
    """The map u = c(z_1) + L z from coordinates of the sampler to those of the model.

    Attributes
    ----------
    low, step
        First knot of the curve, and the distance of knots.
    curve
        Coefficients of 1, t, t^2, t^3 between two knots, t being the distance from the first,
        shape (d, pieces, 4). Outside of the knots the curve is straight.
    factor
        L, lower triangular, shape (d, d).
    """

    low: float
    step: float
    curve: Array
    factor: Array

    def points(self, at: Array) -> Array:
        """Return u, from shape (..., d) to the same shape."""
        return self._curve(at[..., 0])[0] + at @ self.factor.T

    def log_volume(self, at: Array) -> Array:
        """Return the logarithm of the determinant of du/dz, from shape (..., d) to (...)."""
        slope = self._curve(at[..., 0])[1][..., 0] + self.factor[0, 0]
        return np.asarray(np.log(slope) + np.log(self.factor.diagonal()[1:]).sum())

    def _curve(self, at: Array) -> tuple[Array, Array]:
        """Return the curve and its slope, shape (..., d)."""
        pieces = self.curve.shape[1]
        inside = np.clip(at, self.low, self.low + self.step * pieces)
        piece = np.minimum(((inside - self.low) / self.step).astype(int), pieces - 1)
        t = (inside - self.low - self.step * piece)[..., None]
        a, b, c, d = np.moveaxis(self.curve, -1, 0)[:, :, piece]
        a, b, c, d = (np.moveaxis(part, 0, -1) for part in (a, b, c, d))
        slope = b + t * (2.0 * c + 3.0 * t * d)
        return a + t * (b + t * (c + t * d)) + slope * (at - inside)[..., None], slope

    @property
    def pieces(self) -> int:
        """Number of pieces of the curve."""
        return int(self.curve.shape[1])

    @property
    def numbers(self) -> Array:
        """All of it as one array, as `chart_point` reads it."""
        volume = float(np.log(self.factor.diagonal()[1:]).sum())
        head = np.array([self.low, self.step, volume])
        return np.concatenate([head, self.curve.ravel(), self.factor.ravel()])


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
