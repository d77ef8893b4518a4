"""Credible regions of two couplings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.plots import style
from bayes_cevns.plots.canvas import Ax, one_panel
from bayes_cevns.plots.frame import plain

#: Ends of the prior of x and of y, low and high, where the regions are open; ``None`` elsewhere.
type Box = tuple[tuple[float | None, float | None], tuple[float | None, float | None]]

#: An axis goes on beyond an end of the prior by this share of its range.
_BEYOND = 0.05

#: A region of less than this share of an axis is drawn larger, so much of its width on each side.
_SMALL, _BESIDE = 0.75, 0.25

#: Height of the axes over the width of the figure, and above which width it grows no further.
_SHAPE, _TALLEST = 0.95, 5.2


def credible_region(
    x: Array,
    y: Array,
    density: Array,
    cuts: Sequence[float],
    *,
    levels: Sequence[float],
    labels: tuple[str, str],
    title: str,
    subtitle: str,
    reference: tuple[float, float] | None = (0.0, 0.0),
    box: Box = ((None, None), (None, None)),
    is_projection: bool = False,
    width_in: float = 5.6,
    ax: Ax = None,
) -> Figure:
    """Draw regions of highest density of two couplings, filled.

    Parameters
    ----------
    x, y
        Couplings, shapes (n,) and (m,).
    density
        Their joint density, shape (n, m).
    cuts
        Least density of each region, in decreasing order.
    levels
        Their credible levels, three at most.
    labels
        Of the axes.
    title, subtitle
        What was measured, and with which prior.
    reference
        A point to mark: the Standard Model.
    box
        Ends of the priors that are drawn where the largest region reaches them.
    is_projection
        Whether the data are simulated: regions are then lines, dash-dotted, and not filled.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one, in place of a new figure.

    Returns
    -------
    Figure
        The region of each level in a shade of its own, the largest the palest. Where they are open,
        the end of the prior is a line, and the axis goes on beyond.
    """
    sheet = one_panel(ax, width_in, min(_SHAPE * width_in, _TALLEST))
    (axes,) = sheet.panels
    shades = (style.LINES if is_projection else style.SHADES)[: len(cuts)]
    edges = [*reversed(list(cuts)), max(float(density.max()), 1.001 * max(cuts))]
    if is_projection:
        # The innermost line is the darkest, as the innermost filled region is.
        lines: dict[str, Any] = {
            "colors": list(reversed(shades)),
            "linestyles": "dashdot",
            "linewidths": 1.4,
        }
    else:
        axes.contourf(x, y, density.T, levels=edges, colors=list(reversed(shades)))
        lines = {"colors": style.EDGE, "linewidths": 0.8}
    axes.contour(x, y, density.T, levels=edges[:-1], **lines)
    legend = _legend(shades, levels, is_projection=is_projection)
    if reference is not None:
        mark: dict[str, Any] = {
            "color": style.INK,
            "markersize": 9,
            "linestyle": "none",
            "marker": "+",
            "clip_on": False,
        }
        axes.plot(*reference, **mark)
        legend.append((Line2D([], [], **mark), "Standard Model"))
    inside = [(density >= min(cuts)).any(axis=axis) for axis in (1, 0)]
    marked = (None, None) if reference is None else reference
    axes.set(xlim=_view(x, inside[0], marked[0]), ylim=_view(y, inside[1], marked[1]))
    legend += draw_box(axes, (_reached(box[0], inside[0]), _reached(box[1], inside[1])))
    axes.set_xlabel(labels[0], fontsize=style.TEXT + 2)
    axes.set_ylabel(labels[1], fontsize=style.TEXT + 2)
    axes.locator_params(nbins=5 if width_in < style.PAGE / 1.5 else 9)
    plain(axes)
    return sheet.finish(title, subtitle, legend)


def _view(grid: Array, inside: NDArray[np.bool_], marked: float | None) -> tuple[float, float]:
    """Return the ends of an axis: all of the grid, or what is around a small region."""
    low, high = float(grid[inside].min()), float(grid[inside].max())
    first, last = float(grid[0]), float(grid[-1])
    if marked is not None:
        low, high = min(low, marked), max(high, marked)
        first, last = min(first, marked), max(last, marked)
    if high - low > _SMALL * (last - first):
        return first, last
    room = _BESIDE * (high - low)
    return max(first, low - room), min(last, high + room)


def _reached(
    bounds: tuple[float | None, float | None], inside: NDArray[np.bool_]
) -> tuple[float | None, float | None]:
    """Return the bounds at which the largest region ends."""
    return bounds[0] if inside[0] else None, bounds[1] if inside[-1] else None


def draw_box(axes: Axes, box: Box) -> list[tuple[Artist, str]]:
    """Draw the ends of the prior at which the regions are open, and return what is said of them."""
    if all(bound is None for bounds in box for bound in bounds):
        return []
    look: dict[str, Any] = {"color": style.INK, "linestyle": ":", "linewidth": 1.4}
    axes.set(xlim=_around(axes.get_xlim(), box[0]), ylim=_around(axes.get_ylim(), box[1]))
    for bounds, line in zip(box, (axes.axvline, axes.axhline), strict=True):
        for bound in bounds:
            if bound is not None:
                line(bound, **look)
    return [(Line2D([], [], **look), "end of the prior: the regions are open there")]


def _around(
    view: tuple[float, float], bounds: tuple[float | None, float | None]
) -> tuple[float, float]:
    """Return the ends of an axis that has room beyond bounds."""
    room = _BEYOND * (view[1] - view[0])
    low, high = bounds
    return (
        view[0] if low is None else min(view[0], low - room),
        view[1] if high is None else max(view[1], high + room),
    )


def _legend(
    shades: Sequence[str], levels: Sequence[float], *, is_projection: bool
) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = []
    for shade, level in zip(shades, levels, strict=True):
        words = f"{100 * level:.4g}% credible"
        if is_projection:
            line = Line2D([], [], color=shade, linestyle=style.PROJECTED, linewidth=1.4)
            entries.append((line, f"expected, {words}"))
        else:
            entries.append((Patch(facecolor=shade, edgecolor=style.EDGE), words))
    return entries
