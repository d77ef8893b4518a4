"""Spectra of recoils or of detected energy as lines, logarithmic in both axes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from bayes_cevns.arrays import Array
from bayes_cevns.plots import style
from bayes_cevns.plots.canvas import Ax, one_panel
from bayes_cevns.plots.frame import plain

_HEIGHT = 3.6

#: The vertical axis reaches from the largest rate down by this factor at most.
_DECADES = 1e6


def spectra(
    energy_kev: Array,
    rates: Mapping[str, Array],
    *,
    energy_label: str,
    rate_label: str,
    title: str,
    subtitle: str,
    total: Array | None = None,
    width_in: float = style.PAGE,
    ax: Ax = None,
) -> Figure:
    """Draw spectra, each in a colour and a line style of its own.

    Parameters
    ----------
    energy_kev
        Energies in keV, shape (n,).
    rates
        Name -> spectrum, shape (n,); where it is not positive, there is no line.
    energy_label, rate_label
        Labels of the axes.
    title, subtitle
        What the spectra are.
    total
        A spectrum that is drawn black and thick, "total".
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one, in place of a new figure.
    """
    sheet = one_panel(ax, width_in, _HEIGHT)
    (axes,) = sheet.panels
    legend: list[tuple[Artist, str]] = []
    if total is not None:
        (line,) = axes.plot(energy_kev, _seen(total), color=style.INK, linewidth=2.0)
        legend.append((line, "total"))
    for (name, rate), look in zip(rates.items(), style.series(len(rates)), strict=True):
        (line,) = axes.plot(
            energy_kev, _seen(rate), color=look.colour, linestyle=look.line, linewidth=1.3
        )
        legend.append((line, name))
    everything = np.concatenate([*rates.values(), [] if total is None else total])
    highest = float(everything.max(initial=0.0))
    axes.set(xscale="log", yscale="log", xlim=(energy_kev.min(), energy_kev.max()))
    if highest > 0:
        lowest = float(everything[everything > 0].min())
        axes.set_ylim(max(0.5 * lowest, highest / _DECADES), 3.0 * highest)
    axes.set_xlabel(energy_label, fontsize=style.TEXT)
    axes.set_ylabel(rate_label, fontsize=style.TEXT)
    plain(axes)
    return sheet.finish(title, subtitle, legend)


def _seen(rate: Array) -> Array:
    return np.where(rate > 0, rate, np.nan)
