"""The prior of an amplitude x as a density of x itself, as nuisances have theirs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed


@dataclass(frozen=True, repr=False)
class AmplitudePrior(Displayed):
    """The prior of x, normalised, with what `bayes_cevns.Prior` has for a nuisance.

    It is uniform in the coordinate t of `CouplingPrior` from its least observable value to its end,
    so that its density is |dt/dx| over that range. Where the sign of x has no meaning, x >= 0.

    Attributes
    ----------
    of
        The prior in its coordinate.
    """

    of: CouplingPrior

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest x."""
        low, high = (float(x) for x in self.of.product([self.of.lowest, self.of.upper]))
        return (self._least if self.of.kind == "log" and not self.of.signed else low), high

    @property
    def text(self) -> str:
        """The prior in words."""
        return self.of.range_text

    def log_density(self, values: ArrayLike) -> Array:
        """Return the logarithm of the density; minus infinity in the gap of a signed log prior."""
        x = np.asarray(values, dtype=float)
        with np.errstate(divide="ignore"):
            log = np.log(self.of.density(x)) - math.log(self.of.upper - self.of.lowest)
        return np.where(self._has(x), log, -np.inf)

    def log_slope(self, values: ArrayLike) -> Array:
        """Return the derivative of `log_density`; zero where it is minus infinity."""
        x = np.asarray(values, dtype=float)
        offset = np.where(self._has(x), (x - self.of.centre) / self.of.scale, np.inf)
        return np.asarray(self.of.map.log_slope_rise(offset) / self.of.scale)

    def quantile(self, shares: ArrayLike) -> Array:
        """Return the x below which there are some probabilities."""
        coordinate = self.of.lowest + (self.of.upper - self.of.lowest) * np.asarray(shares)
        x = self.of.product(coordinate)
        if self.of.kind != "log":
            return x
        return np.asarray(np.copysign(np.maximum(np.abs(x), self._least), x))

    @property
    def _least(self) -> float:
        """The least |x| of a log prior, at the coordinate zero."""
        return self.of.scale

    def _has(self, x: Array) -> Array:
        """Return whether the prior has a density at x, inside its support."""
        if self.of.kind == "log":
            return np.asarray(np.abs(x) >= self._least)
        # Flat in the signal counts, the density vanishes where these are least.
        return np.asarray((x != self.of.centre) if self.of.kind == "flat-rate" else x == x)
