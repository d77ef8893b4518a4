"""Counts along observables beside those that models predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from bayes_cevns.plots import style
from bayes_cevns.plots.bins import are_logarithmic, centres
from bayes_cevns.plots.canvas import Ax, grid_of
from bayes_cevns.plots.frame import plain
from bayes_cevns.plots.layout import label_axis, label_panel
from bayes_cevns.summary.predictive_checks import ObservablePrediction

#: Least width and height in inches of a panel.
_LEAST_WIDTH, _HEIGHT = 2.1, 2.0

#: Share of the height that is left free above the largest count.
_ABOVE = 0.1

_NARROW, _WIDE = 0.45, 0.22  # opacities of the central 68% and 95%


def predictions(
    found: Mapping[str, Sequence[ObservablePrediction]],
    *,
    title: str,
    subtitle: str,
    data: str = "observed",
    width_in: float = style.PAGE,
    ax: Ax = None,
) -> Figure:
    """Draw counts along observables beside those that models predict.

    Parameters
    ----------
    found
        Name of a model -> its predictions, the same observables in the same order.
    title, subtitle
        The data, and what they are compared with.
    data
        What the points are: ``"observed"``, or of which simulated data.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one for each observable and model, in place of a new figure.

    Returns
    -------
    Figure
        One panel for each observable and model: points are counts of the data, boxes the central
        68% and 95% of replicas, and p the probability of a larger deviance. Points of simulated
        data are open.
    """
    pairs = [
        (name, number, place)
        for place in range(len(next(iter(found.values()))))
        for number, name in enumerate(found)
    ]
    columns = max(1, min(len(pairs), int(width_in / _LEAST_WIDTH)))
    if columns > len(found):
        columns -= columns % len(found)  # the models of an observable stand in one row
    rows = -(-len(pairs) // columns)
    body = rows * _HEIGHT + 0.1
    sheet = grid_of(ax, len(pairs), rows, columns, width_in=width_in, body_in=body)
    looks = style.series(len(found))
    for axes, (name, number, place) in zip(sheet.panels, pairs, strict=True):
        prediction = found[name][place]
        top = max(_top(predicted[place]) for predicted in found.values())
        _draw(axes, prediction, looks[number].colour, is_open=data != "observed")
        axes.set_ylim(0.0 if _least(prediction) >= 0 else None, (1 + _ABOVE) * top)
        heading = f"{prediction.experiment}, {name}: p = {prediction.p_value:.2g}"
        label_panel(axes, heading, size=style.SMALL)
        label_axis(axes, prediction.label, size=style.SMALL)
        axes.set_ylabel("events", fontsize=style.SMALL)
    return sheet.finish(title, subtitle, _legend(list(found), looks, data))


def _top(prediction: ObservablePrediction) -> float:
    return max(float(prediction.quantiles.max()), float(prediction.observed.max()), 1.0)


def _least(prediction: ObservablePrediction) -> float:
    return min(float(prediction.quantiles.min()), float(prediction.observed.min()))


def _draw(axes: Axes, prediction: ObservablePrediction, colour: str, *, is_open: bool) -> None:
    count = prediction.observed.size
    numbered = np.arange(count + 1.0) - 0.5
    edges = numbered if prediction.edges is None else prediction.edges
    low, one_low, middle, one_high, high = prediction.quantiles
    for ends, opacity in (((low, high), _WIDE), ((one_low, one_high), _NARROW)):
        axes.stairs(
            ends[1], edges, baseline=ends[0], fill=True, color=colour, alpha=opacity, linewidth=0
        )
    axes.stairs(middle, edges, baseline=None, color=colour, linewidth=0.8)
    axes.plot(
        centres(edges),
        prediction.observed,
        "o",
        color=style.INK,
        markerfacecolor="none" if is_open else style.INK,
        markersize=3.0 if count <= 40 else 1.6,
        markeredgewidth=0.6,
    )
    axes.set_xlim(edges[0], edges[-1])
    if are_logarithmic(edges):
        axes.set_xscale("log")
    else:
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=prediction.edges is None))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    plain(axes)


def _legend(
    names: Sequence[str], looks: Sequence[style.Series], data: str
) -> list[tuple[Artist, str]]:
    is_open = data != "observed"
    point = Line2D(
        [], [], color=style.INK, marker="o", linestyle="none", markersize=3.0,
        markerfacecolor="none" if is_open else style.INK,
    )  # fmt: skip
    entries: list[tuple[Artist, str]] = [(point, data)]
    for name, look in zip(names, looks, strict=True):
        entries += [
            (Patch(facecolor=look.colour, alpha=_NARROW + _WIDE), f"{name}, central 68%"),
            (Patch(facecolor=look.colour, alpha=_WIDE), f"{name}, central 95%"),
        ]
    return entries
