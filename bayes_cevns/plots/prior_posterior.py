"""Prior and posterior in the rate: what the data added to each of the named priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

type Array = NDArray[np.float64]

_COLOURS = ("#0b5fa5", "#b5492c", "#2f7d4f", "#7a4fa0")
_GREY = "#444444"

_BINS = 60

#: The axis ends where the posterior with every prior has all but this probability.
_BEYOND = 0.003


@dataclass(frozen=True, eq=False)
class RateDraws:
    """Draws of the expected neutrino events, by the prior and by the posterior.

    Attributes
    ----------
    prior, posterior
        Shape (n,) each, all alike in weight.
    """

    prior: Array
    posterior: Array


def prior_posterior(
    rates: Mapping[str, RateDraws], *, standard: float, title: str, subtitle: str
) -> Figure:
    """Draw the densities of the expected neutrino events.

    Parameters
    ----------
    rates
        Name of a prior -> its draws.
    standard
        Events of the Standard Model.
    title, subtitle
        Interaction and mass; data.

    Returns
    -------
    Figure
        One panel for each prior, posterior filled and prior as a line; what lies beyond the axis is
        counted in the densities, and said.
    """
    figure = Figure(figsize=(2.9 * len(rates) + 0.6, 3.3), layout="constrained", dpi=160)
    panels = figure.subplots(1, len(rates), sharey=True, squeeze=False)[0]
    ends = [np.quantile(r.posterior, [0.0, 1.0 - _BEYOND]) for r in rates.values()]
    edges = np.linspace(min(float(e[0]) for e in ends), max(float(e[1]) for e in ends), _BINS + 1)
    for axes, colour, (name, draws) in zip(panels, _COLOURS, rates.items(), strict=False):
        axes.stairs(_density(draws.posterior, edges), edges, fill=True, color=colour, alpha=0.35)
        axes.stairs(_density(draws.prior, edges), edges, color=colour, linestyle="--")
        axes.axvline(standard, color=_GREY, linewidth=0.8, linestyle=":")
        beyond = float(np.mean(draws.prior > edges[-1]))
        axes.set_title(f"{name}", loc="left", fontsize=9)
        axes.set_title(f"{beyond:.0%} of the prior beyond", loc="right", fontsize=7, color=_GREY)
        axes.set(yscale="log", xlabel="expected neutrino events")
    panels[0].set_ylabel("density: posterior filled,\nprior dashed [1/event]")
    figure.suptitle(f"{title}\n{subtitle}", x=0.01, ha="left", fontsize=9)
    return figure


def _density(values: Array, edges: Array) -> Array:
    counts = np.histogram(values, edges)[0].astype(float)
    return np.asarray(counts / values.size / np.diff(edges))
