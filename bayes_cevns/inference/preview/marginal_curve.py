"""The marginal likelihood of a coupling at a grid of its coordinate."""

from __future__ import annotations

from dataclasses import dataclass

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed


@dataclass(frozen=True, eq=False, repr=False)
class MarginalCurve(Displayed):
    """The marginal likelihood of the coupling, by Laplace's approximation.

    Attributes
    ----------
    prior
        Prior of the coupling.
    share
        The coordinate as a share of the range of the prior, increasing, shape (n,).
    log_marginal
        Log of the marginal likelihood, up to a constant, shape (n,). The prior is uniform in the
        share, so that this is the log-density of the posterior as well.
    reason
        Why it must not be used; empty if it may.
    """

    prior: CouplingPrior
    share: Array
    log_marginal: Array
    reason: str = ""
