"""Likelihoods of measured numbers with normal errors, independent or correlated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self, override

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.linalg import block_diag, solve_triangular

from bayes_cevns.arrays import Array
from bayes_cevns.cards.likelihoods.base import Change, Formula, MeasuredNumbers, folded
from bayes_cevns.tables.bins import add_bins

#: Name of the second dimension of bins of a covariance.
OTHER_BIN = "other_bin"

_LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)


@dataclass(frozen=True, eq=False, repr=False)
class NormalErrors(MeasuredNumbers):
    """Independent normal errors.

    Attributes
    ----------
    error
        Standard deviations.
    """

    error: xr.DataArray
    title: ClassVar[str] = "normal"

    @property
    def sigma(self) -> xr.DataArray:
        """The standard deviations."""
        return self.error

    @staticmethod
    @override
    def kernel_of(functions: Any) -> Formula:
        del functions
        return lambda observed, mean, error: -0.5 * ((observed - mean) / error) ** 2

    @staticmethod
    @override
    def slope_of(functions: Any) -> Formula:
        del functions
        return lambda observed, mean, error: (observed - mean) / error**2

    @property
    @override
    def numbers(self) -> tuple[Array]:
        return (self.error.values,)

    @override
    def log_rest(self, observed: Any, functions: Any) -> Any:
        del observed, functions
        return -np.log(self.error.values) - _LOG_ROOT_TWO_PI

    @override
    def drawn(self, mean: Array, random: np.random.Generator) -> Array:
        return random.normal(mean, self.error.values)

    @override
    def deviance(self, observed: Array, mean: Array, places: NDArray[np.int64]) -> Array:
        sigma = np.sqrt(folded(self.error.values**2, places))
        pulls = (folded(observed, places) - folded(mean, places)) / sigma
        return np.asarray((pulls**2).sum(axis=-1))


@dataclass(frozen=True, eq=False, repr=False)
class CorrelatedErrors(MeasuredNumbers):
    """Normal errors with a covariance of the bins of each run; runs are independent.

        ln P = -1/2 r^T C^-1 r - 1/2 ln det(2 pi C),  r = observed - mean.

    With C = L L^T and z = L^-1 r it is the sum of -z_i^2 / 2 - ln L_ii - ln(2 pi) / 2, which are
    the terms: that of a bin is its density given the bins before it.

    Attributes
    ----------
    covariance
        Dims (run, bin, other_bin).
    """

    covariance: xr.DataArray
    title: ClassVar[str] = "normal, with a covariance"

    @property
    def sigma(self) -> xr.DataArray:
        """Standard deviations of the bins by themselves."""
        variance = np.diagonal(self.covariance.values, axis1=-2, axis2=-1)
        return self.covariance.isel({OTHER_BIN: 0}, drop=True).copy(data=np.sqrt(variance))

    @cached_property
    def _matrix(self) -> Array:
        """The covariance of all bins of all runs, shape (run x bin, run x bin)."""
        return np.asarray(block_diag(*self.covariance.values))

    @cached_property
    def _factor(self) -> Array:
        """L, the lower triangle of Cholesky."""
        return np.linalg.cholesky(self._matrix)

    @property
    def whitening(self) -> Array:
        """L^-1, shape (run x bin, run x bin)."""
        factor = self._factor
        return np.asarray(solve_triangular(factor, np.eye(len(factor)), lower=True))

    @staticmethod
    @override
    def kernel_of(functions: Any) -> Formula:
        """Return that of an element of z, observed and expected."""
        del functions
        return lambda observed, mean: -0.5 * (observed - mean) ** 2

    @staticmethod
    @override
    def slope_of(functions: Any) -> Formula:
        del functions
        return lambda observed, mean: observed - mean

    @override
    def log_rest(self, observed: Any, functions: Any) -> Any:
        del observed, functions
        widths = np.diag(self._factor).reshape(self.covariance.shape[:2])
        return -np.log(widths) - _LOG_ROOT_TWO_PI

    @override
    def log_terms(self, observed: Any, mean: Any, functions: Any) -> Any:
        whitening = self.whitening
        residual = observed - mean
        pulls = (residual.reshape((-1, len(whitening))) @ whitening.T).reshape(residual.shape)
        return self.kernel_of(functions)(pulls, 0.0) + self.log_rest(observed, functions)

    @override
    def left_out(self, observed: Array, mean: Array) -> Array:
        """Return the same given all others: Gaussian with the variance 1 / (C^-1)_ii.

        Its residual is (C^-1 r)_i / (C^-1)_ii: Buerkner, Gabry and Vehtari, Comput. Stat. 36 (2021)
        1243.
        """
        precision = np.linalg.inv(self._matrix)
        residual = observed - mean
        flat = residual.reshape(-1, len(precision))
        own = np.diag(precision)
        terms = -0.5 * (flat @ precision) ** 2 / own + 0.5 * np.log(own) - _LOG_ROOT_TWO_PI
        return np.asarray(terms.reshape(residual.shape))

    @override
    def drawn(self, mean: Array, random: np.random.Generator) -> Array:
        pulls = random.normal(size=(*np.shape(mean)[:-2], len(self._factor)))
        return np.asarray(mean + (pulls @ self._factor.T).reshape(np.shape(mean)))

    @override
    def deviance(self, observed: Array, mean: Array, places: NDArray[np.int64]) -> Array:
        added = add_bins(add_bins(self._matrix, places).T, places)
        factor = np.linalg.cholesky(added)
        residual = folded(observed, places) - folded(mean, places)
        flat = residual.reshape(-1, len(factor))
        pulls = solve_triangular(factor, flat.T, lower=True)
        return np.asarray((pulls**2).sum(axis=0).reshape(residual.shape[:-1]))

    @override
    def changed(self, change: Change) -> Self:
        turn = {"bin": OTHER_BIN, OTHER_BIN: "bin"}
        once = change(self.covariance)
        if once.sizes["bin"] == once.sizes[OTHER_BIN]:  # runs alone were chosen
            return type(self)(once)
        back = change(once.rename(turn)).rename(turn)
        return type(self)(back.transpose("run", "bin", OTHER_BIN))
