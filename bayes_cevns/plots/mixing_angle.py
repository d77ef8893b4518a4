"""The weak mixing angle against the momentum transfer at which it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bayes_cevns.arrays import Array
from bayes_cevns.plots import style
from bayes_cevns.plots.canvas import Ax, one_panel
from bayes_cevns.plots.frame import plain

_HEIGHT = 3.4


@dataclass(frozen=True)
class MeasuredAngle:
    """One measurement of sin^2 theta_W.

    Attributes
    ----------
    label
        What measured it.
    momentum_transfer_mev
        Lower end, middle and upper end of the momentum transfers Q in MeV.
    value, low, high
        sin^2 theta_W, and the ends of its interval.
    is_published
        Whether it is the number of others, which is drawn in grey.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> own = bc.MeasuredAngle("an experiment of mine", (20.0, 40.0, 60.0), 0.24, 0.21, 0.27)
    >>> own.high - own.low < 0.1
    True
    """

    label: str
    momentum_transfer_mev: tuple[float, float, float]
    value: float
    low: float
    high: float
    is_published: bool = False


def mixing_angles(
    measured: Sequence[MeasuredAngle],
    *,
    momentum_transfer_mev: Array,
    standard_model: Array,
    title: str,
    subtitle: str,
    width_in: float = style.PAGE,
    ax: Ax = None,
) -> Figure:
    """Draw measurements of sin^2 theta_W beside what the Standard Model has.

    Parameters
    ----------
    measured
        The measurements, in the order of the legend.
    momentum_transfer_mev, standard_model
        Momentum transfers in MeV, and sin^2 theta_W at them, shape (n,).
    title, subtitle
        What is measured; level of the intervals and what they rest on.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one, in place of a new figure.
    """
    sheet = one_panel(ax, width_in, _HEIGHT)
    (axes,) = sheet.panels
    (curve,) = axes.plot(momentum_transfer_mev, standard_model, color=style.INK, linewidth=1.0)
    legend: list[tuple[Artist, str]] = [(curve, "Standard Model")]
    looks = iter(style.series(len(measured)))
    for one in measured:
        look = next(looks)
        colour = style.GREY if one.is_published else look.colour
        least, middle, most = one.momentum_transfer_mev
        drawn: dict[str, Any] = {
            "color": colour,
            "marker": look.marker,
            "markersize": 4,
            "markerfacecolor": "white" if one.is_published else colour,
            "linestyle": "none",
        }
        axes.errorbar(
            middle,
            one.value,
            xerr=[[middle - least], [most - middle]],
            yerr=[[one.value - one.low], [one.high - one.value]],
            elinewidth=1.0,
            **drawn,
        )
        legend.append((Line2D([], [], **drawn), one.label))
    axes.set_xscale("log")
    axes.set_xlim(float(np.min(momentum_transfer_mev)), float(np.max(momentum_transfer_mev)))
    axes.set_xlabel("momentum transfer [MeV]", fontsize=style.TEXT)
    axes.set_ylabel(r"$\sin^2\theta_W$", fontsize=style.TEXT)
    plain(axes)
    return sheet.finish(title, subtitle, legend)
