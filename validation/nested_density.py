"""Nested sampling of the density that the package samples, in coordinates of another making.

The compiled density is divided by the priors of the model cards, written again here; dynesty gets
the rest as its likelihood and the priors as a map from the unit cube. It sees both modes at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from dynesty import NestedSampler
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from bayes_cevns.experiments import Experiment
from bayes_cevns.model import nuisance_name

type Array = NDArray[np.float64]


@dataclass(frozen=True)
class NuisancePriors:
    """Truncated normal or uniform priors of nuisances, in the order of the model.

    Attributes
    ----------
    lower, upper
        Ends, shape (d,); an upper end may be infinite.
    mean, sigma
        Of the normal before it is cut; sigma is infinite where the prior is uniform.
    """

    lower: Array
    upper: Array
    mean: Array
    sigma: Array

    @classmethod
    def of(cls, experiments: Sequence[Experiment]) -> NuisancePriors:
        """Take the priors from the cards of some experiments."""
        rows: dict[str, list[tuple[float, float, float, float]]] = {}
        for experiment in experiments:
            for name in experiment.nuisances():
                entry = experiment.card.nuisance[name]
                prior = entry.prior
                if prior.uniform is not None:
                    found = [(*prior.uniform, 0.0, np.inf)]
                else:
                    assert prior.normal is not None and prior.lower is not None
                    mean, width = prior.normal
                    upper = np.inf if prior.upper is None else prior.upper
                    runs = experiment.runs if entry.per_run else experiment.runs[:1]
                    widths = [width[r] if isinstance(width, dict) else width for r in runs]
                    found = [(prior.lower, upper, mean, sigma) for sigma in widths]
                rows.setdefault(nuisance_name(experiment, name), found)
        table = np.array([row for found in rows.values() for row in found], dtype=float)
        return cls(*table.T.copy())

    @cached_property
    def _below(self) -> tuple[Array, Array]:
        """Probability below the lower end, and between the ends, of the normal."""
        low = ndtr((self.lower - self.mean) / self.sigma)
        return low, ndtr((self.upper - self.mean) / self.sigma) - low

    def values(self, cube: Array) -> Array:
        """Return nuisances for places in the unit cube."""
        low, inside = self._below
        normal = np.isfinite(self.sigma)
        found = np.empty(cube.size)
        found[normal] = self.mean[normal] + self.sigma[normal] * ndtri(
            low[normal] + cube[normal] * inside[normal]
        )
        flat = ~normal
        found[flat] = self.lower[flat] + cube[flat] * (self.upper[flat] - self.lower[flat])
        return found

    def unconstrained(self, values: Array) -> tuple[Array, float]:
        """Return nuisances on the whole real line, and the log of the density of the prior there.

        Between two ends the coordinate is the logit, above one the logarithm.
        """
        above = values - self.lower
        bounded = np.isfinite(self.upper)
        left = np.where(bounded, self.upper - values, 1.0)
        width = np.where(bounded, self.upper - self.lower, 1.0)
        normal = np.isfinite(self.sigma)
        pull = np.where(normal, (values - self.mean) / np.where(normal, self.sigma, 1.0), 0.0)
        scale = np.where(normal, np.sqrt(2 * np.pi) * self.sigma * self._below[1], width)
        density = -0.5 * pull**2 - np.log(scale) + np.log(above * left / width)
        return np.log(above) - np.log(left), float(density.sum())


@dataclass(frozen=True, eq=False)
class NestedRun:
    """A finished run.

    Attributes
    ----------
    shares
        Couplings of the dead points as places in the unit cube, shape (n, k).
    weights
        Their weights, shape (n,), which sum to one.
    log_z, log_z_error
        Log-evidence, with the error that dynesty gives.
    calls
        Calls of the density.
    seconds
        Wall time.
    """

    shares: Array
    weights: Array
    log_z: float
    log_z_error: float
    calls: int
    seconds: float


def run_nested(
    log_density: Callable[[Array], Array],
    priors: NuisancePriors,
    couplings: int,
    *,
    seed: int,
    live_points: int,
) -> NestedRun:
    """Sample a density whose first coordinates are logits of couplings in the unit cube.

    Parameters
    ----------
    log_density
        Compiled log-density, from unconstrained points (n, d) to (n,).
    priors
        Of all other coordinates.
    couplings
        How many couplings there are.
    seed
        Seed of the random numbers.
    live_points
        How many there are.
    """
    point = np.empty((1, couplings + priors.mean.size))

    def log_likelihood(place: Array) -> float:
        share = place[:couplings]
        point[0, :couplings] = np.log(share) - np.log1p(-share)
        point[0, couplings:], log_prior = priors.unconstrained(place[couplings:])
        log_prior += float((np.log(share) + np.log1p(-share)).sum())
        return max(float(log_density(point)[0]) - log_prior, -1e100)

    def transform(cube: Array) -> Array:
        inside = np.clip(cube, 1e-12, 1.0 - 1e-12)
        return np.concatenate([inside[:couplings], priors.values(inside[couplings:])])

    sampler = NestedSampler(
        log_likelihood,
        transform,
        point.shape[1],
        nlive=live_points,
        sample="rwalk",
        rstate=np.random.default_rng(seed),
    )
    start = time.perf_counter()
    sampler.run_nested(dlogz=0.1, print_progress=False)
    results = sampler.results
    weights = np.exp(results.logwt - results.logz[-1])
    return NestedRun(
        results.samples[:, :couplings],
        weights / weights.sum(),
        float(results.logz[-1]),
        float(results.logzerr[-1]),
        int(np.sum(results.ncall)),
        time.perf_counter() - start,
    )
