"""Nested sampling of the density that the package samples, in coordinates of another making.

The compiled density is divided by the priors of the model cards, written again here; dynesty gets
the rest as its likelihood and the priors as a map from the unit cube. It sees both modes at once.
"""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from dynesty import NestedSampler
from numba import njit
from numba.extending import get_cython_function_address
from numpy.typing import NDArray
from scipy.special import ndtr

from bayes_cevns.experiments import Experiment
from bayes_cevns.model import nuisance_name

type Array = NDArray[np.float64]

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
                if prior.uniform is not None:
                    found = [(*prior.uniform, 0.0, np.inf)]
                else:
                    assert prior.normal is not None
                    assert prior.lower is not None
                    mean, width = prior.normal
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


@dataclass(frozen=True, eq=False)
class NestedRun:
    """A finished run.

    Attributes
    ----------
    cube
        The dead points as places in the unit cube, couplings first, shape (n, d).
    weights
        Their weights, shape (n,), which sum to one.
    log_z, log_z_error
        Log-evidence, with the error that dynesty gives.
    calls
        Calls of the density.
    seconds
        Wall time.
    """

    cube: Array
    weights: Array
    log_z: float
    log_z_error: float
    calls: int
    seconds: float


def run_nested(
    compiled: Any, priors: NuisancePriors, couplings: int, *, seed: int, live_points: int
) -> NestedRun:
    """Sample a density whose first coordinates are logits of couplings in the unit cube.

    Parameters
    ----------
    compiled
        The compiled model of nutpie, with its data.
    priors
        Of all other coordinates.
    couplings
        How many couplings there are.
    seed
        Seed of the random numbers.
    live_points
        How many there are.
    """
    size = couplings + priors.mean.size
    if compiled.n_dim != size:
        raise RuntimeError(f"the model has {compiled.n_dim} coordinates, the priors {size}")
    function = _LOGP(compiled.compiled_logp_func.address)
    point, gradient, value = np.empty(size), np.empty(size), np.empty(1)
    buffers = (point, gradient, value, compiled.user_data)
    addresses = tuple(buffer.ctypes.data for buffer in buffers)
    table = priors.table

    def likelihood(cube: Array) -> float:
        return log_likelihood(cube, couplings, table, function, point, value, addresses)

    sampler = NestedSampler(
        likelihood,
        lambda cube: np.clip(cube, 1e-12, 1.0 - 1e-12),
        size,
        nlive=live_points,
        sample="rwalk",
        rstate=np.random.default_rng(seed),
    )
    start = time.perf_counter()
    sampler.run_nested(dlogz=0.1, print_progress=False)
    results = sampler.results
    weights = np.exp(results.logwt - results.logz[-1])
    return NestedRun(
        results.samples,
        weights / weights.sum(),
        float(results.logz[-1]),
        float(results.logzerr[-1]),
        int(np.sum(results.ncall)),
        time.perf_counter() - start,
    )
