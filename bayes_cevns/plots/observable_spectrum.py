"""Counts along one observable: data, stacked components, benchmark signals, and residuals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from bayes_cevns.arrays import Array
from bayes_cevns.plots import style
from bayes_cevns.plots.bins import are_logarithmic, centres
from bayes_cevns.plots.canvas import Ax, canvas
from bayes_cevns.plots.frame import plain
from bayes_cevns.plots.layout import label_axis

#: Heights of the panel of counts and of that of residuals in inches.
_COUNTS, _RESIDUALS = 2.9, 1.0
#: Counts of bins whose widths differ by more than this factor are drawn over the width.
_EVEN = 1.01
#: Opacities of the components, and of the central 95% and 68% of a posterior.
_STACK, _WIDE, _NARROW = 0.55, 0.18, 0.32
#: Patterns of the components, so that they differ without colours as well.
_HATCHES = ("", "////", "....", "\\\\\\\\", "xxxx", "----")


@dataclass(frozen=True, eq=False)
class ObservedSpectrum:
    """What is drawn along an observable.

    Attributes
    ----------
    label
        The observable, with its unit.
    edges
        Edges of its bins, shape (n + 1,).
    observed
        Counts, shape (n,); ``None`` without data.
    low, high
        Ends of the errors of the counts, shape (n,).
    components
        Name -> expected counts, shape (n,), from the lowest of the stack upwards.
    benchmarks
        Name -> counts of all with a new signal, shape (n,).
    band
        Ends of the central 95% and 68% of expected counts of a posterior, shape (4, n), from the
        lowest to the highest; ``None`` without one.
    unit
        Of the observable, in which counts are divided by the width of their bin where bins differ;
        empty where bins are numbered.
    """

    label: str
    edges: Array
    observed: Array | None
    low: Array | None
    high: Array | None
    components: Mapping[str, Array]
    benchmarks: Mapping[str, Array]
    band: Array | None = None
    unit: str = ""

    @property
    def is_density(self) -> bool:
        """Whether counts are drawn over the widths of their bins, which differ."""
        widths = np.diff(self.edges)
        return bool(self.unit) and bool(widths.max() > _EVEN * widths.min())

    def drawn(self, counts: Array) -> Array:
        """Return counts as they are drawn: over the width of their bin where bins differ."""
        return counts / np.diff(self.edges) if self.is_density else counts

    @property
    def total(self) -> Array:
        """Sum of the components, shape (n,)."""
        return np.sum(list(self.components.values()), axis=0)


def observable_spectrum(
    found: ObservedSpectrum,
    *,
    title: str,
    subtitle: str,
    data: str = "observed",
    width_in: float = style.PAGE,
    ax: Ax = None,
) -> Figure:
    """Draw counts along one observable, with residuals below.

    Parameters
    ----------
    found
        Data and expectations.
    title, subtitle
        Which data; what is expected.
    data
        What the points are: ``"observed"``, or which simulated data, whose points are open.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, two, of counts and residuals, in place of a new figure.

    Returns
    -------
    Figure
        Counts in each bin: components stacked, benchmarks as lines, the posterior as a band. Below,
        counts less those of all components, over the root of the latter.
    """
    sheet = canvas(ax, 2, _panels, width_in=width_in, body_in=_COUNTS + _RESIDUALS)
    counts, residuals = sheet.panels
    legend = _stack(counts, found)
    legend += _signals(counts, residuals, found)
    legend += _band(counts, residuals, found)
    legend += _points(counts, residuals, found, data)
    for axes in sheet.panels:
        axes.set_xlim(found.edges[0], found.edges[-1])
        axes.set_xscale("log" if are_logarithmic(found.edges) else "linear")
        plain(axes)
    counts.set_ylim(bottom=0.0)
    words = f"events per {found.unit}" if found.is_density else "events in a bin"
    counts.set_ylabel(words, fontsize=style.TEXT)
    residuals.axhline(0.0, color=style.GREY, linewidth=0.8)
    residuals.set_ylabel("(data - expected)\n/ root", fontsize=style.TEXT)
    residuals.yaxis.set_major_locator(MaxNLocator(4))
    label_axis(residuals, found.label)
    if not found.unit:
        residuals.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    if sheet.is_own:
        counts.tick_params(labelbottom=False)
    return sheet.finish(title, subtitle, legend)


def _panels(figure: Figure) -> list[Axes]:
    grid = figure.subplots(2, 1, sharex=True, squeeze=False, height_ratios=[_COUNTS, _RESIDUALS])
    return list(grid.ravel())


def _stack(axes: Axes, found: ObservedSpectrum) -> list[tuple[Artist, str]]:
    below = np.zeros(found.edges.size - 1)
    legend: list[tuple[Artist, str]] = []
    looks = style.series(len(found.components))
    for place, ((name, values), look) in enumerate(
        zip(found.components.items(), looks, strict=True)
    ):
        shade: dict[str, Any] = {
            "facecolor": _pale(look.colour),
            "edgecolor": look.colour,
            "hatch": _HATCHES[place % len(_HATCHES)],
            "linewidth": 0.5,
        }
        axes.stairs(
            found.drawn(below + values),
            found.edges,
            baseline=found.drawn(below),
            fill=True,
            **shade,
        )
        below = below + values
        legend.append((Patch(**shade), name))
    return legend[::-1]


def _pale(colour: str) -> tuple[float, float, float]:
    """Return a colour as it is on white with the opacity of components."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (1.0 - _STACK * (1.0 - part) for part in parts)
    return red, green, blue


def _signals(counts: Axes, residuals: Axes, found: ObservedSpectrum) -> list[tuple[Artist, str]]:
    legend: list[tuple[Artist, str]] = []
    lines: tuple[style.Line, ...] = ("-", "--", "-.", ":")
    for place, (name, values) in enumerate(found.benchmarks.items()):
        line = lines[place % len(lines)]
        for axes, shown in (
            (counts, found.drawn(values)),
            (residuals, _residual(found, values)),
        ):
            axes.stairs(
                shown, found.edges, baseline=None, color=style.INK, linestyle=line, linewidth=1.2
            )
        legend.append((Line2D([], [], color=style.INK, linestyle=line, linewidth=1.2), name))
    return legend


def _band(counts: Axes, residuals: Axes, found: ObservedSpectrum) -> list[tuple[Artist, str]]:
    if found.band is None:
        return []
    low, one_low, one_high, high = found.band
    legend: list[tuple[Artist, str]] = []
    for ends, opacity, words in (
        ((low, high), _WIDE, "posterior, central 95%"),
        ((one_low, one_high), _NARROW, "posterior, central 68%"),
    ):
        look: dict[str, Any] = {"color": style.GREY, "alpha": opacity, "linewidth": 0}
        for axes, (bottom, top) in (
            (counts, tuple(found.drawn(end) for end in ends)),
            (residuals, tuple(_residual(found, end) for end in ends)),
        ):
            axes.stairs(top, found.edges, baseline=bottom, fill=True, **look)
        legend.append((Patch(**look), words))
    return legend


def _points(
    counts: Axes, residuals: Axes, found: ObservedSpectrum, data: str
) -> list[tuple[Artist, str]]:
    if found.observed is None or found.low is None or found.high is None:
        return []
    middle = centres(found.edges)
    look: dict[str, Any] = {
        "color": style.INK,
        "marker": "o",
        "markersize": 3.0,
        "linestyle": "none",
        "markerfacecolor": style.INK if data == "observed" else "white",
    }
    values = (found.observed, found.low, found.high)
    for axes, (shown, low, high) in (
        (counts, tuple(found.drawn(each) for each in values)),
        (residuals, tuple(_residual(found, each) for each in values)),
    ):
        errors = [np.maximum(shown - low, 0.0), np.maximum(high - shown, 0.0)]
        axes.errorbar(middle, shown, yerr=errors, elinewidth=0.9, zorder=3.0, **look)
    return [(Line2D([], [], **look), data)]


def _residual(found: ObservedSpectrum, values: Array) -> Array:
    """Return counts less the expected ones, over the root of these; NaN where none are."""
    expected = found.total
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, (values - expected) / np.sqrt(expected), np.nan)
