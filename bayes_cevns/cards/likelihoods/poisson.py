"""Likelihoods of numbers of events: Poisson, with or without statistical errors of templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self, override

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.cards.likelihoods.base import NUMPY, CountLikelihood, folded


@dataclass(frozen=True, eq=False, repr=False)
class PoissonCounts(CountLikelihood):
    """Poisson counts in every bin, ln P = n ln mu - mu - ln n!.

    The formula goes on between whole counts, for Asimov data. A spline may give slightly negative
    expected counts between nodes: they count as zero.
    """

    title: ClassVar[str] = "Poisson"
    counts_events: ClassVar[bool] = True
    merges: ClassVar[bool] = True

    @override
    def log_terms(self, observed: Any, mean: Any, functions: Any) -> Any:
        positive = functions.maximum(mean, 0.0)
        inside = functions.where(positive > 0, positive, 1.0)
        logs = functions.where(positive > 0, functions.log(inside), -np.inf)
        events = functions.where(observed > 0, observed * logs, 0.0)
        return events - positive - functions.gammaln(observed + 1.0)

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
    def deviance(self, observed: Array, mean: Array, folding: Array) -> Array:
        from scipy.special import xlogy

        counts, mean = folded(observed, folding), np.maximum(folded(mean, folding), 0.0)
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

    @override
    def log_terms(self, observed: Any, mean: Any, functions: Any) -> Any:
        variance = self.error.values**2
        exact = PoissonCounts().log_terms(observed, mean, functions)
        some = (variance > 0) * (mean > 0)
        mu = functions.where(some, mean, 1.0)
        square = np.where(variance > 0, variance, 1.0)
        shape = mu**2 / square
        wide = (
            functions.gammaln(observed + shape)
            - functions.gammaln(shape)
            - functions.gammaln(observed + 1.0)
            + shape * functions.log(mu / (mu + square))
            + observed * functions.log(square / (mu + square))
        )
        return functions.where(some, wide, exact)

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
    def deviance(self, observed: Array, mean: Array, folding: Array) -> Array:
        variance = folded(self.error.values**2, folding)
        one = TemplateErrors(xr.DataArray(np.sqrt(variance)[None], dims=("run", "bin")))
        counts, mu = folded(observed, folding)[..., None, :], folded(mean, folding)[..., None, :]
        best = np.maximum(one.left_out(counts, counts), one.left_out(counts, mu))
        return np.asarray(2.0 * (best - one.left_out(counts, mu)).sum(axis=(-1, -2)))

    @override
    def with_exposure(self, factor: float) -> Self:
        return type(self)(self.error * factor)
