"""Figures of a comparison: evidence, prediction of bins left out, predictive checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayes_cevns.summary.predictive import ObservablePrediction

type Array = NDArray[np.float64]

_COLOURS = ("#0b5fa5", "#b5492c", "#2f7d4f", "#7a4fa0", "#8a6d1d", "#3b8ea5")
_GREY = "#444444"

#: Above this number of bins, labels of bins are left out.
_FEW_BINS = 12


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


def comparison(models: Sequence[ComparedModel], *, reference: str, subtitle: str) -> Figure:
    """Draw Bayes factors, their dependence on the end of the prior, and elpd differences.

    Parameters
    ----------
    models
        The models besides the reference.
    reference
        Name of the model that they are compared with.
    subtitle
        Data and prior.
    """
    figure = Figure(figsize=(9.6, 2.4 + 0.45 * len(models)), layout="constrained", dpi=160)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.0, 1.2, 1.0))
    places = -np.arange(len(models))
    factors = [(m.log_bayes_factor, m.log_bayes_factor_error) for m in models]
    differences = [(m.elpd_difference, m.elpd_difference_error) for m in models]
    for axes, pairs, label in (
        (left, factors, f"ln Bayes factor to {reference}"),
        (right, differences, f"elpd (leave one out) - {reference}"),
    ):
        for number, (value, error) in enumerate(pairs):
            axes.errorbar(
                value, places[number], xerr=error, fmt="o", color=_colour(number), capsize=3
            )
        axes.axvline(0.0, color=_GREY, linewidth=0.8)
        axes.set(xlabel=label, ylim=(places[-1] - 0.6 if models else -1.0, 0.6))
        axes.set_yticks(places, [m.label for m in models])
        axes.grid(axis="x", color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
    right.set_yticklabels([])
    _factors_against_the_end(middle, models, reference)
    figure.suptitle(subtitle, x=0.01, ha="left", fontsize=9, color=_GREY)
    return figure


def _factors_against_the_end(axes: Axes, models: Sequence[ComparedModel], reference: str) -> None:
    for number, model in enumerate(models):
        if model.max_coupling.size:
            share = model.max_coupling / model.max_coupling[-1]
            axes.plot(share, model.log_factor_at, color=_colour(number), label=model.label)
    axes.axhline(0.0, color=_GREY, linewidth=0.8)
    axes.set(
        xscale="log",
        xlabel="end of the prior of the coupling / end used",
        ylabel=f"ln Bayes factor to {reference}",
    )
    axes.grid(color="#dddddd", linewidth=0.6)
    if models:
        axes.legend(frameon=False, fontsize=7.5)


def predictions(found: Mapping[str, Sequence[ObservablePrediction]], *, title: str) -> Figure:
    """Draw counts along observables beside those that models predict.

    Parameters
    ----------
    found
        Name of a model -> its predictions, the same observables in the same order.
    title
        The data.

    Returns
    -------
    Figure
        One panel for each observable and model: points are observed counts, boxes the central 68%
        and 95% of replicas, and p the probability of a larger deviance.
    """
    names = list(found)
    columns = len(found[names[0]])
    figure = Figure(
        figsize=(2.9 * columns + 0.6, 2.3 * len(names) + 0.6), layout="constrained", dpi=160
    )
    grid = figure.subplots(len(names), columns, squeeze=False, sharex="col", sharey="col")
    for number, name in enumerate(names):
        for column, prediction in enumerate(found[name]):
            axes = grid[number, column]
            _prediction(axes, prediction, _colour(number))
            if column == 0:
                axes.set_ylabel(f"{name}\nevents")
            if number == len(names) - 1:
                axes.set_xlabel(f"{prediction.experiment}\n{prediction.observable}")
    figure.suptitle(title, x=0.01, ha="left", fontsize=9, color=_GREY)
    return figure


def _prediction(axes: Axes, prediction: ObservablePrediction, colour: str) -> None:
    place = np.arange(prediction.observed.size)
    low, one_low, middle, one_high, high = prediction.quantiles
    width = 0.8 if place.size <= _FEW_BINS else 1.0
    axes.bar(place, high - low, width, bottom=low, color=colour, alpha=0.2, linewidth=0)
    axes.bar(
        place, one_high - one_low, width, bottom=one_low, color=colour, alpha=0.35, linewidth=0
    )
    axes.hlines(middle, place - width / 2, place + width / 2, color=colour, linewidth=0.8)
    axes.plot(place, prediction.observed, "o", color="black", markersize=3.5 if width < 1 else 1.6)
    if place.size <= _FEW_BINS:
        axes.set_xticks(place)
    axes.set_title(f"p = {prediction.p_value:.2g}", fontsize=8, loc="right")


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]
