"""Leave-one-out cross-validation over bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.likelihoods.base import NUMPY
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError

#: Above this Pareto k of its importance weights, a bin's contribution cannot be trusted.
GOOD_K = 0.7

#: With fewer weights than this, the shape of their tail cannot be fitted.
LEAST_DRAWS = 100

#: Log-likelihoods that differ by no more than this differ by rounding.
_ALIKE = 1e-12


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

    Returns
    -------
    CrossValidation
        A bin that is equally probable at all draws, such as one with nothing expected and nothing
        seen, contributes this probability exactly, with a Pareto k of zero. A bin that is
        impossible at one draw or more contributes NaN, with an infinite Pareto k.

    Raises
    ------
    ArgumentError
        If there are fewer than 100 draws.

    References
    ----------
    Vehtari, Gelman and Gabry, Stat. Comput. 27 (2017) 1413.
    """
    from arviz_stats.base import array_stats

    check_draws(log_likelihood.shape[0] * log_likelihood.shape[1])
    possible = possible_bins(log_likelihood)
    elpd, k, p = (np.full(possible.size, value) for value in (np.nan, np.inf, np.nan))
    flat = possible & _flat_tails(log_likelihood, relative_ess)
    elpd[flat], p[flat] = _without_tail(log_likelihood[..., flat])
    k[flat] = 0.0
    rest = possible & ~flat
    if rest.any():
        elpd[rest], k[rest], p[rest] = array_stats.loo(
            log_likelihood[..., rest], chain_axis=0, draw_axis=1, r_eff=relative_ess
        )
    return CrossValidation(elpd, k, p)


def _without_tail(logs: Array) -> tuple[Array, Array]:
    """Return what leave-one-out gives without smoothing of weights: plain averages.

    The harmonic mean of the likelihood, exactly a constant one, and the excess of its mean over it.
    """
    flat = logs.reshape(logs.shape[0] * logs.shape[1], logs.shape[2])
    low, high = flat.min(axis=0), flat.max(axis=0)
    elpd = low - np.log(np.exp(low - flat).mean(axis=0))
    return elpd, high + np.log(np.exp(flat - high).mean(axis=0)) - elpd


def possible_bins(log_likelihood: Array) -> NDArray[np.bool_]:
    """Tell which bins have a probability at all draws, from shape (chain, draw, bins)."""
    return np.asarray(np.isfinite(log_likelihood).all(axis=(0, 1)))


def _flat_tails(log_likelihood: Array, relative_ess: float) -> NDArray[np.bool_]:
    """Tell for which bins the largest weights, to which a tail would be fitted, are all alike.

    ArviZ raises an error for them (1.3: "All tail values are the same"). Its tail has 3 sqrt(S/r)
    of the S draws, r their relative number, or S/5 where they are worth 225 or fewer.
    """
    draws = log_likelihood.shape[0] * log_likelihood.shape[1]
    many = draws * relative_ess > 225
    tail = int(3.0 * np.sqrt(draws / relative_ess)) if many else draws // 5
    flat = log_likelihood.reshape(draws, -1)
    lowest = np.sort(flat, axis=0)[:tail]  # the weights are one over the likelihood
    with np.errstate(invalid="ignore"):
        return np.asarray(lowest[-1] - lowest[0] < _ALIKE)


def check_draws(number: int) -> None:
    """Raise an `ArgumentError` if there are too few draws for importance sampling."""
    if number < LEAST_DRAWS:
        raise ArgumentError(
            f"weights of draws need {LEAST_DRAWS} of them or more to be judged, all chains "
            f"together, got {number}: sample with more draws"
        )


def log_likelihood(experiments: Sequence[Experiment], expected: Sequence[Array]) -> Array:
    """Return logs of probabilities that add up to that of all counts, shape (chain, draw, bins).

    One for each bin: of its counts, given those of the bins before it where errors are correlated.

    Parameters
    ----------
    experiments
        The experiments.
    expected
        Expected counts of each, shape (chain, draw, run, bin).

    Notes
    -----
    A spline may give slightly negative expected counts between nodes. In a bin without events they
    count as zero, since the sampled likelihood adds these bins up; in a bin with events the
    probability is zero.
    """
    found = []
    for experiment, mean in zip(experiments, expected, strict=True):
        counts = experiment.observed.values.astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            logs = experiment.likelihood.log_terms(counts, mean, NUMPY)
        found.append(np.asarray(logs).reshape(*mean.shape[:2], -1))
    return np.concatenate(found, axis=-1)


def log_left_out(experiments: Sequence[Experiment], expected: Sequence[Array]) -> Array:
    """Return the log-probability of each bin given all others, as `log_likelihood`.

    It is the same but where the errors of bins are correlated.
    """
    found = [
        experiment.likelihood.left_out(experiment.observed.values.astype(float), mean).reshape(
            *mean.shape[:2], -1
        )
        for experiment, mean in zip(experiments, expected, strict=True)
    ]
    return np.concatenate(found, axis=-1)


def _error_of_sum(values: Array) -> float:
    return float(np.sqrt(values.size * values.var()))
