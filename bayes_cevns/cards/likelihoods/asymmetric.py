"""The likelihood of measured numbers with unlike errors below and above."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, override

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.cards.likelihoods.base import Formula, MeasuredNumbers, folded

#: Errors that differ by less than this share are the same: K_1 is not computed for z beyond 1e8.
_SAME = 1e-4
#: The variance never falls below this share of the smaller error squared.
_FLOOR = 0.25


@dataclass(frozen=True, eq=False, repr=False)
class AsymmetricErrors(MeasuredNumbers):
    """Barlow's Gaussian with a variance that is linear in the true value.

        ln P = -1/2 d^2 / (V + V' d) + constant,  d = mean - observed,
        V = minus plus,  V' = plus - minus

    (R. Barlow, physics/0406120): a parabola that bends so that it falls by 1/2 at -minus and at
    +plus, smooth in between, which a split normal is not. The variance of a count is linear in its
    mean: for COHERENT's germanium, 20.6 +7.1 -6.3 counts, no signal lies 3.9 standard deviations
    away, as published, and 3.3 by a split normal. (The form with a linear standard deviation has
    3.8.) The variance would vanish beyond the smaller error, three times it away if the larger one
    is half as large again: it is kept from falling below a quarter of the square of that error, so
    that every number is possible.

    As the density of the observed number it is normalised, for it depends on d alone. Above the
    floor, with w = 1 + V' d / V and z = V / V'^2, it is a generalised inverse Gaussian density,
    V' / (2 V K_1(z)) exp(-z (w + 1/w) / 2), K_1 the modified Bessel function
    (scipy.stats.geninvgauss with p = 1, b = z); at the floor a normal one. Replicas and toys are
    drawn from it, and keep the errors that were published. (Where minus is the larger one, d
    changes its sign.)

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

    @staticmethod
    @override
    def kernel_of(functions: Any) -> Formula:
        """Return -d^2 / 2 (V + V' d), its denominator not below the floor."""
        maximum, minimum = functions.maximum, functions.minimum

        def kernel(observed: Any, mean: Any, minus: Any, plus: Any) -> Any:
            distance = mean - observed
            variance = minus * plus + (plus - minus) * distance
            return -0.5 * distance**2 / maximum(variance, _FLOOR * minimum(minus, plus) ** 2)

        return kernel

    @staticmethod
    @override
    def slope_of(functions: Any) -> Formula:
        maximum, minimum, where = functions.maximum, functions.minimum, functions.where

        def slope(observed: Any, mean: Any, minus: Any, plus: Any) -> Any:
            distance = mean - observed
            floor = _FLOOR * minimum(minus, plus) ** 2
            variance = minus * plus + (plus - minus) * distance
            pull = distance / maximum(variance, floor)
            return -pull + where(variance > floor, 0.5 * (plus - minus) * pull**2, 0.0)

        return slope

    @property
    @override
    def numbers(self) -> tuple[Array, Array]:
        return self.minus.values, self.plus.values

    @override
    def log_rest(self, observed: Any, functions: Any) -> Any:
        del observed, functions
        pairs = zip(self.minus.values.flat, self.plus.values.flat, strict=True)
        return -np.reshape([_Shape(*pair).log_norm for pair in pairs], self.minus.shape)

    @override
    def drawn(self, mean: Array, random: np.random.Generator) -> Array:
        distance = np.empty(np.shape(mean))
        minus, plus = self.minus.values, self.plus.values
        for place in np.ndindex(minus.shape):
            at = (..., *place)
            one = _Shape(float(minus[place]), float(plus[place]))
            distance[at] = one.drawn(random, distance[at].size).reshape(distance[at].shape)
        return np.asarray(mean - distance)

    @override
    def deviance(self, observed: Array, mean: Array, places: NDArray[np.int64]) -> Array:
        """Return the same; of bins added up with errors of either side added in quadrature."""
        minus, plus = (np.sqrt(folded(e.values**2, places)) for e in (self.minus, self.plus))
        kernel = self.kernel_of(np)(folded(observed, places), folded(mean, places), minus, plus)
        return np.asarray(-2.0 * kernel.sum(axis=-1))


@dataclass(frozen=True)
class _Shape:
    """The density of d for one pair of errors."""

    minus: float
    plus: float

    @property
    def _variance(self) -> float:
        return self.minus * self.plus

    @property
    def _slope(self) -> float:
        """V' where the larger error is above."""
        return abs(self.plus - self.minus)

    @property
    def _alike(self) -> bool:
        return self._slope <= _SAME * math.sqrt(self._variance)

    @property
    def _floor(self) -> tuple[float, float]:
        """Where the floor is reached, in d, and the variance there."""
        variance = _FLOOR * min(self.minus, self.plus) ** 2
        return (variance - self._variance) / self._slope, variance

    @property
    def _parts(self) -> tuple[float, float]:
        """Integrals of the kernel at the floor and above it."""
        from scipy.special import kve, ndtr
        from scipy.stats import geninvgauss

        z = self._variance / self._slope**2
        place, variance = self._floor
        # exp(z) K_1(z), as kve has it: the kernel is 1 at d = 0, where z (w + 1/w) / 2 is z.
        whole = 2.0 * self._variance / self._slope * float(kve(1, z))
        w = 1.0 + self._slope * place / self._variance
        above = whole * float(geninvgauss.sf(w, 1.0, z))
        below = math.sqrt(2.0 * math.pi * variance) * float(ndtr(place / math.sqrt(variance)))
        return below, above

    @property
    def log_norm(self) -> float:
        """Logarithm of the integral of the kernel."""
        if self._alike:
            return 0.5 * math.log(2.0 * math.pi * self._variance)
        return math.log(sum(self._parts))

    def drawn(self, random: np.random.Generator, number: int) -> Array:
        """Return draws of d, shape (number,)."""
        from scipy.special import ndtr, ndtri
        from scipy.stats import geninvgauss

        if self._alike:
            return random.normal(0.0, math.sqrt(self._variance), number)
        below, above = self._parts
        place, variance = self._floor
        share = ndtr(place / math.sqrt(variance))
        found = math.sqrt(variance) * ndtri(share * random.uniform(size=number))
        high = np.flatnonzero(random.uniform(size=number) * (below + above) >= below)
        while high.size:  # what falls below the floor, with little probability, is drawn again
            w = geninvgauss.rvs(
                1.0, self._variance / self._slope**2, size=high.size, random_state=random
            )
            found[high] = (w - 1.0) * self._variance / self._slope
            high = high[found[high] < place]
        return np.asarray(found if self.plus > self.minus else -found)
