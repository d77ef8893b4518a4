"""Other samplers, each with the settings that its own documentation names.

A row of `PEERS` says what a sampler needs, its settings, whose density it has, and how it samples.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from bare import COORDINATE, DIMENSION, Problem, log_densities, log_likelihoods
from nested import LIVE_POINTS, run_nested
from numpy.typing import NDArray
from problem import check_against, prior_transform

from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import COUPLING

type Array = NDArray[np.float64]

CHAINS, TUNE, DRAWS = 4, 1_000, 1_000


@dataclass(frozen=True, eq=False)
class Posterior:
    """What is to be sampled."""

    problem: Problem
    prior: CouplingPrior
    spec: ModelSpec
    mass_mev: float
    seed: int

    def g(self, coordinate: Array) -> Array:
        """Return the coupling at coordinates of its prior."""
        return np.sqrt(np.abs(self.prior.product(coordinate)))

    def g_of(self, unconstrained: Array) -> Array:
        """Return the coupling at coordinates of a sampler."""
        width = self.prior.upper - self.prior.lower
        return self.g(self.prior.lower + width / (1.0 + np.exp(-unconstrained)))

    def starts(self, number: int) -> Array:
        """Return points near the middle of the prior, shape (number, DIMENSION)."""
        return np.random.default_rng(self.seed).normal(0.0, 0.5, (number, DIMENSION))


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of g, shape (chain, draw), or (n,) with weights; and what they cost."""

    g: Array
    weights: Array | None
    cpu_s: float
    wall_s: float
    compile_s: float


class _Clock:
    cpu = wall = 0.0


@contextmanager
def _clock() -> Iterator[_Clock]:
    found = _Clock()
    cpu, wall = time.process_time(), time.perf_counter()
    yield found
    found.cpu, found.wall = time.process_time() - cpu, time.perf_counter() - wall


def pymc(posterior: Posterior) -> Draws:
    """PyMC's own NUTS; a high acceptance, since there are divergences otherwise."""
    import pymc as pm

    from bayes_cevns.model import assemble

    logging.getLogger("pymc").setLevel(logging.ERROR)
    spec = posterior.spec
    options = {"chains": CHAINS, "cores": 1, "target_accept": 0.95, "progressbar": False}
    with assemble(spec, spec.tables(), posterior.mass_mev), _clock() as clock:
        trace = pm.sample(
            DRAWS,
            tune=TUNE,
            random_seed=posterior.seed,
            nuts_sampler="pymc",  # by default it takes nutpie where that is installed
            compute_convergence_checks=False,
            **options,
        )
    sampling = float(trace.posterior.attrs["sampling_time"])
    share = min(sampling / clock.wall, 1.0)  # the rest is compilation
    g = trace.posterior[COUPLING].transpose("chain", "draw").values
    return Draws(g, None, share * clock.cpu, sampling, (1.0 - share) * clock.cpu)


def emcee(posterior: Posterior) -> Draws:
    """Walkers by stretch moves; a chain of many autocorrelation times, as its tutorials ask for."""
    import emcee

    walkers, steps, burn_in = 64, 6_000, 1_000
    at, problem = posterior.starts(walkers), posterior.problem
    with _clock() as compiling:
        log_densities(at, problem)
    sampler = emcee.EnsembleSampler(
        walkers, DIMENSION, lambda points: log_densities(points, problem), vectorize=True
    )
    sampler.random_state = np.random.RandomState(posterior.seed).get_state()
    with _clock() as clock:
        sampler.run_mcmc(at, steps)
    g = posterior.g_of(sampler.get_chain(discard=burn_in)[..., COORDINATE].T)
    return Draws(g, None, clock.cpu, clock.wall, compiling.cpu)


def zeus(posterior: Posterior) -> Draws:
    """Slices by an ensemble with its default move; more walkers than twice the dimension."""
    import zeus

    logging.getLogger("zeus").setLevel(logging.ERROR)
    walkers, steps, burn_in = 32, 2_000, 400
    at, problem = posterior.starts(walkers), posterior.problem
    log_densities(at, problem)
    np.random.seed(posterior.seed)  # noqa: NPY002, the only way to seed it
    sampler = zeus.EnsembleSampler(
        walkers,
        DIMENSION,
        lambda points: log_densities(np.ascontiguousarray(points), problem),
        vectorize=True,
        verbose=False,
    )
    with _clock() as clock:
        sampler.run_mcmc(at, steps, progress=False)
    g = posterior.g_of(sampler.get_chain(discard=burn_in)[..., COORDINATE].T)
    return Draws(g, None, clock.cpu, clock.wall, 0.0)


def _dynesty(posterior: Posterior, effective: int | None) -> Draws:
    with _clock() as compiling:
        log_likelihoods(np.ones((1, DIMENSION)), posterior.problem)
    with _clock() as clock:
        run = run_nested(posterior.problem, seed=posterior.seed, effective=effective)
    g = posterior.g(run.coordinate)
    return Draws(g, run.weights, clock.cpu, clock.wall, compiling.cpu)


def _natural(posterior: Posterior) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    """Return the map from the unit cube and the likelihood, of many points, compiled."""
    transform = prior_transform(posterior.problem)
    ahead = transform(np.full(DIMENSION, 0.5))
    log_likelihoods(ahead[None], posterior.problem)

    def likelihoods(natural: Array) -> Array:
        return log_likelihoods(np.ascontiguousarray(natural), posterior.problem)

    return transform, likelihoods


def ultranest(posterior: Posterior) -> Draws:
    """Nested sampling, 400 live points, 4 x dimension slices: with 2 x one run was 3% low."""
    import ultranest
    import ultranest.stepsampler as steps

    many, likelihoods = _natural(posterior)
    np.random.seed(posterior.seed)  # noqa: NPY002, the only way to seed it
    names = [f"p{i}" for i in range(DIMENSION)]
    sampler = ultranest.ReactiveNestedSampler(names, likelihoods, many, vectorized=True)
    sampler.stepsampler = steps.SliceSampler(
        nsteps=4 * DIMENSION,
        generate_direction=steps.generate_mixture_random_direction,
    )
    logging.getLogger("ultranest").setLevel(logging.ERROR)
    with _clock() as clock:
        result = sampler.run(min_num_live_points=400, show_status=False, viz_callback=False)
    weighted = result["weighted_samples"]
    g = posterior.g(weighted["points"][:, COORDINATE])
    return Draws(g, weighted["weights"], clock.cpu, clock.wall, 0.0)


def nautilus(posterior: Posterior) -> Draws:
    """Nested sampling with neural networks, 2000 live points, 10,000 effective draws."""
    import nautilus

    many, likelihoods = _natural(posterior)
    sampler = nautilus.Sampler(
        many,
        likelihoods,
        n_dim=DIMENSION,
        n_live=2000,
        vectorized=True,
        pass_dict=False,
        seed=posterior.seed,
    )
    with _clock() as clock:
        sampler.run(f_live=0.01, n_eff=10_000, verbose=False)
    points, log_weights, _ = sampler.posterior()
    weights = np.exp(log_weights - log_weights.max())
    return Draws(posterior.g(points[:, COORDINATE]), weights, clock.cpu, clock.wall, 0.0)


def numpyro(posterior: Posterior) -> Draws:
    """NUTS of NumPyro; acceptance as for ours, chains in one vectorised program."""
    import jax
    from numpyro.infer import MCMC, NUTS

    density = _jax(posterior)
    kernel = NUTS(potential_fn=lambda point: -density(point), target_accept_prob=0.95)
    mcmc = MCMC(
        kernel,
        num_warmup=TUNE,
        num_samples=DRAWS,
        num_chains=CHAINS,
        chain_method="vectorized",
        progress_bar=False,
    )
    starts = jax.numpy.asarray(posterior.starts(CHAINS))
    costs = []
    for seed in (posterior.seed + 1, posterior.seed):  # the first compiles
        with _clock() as clock:
            mcmc.run(jax.random.PRNGKey(seed), init_params=starts)
            points = np.asarray(mcmc.get_samples(group_by_chain=True))
        costs.append(clock)
    first, clock = costs
    compile_s = max(first.cpu - clock.cpu, 0.0)
    return Draws(posterior.g_of(points[..., COORDINATE]), None, clock.cpu, clock.wall, compile_s)


def blackjax(posterior: Posterior) -> Draws:
    """NUTS of BlackJAX after its window adaptation; acceptance as for ours, chains by vmap."""
    import blackjax
    import jax

    density = _jax(posterior)

    def chain(key: Any, start: Any) -> Any:
        warm, sample = jax.random.split(key)
        adaptation = blackjax.window_adaptation(blackjax.nuts, density, target_acceptance_rate=0.95)
        (state, parameters), _ = adaptation.run(warm, start, num_steps=TUNE)
        step = blackjax.nuts(density, **parameters).step

        def one(state: Any, key: Any) -> Any:
            state, _ = step(key, state)
            return state, state.position[COORDINATE]

        return jax.lax.scan(one, state, jax.random.split(sample, DRAWS))[1]

    run = jax.jit(jax.vmap(chain))
    starts = jax.numpy.asarray(posterior.starts(CHAINS))
    costs = []
    for seed in (posterior.seed + 1, posterior.seed):  # the first compiles
        with _clock() as clock:
            keys = jax.random.split(jax.random.PRNGKey(seed), CHAINS)
            points = np.asarray(run(keys, starts))
        costs.append(clock)
    first, clock = costs
    compile_s = max(first.cpu - clock.cpu, 0.0)
    return Draws(posterior.g_of(points), None, clock.cpu, clock.wall, compile_s)


def _jax(posterior: Posterior) -> Callable[[Any], Any]:
    """Return the density in JAX, after comparing it with that in Numba."""
    from jax_density import evaluated, log_density_of

    density = log_density_of(posterior.problem)
    check_against(posterior.problem, evaluated(density))
    return density


def pocomc(posterior: Posterior) -> Draws:
    """Preconditioned Monte Carlo with its defaults: 512 effective particles, 256 active."""
    import pocomc
    from scipy.stats import uniform

    many, likelihoods = _natural(posterior)
    sampler = pocomc.Sampler(
        prior=pocomc.Prior([uniform(0.0, 1.0)] * DIMENSION),
        likelihood=lambda cube: likelihoods(many(cube)),
        vectorize=True,
        random_state=posterior.seed,
    )
    with _clock() as clock:
        sampler.run(progress=False)
    points, weights, _, _ = sampler.posterior()
    g = posterior.g(many(points)[:, COORDINATE])
    return Draws(g, weights, clock.cpu, clock.wall, 0.0)


type Peer = tuple[tuple[str, ...], str, str, Callable[[Posterior], Draws]]

PEERS: dict[str, Peer] = {
    "PyMC": (("pymc",), f"{CHAINS} x {DRAWS}, tune {TUNE}, acceptance 0.95", "PyMC", pymc),
    "NumPyro": (
        ("jax", "numpyro"),
        f"{CHAINS} x {DRAWS}, warm-up {TUNE}, acceptance 0.95, vectorised chains",
        "JAX",
        numpyro,
    ),
    "BlackJAX": (
        ("jax", "blackjax"),
        f"{CHAINS} x {DRAWS}, window adaptation {TUNE}, acceptance 0.95",
        "JAX",
        blackjax,
    ),
    "emcee": (("emcee",), "64 walkers x 6000, first 1000 left out", "Numba", emcee),
    "zeus": (("zeus",), "32 walkers x 2000, first 400 left out", "Numba", zeus),
    "dynesty, static": (
        ("dynesty",),
        f"{LIVE_POINTS} live points, rwalk",
        "Numba",
        lambda posterior: _dynesty(posterior, None),
    ),
    "dynesty, dynamic": (
        ("dynesty",),
        f"{LIVE_POINTS} live points, rwalk, 5000 effective draws",
        "Numba",
        lambda posterior: _dynesty(posterior, 5_000),
    ),
    "UltraNest": (("ultranest",), "400 live points, 36 slice steps", "Numba", ultranest),
    "nautilus": (("nautilus",), "2000 live points, 10000 effective draws", "Numba", nautilus),
    "pocoMC": (("pocomc", "torch"), "defaults", "Numba", pocomc),
}
