"""Figures of calibration: ranks against their band, and coverage against the level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

type Array = NDArray[np.float64]

_BLUE, _RED, _GREY = "#0b5fa5", "#b5492c", "#444444"
_COLOURS = {"limit": _BLUE, "central": _RED, "region": "#4a8c3f"}
_MARKERS = {"limit": "o", "central": "s", "region": "D"}


@dataclass(frozen=True, eq=False)
class RankCurve:
    """The distribution function of the ranks of one quantity.

    Attributes
    ----------
    name
        Of the quantity.
    distribution
        Fraction of ranks below each step, shape (n,).
    p_value
        Of uniformity.
    """

    name: str
    distribution: Array
    p_value: float


def rank_ecdf(
    curves: Sequence[RankCurve],
    *,
    points: Array,
    band: tuple[Array, Array],
    title: str,
    subtitle: str,
) -> Figure:
    """Draw distribution functions of ranks less that of uniform ones, a panel a quantity.

    Parameters
    ----------
    curves
        One for each quantity.
    points
        Steps of the ranks, as fractions, shape (n,).
    band
        Ends of the simultaneous 95% band of a distribution function.
    title, subtitle
        The model, and how it was fitted.

    Returns
    -------
    Figure
        A curve that leaves the band is red.
    """
    columns = min(4, len(curves))
    rows = math.ceil(len(curves) / columns)
    size = (2.3 * columns, 1.75 * rows + 0.8)
    figure = Figure(figsize=size, layout="constrained", dpi=110)
    panels = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel()
    low, high = (end - points for end in band)
    for axes, curve in zip(panels, curves, strict=False):
        colour = _BLUE if curve.p_value > 0.05 else _RED
        axes.fill_between(points, low, high, color="#cccccc", linewidth=0, alpha=0.7)
        axes.plot(points, curve.distribution - points, color=colour, linewidth=1.2)
        axes.axhline(0.0, color=_GREY, linewidth=0.5)
        axes.set_title(f"{curve.name}, p = {curve.p_value:.2g}", loc="left", fontsize=6.5)
        axes.tick_params(labelsize=6.5)
    for axes in panels[len(curves) :]:
        axes.set_visible(False)
    figure.supxlabel("rank / number of ranks", fontsize=8)
    figure.supylabel("distribution of ranks - uniform", fontsize=8)
    figure.suptitle(f"{title}\n{subtitle}", fontsize=8, ha="left", x=0.02)
    return figure


@dataclass(frozen=True, eq=False)
class CoverageCurve:
    """Coverage of one kind of interval at one truth.

    Attributes
    ----------
    truth
        Name of the truth, with its value.
    interval
        ``"limit"``, ``"central"`` or ``"region"``.
    level, coverage, error
        Shape (n,).
    """

    truth: str
    interval: str
    level: Array
    coverage: Array
    error: Array


def coverage(curves: Sequence[CoverageCurve], *, title: str, subtitle: str) -> Figure:
    """Draw coverage against credible level, a panel a truth.

    Parameters
    ----------
    curves
        One for each truth and kind of interval.
    title, subtitle
        The model, and how it was fitted.

    Returns
    -------
    Figure
        The diagonal is where coverage is the credible level.
    """
    truths = list(dict.fromkeys(curve.truth for curve in curves))
    figure = Figure(figsize=(2.7 * len(truths) + 0.4, 3.2), layout="constrained", dpi=110)
    panels = np.atleast_1d(figure.subplots(1, len(truths), sharey=True))
    for axes, truth in zip(panels, truths, strict=True):
        axes.plot([0.6, 1.0], [0.6, 1.0], color=_GREY, linewidth=0.7)
        own = [curve for curve in curves if curve.truth == truth]
        for number, curve in enumerate(own):
            axes.errorbar(
                curve.level + 0.006 * (number - 1),
                curve.coverage,
                curve.error,
                color=_COLOURS[curve.interval],
                marker=_MARKERS[curve.interval],
                markersize=3.5,
                linewidth=0.8,
                capsize=2,
                label=curve.interval,
            )
        axes.set_title(truth, loc="left", fontsize=8)
        axes.set_xlabel("credible level", fontsize=8)
        axes.tick_params(labelsize=7)
        axes.grid(color="#dddddd", linewidth=0.5)
    panels[0].set_ylabel("coverage", fontsize=8)
    panels[0].legend(fontsize=7, frameon=False, loc="lower right")
    figure.suptitle(f"{title}\n{subtitle}", fontsize=8, ha="left", x=0.02)
    return figure
