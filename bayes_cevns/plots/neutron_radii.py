"""Radii of neutrons in nuclei: measurements with their intervals, beside predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bayes_cevns.plots import style
from bayes_cevns.plots.canvas import Ax, one_panel
from bayes_cevns.plots.frame import plain

_ROW, _ROOM = 0.3, 0.9  # inches


@dataclass(frozen=True)
class MeasuredRadius:
    """A radius of neutrons.

    Attributes
    ----------
    label
        What measured or predicts it.
    nucleus
        Such as ``"CsI"`` or ``"Ar"``.
    value, low, high
        Rms radius and the ends of its interval, in fm.
    is_published
        Whether it is the number of others, which is drawn in grey.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> own = bc.MeasuredRadius("an experiment of mine", "CsI", 5.5, 5.1, 5.9)
    >>> own.nucleus
    'CsI'
    """

    label: str
    nucleus: str
    value: float
    low: float
    high: float
    is_published: bool = False


def neutron_radii(
    measured: Sequence[MeasuredRadius],
    *,
    title: str,
    subtitle: str,
    width_in: float = style.PAGE,
    ax: Ax = None,
) -> Figure:
    """Draw radii as points with bars, one below another, a colour and marker a nucleus.

    Parameters
    ----------
    measured
        The radii, from top to bottom.
    title, subtitle
        What is measured, and at which confidence.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one, in place of a new figure.
    """
    sheet = one_panel(ax, width_in, _ROOM + _ROW * len(measured))
    (axes,) = sheet.panels
    nuclei = list(dict.fromkeys(one.nucleus for one in measured))
    looks = dict(zip(nuclei, style.series(len(nuclei)), strict=True))
    for place, one in zip(-np.arange(len(measured)), measured, strict=True):
        look = looks[one.nucleus]
        colour = style.GREY if one.is_published else look.colour
        axes.errorbar(
            one.value,
            place,
            xerr=[[one.value - one.low], [one.high - one.value]],
            color=colour,
            marker=look.marker,
            markersize=4.0,
            markerfacecolor="white" if one.is_published else colour,
            linestyle="none",
            capsize=2.0,
        )
    axes.set_yticks(-np.arange(len(measured)), [one.label for one in measured])
    axes.set_ylim(-len(measured) + 0.4, 0.6)
    axes.set_xlabel("rms radius of the neutrons [fm]", fontsize=style.TEXT)
    plain(axes)
    legend: list[tuple[Artist, str]] = []
    for nucleus, look in looks.items():
        mark: dict[str, Any] = {"color": look.colour, "marker": look.marker, "linestyle": "none"}
        legend.append((Line2D([], [], markersize=4.0, **mark), nucleus))
    return sheet.finish(title, subtitle, legend)
