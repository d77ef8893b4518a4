"""Sample a likelihood of bayes_cevns with Cobaya, in which priors are those of its unit cube."""

import numpy as np
from cobaya.run import run

from bayes_cevns import JointLikelihood


def draws(like: JointLikelihood, *, seed: int, **options: object) -> np.ndarray:
    """Return draws of the posterior, shape (n, parameters); options are those of its MCMC."""
    names = [f"u_{number}" for number in range(len(like.names))]

    def log_likelihood(**cube: float) -> float:
        return float(like(like.from_unit_cube([cube[name] for name in names])))

    unit = {"prior": {"min": 0.0, "max": 1.0}, "proposal": 0.1}
    # Without stop_at_error, a point at which the likelihood raises an error is one of density zero.
    own = {"external": log_likelihood, "input_params": names, "stop_at_error": True}
    asked = {"likelihood": {"bayes_cevns": own}, "params": dict.fromkeys(names, unit)}
    sampler = run({**asked, "sampler": {"mcmc": {"seed": seed, **options}}})[1]
    chain = sampler.products(skip_samples=0.3)["sample"]
    cube = np.repeat(chain[names].to_numpy(), chain["weight"].to_numpy().astype(int), axis=0)
    return like.from_unit_cube(cube)
