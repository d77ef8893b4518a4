"""Coordinates of the sampler in which a density is close to standard normal.

Those of the model follow from coordinates z of the sampler as

    u = c(z_1) + L z

with a curve c and a lower triangular L (`bayes_cevns.inference.modes.chart` finds both).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed


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
        """All of it as one array, as `bayes_cevns.density.chart_kernels` reads it."""
        volume = float(np.log(self.factor.diagonal()[1:]).sum())
        head = np.array([self.low, self.step, volume])
        return np.concatenate([head, self.curve.ravel(), self.factor.ravel()])
