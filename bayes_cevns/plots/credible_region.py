"""Credible regions of two couplings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

type Array = NDArray[np.float64]

#: Shades from the innermost region outwards, and lines around them.
_SHADES = ("#0b5fa5", "#6ea3cf", "#c3d9ec")
_EDGE = "#0b3d6b"


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

    Returns
    -------
    Figure
        The region of each level in a shade of its own, the largest the palest.
    """
    figure = Figure(figsize=(5.6, 5.2), layout="constrained", dpi=160)
    axes: Axes = figure.subplots()
    shades = _SHADES[: len(cuts)]
    edges = [*reversed(list(cuts)), max(float(density.max()), 1.001 * max(cuts))]
    axes.contourf(x, y, density.T, levels=edges, colors=list(reversed(shades)))
    axes.contour(x, y, density.T, levels=edges[:-1], colors=_EDGE, linewidths=0.8)
    handles: list[object] = [
        Patch(facecolor=shade, edgecolor=_EDGE, label=f"{100 * level:.4g}% credible")
        for shade, level in zip(shades, levels, strict=True)
    ]
    if reference is not None:
        handles += axes.plot(
            *reference, "+", color="black", markersize=9, label="Standard Model", linestyle="none"
        )
    axes.set(xlabel=labels[0], ylabel=labels[1], xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    axes.set_title(title, loc="left", fontsize=11, pad=20)
    axes.text(0.0, 1.02, subtitle, transform=axes.transAxes, fontsize=8.0, color="#444444")
    axes.legend(handles=handles, frameon=True, framealpha=0.9, edgecolor="none", fontsize=8)
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    return figure
