"""Expected limits in the mass-coupling plane, with the observed one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayes_cevns.plots.frame import COUPLING_LABEL, alone, frame, heading

type Array = NDArray[np.float64]

_ONE_SIGMA, _TWO_SIGMA = "#7fbf7b", "#f6d96b"
#: Colour, style and width of the lines.
_LINES = {
    "observed": ("black", "-", 1.8),
    "expected median": ("black", "--", 1.2),
    "Asimov data": ("#b5492c", ":", 1.5),
}
_SIDES = {"upper": "", "positive": r"$g_\nu g_q > 0$", "negative": r"$g_\nu g_q < 0$"}


@dataclass(frozen=True, eq=False)
class ExpectedCurve:
    """Expected limits of one side against the mediator mass; NaN where there is none.

    Attributes
    ----------
    side
        ``"upper"``, ``"positive"`` or ``"negative"``.
    mass_mev
        Masses, shape (n,).
    quantiles
        Standard deviations -2, -1, 0, 1, 2 -> quantile of the limits of toys, shape (n,).
    observed, asimov
        Limits of the observed and of the expected counts, shape (n,).
    """

    side: str
    mass_mev: Array
    quantiles: dict[int, Array]
    observed: Array
    asimov: Array


def sensitivity(
    curves: Sequence[ExpectedCurve],
    *,
    title: str,
    subtitle: str,
    level: float,
    coupling_label: str = COUPLING_LABEL,
) -> Figure:
    """Draw expected limits as bands, one panel for each side, with the observed ones.

    Parameters
    ----------
    curves
        One for each side.
    title, subtitle
        What was limited, and by which data, prior and toys.
    level
        Credible level of the limits, for the labels.
    coupling_label
        Label of the vertical axis.

    Returns
    -------
    Figure
        Logarithmic in both axes. The Asimov limit is dotted.
    """
    size = (6.4 if len(curves) == 1 else 5.2 * len(curves), 4.8)
    figure = Figure(figsize=size, layout="constrained", dpi=160)
    panels = figure.subplots(1, len(curves), sharey=True, squeeze=False)[0]
    everything = np.concatenate([line for curve in curves for line in _lines(curve)])
    finite = everything[np.isfinite(everything)]
    bottom, top = (finite.min() / 2, finite.max() * 2) if finite.size else (1e-8, 1.0)
    for axes, curve in zip(panels, curves, strict=True):
        _draw(axes, curve, level)
        frame(axes, curve.mass_mev, bottom=bottom, top=top, coupling_label=coupling_label)
        axes.text(0.04, 0.93, _SIDES[curve.side], transform=axes.transAxes)
        axes.label_outer()
    heading(panels[0], title, subtitle)
    panels[-1].legend(loc="lower right", frameon=False)
    return figure


def _lines(curve: ExpectedCurve) -> list[Array]:
    return [*curve.quantiles.values(), curve.observed, curve.asimov]


def _draw(axes: Axes, curve: ExpectedCurve, level: float) -> None:
    bands = {
        2: (_TWO_SIGMA, r"expected $\pm 2\sigma$"),
        1: (_ONE_SIGMA, r"expected $\pm 1\sigma$"),
    }
    for sigma, (colour, label) in bands.items():
        low, high = curve.quantiles[-sigma], curve.quantiles[sigma]
        if np.any(np.isfinite(low)):
            axes.fill_between(curve.mass_mev, low, high, color=colour, linewidth=0, label=label)
            single = alone(low)
            if np.any(single):
                ends = (curve.mass_mev[single], low[single], high[single])
                axes.vlines(*ends, colors=colour, linewidth=9.0 - 2.0 * sigma)
    lines = {
        "Asimov data": curve.asimov,
        "expected median": curve.quantiles[0],
        "observed": curve.observed,
    }
    for name, values in lines.items():
        if np.any(np.isfinite(values)):
            colour, style, width = _LINES[name]
            label = f"{name}, {100 * level:.4g}% credible" if name == "observed" else name
            axes.plot(
                curve.mass_mev, values, color=colour, linestyle=style, linewidth=width, label=label
            )
            single = alone(values)
            axes.plot(curve.mass_mev[single], values[single], "o", color=colour, markersize=4.0)
