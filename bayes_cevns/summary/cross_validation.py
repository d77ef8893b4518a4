"""Leave-one-out cross-validation over bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy
from scipy.stats import norm

from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments import Experiment

type Array = NDArray[np.float64]

#: Above this shape of the tail of its weights, a bin's contribution cannot be trusted.
GOOD_K = 0.7

#: The tail of fewer weights has no shape.
LEAST_DRAWS = 100


@dataclass(frozen=True, eq=False, repr=False)
class CrossValidation(Displayed):
    """How well a model predicts each bin from all the others.

    Attributes
    ----------
    elpd
        Log predictive density of each bin, shape (bins,): those of every run of every
        experiment, in C order.
    pareto_k
        Shape of the tail of the weights with which the bin was left out, shape (bins,).
    effective_parameters
        The same with the bin left in, less `elpd`, shape (bins,).
    """

    elpd: Array
    pareto_k: Array
    effective_parameters: Array

    @property
    def total(self) -> float:
        """Expected log pointwise predictive density."""
        return float(self.elpd.sum())

    @property
    def error(self) -> float:
        """Standard error of `total`, as if bins were alike and independent."""
        return _error_of_sum(self.elpd)

    def difference(self, other: CrossValidation) -> tuple[float, float]:
        """Return total - other's total with the standard error of this difference."""
        pairs = self.elpd - other.elpd
        return float(pairs.sum()), _error_of_sum(pairs)


def leave_one_out(log_likelihood: Array, *, relative_ess: float) -> CrossValidation:
    """Leave out one bin after the other by Pareto-smoothed importance sampling.

    Parameters
    ----------
    log_likelihood
        Log of the probability of each bin, shape (chain, draw, bins).
    relative_ess
        Effective number of the draws over their number.

    Raises
    ------
    ArgumentError
        If there are fewer than 100 draws.

    References
    ----------
    Vehtari, Gelman and Gabry, Stat. Comput. 27 (2017) 1413.
    """
    check_draws(log_likelihood.shape[0] * log_likelihood.shape[1])
    elpd, k, p = array_stats.loo(log_likelihood, chain_axis=0, draw_axis=1, r_eff=relative_ess)
    return CrossValidation(np.asarray(elpd), np.asarray(k), np.asarray(p))


def check_draws(number: int) -> None:
    """Raise an `ArgumentError` if there are too few draws for importance sampling."""
    if number < LEAST_DRAWS:
        raise ArgumentError(
            f"weights of draws need {LEAST_DRAWS} of them or more to be judged, all chains "
            f"together, got {number}: sample with more draws"
        )


def log_likelihood(experiments: Sequence[Experiment], expected: Sequence[Array]) -> Array:
    """Return the log of the probability of each bin's counts, shape (chain, draw, bins).

    Parameters
    ----------
    experiments
        The experiments.
    expected
        Expected counts of each, shape (chain, draw, run, bin).

    Notes
    -----
    A spline between nodes may expect slightly fewer than no events. In a bin without events that
    is none, since the likelihood that is sampled adds these bins up; in one with events their
    probability is zero.
    """
    found = []
    for experiment, mean in zip(experiments, expected, strict=True):
        counts = experiment.observed.values
        if experiment.sigma is not None:
            logs = np.asarray(norm.logpdf(counts, mean, experiment.sigma.values))
        else:  # Poisson's formula goes on between whole counts, as the likelihood of Asimov data
            positive = np.maximum(mean, 0.0)
            logs = xlogy(counts, positive) - positive - gammaln(counts + 1.0)
        found.append(logs.reshape(*mean.shape[:2], -1))
    return np.concatenate(found, axis=-1)


def _error_of_sum(values: Array) -> float:
    return float(np.sqrt(values.size * values.var()))
