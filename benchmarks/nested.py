"""Nested sampling of the hand-written likelihood: limits and branch weights from other code."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from bare import COORDINATE, DIMENSION, Problem, log_likelihood
from dynesty import DynamicNestedSampler, NestedSampler
from numpy.typing import NDArray
from problem import prior_transform

from bayes_cevns.couplings.priors import CouplingPrior

type Array = NDArray[np.float64]

LIVE_POINTS = 500


@dataclass(frozen=True, eq=False)
class NestedRun:
    """A finished run.

    Attributes
    ----------
    coordinate, weights
        Coupling coordinate of the dead points and their weights, which sum to one, shape (n,).
    seconds
        Time of the sampling.
    """

    coordinate: Array
    weights: Array
    seconds: float

    @property
    def ess(self) -> float:
        """Kish's effective sample size."""
        return float(1.0 / (self.weights**2).sum())

    def limit(self, prior: CouplingPrior, level: float, side: str) -> float:
        """Return the g with P(g <= limit | side) = level.

        `side` is ``"upper"`` (no condition), ``"positive"`` or ``"negative"`` (the sign of x).
        """
        x = prior.product(self.coordinate)
        inside = {"upper": np.full(x.shape, True), "positive": x > 0, "negative": x < 0}[side]
        g, weights = np.sqrt(np.abs(x[inside])), self.weights[inside]
        order = np.argsort(g)
        cumulative = np.cumsum(weights[order])
        return float(np.interp(level * cumulative[-1], cumulative, g[order]))

    def upper_weight(self, split: float) -> float:
        """Return the probability of coordinates above the split."""
        return float(self.weights[self.coordinate > split].sum())


def run_nested(problem: Problem, *, seed: int, effective: int | None = None) -> NestedRun:
    """Sample parameters in their natural coordinates, the whole coupling coordinate at once.

    Parameters
    ----------
    problem
        The likelihood.
    seed
        Seed of the random numbers.
    effective
        If given, live points are added where the posterior is until there are this many
        effective draws; otherwise their number stays `LIVE_POINTS`.
    """
    log_likelihood(np.ones(DIMENSION), problem)  # compile
    arguments = {
        "loglikelihood": lambda natural: log_likelihood(natural, problem),
        "prior_transform": prior_transform(problem),
        "ndim": DIMENSION,
        "nlive": LIVE_POINTS,
        "sample": "rwalk",
        "rstate": np.random.default_rng(seed),
    }
    start = time.perf_counter()
    if effective is None:
        sampler = NestedSampler(**arguments)
        sampler.run_nested(dlogz=0.01, print_progress=False)
    else:
        sampler = DynamicNestedSampler(**arguments)
        sampler.run_nested(
            dlogz_init=0.05,
            n_effective=effective,
            wt_kwargs={"pfrac": 1.0},  # for the posterior, not for the evidence
            print_progress=False,
        )
    seconds = time.perf_counter() - start
    results = sampler.results
    weights = np.exp(results.logwt - results.logz[-1])
    return NestedRun(results.samples[:, COORDINATE], weights / weights.sum(), seconds)
