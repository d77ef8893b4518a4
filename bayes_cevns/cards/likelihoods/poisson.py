"""Likelihoods of numbers of events: Poisson, with or without statistical errors of templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self, override

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.cards.likelihoods.base import NUMPY, CountLikelihood, Formula, folded, within


@dataclass(frozen=True, eq=False, repr=False)
class PoissonCounts(CountLikelihood):
    """Poisson counts in every bin, ln P = n ln mu - mu - ln n!.

    The formula goes on between whole counts, for Asimov data. A spline may give slightly negative
    expected counts between nodes: they count as zero.
    """

    title: ClassVar[str] = "Poisson"
    counts_events: ClassVar[bool] = True
    merges: ClassVar[bool] = True

    @staticmethod
    @override
    def kernel_of(functions: Any) -> Formula:
        log, where, maximum = functions.log, functions.where, functions.maximum

        def kernel(observed: Any, mean: Any) -> Any:
            positive = maximum(mean, 0.0)
            inside = where(positive > 0.0, positive, 1.0)
            logs = where(positive > 0.0, log(inside), -np.inf)
            return where(observed > 0.0, observed * logs, 0.0) - positive

        return kernel

    @staticmethod
    @override
    def slope_of(functions: Any) -> Formula:
        where = functions.where

        def slope(observed: Any, mean: Any) -> Any:
            inside = where(mean > 0.0, mean, 1.0)
            return where(mean > 0.0, observed / inside - 1.0, 0.0)

        return slope

    @override
    def log_rest(self, observed: Any, functions: Any) -> Any:
        return -functions.gammaln(observed + 1.0)

    @override
    def left_out(self, observed: Array, mean: Array) -> Array:
        with np.errstate(invalid="ignore"):
            return np.asarray(self.log_terms(observed, mean, NUMPY))

    @override
    def drawn(self, mean: Array, random: np.random.Generator) -> Array:
        return random.poisson(np.maximum(mean, 0.0)).astype(float)

    @override
    def with_exposure(self, factor: float) -> Self:
        return self

    @override
    def deviance(self, observed: Array, mean: Array, places: NDArray[np.int64]) -> Array:
        from scipy.special import xlogy

        counts, mean = folded(observed, places), np.maximum(folded(mean, places), 0.0)
        # Where none are expected, events are impossible and none are no deviation.
        ratio = np.where(mean > 0, counts / np.where(mean > 0, mean, 1.0), np.inf)
        return np.asarray(2.0 * (mean - counts + xlogy(counts, ratio)).sum(axis=-1))


@dataclass(frozen=True, eq=False, repr=False)
class TemplateErrors(CountLikelihood):
    """Poisson counts about templates that are themselves known from a finite number of events.

    Each bin has one factor for all of its templates together, as Barlow and Beeston's method
    (Comput. Phys. Commun. 77 (1993) 219) is simplified by Conway (arXiv:1103.0354). There
    the factor has a normal density and is profiled; here the true mean lambda of a bin has a Gamma
    density with mean mu and standard deviation s, and is integrated out, which gives a negative
    binomial distribution with a = mu^2 / s^2:

        P(n) = Gamma(n + a) / (n! Gamma(a)) (mu / (mu + s^2))^a (s^2 / (mu + s^2))^n,

    with mean mu and variance mu + s^2 (`arXiv:1901.04645` has it with other means). It adds no
    parameters, can be drawn from, and is the same in sampling, profiles and toys: in a profile
    likelihood the factors are integrated out, the nuisances profiled. s is the root of the summed
    squares of the errors of all templates in the bin, with scales at their nominal values, and does
    not grow with the signal, whose response has no error.

    Attributes
    ----------
    error
        s in counts; zero where it would widen the Poisson distribution by less than 1e-4.
    """

    error: xr.DataArray
    title: ClassVar[str] = "Poisson, with statistical errors of templates"
    counts_events: ClassVar[bool] = True

    @staticmethod
    @override
    def kernel_of(functions: Any) -> Formula:
        log, where, gammaln = functions.log, functions.where, functions.gammaln
        exact = within(PoissonCounts.kernel_of(functions), functions)

        def kernel(observed: Any, mean: Any, variance: Any) -> Any:
            some = (variance > 0.0) & (mean > 0.0)
            mu = where(some, mean, 1.0)
            square = where(variance > 0.0, variance, 1.0)
            shape = mu**2 / square
            wide = (
                gammaln(observed + shape)
                - gammaln(shape)
                + shape * log(mu / (mu + square))
                + observed * log(square / (mu + square))
            )
            return where(some, wide, exact(observed, mean))

        return kernel

    @staticmethod
    @override
    def slope_of(functions: Any) -> Formula:
        log, where, digamma = functions.log, functions.where, functions.digamma
        exact = within(PoissonCounts.slope_of(functions), functions)

        def slope(observed: Any, mean: Any, variance: Any) -> Any:
            some = (variance > 0.0) & (mean > 0.0)
            mu = where(some, mean, 1.0)
            square = where(variance > 0.0, variance, 1.0)
            shape, both = mu**2 / square, mu + square
            by_shape = digamma(observed + shape) - digamma(shape) + log(mu / both)
            wide = 2.0 * mu / square * by_shape + shape * square / (mu * both) - observed / both
            return where(some, wide, exact(observed, mean))

        return slope

    @property
    @override
    def numbers(self) -> tuple[Array]:
        return (self.error.values**2,)

    @override
    def log_rest(self, observed: Any, functions: Any) -> Any:
        return -functions.gammaln(observed + 1.0)

    @override
    def left_out(self, observed: Array, mean: Array) -> Array:
        with np.errstate(invalid="ignore"):
            return np.asarray(self.log_terms(observed, mean, NUMPY))

    @override
    def drawn(self, mean: Array, random: np.random.Generator) -> Array:
        mu = np.maximum(mean, 0.0)
        variance = self.error.values**2
        some = (variance > 0) & (mu > 0)
        shape = np.where(some, mu**2 / np.where(variance > 0, variance, 1.0), 1.0)
        true = np.where(some, random.gamma(shape, np.where(some, mu / shape, 1.0)), mu)
        return random.poisson(true).astype(float)

    @override
    def deviance(self, observed: Array, mean: Array, places: NDArray[np.int64]) -> Array:
        variance = folded(self.error.values**2, places)
        one = TemplateErrors(xr.DataArray(np.sqrt(variance)[None], dims=("run", "bin")))
        counts, mu = folded(observed, places)[..., None, :], folded(mean, places)[..., None, :]
        best = np.maximum(one.left_out(counts, counts), one.left_out(counts, mu))
        return np.asarray(2.0 * (best - one.left_out(counts, mu)).sum(axis=(-1, -2)))

    @override
    def with_exposure(self, factor: float) -> Self:
        return type(self)(self.error * factor)
