"""Samplers side by side on one posterior: seconds, effective draws, and the limit of each."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

import numpy as np
from arviz_stats.base import array_stats
from bare import DIMENSION
from calls import INTERACTION, MASS_MEV, PRIOR
from numpy.typing import NDArray
from page import section, table
from peers import PEERS, Draws, Posterior
from problem import build_problem, check_against, experiment

import bayes_cevns as bc
from bayes_cevns.specification.variables import COUPLING
from bayes_cevns.summary.draws import WeightedDraws

type Array = NDArray[np.float64]

LEVEL = 0.9
SEED = 1

#: Two limits agree if they differ by no more than this many of their errors.
SIGMAS = 3.0


@dataclass(frozen=True)
class Result:
    """What one sampler did.

    Attributes
    ----------
    name, settings, gradients
        The sampler, how it was set, and whose density it had.
    cpu_s, wall_s
        Seconds of sampling.
    compile_s
        CPU seconds of compilation before.
    ess, limit, error
        Effective draws of g; the limit on g with its error.
    """

    name: str
    settings: str
    density: str
    cpu_s: float
    wall_s: float
    compile_s: float
    ess: float
    limit: float
    error: float


def measure() -> tuple[list[Result], list[str]]:
    """Run all samplers that are installed; also return what could not run, and why."""
    warnings.simplefilter("ignore")  # what peers say about themselves is not ours to change
    spec = bc.ModelSpec.of([experiment()], interaction=INTERACTION, prior=PRIOR)
    engine = bc.Engine(spec, bc.SamplerSettings(draws=1000, chains=4))
    problem, prior = build_problem(
        experiment(), interaction=INTERACTION, mass_mev=MASS_MEV, prior=PRIOR, merged=True
    )
    engine.check([MASS_MEV], seed=SEED)
    first = _ours(engine)
    check_against(problem, partial(engine.log_density, MASS_MEV))
    found, missing = [first], []
    for name, (needs, settings, density, sample) in PEERS.items():
        absent = [package for package in needs if find_spec(package) is None]
        if absent:
            missing.append(f"{name}: {', '.join(absent)} not installed")
            continue
        try:
            draws = sample(Posterior(problem, prior, spec.merging_bins(), MASS_MEV, SEED))
        except Exception as failure:  # of another program: the page says so, and goes on
            missing.append(f"{name}: {type(failure).__name__}, {str(failure)[:200]}")
            continue
        found.append(_result(name, settings, density, draws))
        print(found[-1], flush=True)
    return found, missing


def _ours(engine: bc.Engine) -> Result:
    start = time.process_time()
    engine.compile(MASS_MEV)
    engine.fit(MASS_MEV, seed=SEED + 1)  # starts threads
    warm = time.process_time() - start
    cpu, wall = time.process_time(), time.perf_counter()
    fit = engine.fit(MASS_MEV, seed=SEED)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    g = fit.posterior[COUPLING].isel(branch=0).transpose("chain", "draw").values
    (limit,) = bc.limits(fit, LEVEL)
    settings = f"{g.shape[0]} x {g.shape[1]}, defaults"
    compile_s = max(warm - cpu, 0.0)
    ess = float(array_stats.ess(g, method="bulk"))
    name = "nutpie in the engine"
    return Result(name, settings, "ours", cpu, wall, compile_s, ess, limit.value, limit.mc_error)


def _result(name: str, settings: str, density: str, draws: Draws) -> Result:
    g = draws.g
    if draws.weights is None:
        quantile = WeightedDraws(g[None], np.ones(1), np.zeros(1)).quantile(LEVEL)
        ess, limit = float(array_stats.ess(g, method="bulk")), quantile.value
        error = quantile.mc_error
    else:
        weights = draws.weights / draws.weights.sum()
        ess = float(1.0 / (weights**2).sum())
        step = np.sqrt(LEVEL * (1.0 - LEVEL) / ess)  # as if its effective draws were independent
        limit, low, high = (_quantile(g, weights, LEVEL + s * step) for s in (0, -1, 1))
        error = 0.5 * (high - low)
    cost = draws.cpu_s, draws.wall_s, draws.compile_s
    return Result(name, settings, density, *cost, ess, float(limit), float(error))


def _quantile(g: Array, weights: Array, level: float) -> float:
    order = np.argsort(g)
    return float(np.interp(level, np.cumsum(weights[order]), g[order]))


def report(measured: tuple[list[Result], list[str]]) -> str:
    """Return the section of the page."""
    results, missing = measured
    first, rows = results[0], []
    for r in results:
        sigmas = (r.limit - first.limit) / np.hypot(r.error, first.error)
        apart = f"{r.limit / first.limit - 1.0:+.1%}, {sigmas:+.1f} σ"
        rows.append(
            [
                r.name,
                r.settings,
                r.density,
                f"{r.cpu_s:.2f}",
                f"{r.wall_s:.2f}",
                f"{r.compile_s:.1f}",
                f"{r.ess:.0f}",
                f"{r.ess / r.cpu_s:.0f}",
                f"{r.ess / (r.cpu_s + r.compile_s):.0f}",
                f"{(first.ess / first.cpu_s) / (r.ess / r.cpu_s):.1f}",
                f"{1e6 * r.limit:.3f} ± {1e6 * r.error:.3f}",
                "" if r is first else apart + ("" if abs(sigmas) <= SIGMAS else " **differs**"),
            ]
        )
    columns = [
        *(" sampler", " settings", " density", "CPU s", "wall s", "compile, CPU s"),
        *("effective draws", "per CPU s", "with compilation", "ours is faster by"),
        *("limit / 10⁻⁶", "difference"),
    ]
    return section(
        "Samplers",
        f"{INTERACTION} at {MASS_MEV:g} MeV, prior {PRIOR}, XENONnT with merged bins, "
        f"{DIMENSION} parameters: {LEVEL:.0%} upper limit on g. Ours: the package's density, from "
        "its cache on disk; PyMC: `build_model` of the package; Numba: `bare.py`; JAX: "
        "`jax_density.py`; all equal at random points. CPU seconds are those of all threads. "
        "Effective draws of g: bulk ESS for Markov chains, Kish's for weighted points. Settings "
        "are those that the documentation of each names, see `peers.py`.",
        table(columns, rows),
        *([f"Not run: {'; '.join(missing)}."] if missing else []),
    )
