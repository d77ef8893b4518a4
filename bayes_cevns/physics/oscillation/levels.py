"""Levels of Hermitian 3 x 3 matrices in closed form, and the share of nu_e in each.

A Hermitian matrix less a third of its trace has the characteristic polynomial

    lambda^3 - 3 p^2 lambda - det = 0,   lambda = p t sign(det),   t^3 - 3 t = |det| / p^3 = 2 s,

with 0 <= s <= 1. The root t between sqrt 3 and 2 is the level that stands apart, above or below the
other two; Newton's steps on it are well conditioned whatever the others do. These are -t/2 -+
sqrt(3 (2 - t)(2 + t))/2, without cancellation when they are close. The shares w_k = |<nu_e|nu_k>|^2
follow from sum w_k = 1, sum lambda_k w_k = H_ee and sum lambda_k^2 w_k = (H^2)_ee.

The methods of numerical libraries (`bayes_cevns.physics.oscillation.three_flavour`) give the same
and are a hundred times slower for many small matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed

#: First guess of the root t and Newton's steps from there: 1e-16 for every s from 0 to 1.
GUESS = (1.7320508075688772, 1.0 / 3.0, -0.0653841409022105)
NEWTON_STEPS = 3

#: Half gaps are at least this, relative to p: where levels cross exactly the states are arbitrary.
LEAST_GAP = 1e-9


@dataclass(frozen=True, repr=False)
class Levels(Displayed):
    """Levels of some matrices, arrays of one shape.

    Attributes
    ----------
    is_high
        Whether the level that stands apart is the highest; else it is the lowest.
    apart
        Share of nu_e in it.
    lower, upper
        Shares of nu_e in the other two.
    gap
        Difference of the other two, in the unit of the matrices.
    distance
        Distance of the level that stands apart from the mean of the other two.
    """

    is_high: NDArray[np.bool_]
    apart: Array
    lower: Array
    upper: Array
    gap: Array
    distance: Array

    @property
    def shares(self) -> Array:
        """Shares of nu_e from the lowest to the highest level, shape (3, ...)."""
        high = [self.lower, self.upper, self.apart]
        low = [self.apart, self.lower, self.upper]
        return np.where(self.is_high, high, low)

    @property
    def gaps(self) -> Array:
        """Difference of the middle and the lowest level, of highest and middle, shape (2, ...)."""
        wide = self.distance - 0.5 * self.gap
        return np.where(self.is_high, [self.gap, wide], [wide, self.gap])


def levels(entries: Sequence[Array]) -> Levels:
    """Return the levels of Hermitian matrices.

    Parameters
    ----------
    entries
        The nine entries in the layout of `hermitian`, arrays of one shape.
    """
    ee, mm, tt, xr, yr, zr, xi, yi, zi = entries
    third = (ee + mm + tt) / 3.0
    a, b, c = ee - third, mm - third, tt - third
    x2, y2, z2 = xr * xr + xi * xi, yr * yr + yi * yi, zr * zr + zi * zi
    p2 = (a * a + b * b + c * c) / 6.0 + (x2 + y2 + z2) / 3.0
    cycle = (xr * zr - xi * zi) * yr + (xr * zi + xi * zr) * yi
    det = a * b * c + 2.0 * cycle - a * z2 - b * y2 - c * x2
    p = np.sqrt(p2)
    s = np.minimum(0.5 * np.abs(det) / (p2 * p), 1.0)
    t = GUESS[0] + s * (GUESS[1] + s * GUESS[2])
    for _ in range(NEWTON_STEPS):
        t = (2.0 * t * t * t + 2.0 * s) / (3.0 * (t * t - 1.0))
    t = np.minimum(t, 2.0)
    apart = np.where(det < 0.0, -p, p) * t
    half_gap = p * np.maximum(np.sqrt(0.75 * (2.0 - t) * (2.0 + t)), LEAST_GAP)
    square = a * a + x2 + y2
    share = (square + apart * a + apart * apart - 3.0 * p2) / (3.0 * p2 * (t * t - 1.0))
    difference = (a + 0.5 * apart - 1.5 * apart * share) / half_gap
    rest = 1.0 - share
    lower, upper = 0.5 * (rest - difference), 0.5 * (rest + difference)
    return Levels(det >= 0.0, share, lower, upper, 2.0 * half_gap, 1.5 * np.abs(apart))
