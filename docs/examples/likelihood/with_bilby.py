"""Sample a likelihood of bayes_cevns with bilby, by any of its samplers."""

import bilby
import numpy as np

from bayes_cevns import JointLikelihood


class Likelihood(bilby.Likelihood):
    """The likelihood for bilby, which hands over a dictionary of parameters."""

    def __init__(self, like: JointLikelihood) -> None:
        super().__init__()
        self.like = like

    def log_likelihood(self, parameters: dict[str, float] | None = None) -> float:
        """Return the log-likelihood."""
        return float(self.like(self.like.point(parameters or self.parameters)))


class Prior(bilby.prior.Prior):
    """The prior of one parameter for bilby."""

    def __init__(self, own, name: str) -> None:
        super().__init__(name=name, minimum=own.support[0], maximum=own.support[1])
        self.own, self.rescale, self.ln_prob = own, own.quantile, own.log_density


def draws(like: JointLikelihood, *, folder: str, **options: object) -> np.ndarray:
    """Return draws of the posterior, shape (n, parameters); options are those of the sampler.

    A result in the folder is made anew: bilby would return it for any other likelihood that has the
    same parameters, such as another mass.
    """
    priors = bilby.core.prior.PriorDict(
        {name: Prior(own, name) for name, own in zip(like.names, like.priors, strict=True)}
    )
    # Its JSON cannot hold these priors.
    asked = {"clean": True, "save": "pickle", **options}
    result = bilby.run_sampler(Likelihood(like), priors, outdir=folder, **asked)
    return result.posterior[list(like.names)].to_numpy()
