"""How much a posterior owes to its parts: it is asked what happens as they are raised to powers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from bayes_cevns.errors import ConvergenceError
from bayes_cevns.specification.variables import COUPLING, PRODUCT
from bayes_cevns.studies.comparison.assessment import impossible_text
from bayes_cevns.summary.cross_validation import log_likelihood
from bayes_cevns.summary.fit import Fit

if TYPE_CHECKING:
    from bayes_cevns.inference.at_draws import ModelAtDraws

#: Power scaling by this much each way, and what counts as sensitive (Kallioinen et al. 2024).
_ALPHAS = (0.99, 1.01)
_SENSITIVE = 0.05


@dataclass(frozen=True)
class PowerScaling:
    """Change of the posterior of the quoted coupling as a part of the density is raised to a power.

    Attributes
    ----------
    coupling
        To the prior of the coupling, as a density in log g: in this coordinate the named priors
        are powers of one another (g^0, g^2 and, without interference, g^4). Not a number for the
        log prior, g^0, which has no powers.
    nuisances
        To the priors of the nuisances.
    likelihood
        To the likelihood.

    References
    ----------
    Kallioinen et al., Stat. Comput. 34 (2024) 57.
    """

    coupling: float
    nuisances: float
    likelihood: float

    @property
    def diagnosis(self) -> str:
        """What the values mean."""
        if np.isnan(self.coupling):
            return "a log prior has no powers: compare the limits with other priors"
        sensitive = max(self.coupling, self.nuisances) >= _SENSITIVE
        if not sensitive:
            return "insensitive to priors"
        if self.likelihood < _SENSITIVE:
            return "priors outweigh the likelihood"
        part = "coupling" if self.coupling >= self.nuisances else "nuisances"
        return f"sensitive to the prior of the {part}"


def power_scaling(model: ModelAtDraws, fit: Fit) -> PowerScaling:
    """Return the power-scaling sensitivity of the quoted coupling.

    Parameters
    ----------
    model
        The model of the fit, at its mass.
    fit
        A fit with a coupling.
    """
    from arviz_stats import psense

    from bayes_cevns.inference.at_draws import as_many_as_fit

    assert fit.prior is not None
    draws = as_many_as_fit(fit.draws(), model.spec.experiments)
    points = model.points(draws)
    dims = ("chain", "draw")
    product = draws[PRODUCT].transpose(*dims).values
    per_log = np.log(np.abs(product)) + np.log(fit.prior.density(product))
    nuisances = model.log_prior(points)[..., 1:].sum(axis=-1)
    logs = log_likelihood(model.spec.experiments, model.expected(points))
    if reason := impossible_text(model.spec.experiments, logs):
        raise ConvergenceError(reason)
    likelihood = logs.sum(axis=-1)
    parts = {"prior": {"coupling": per_log, "rest": nuisances}, "likelihood": {"all": likelihood}}
    tree = xr.DataTree.from_dict(
        {
            "posterior": draws[[COUPLING]],
            **{
                f"log_{group}": xr.Dataset({k: (dims, v) for k, v in values.items()})
                for group, values in parts.items()
            },
        }
    )

    def sensitivity(group: str, name: str) -> float:
        if np.ptp(parts[group][name]) < 1e-9:  # a constant has no powers
            return float("nan") if name == "coupling" else 0.0
        options = {"group": group, "group_var_names": [name], "sample_dims": list(dims)}
        return float(psense(tree, var_names=[COUPLING], alphas=_ALPHAS, **options)[COUPLING])

    return PowerScaling(
        sensitivity("prior", "coupling"),
        sensitivity("prior", "rest"),
        sensitivity("likelihood", "all"),
    )
