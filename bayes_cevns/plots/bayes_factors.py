"""Figures of a comparison: evidence, and prediction of bins left out."""

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
from bayes_cevns.plots.canvas import Ax, grid_of
from bayes_cevns.plots.frame import plain

#: Panels stand beside one another from this width in inches on; height of panels in inches.
_WIDE, _HEIGHT, _ROW = 6.0, 1.6, 0.25


@dataclass(frozen=True, eq=False)
class ComparedModel:
    """What the figure shows of one model.

    Attributes
    ----------
    label
        Its name.
    log_bayes_factor, log_bayes_factor_error
        To the reference.
    elpd_difference, elpd_difference_error
        To the reference.
    max_coupling, log_factor_at
        Bayes factors against the end of the prior, shape (n,) each; empty without a coupling.
    """

    label: str
    log_bayes_factor: float
    log_bayes_factor_error: float
    elpd_difference: float
    elpd_difference_error: float
    max_coupling: Array
    log_factor_at: Array


def comparison(
    models: Sequence[ComparedModel],
    *,
    reference: str,
    title: str,
    subtitle: str,
    is_projection: bool = False,
    width_in: float = 9.2,
    ax: Ax = None,
) -> Figure:
    """Draw Bayes factors, their dependence on the end of the prior, and elpd differences.

    Parameters
    ----------
    models
        The models besides the reference.
    reference
        Name of the model that they are compared with.
    title, subtitle
        What is compared; data and prior.
    is_projection
        Whether the data are simulated: lines are then dash-dotted, and points open.
    width_in
        Width of the figure in inches; narrow ones have the panels below one another.
    ax
        Axes to draw into, three, in place of a new figure.
    """
    height = _HEIGHT + _ROW * len(models)
    columns = 3 if width_in >= _WIDE else 1
    body = height * 3 / columns + 0.3
    sheet = grid_of(ax, 3, 3 // columns, columns, width_in=width_in, body_in=body)
    left, middle, right = sheet.panels
    looks = style.series(len(models))
    places = -np.arange(len(models))
    factors = [(m.log_bayes_factor, m.log_bayes_factor_error) for m in models]
    differences = [(m.elpd_difference, m.elpd_difference_error) for m in models]
    for axes, pairs, label in (
        (left, factors, "ln Bayes factor"),
        (right, differences, "difference of elpd (leave one out)"),
    ):
        for place, look, (value, error) in zip(places, looks, pairs, strict=True):
            axes.errorbar(
                value,
                place,
                xerr=error,
                marker=look.marker,
                color=look.colour,
                markerfacecolor="none" if is_projection else look.colour,
                capsize=3,
            )
        axes.axvline(0.0, color=style.GREY, linewidth=0.8)
        axes.set(ylim=(places[-1] - 0.6 if models else -1.0, 0.6), yticks=[])
        axes.set_xlabel(label, fontsize=style.TEXT)
        plain(axes)
    _factors_against_the_end(middle, models, looks, is_projection=is_projection)
    legend: list[tuple[Artist, str]] = [
        (
            Line2D(
                [],
                [],
                color=look.colour,
                marker=look.marker,
                markerfacecolor="none" if is_projection else look.colour,
                linestyle=style.PROJECTED if is_projection else look.line,
            ),
            f"{'expected, ' if is_projection else ''}{model.label} to {reference}",
        )
        for model, look in zip(models, looks, strict=True)
    ]
    return sheet.finish(title, subtitle, legend)


def _factors_against_the_end(
    axes: Axes,
    models: Sequence[ComparedModel],
    looks: Sequence[style.Series],
    *,
    is_projection: bool,
) -> None:
    for model, look in zip(models, looks, strict=True):
        if model.max_coupling.size:
            share = model.max_coupling / model.max_coupling[-1]
            line = style.PROJECTED if is_projection else look.line
            axes.plot(share, model.log_factor_at, color=look.colour, linestyle=line)
            last = (share[-1:], model.log_factor_at[-1:])
            axes.plot(*last, look.marker, color=look.colour, clip_on=False)
    axes.axhline(0.0, color=style.GREY, linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xlabel("end of the prior / end used", fontsize=style.TEXT)
    axes.set_ylabel("ln Bayes factor", fontsize=style.TEXT)
    plain(axes)
