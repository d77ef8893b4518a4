"""The figure of prior and posterior in the expected events."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from bayes_cevns.arguments import of_kind
from bayes_cevns.figures.captions import (
    data_text,
    interaction_title,
    is_projection,
    mass_text,
    titled,
)
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.prior_posterior import RateDraws, prior_posterior
from bayes_cevns.plots.style import PAGE, Rc, applied
from bayes_cevns.studies.prior_sensitivity import PriorSensitivity, rate_quantiles

#: Quantiles that stand for a density in the rate.
_RATE_DRAWS = 40_000


def prior_sensitivity_figure(
    sensitivity: PriorSensitivity,
    *,
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw prior and posterior in the expected neutrino events, for each of the named priors.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.prior_sensitivity(
    ...     "xenonnt_2024_s2", interaction="b-l", mass_mev=10.0, seed=1
    ... )
    >>> bc.prior_sensitivity_figure(found).savefig("priors.png")
    """
    of_kind(sensitivity, PriorSensitivity, what="what bayes_cevns.prior_sensitivity returns")
    shares = (np.arange(_RATE_DRAWS) + 0.5) / _RATE_DRAWS
    rates = {
        kind: RateDraws(*rate_quantiles(sensitivity, kind, shares)) for kind in sensitivity.priors
    }
    spec = sensitivity.spec
    model = f"{interaction_title(spec)}{mass_text(sensitivity.mass_mev)}"
    with applied(style):
        return prior_posterior(
            rates,
            standard=float(sensitivity.counts[0]),
            title=titled(model, spec.experiments),
            subtitle=data_text(spec.experiments),
            is_projection=is_projection(spec.experiments),
            width_in=width_in,
            ax=ax,
        )


def figures(result: PriorSensitivity, *, width_in: float | None = None) -> dict[str, Figure]:
    """Return the figure of prior and posterior."""
    return {"prior_posterior": prior_sensitivity_figure(result, width_in=width_in or PAGE)}
