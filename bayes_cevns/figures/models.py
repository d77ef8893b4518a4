"""Figures of models side by side: Bayes factors, counts and replicas."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from bayes_cevns.arguments import of_kind
from bayes_cevns.figures.captions import (
    data_text,
    data_words,
    is_projection,
    titled,
)
from bayes_cevns.plots.bayes_factors import ComparedModel, comparison
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.replicas import predictions
from bayes_cevns.plots.style import PAGE, Rc, applied
from bayes_cevns.studies.comparison.result import Comparison

#: Width in inches of the figure with three panels side by side.
_COMPARISON = 9.2


def comparison_figure(
    compared: Comparison,
    *,
    width_in: float = _COMPARISON,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw Bayes factors, how they depend on the end of the prior, and cross-validation.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> compared = bc.compare_models(
    ...     "xenonnt_2024_s2", interactions=["scalar-universal"], mass_mev=10.0, seed=1
    ... )
    >>> bc.comparison_figure(compared).savefig("models.png")
    """
    of_kind(compared, Comparison, what="what bayes_cevns.compare returns")
    reference = compared.reference
    shown = []
    for model in compared.models[1:]:
        factors = model.bayes_factors
        shown.append(
            ComparedModel(
                model.run.name,
                *compared.log_bayes_factor(model),
                *model.loo.difference(reference.loo),
                np.array([]) if factors is None else factors.max_coupling,
                np.array([]) if factors is None else factors.log_bayes_factor,
            )
        )
    spec = compared.models[-1].run.spec
    with applied(style):
        return comparison(
            shown,
            reference=reference.run.name,
            title=titled(f"Models compared with {reference.run.name}", spec.experiments),
            subtitle=f"{data_text(spec.experiments)}; {spec.prior} priors",
            is_projection=is_projection(spec.experiments),
            width_in=width_in,
            ax=ax,
        )


def predictive_figure(
    compared: Comparison,
    *,
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw counts along observables beside those that the models predict.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> compared = bc.compare_models(
    ...     "xenonnt_2024_s2", interactions=["scalar-universal"], mass_mev=10.0, seed=1
    ... )
    >>> bc.predictive_figure(compared).savefig("predictive.png")
    """
    of_kind(compared, Comparison, what="what bayes_cevns.compare returns")
    found = {model.run.name: model.predictive.predictions for model in compared.models}
    experiments = compared.reference.run.spec.experiments
    with applied(style):
        return predictions(
            found,
            title=titled("Counts and replicas of them", experiments),
            subtitle=data_text(experiments),
            data=data_words(experiments),
            width_in=width_in,
            ax=ax,
        )


def figures(result: Comparison, *, width_in: float | None = None) -> dict[str, Figure]:
    """Return counts beside predictions, and the comparison if there is more than one model."""
    found = {"predictive": predictive_figure(result, width_in=width_in or PAGE)}
    if len(result.models) > 1:
        found["compare"] = comparison_figure(result, width_in=width_in or _COMPARISON)
    return found
