"""Nested sampling of the density that the package samples, in coordinates of another making.

The compiled density is divided by the priors of the model cards, written again here; dynesty gets
the rest as its likelihood and the priors as a map from the unit cube. It sees all modes at once;
importance sampling around its points makes their weights precise.
"""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from dynesty import NestedSampler
from numba import njit
from numba.extending import get_cython_function_address
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2
from scipy.special import logsumexp, ndtr, ndtri
from scipy.stats import multivariate_t

from bayes_cevns.cards import Experiment
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.specification.variables import nuisance_name

type Array = NDArray[np.float64]

#: Places stay inside of the cube by this.
_INSIDE = 1e-12

#: The proposal of importance sampling: points that it is fitted to for each cluster, and rounds.
_FITTED, _ROUNDS = 375, 3
_WIDENING, _DEGREES_OF_FREEDOM, _DEFENCE, _POOLED = 1.1, 6, 0.1, 0.2

_LOGP = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
_NDTRI = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(
    get_cython_function_address("scipy.special.cython_special", "ndtri")
)


@dataclass(frozen=True)
class NuisancePriors:
    """Truncated normal or uniform priors of nuisances, in the order of the model.

    Attributes
    ----------
    names
        Names in the model, with the number of the run where each has its own.
    lower, upper
        Ends, shape (d,); an upper end may be infinite.
    mean, sigma
        Of the normal before it is cut; sigma is infinite where the prior is uniform.
    """

    names: tuple[tuple[str, int | None], ...]
    lower: Array
    upper: Array
    mean: Array
    sigma: Array

    @classmethod
    def of(cls, experiments: Sequence[Experiment]) -> NuisancePriors:
        """Take the priors from the cards of some experiments."""
        rows: dict[str, list[tuple[float, float, float, float]]] = {}
        names: list[tuple[str, int | None]] = []
        for experiment in experiments:
            for name in experiment.nuisances():
                entry = experiment.card.nuisance[name]
                prior = entry.prior
                if not prior.measured:
                    found = [(*prior.support, 0.0, np.inf)]
                else:
                    assert prior.mean_and_sd is not None
                    assert prior.lower is not None
                    mean, width = prior.mean_and_sd
                    upper = np.inf if prior.upper is None else prior.upper
                    runs = experiment.runs if entry.per_run else experiment.runs[:1]
                    widths = [width[r] if isinstance(width, dict) else width for r in runs]
                    found = [(prior.lower, upper, mean, sigma) for sigma in widths]
                key = nuisance_name(experiment, name)
                if key not in rows:
                    rows[key] = found
                    runs_of = range(len(found)) if entry.per_run else [None]
                    names += [(key, run) for run in runs_of]
        table = np.array([row for found in rows.values() for row in found], dtype=float)
        return cls(tuple(names), *table.T.copy())

    def places(self, draws: xr.Dataset) -> dict[str, Array]:
        """Return nuisances of draws as places in the unit cube: their prior's cumulative one."""
        found = {}
        for number, (name, run) in enumerate(self.names):
            values = draws[name].values if run is None else draws[name].values[..., run]
            lower, upper, mean, sigma, below, inside = self.table[:, number]
            if np.isinf(sigma):
                place = (values - lower) / (upper - lower)
            else:
                place = (ndtr((values - mean) / sigma) - below) / inside
            found[name if run is None else f"{name}[{run}]"] = place
        return found

    @property
    def table(self) -> Array:
        """Lower and upper end, mean, sigma, and the probability below and inside, shape (6, d)."""
        below = ndtr((self.lower - self.mean) / self.sigma)
        inside = ndtr((self.upper - self.mean) / self.sigma) - below
        return np.stack([self.lower, self.upper, self.mean, self.sigma, below, inside])


@njit
def to_unconstrained(cube: Array, couplings: int, table: Array, point: Array) -> float:
    """Write the unconstrained point for a place in the unit cube; return its log prior density.

    Between two ends the coordinate is the logit, above one u with x = log(1 + exp(u)).
    """
    log_prior = 0.0
    for i in range(couplings):
        point[i] = math.log(cube[i] / (1.0 - cube[i]))
        log_prior += math.log(cube[i] * (1.0 - cube[i]))
    for j in range(table.shape[1]):
        lower, upper, mean, sigma, below, inside = table[:, j]
        share = cube[couplings + j]
        if math.isinf(sigma):
            value = lower + share * (upper - lower)
            log_prior -= math.log(upper - lower)
        else:
            pull = _NDTRI(below + share * inside)
            value = mean + sigma * pull
            log_prior -= 0.5 * pull * pull + math.log(math.sqrt(2.0 * math.pi) * sigma * inside)
        above = value - lower
        if math.isinf(upper):
            point[couplings + j] = math.log(math.expm1(above))
            log_prior += math.log(-math.expm1(-above))
        else:
            point[couplings + j] = math.log(above / (upper - value))
            log_prior += math.log(above * (upper - value) / (upper - lower))
    return log_prior


@njit
def log_likelihood(
    cube: Array,
    couplings: int,
    table: Array,
    function: Any,
    point: Array,
    value: Array,
    addresses: tuple[int, ...],
) -> float:
    """Return the compiled log-density at a place in the unit cube, less that of the priors."""
    log_prior = to_unconstrained(cube, couplings, table, point)
    code = function(point.size, addresses[0], addresses[1], addresses[2], addresses[3])
    return value[0] - log_prior if code == 0 else -1e100


@njit
def log_likelihoods(
    cubes: Array,
    couplings: int,
    table: Array,
    function: Any,
    point: Array,
    value: Array,
    addresses: tuple[int, ...],
) -> Array:
    """Return `log_likelihood` at many places, from shape (n, d) to (n,)."""
    found = np.empty(len(cubes))
    for i in range(len(cubes)):
        found[i] = log_likelihood(cubes[i], couplings, table, function, point, value, addresses)
    return found


@dataclass(frozen=True, eq=False)
class NestedRun:
    """A finished run.

    Attributes
    ----------
    cube
        Points as places in the unit cube, couplings first, shape (n, d).
    weights
        Their weights, shape (n,), which sum to one.
    log_z, log_z_error
        Log-evidence and its standard error.
    effective
        How many draws without weights they are worth.
    calls
        Calls of the density.
    seconds
        Wall time.
    """

    cube: Array
    weights: Array
    log_z: float
    log_z_error: float
    effective: float
    calls: int
    seconds: float

    @property
    def log_evidence(self) -> tuple[float, float]:
        """Log-evidence and its standard error."""
        return self.log_z, self.log_z_error

    def at(self, cube: Array) -> NestedRun:
        """Return the run with its points at other places, shape (n, d)."""
        return replace(self, cube=cube)

    def equal(self, count: int, rng: np.random.Generator) -> Array:
        """Return points of equal weight in random order, shape (count, d).

        By systematic resampling (Kitagawa, J. Comput. Graph. Stat. 5 (1996) 1).
        """
        places = (np.arange(count) + rng.uniform()) / count
        found = np.searchsorted(np.cumsum(self.weights), places)
        return self.cube[rng.permutation(np.minimum(found, len(self.cube) - 1))]

    def resampled(self, rng: np.random.Generator) -> Array:
        """Return as many points as the run is worth, drawn by their weights, shape (count, d)."""
        count = max(round(self.effective), 1)
        return self.cube[rng.choice(len(self.cube), count, p=self.weights)]

    def mean(self, values: Array) -> tuple[float, float]:
        """Return the mean of values at the points, shape (n,), and its standard error."""
        mean = float(self.weights @ values)
        return mean, float(np.sqrt(np.sum((self.weights * (values - mean)) ** 2)))


def run_nested(
    compiled: CompiledModel,
    priors: NuisancePriors,
    couplings: int,
    *,
    seed: int,
    live_points: int = 400,
    points: int = 20_000,
    clusters: int = 16,
) -> NestedRun:
    """Sample a density whose first coordinates are logits of couplings in the unit cube.

    Parameters
    ----------
    compiled
        The compiled model, with its data.
    priors
        Of all other coordinates.
    couplings
        How many couplings there are.
    seed
        Seed of the random numbers.
    live_points
        How many dynesty has.
    points
        How many are drawn afterwards, in the last of `_ROUNDS` rounds; a fifth in those before it.
    clusters
        Of its points, each with a part of the proposal; thin and bent bands need more.

    Notes
    -----
    Nested sampling sees all modes, but once they have come apart, their numbers of live points are
    a random walk: the weight of a mode is known to a few percent with 10^4 live points only. So
    its points serve as the proposal of importance sampling, a mixture of t distributions around
    clusters of them with a tenth of the prior, which gives weights without that walk.
    """
    size = couplings + priors.mean.size
    if compiled.size != size:
        raise RuntimeError(f"the model has {compiled.size} coordinates, the priors {size}")
    function = _LOGP(compiled.log_density_address)
    point, gradient, value = np.empty(size), np.empty(size), np.empty(1)
    buffers = (point, gradient, value, compiled.user_data)
    addresses = tuple(buffer.ctypes.data for buffer in buffers)
    arguments = (couplings, priors.table, function, point, value, addresses)

    def likelihood(cube: Array) -> float:
        return log_likelihood(cube, *arguments)

    rng = np.random.default_rng(seed)
    sampler = NestedSampler(
        likelihood,
        lambda cube: np.clip(cube, _INSIDE, 1.0 - _INSIDE),
        size,
        nlive=live_points,
        sample="rwalk",
        rstate=rng,
    )
    start = time.perf_counter()
    sampler.run_nested(dlogz=0.1, print_progress=False)
    results = sampler.results
    weights = np.exp(results.logwt - results.logz[-1])
    cube, calls = results.samples, int(np.sum(results.ncall))
    log_weights = np.zeros(0)
    for count in (*[points // 5] * (_ROUNDS - 1), points):
        mixture = Mixture.around(ndtri(cube), weights / weights.sum(), couplings, clusters, rng)
        normal = mixture.draw(count, rng)
        cube = np.clip(ndtr(normal), _INSIDE, 1.0 - _INSIDE)
        prior = -0.5 * (normal**2 + np.log(2.0 * np.pi)).sum(axis=1)
        log_weights = log_likelihoods(cube, *arguments) + prior - mixture.log_density(normal)
        weights = np.exp(log_weights - log_weights.max())
        calls += count
    log_z = float(log_weights.max() + np.log(weights.mean()))
    shares = weights / weights.sum()
    effective = 1.0 / float(shares @ shares)
    return NestedRun(
        cube,
        shares,
        log_z,
        float(np.std(weights) / weights.mean() / np.sqrt(points)),
        effective,
        calls,
        time.perf_counter() - start,
    )


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of t distributions, and the prior, a standard normal.

    Attributes
    ----------
    shares
        Of each t distribution, shape (c,); they sum to one less `_DEFENCE`.
    parts
        The t distributions.
    """

    shares: Array
    parts: tuple[Any, ...]

    @classmethod
    def around(
        cls,
        points: Array,
        weights: Array,
        couplings: int,
        clusters: int,
        rng: np.random.Generator,
    ) -> Mixture:
        """Fit a mixture to weighted points, shape (n, d), clustered by their couplings."""
        drawn = points[rng.choice(len(points), _FITTED * clusters, p=weights)]
        places = drawn[:, :couplings] / drawn[:, :couplings].std(axis=0)
        _, label = kmeans2(places, clusters, minit="++", seed=rng)
        groups = [drawn[label == number] for number in range(clusters)]
        groups = [group for group in groups if len(group) > points.shape[1]]
        pooled = np.mean([np.cov(group, rowvar=False) for group in groups], axis=0)
        parts = tuple(
            multivariate_t(
                group.mean(axis=0),
                _WIDENING**2 * ((1.0 - _POOLED) * np.cov(group, rowvar=False) + _POOLED * pooled),
                df=_DEGREES_OF_FREEDOM,
            )
            for group in groups
        )
        counts = np.array([len(group) for group in groups], dtype=float)
        return cls((1.0 - _DEFENCE) * counts / counts.sum(), parts)

    def draw(self, count: int, rng: np.random.Generator) -> Array:
        """Return points, shape (count, d)."""
        counts = rng.multinomial(count, [*self.shares, _DEFENCE])
        size = self.parts[0].loc.size
        drawn = [
            part.rvs(size=n, random_state=rng).reshape(n, size)
            for part, n in zip(self.parts, counts, strict=False)
            if n
        ]
        return np.concatenate([*drawn, rng.normal(size=(counts[-1], size))])

    def log_density(self, points: Array) -> Array:
        """Return the log-density, from shape (n, d) to (n,)."""
        prior = np.log(_DEFENCE) - 0.5 * (points**2 + np.log(2.0 * np.pi)).sum(axis=1)
        each = [
            np.log(share) + part.logpdf(points)
            for share, part in zip(self.shares, self.parts, strict=True)
        ]
        return np.asarray(logsumexp([*each, prior], axis=0))
