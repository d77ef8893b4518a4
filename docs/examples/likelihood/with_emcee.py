"""Sample a likelihood of bayes_cevns with emcee: draws of the posterior, shape (n, parameters)."""

import emcee
import numpy as np

from bayes_cevns import JointLikelihood


def draws(like: JointLikelihood, *, steps: int, seed: int) -> np.ndarray:
    """Return draws of walkers that begin at draws of the prior, without the first half."""
    size, walkers = len(like.names), 4 * len(like.names)
    start = like.from_unit_cube(np.random.default_rng(seed).uniform(size=(walkers, size)))
    sampler = emcee.EnsembleSampler(walkers, size, like.log_posterior, vectorize=True)
    sampler.random_state = np.random.RandomState(seed).get_state()
    sampler.run_mcmc(start, steps)
    return sampler.get_chain(discard=steps // 2, flat=True)
