"""The likelihood of measured numbers with unlike errors below and above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, override

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.cards.likelihoods.base import MeasuredNumbers, folded


@dataclass(frozen=True, eq=False)
class AsymmetricErrors(MeasuredNumbers):
    """Barlow's Gaussian with a variance that is linear in the true value.

        ln P = -1/2 d^2 / (V + V' d) + constant,  d = mean - observed,
        V = minus plus,  V' = plus - minus

    (R. Barlow, physics/0406120): a parabola that bends so that it falls by 1/2 at
    -minus and at +plus, smooth in between, which a split normal is not. The variance of a count is
    linear in its mean: for COHERENT's germanium, 20.6 +7.1 -6.3 counts, no signal lies 3.9 standard
    deviations away, as published, and 3.3 by a split normal. (The form with a linear standard
    deviation has 3.8.) Where V + V' d <= 0 the probability is zero.

    As the density of the observed number it is normalised, for it depends on d alone: with
    w = 1 + V' d / V and z = V / V'^2 it is a generalised inverse Gaussian density,

        p = V'/(2 V K_1(z)) exp(-z (w + 1/w) / 2),

    K_1 the modified Bessel function (scipy.stats.geninvgauss with p = 1, b = z). Replicas and
    toys are drawn from it, and keep the errors that were published. (Where minus is the larger one,
    d and V' change sign.)

    Attributes
    ----------
    minus, plus
        Distances to the lower and to the upper end of the central 68%.
    """

    minus: xr.DataArray
    plus: xr.DataArray
    title: ClassVar[str] = "normal, with asymmetric errors"

    @property
    def sigma(self) -> xr.DataArray:
        """The mean of both errors."""
        return 0.5 * (self.minus + self.plus)

    @property
    def _variance(self) -> tuple[Array, Array]:
        """V and V'."""
        minus, plus = self.minus.values, self.plus.values
        return minus * plus, plus - minus

    @override
    def log_terms(self, observed: Any, mean: Any, functions: Any) -> Any:
        variance, slope = self._variance
        return _log_kernel(mean - observed, variance, slope, functions) - self._log_norm

    @property
    def _log_norm(self) -> Array:
        """Logarithm of the integral of the kernel over the observed number."""
        from scipy.special import kve

        variance, slope = self._variance
        some = np.abs(slope) > _SAME * np.sqrt(variance)
        z = variance / np.where(some, slope, 1.0) ** 2
        # exp(z) K_1(z), as kve has it: the kernel is 1 at d = 0, where z (w + 1/w) / 2 is z.
        bent = np.log(2.0 * variance / np.where(some, np.abs(slope), 1.0) * kve(1, z))
        return np.where(some, bent, 0.5 * np.log(2.0 * np.pi * variance))

    @override
    def drawn(self, mean: Array, random: np.random.Generator) -> Array:
        from scipy.stats import geninvgauss

        distance = np.empty(np.shape(mean))
        variance, slope = self._variance
        for place in np.ndindex(variance.shape):
            at = (..., *place)
            size = distance[at].shape
            if abs(slope[place]) > _SAME * np.sqrt(variance[place]):
                z = variance[place] / slope[place] ** 2
                w = geninvgauss.rvs(1.0, z, size=size, random_state=random)
                distance[at] = (w - 1.0) * variance[place] / slope[place]
            else:
                distance[at] = random.normal(0.0, np.sqrt(variance[place]), size)
        return np.asarray(mean - distance)

    @override
    def deviance(self, observed: Array, mean: Array, folding: Array) -> Array:
        """Return the same; of bins added up with errors of either side added in quadrature."""
        low, high = (np.sqrt(folded(e.values**2, folding)) for e in (self.minus, self.plus))
        distance = folded(mean, folding) - folded(observed, folding)
        kernel = _log_kernel(distance, low * high, high - low, np)
        return np.asarray(-2.0 * kernel.sum(axis=-1))


#: Errors that differ by less than this share are the same: K_1 is not computed for z beyond 1e8.
_SAME = 1e-4


def _log_kernel(distance: Any, variance: Array, slope: Array, functions: Any) -> Any:
    """Return -d^2 / 2 (V + V' d), or minus infinity beyond its pole."""
    width = variance + slope * distance
    inside = functions.where(width > 0, width, 1.0)
    return functions.where(width > 0, -0.5 * distance**2 / inside, -np.inf)
