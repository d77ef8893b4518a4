"""The plane of mediator mass and coupling, on which limits are drawn."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.physics.interactions.axis import MEDIATOR_MASS
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.plots import style

#: Panels narrower than this, in inches, stand below one another; heights of panels, and of the
#: labels below them.
_LEAST_WIDTH, _HEIGHT, _ALONE, _LABELS = 2.9, 2.5, 3.9, 0.45


def panels(figure: Figure, count: int) -> list[Axes]:
    """Return panels of a figure with the same axes, side by side where there is room.

    Parameters
    ----------
    figure
        A new figure, as wide as it will be; it grows by the panels.
    count
        How many.
    """
    width = float(figure.get_size_inches()[0])
    columns = max(1, min(count, int(width / _LEAST_WIDTH)))
    while count % columns:  # no panel of a row is missing
        columns -= 1
    rows = -(-count // columns)
    height = _ALONE if rows == 1 and width / columns > 1.5 * _LEAST_WIDTH else _HEIGHT
    figure.set_size_inches(width, rows * height + _LABELS)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    return list(grid.ravel()[:count])


def frame(
    axes: Axes,
    masses_mev: Array,
    *,
    bottom: float,
    top: float,
    coupling_label: str,
    mass_label: str = MEDIATOR_MASS.label,
) -> None:
    """Make both axes logarithmic, with their labels, ends and grid.

    Parameters
    ----------
    axes
        Where limits are drawn.
    masses_mev
        Masses as they are drawn, shape (n,), that the horizontal axis reaches.
    bottom, top
        Ends of the vertical axis.
    coupling_label, mass_label
        Labels of the axes.
    """
    low, high = float(masses_mev.min()), float(masses_mev.max())
    axes.set(
        xscale="log",
        yscale="log",
        xlim=(low, high) if low < high else (low / 2.0, high * 2.0),
        ylim=(bottom, top),
    )
    axes.set_xlabel(mass_label, fontsize=style.TEXT)
    axes.set_ylabel(coupling_label, fontsize=style.TEXT)
    plain(axes)


def sign_label(side: str, coupling: Coupling) -> str:
    """Return the sign of the amplitude that a side stands for, in mathtext; none of "upper"."""
    relation = {"positive": ">", "negative": "<"}.get(side)
    return "" if relation is None else f"${coupling.amplitude_latex} {relation} 0$"


def plain(axes: Axes) -> None:
    """Give axes small numbers and a pale grid below what is drawn."""
    axes.tick_params(labelsize=style.SMALL)
    axes.grid(which="major", color=style.GRID, linewidth=0.6)
    axes.set_axisbelow(True)


def alone(limit: Array) -> NDArray[np.bool_]:
    """Return which points have no neighbours, so that a line cannot show them."""
    finite = np.concatenate([[False], np.isfinite(limit), [False]])
    return np.asarray(finite[1:-1] & ~finite[:-2] & ~finite[2:])
