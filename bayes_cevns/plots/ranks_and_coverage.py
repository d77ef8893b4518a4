"""Figures of calibration: ranks against their band, and coverage against the level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bayes_cevns.arrays import Array
from bayes_cevns.plots import style
from bayes_cevns.plots.canvas import Ax, grid_of
from bayes_cevns.plots.frame import plain
from bayes_cevns.plots.layout import label_grid, label_panel

_INSIDE, _OUTSIDE = style.series(2)
_INTERVALS = dict(zip(("limit", "central", "region"), style.series(3), strict=True))

#: A p-value of ranks that is no larger is marked.
_SMALL_P = 0.05

#: Least width and height in inches of a panel of ranks, and of one of coverage.
_LEAST_WIDTH, _HEIGHT = 1.6, 2.0
_COVERAGE_WIDTH, _COVERAGE_HEIGHT = 2.0, 2.5

#: Curves are drawn side by side, so far apart in the level at most, and all together.
_APART, _TOGETHER = 0.006, 0.03


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
    width_in: float = 9.2,
    ax: Ax = None,
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
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one for each quantity, in place of a new figure.

    Returns
    -------
    Figure
        A curve that leaves the band is of another colour, and dashed.
    """
    columns = max(1, min(int(width_in / _LEAST_WIDTH), len(curves)))
    rows = math.ceil(len(curves) / columns)
    body = _HEIGHT * rows + 0.4
    sheet = grid_of(ax, len(curves), rows, columns, width_in=width_in, body_in=body, shared=True)
    low, high = (end - points for end in band)
    for axes, curve in zip(sheet.panels, curves, strict=True):
        look = _INSIDE if curve.p_value > _SMALL_P else _OUTSIDE
        axes.fill_between(points, low, high, color=style.BAND, linewidth=0, alpha=0.7)
        axes.plot(
            points,
            curve.distribution - points,
            color=look.colour,
            linestyle=look.line,
            linewidth=1.2,
        )
        axes.axhline(0.0, color=style.GREY, linewidth=0.5)
        label_panel(axes, f"{curve.name}\np = {curve.p_value:.2g}", size=6.5)
        axes.tick_params(labelsize=6.5)
        axes.set_xticks([0.0, 0.5, 1.0], ["0", "0.5", "1"])
    label_grid(sheet.panels, columns, x="rank / largest", y="ranks - uniform")
    legend: list[tuple[Artist, str]] = [
        (Patch(facecolor=style.BAND, alpha=0.7), "simultaneous 95% band"),
    ]
    for look, words in ((_INSIDE, "ranks"), (_OUTSIDE, f"ranks with p of {_SMALL_P:g} or less")):
        if any((curve.p_value > _SMALL_P) == (look is _INSIDE) for curve in curves):
            legend.append((Line2D([], [], color=look.colour, linestyle=look.line), words))
    return sheet.finish(title, subtitle, legend)


@dataclass(frozen=True, eq=False)
class CoverageCurve:
    """Coverage of one kind of interval, or of one region, at one truth.

    Attributes
    ----------
    truth
        Name of the truth, with its value.
    interval
        ``"limit"``, ``"central"`` or ``"region"``; or of what the region is.
    level, coverage, error
        Shape (n,).
    """

    truth: str
    interval: str
    level: Array
    coverage: Array
    error: Array


def coverage(
    curves: Sequence[CoverageCurve],
    *,
    title: str,
    subtitle: str,
    width_in: float = style.PAGE,
    ax: Ax = None,
) -> Figure:
    """Draw coverage against credible level, a panel a truth.

    Parameters
    ----------
    curves
        One for each truth and kind of interval, or region.
    title, subtitle
        The model, and how it was fitted.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one for each truth, in place of a new figure.

    Returns
    -------
    Figure
        The diagonal is where coverage is the credible level.
    """
    truths = list(dict.fromkeys(curve.truth for curve in curves))
    names = list(dict.fromkeys(curve.interval for curve in curves))
    looks = dict(zip(names, style.series(len(names)), strict=True)) | _INTERVALS
    columns = max(1, min(len(truths), int(width_in / _COVERAGE_WIDTH)))
    rows = math.ceil(len(truths) / columns)
    body = _COVERAGE_HEIGHT * rows + 0.4
    sheet = grid_of(ax, len(truths), rows, columns, width_in=width_in, body_in=body, shared=True)
    for axes, truth in zip(sheet.panels, truths, strict=True):
        axes.plot([0.6, 1.0], [0.6, 1.0], color=style.GREY, linewidth=0.7)
        own = [curve for curve in curves if curve.truth == truth]
        step = min(_APART, _TOGETHER / len(own))
        for number, curve in enumerate(own):
            look = looks[curve.interval]
            axes.errorbar(
                curve.level + step * (number - 0.5 * (len(own) - 1)),
                curve.coverage,
                curve.error,
                color=look.colour,
                marker=look.marker,
                linestyle=look.line,
                markersize=3.5,
                linewidth=0.8,
                capsize=2,
            )
        label_panel(axes, truth)
        plain(axes)
    label_grid(sheet.panels, columns, x="credible level", y="coverage")
    legend: list[tuple[Artist, str]] = [
        (
            Line2D([], [], color=look.colour, marker=look.marker, linestyle=look.line,
                   markersize=3.5, linewidth=0.8),
            name,
        )
        for name, look in ((name, looks[name]) for name in names)
    ]  # fmt: skip
    return sheet.finish(title, subtitle, legend)
