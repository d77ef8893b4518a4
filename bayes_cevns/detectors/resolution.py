"""Resolution: the probability that a mean signal is observed in each of some bins."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.checks import energies
from bayes_cevns.errors import ArgumentError, PlugInError
from bayes_cevns.physics.checks import numbers
from bayes_cevns.physics.foreign import checked_array, code_of, read_only

#: Standard deviation of the observed signal as a function of its mean, same units and shape.
type Sigma = Callable[[Array], Array]


@dataclass(frozen=True)
class Resolution(ABC):
    """A distribution of the observed signal around its mean.

    Attributes
    ----------
    sigma
        Standard deviation as a function of the mean, >= 0; zero stands for no smearing.
    """

    sigma: Sigma

    #: Whether a mean of zero is smeared: noise around zero, or nothing at all.
    _smears_zero: ClassVar[bool] = False

    @abstractmethod
    def _between(self, mean: Array, sigma: Array, low: Array, high: Array) -> Array:
        """Return the probability between edges, for means and sigmas > 0."""

    def bin_probabilities(self, mean: ArrayLike, edges: ArrayLike) -> Array:
        """Return the probability of each bin, exactly, from the cumulative distribution.

        Parameters
        ----------
        mean
            Mean signals, >= 0, any shape.
        edges
            Bin edges in the unit of the signal, increasing, shape (bins + 1,).

        Returns
        -------
        ndarray
            Shape (*mean.shape, bins). Without smearing (sigma = 0), one in the bin that holds the
            mean, counting its lower edge.

        Raises
        ------
        ArgumentError
            If a mean is negative or not finite, or edges do not increase.
        PlugInError
            If sigma is negative, not finite, or of another shape, or its function fails.
        """
        center = energies(mean, "mean signals")[..., None]
        bounds = bin_edges(edges)
        low, high = bounds[:-1], bounds[1:]
        present = (center > 0) | self._smears_zero
        who = f"resolution {getattr(self.sigma, '__name__', type(self.sigma).__name__)}"
        with code_of(who):
            returned = self.sigma(read_only(np.where(present, center, 1.0)))
        sigma = checked_array(who, returned, (center.shape,))
        if np.any(sigma < 0):
            raise PlugInError(f"{who} returned {sigma.min():g}, expected standard deviations >= 0")
        smeared = (sigma > 0) & present
        inside = self._between(
            np.where(smeared, center, 1.0), np.where(smeared, sigma, 1.0), low, high
        )
        sharp = (center >= low) & (center < high)
        return np.asarray(np.where(smeared, inside, sharp))


class GaussianResolution(Resolution):
    """A normal distribution around the mean.

    It reaches below zero: bins from 0 up miss what is there. A mean of zero is smeared by
    sigma(0), the noise of an electronic channel.
    """

    _smears_zero = True

    def _between(self, mean: Array, sigma: Array, low: Array, high: Array) -> Array:
        from scipy.special import ndtr

        a, b = (low - mean) / sigma, (high - mean) / sigma
        # Above the mean, the difference of survival functions keeps the digits.
        return np.asarray(np.where(a > 0, ndtr(-a) - ndtr(-b), ndtr(b) - ndtr(a)))


class GammaResolution(Resolution):
    """A Gamma distribution with a given mean and standard deviation, never below zero.

    A mean of zero stays zero, whatever sigma(0): nothing was made.
    Its shape is (mean/sigma)^2 and its scale sigma^2/mean. COHERENT's CsI detector has the mean
    13.35 E_ee in photoelectrons and the shape 1 + 9.56 E_ee, E_ee in keV (arXiv:2110.07730).
    """

    def _between(self, mean: Array, sigma: Array, low: Array, high: Array) -> Array:
        from scipy.special import gammainc, gammaincc

        shape, scale = (mean / sigma) ** 2, sigma**2 / mean
        a, b = np.maximum(low, 0.0) / scale, np.maximum(high, 0.0) / scale
        upper = gammaincc(shape, a) - gammaincc(shape, b)
        return np.asarray(np.where(a > shape, upper, gammainc(shape, b) - gammainc(shape, a)))


def bin_edges(edges: ArrayLike) -> Array:
    """Return bin edges as a vector after checking them.

    Raises
    ------
    ArgumentError
        If there are less than two, or they are not finite and increasing.
    """
    bounds = numbers(edges, what="bin edges")
    if bounds.ndim != 1 or bounds.size < 2 or not np.all(np.isfinite(bounds)):
        raise ArgumentError(f"expected two or more finite bin edges, got {bounds}")
    if np.any(np.diff(bounds) <= 0):
        raise ArgumentError("bin edges must increase")
    return bounds
