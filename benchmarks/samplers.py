"""Three samplers on one posterior: time, effective draws and the limit that each gives."""

from __future__ import annotations

import time
from dataclasses import dataclass

import emcee
import numpy as np
from arviz_stats.base import array_stats
from bare import COORDINATE, DIMENSION, Problem, log_densities
from calls import INTERACTION, MASS_MEV, PRIOR
from nested import LIVE_POINTS, run_nested
from numpy.typing import NDArray
from page import section, table
from problem import build_problem, check_against, experiment

import bayes_cevns as bc
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.specification.variables import COUPLING
from bayes_cevns.summary.draws import WeightedDraws

type Array = NDArray[np.float64]

LEVEL = 0.9

_WALKERS = 64
_STEPS = 6_000
_BURN_IN = 1_000
_EFFECTIVE = 5_000
_SEED = 1


@dataclass(frozen=True)
class Result:
    """What one sampler did."""

    name: str
    seconds: float
    ess: float
    limit: float
    error: float


def measure() -> list[Result]:
    """Run nutpie through the engine, then emcee and dynesty on the hand-written likelihood."""
    engine = bc.Engine(
        bc.ModelSpec.of([experiment()], interaction=INTERACTION, prior=PRIOR),
        bc.SamplerSettings(draws=1000, chains=4),
    )
    problem, prior = build_problem(
        experiment(), interaction=INTERACTION, mass_mev=MASS_MEV, prior=PRIOR, merged=True
    )
    check_against(problem, lambda points: engine.log_density(MASS_MEV, points))
    return [
        _nutpie(engine),
        _emcee(problem, prior),
        _dynesty(problem, prior, None),
        _dynesty(problem, prior, _EFFECTIVE),
    ]


def _nutpie(engine: bc.Engine) -> Result:
    engine.fit(MASS_MEV, seed=_SEED + 1)  # starts threads, fills caches
    start = time.perf_counter()
    fit = engine.fit(MASS_MEV, seed=_SEED)
    seconds = time.perf_counter() - start
    g = fit.posterior[COUPLING].isel(branch=0).transpose("chain", "draw").values
    (limit,) = bc.limits(fit, LEVEL)
    name = f"nutpie in the engine, {g.shape[0]} x {g.shape[1]}"
    return Result(name, seconds, _bulk_ess(g), limit.value, limit.mc_error)


def _emcee(problem: Problem, prior: CouplingPrior) -> Result:
    rng = np.random.default_rng(_SEED)
    start_points = rng.normal(0.0, 0.5, (_WALKERS, DIMENSION))
    log_densities(start_points, problem)  # compile
    sampler = emcee.EnsembleSampler(
        _WALKERS, DIMENSION, lambda points: log_densities(points, problem), vectorize=True
    )
    sampler.random_state = np.random.RandomState(_SEED).get_state()
    start = time.perf_counter()
    sampler.run_mcmc(start_points, _STEPS)
    seconds = time.perf_counter() - start
    u = sampler.get_chain(discard=_BURN_IN)[..., COORDINATE].T
    t = prior.lower + (prior.upper - prior.lower) / (1.0 + np.exp(-u))
    g = np.sqrt(np.abs(prior.product(t)))
    quantile = WeightedDraws(g[None], np.ones(1), np.zeros(1)).quantile(LEVEL)
    name = f"emcee, {_WALKERS} walkers x {_STEPS}, first {_BURN_IN} left out"
    return Result(name, seconds, _bulk_ess(g), quantile.value, quantile.mc_error)


def _dynesty(problem: Problem, prior: CouplingPrior, effective: int | None) -> Result:
    run = run_nested(problem, seed=_SEED, effective=effective)
    limit = run.limit(prior, LEVEL, "upper")
    # One run tells its error only roughly: as if its effective draws were independent.
    step = np.sqrt(LEVEL * (1.0 - LEVEL) / run.ess)
    low, high = (run.limit(prior, LEVEL + sign * step, "upper") for sign in (-1, 1))
    kind = "static" if effective is None else "dynamic"
    name = f"dynesty, {kind}, {LIVE_POINTS} live points"
    return Result(name, run.seconds, run.ess, limit, 0.5 * (high - low))


def _bulk_ess(draws: Array) -> float:
    return float(array_stats.ess(draws, method="bulk"))


def report(results: list[Result]) -> str:
    """Return the section of the page."""
    first = results[0]
    rows = []
    for r in results:
        difference = r.limit - first.limit
        spread = np.hypot(r.error, first.error)
        rows.append(
            [
                r.name,
                f"{r.seconds:.2f}",
                f"{r.ess:.0f}",
                f"{r.ess / r.seconds:.0f}",
                f"{1e6 * r.limit:.3f} ± {1e6 * r.error:.3f}",
                ""
                if r is first
                else f"{difference / first.limit:+.1%}, {difference / spread:+.1f} σ",
            ]
        )
    return section(
        "Samplers",
        f"{INTERACTION} at {MASS_MEV:g} MeV, prior {PRIOR}: {LEVEL:.0%} upper limit on g. nutpie "
        "samples the package's model, the others the hand-written likelihood on merged bins; "
        "compilation not counted. Effective draws of g: bulk ESS for Markov chains, Kish's for "
        "nested sampling.",
        table([" sampler", "s", "effective draws", "per s", "limit / 10⁻⁶", "difference"], rows),
    )
