"""Credible regions of two couplings by several experiments, in one plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bayes_cevns.arrays import Array
from bayes_cevns.plots import style
from bayes_cevns.plots.canvas import Ax, one_panel
from bayes_cevns.plots.credible_region import Box, draw_box
from bayes_cevns.plots.frame import plain

#: Widths of the lines around regions, from the innermost outwards; opacity of the outermost.
_WIDTHS, _FILL = (1.8, 1.2, 0.7), 0.12

#: Height of the axes over the width of the figure, and above which width it grows no further.
_SHAPE, _TALLEST = 0.95, 5.2

#: An axis goes on beyond all regions by this share of their width.
_BEYOND = 0.06


@dataclass(frozen=True, eq=False)
class PlaneRegions:
    """Regions of highest density of one run.

    Attributes
    ----------
    label
        What it is called.
    x, y
        Couplings, shapes (n,) and (m,).
    density
        Their joint density, shape (n, m).
    cuts
        Least density of each region, in decreasing order.
    is_projection
        Whether the data are simulated.
    """

    label: str
    x: Array
    y: Array
    density: Array
    cuts: Sequence[float]
    is_projection: bool = False


def coupling_planes(
    found: Sequence[PlaneRegions],
    *,
    levels: Sequence[float],
    labels: tuple[str, str],
    title: str,
    subtitle: str,
    reference: tuple[float, float] | None = (0.0, 0.0),
    box: Box = ((None, None), (None, None)),
    width_in: float = 5.6,
    ax: Ax = None,
) -> Figure:
    """Draw regions of several runs as lines, each run in a colour and a line style.

    Parameters
    ----------
    found
        The runs, three levels of each at most.
    levels
        Credible levels of the regions, increasing.
    labels
        Of the axes.
    title, subtitle
        What is limited, and how.
    reference
        A point to mark: the Standard Model.
    box
        Ends of the priors at which regions are open.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, in place of a new figure.
    """
    sheet = one_panel(ax, width_in, min(_SHAPE * width_in, _TALLEST))
    (axes,) = sheet.panels
    legend: list[tuple[Artist, str]] = []
    for one, look in zip(found, style.series(len(found)), strict=True):
        _draw(axes, one, look)
        words = f"expected, {one.label}" if one.is_projection else one.label
        legend.append((Line2D([], [], color=look.colour, linestyle=look.line), words))
    for level, width in zip(levels, _WIDTHS, strict=False):
        sample = Line2D([], [], color=style.GREY, linewidth=width)
        legend.append((sample, f"{100 * level:.4g}% credible"))
    if reference is not None:
        mark = {"color": style.INK, "marker": "+", "markersize": 9, "linestyle": "none"}
        axes.plot(*reference, **mark)
        legend.append((Line2D([], [], **mark), "Standard Model"))
    axes.set_xlabel(labels[0], fontsize=style.TEXT + 2)
    axes.set_ylabel(labels[1], fontsize=style.TEXT + 2)
    _view(axes, found, reference)
    legend += draw_box(axes, box)
    plain(axes)
    return sheet.finish(title, subtitle, legend)


def _draw(axes: Axes, one: PlaneRegions, look: style.Series) -> None:
    outwards = list(zip(one.cuts, _WIDTHS, strict=False))
    axes.contourf(
        one.x,
        one.y,
        one.density.T,
        levels=[min(one.cuts), max(float(one.density.max()), 1.001 * max(one.cuts))],
        colors=[look.colour],
        alpha=_FILL,
    )
    for cut, width in outwards:
        axes.contour(
            one.x,
            one.y,
            one.density.T,
            levels=[cut],
            colors=[look.colour],
            linestyles=[look.line],
            linewidths=[width],
        )


def _view(axes: Axes, found: Sequence[PlaneRegions], reference: tuple[float, float] | None) -> None:
    """End the axes around all regions and what is marked."""
    for place, (values, set_limits) in enumerate(
        (([one.x for one in found], axes.set_xlim), ([one.y for one in found], axes.set_ylim))
    ):
        inside = [
            grid[(one.density >= min(one.cuts)).any(axis=1 - place)]
            for grid, one in zip(values, found, strict=True)
        ]
        seen = np.concatenate(inside)
        low, high = float(seen.min()), float(seen.max())
        if reference is not None:
            low, high = min(low, reference[place]), max(high, reference[place])
        room = _BEYOND * (high - low)
        set_limits(low - room, high + room)
