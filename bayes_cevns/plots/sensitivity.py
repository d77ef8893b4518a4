"""Expected limits in the mass-coupling plane, with the observed one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.plots.frame import alone, frame, heading

type Array = NDArray[np.float64]

_ONE_SIGMA, _TWO_SIGMA = "#7fbf7b", "#f6d96b"
#: Colour, style and width of the lines.
_LINES = {
    "observed": ("black", "-", 1.8),
    "expected median": ("black", "--", 1.2),
    "Asimov data": ("#b5492c", ":", 1.5),
}
_SIDES = {"upper": "", "positive": "${amplitude} > 0$", "negative": "${amplitude} < 0$"}


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
    coupling: Coupling,
) -> Figure:
    """Draw expected limits as bands, one column for each side, with the observed ones.

    Parameters
    ----------
    curves
        One for each side.
    title, subtitle
        What was limited, and by which data, prior and toys.
    level
        Credible level of the limits, for the labels.
    coupling
        The quoted coupling, of the vertical axis.

    Returns
    -------
    Figure
        Limits above, logarithmic in both axes; below, limits over the expected median (the
        Asimov limit, dotted, where there are no toys).
    """
    size = (6.4 if len(curves) == 1 else 5.2 * len(curves), 6.0)
    figure = Figure(figsize=size, layout="constrained", dpi=160)
    upper, lower = figure.subplots(
        2, len(curves), sharex="col", sharey="row", squeeze=False, height_ratios=[2.4, 1.0]
    )
    bottom, top = _ends([line for curve in curves for line in _lines(curve)], (1e-8, 1.0))
    for axes, below, curve in zip(upper, lower, curves, strict=True):
        _draw(axes, curve, level)
        frame(axes, curve.mass_mev, bottom=bottom / 2, top=top * 2, coupling_label=coupling.label)
        side = _SIDES[curve.side].format(amplitude=coupling.amplitude_latex)
        axes.text(0.04, 0.05, side, transform=axes.transAxes)
        _draw(below, _over_expected(curve), level)
        frame(below, curve.mass_mev, bottom=0.5, top=2.0, coupling_label="limit / expected")
    low, high = _ends([s for c in curves for s in _lines(_over_expected(c))], (0.9, 1.1))
    low, high = min(low, 0.95), max(high, 1.05)
    margin = 0.08 * (high - low)
    for axes in (*upper, *lower):
        axes.label_outer()
    for below in lower:
        below.set(yscale="linear", ylim=(low - margin, high + margin))
    heading(upper[0], title, subtitle)
    upper[-1].legend(loc="upper left", frameon=False)
    return figure


def _over_expected(curve: ExpectedCurve) -> ExpectedCurve:
    """Return limits over the median of toys, or over the Asimov limit where there are no toys."""
    median = curve.quantiles[0]
    unit = np.where(np.isfinite(median), median, curve.asimov)
    return replace(
        curve,
        quantiles={sigma: values / unit for sigma, values in curve.quantiles.items()},
        observed=curve.observed / unit,
        asimov=curve.asimov / unit,
    )


def _ends(lines: Sequence[Array], nothing: tuple[float, float]) -> tuple[float, float]:
    """Return the least and the largest of all finite values."""
    values = np.concatenate(lines)
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else nothing


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
