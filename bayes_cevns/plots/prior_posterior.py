"""Prior and posterior in the rate: what the data added to each of the named priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bayes_cevns.arrays import Array
from bayes_cevns.plots import style
from bayes_cevns.plots.canvas import Ax, grid_of
from bayes_cevns.plots.frame import plain
from bayes_cevns.plots.layout import label_grid, label_panel

_BINS = 60

#: The axis ends where the posterior with every prior has all but this probability.
_BEYOND = 0.003

#: Width and height in inches that a panel has at least.
_LEAST_WIDTH, _HEIGHT = 1.9, 2.2

_COLOUR = style.series(1)[0].colour


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
    rates: Mapping[str, RateDraws],
    *,
    standard: float,
    title: str,
    subtitle: str,
    is_projection: bool = False,
    width_in: float = style.PAGE,
    ax: Ax = None,
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
    is_projection
        Whether the data are simulated: the posterior is then a dash-dotted line, not filled.
    width_in
        Width of the figure in inches; narrow ones have the panels below one another.
    ax
        Axes to draw into, one for each prior, in place of a new figure.

    Returns
    -------
    Figure
        One panel for each prior, posterior filled and prior as a line; what lies beyond the axis is
        counted in the densities, and said.
    """
    columns = max(1, min(len(rates), int(width_in / _LEAST_WIDTH)))
    rows = -(-len(rates) // columns)
    shared = {"sharex": True, "sharey": True}
    body = rows * _HEIGHT + 0.4
    sheet = grid_of(ax, len(rates), rows, columns, width_in=width_in, body_in=body, **shared)
    ends = [np.quantile(r.posterior, [0.0, 1.0 - _BEYOND]) for r in rates.values()]
    edges = np.linspace(min(float(e[0]) for e in ends), max(float(e[1]) for e in ends), _BINS + 1)
    posterior = {"color": _COLOUR, "linestyle": style.PROJECTED, "linewidth": 1.4}
    if not is_projection:
        posterior = {"color": _COLOUR, "alpha": 0.35, "fill": True}
    for axes, (name, draws) in zip(sheet.panels, rates.items(), strict=True):
        axes.stairs(_density(draws.posterior, edges), edges, **posterior)
        axes.stairs(_density(draws.prior, edges), edges, color=style.INK, linestyle="--")
        axes.axvline(standard, color=style.GREY, linewidth=0.8, linestyle=":")
        beyond = float(np.mean(draws.prior > edges[-1]))
        label_panel(axes, f"{name}: {beyond:.0%} of the prior beyond", size=style.SMALL)
        axes.set_yscale("log")
        plain(axes)
    label_grid(sheet.panels, columns, x="expected events", y="density [1/event]")
    filled = Patch(facecolor=_COLOUR, alpha=0.35)
    line = Line2D([], [], color=_COLOUR, linestyle=style.PROJECTED, linewidth=1.4)
    legend = [
        (line, "expected posterior") if is_projection else (filled, "posterior"),
        (Line2D([], [], color=style.INK, linestyle="--"), "prior"),
        (Line2D([], [], color=style.GREY, linestyle=":", linewidth=0.8), "Standard Model"),
    ]
    return sheet.finish(title, subtitle, legend)


def _density(values: Array, edges: Array) -> Array:
    counts = np.histogram(values, edges)[0].astype(float)
    return np.asarray(counts / values.size / np.diff(edges))
