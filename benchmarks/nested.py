"""Nested sampling of the hand-written likelihood: limits and branch weights from other code."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from bare import DIMENSION, Problem, log_likelihood
from dynesty import NestedSampler
from dynesty.utils import resample_run
from numpy.typing import NDArray
from problem import prior_transform

from bayes_cevns.priors import CouplingPrior

type Array = NDArray[np.float64]

#: How often the dead points are drawn again for an error.
_RESAMPLINGS = 100


@dataclass(frozen=True, eq=False)
class NestedRun:
    """A finished run.

    Attributes
    ----------
    coordinate
        Coupling coordinate of the dead points, shape (n,).
    weights
        Their weights, and the weights of `_RESAMPLINGS` bootstrap replicas of the run, with
        zeros where a replica does not have the point, shape (1 + replicas, n).
    seconds
        Time of the sampling.
    calls
        Number of likelihood evaluations.
    """

    coordinate: Array
    weights: Array
    seconds: float
    calls: int

    @property
    def ess(self) -> float:
        """Kish's effective sample size."""
        return float(self.weights[0].sum() ** 2 / (self.weights[0] ** 2).sum())

    def limit(self, prior: CouplingPrior, level: float, side: str) -> tuple[float, float]:
        """Return P(g <= limit | side) = level and its standard error.

        `side` is ``"upper"`` (no condition), ``"positive"`` or ``"negative"`` (the sign of x).
        """
        x = prior.product(self.coordinate)
        inside = {"upper": x == x, "positive": x > 0, "negative": x < 0}[side]
        g, weights = np.sqrt(np.abs(x[inside])), self.weights[:, inside]
        order = np.argsort(g)
        cumulative = np.cumsum(weights[:, order], axis=1)
        found = [float(np.interp(level * c[-1], c, g[order])) for c in cumulative]
        return found[0], float(np.std(found[1:]))

    def upper_weight(self, prior: CouplingPrior) -> tuple[float, float]:
        """Return the probability of the branch above the split, and its standard error."""
        above = self.weights[:, self.coordinate > prior.split].sum(axis=1)
        share = above / self.weights.sum(axis=1)
        return float(share[0]), float(np.std(share[1:]))


def run_nested(problem: Problem, *, nlive: int, seed: int, sample: str = "rslice") -> NestedRun:
    """Sample parameters in their natural coordinates, the whole coupling coordinate at once."""
    rng = np.random.default_rng(seed)
    log_likelihood(np.ones(DIMENSION), problem)  # compile
    sampler = NestedSampler(
        lambda natural: log_likelihood(natural, problem),
        prior_transform(problem),
        DIMENSION,
        nlive=nlive,
        bound="multi",
        sample=sample,
        rstate=rng,
    )
    start = time.perf_counter()
    sampler.run_nested(dlogz=0.01, print_progress=False)
    seconds = time.perf_counter() - start
    results = sampler.results
    weights = [_normalised(results), *(_resampled(results, rng) for _ in range(_RESAMPLINGS))]
    return NestedRun(results.samples[:, 0], np.array(weights), seconds, int(np.sum(results.ncall)))


def _normalised(results: Any) -> Array:
    weights = np.exp(results.logwt - results.logz[-1])
    return np.asarray(weights / weights.sum())


def _resampled(results: Any, rng: np.random.Generator) -> Array:
    """Return the weights of a bootstrap replica, at the points of the run itself."""
    replica, index = resample_run(results, rstate=rng, return_idx=True)
    return np.bincount(index, _normalised(replica), minlength=len(results.samples))
