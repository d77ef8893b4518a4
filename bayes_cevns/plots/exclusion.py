"""The exclusion in the mass-coupling plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.plots.frame import alone, frame, heading

type Array = NDArray[np.float64]

_COLOURS = {"upper": "#0b5fa5", "positive": "#0b5fa5", "negative": "#b5492c"}
_LABELS = {
    "upper": "",
    "positive": ", ${amplitude} > 0$",
    "negative": ", ${amplitude} < 0$",
}

#: Kind of a limit -> how its curve is drawn, and what it is called.
_KINDS = {"credible": ("-", "credible"), "CL": ("--", "CL (profile)")}


@dataclass(frozen=True, eq=False)
class ExclusionCurve:
    """A limit against the mediator mass.

    Attributes
    ----------
    side
        ``"upper"``, ``"positive"`` or ``"negative"``.
    mass_mev, limit
        Masses and limits on the quoted coupling, shape (n,); NaN where the fit failed.
    kind
        ``"credible"``, drawn as a line with the excluded side filled, or ``"CL"`` for a profile
        likelihood, dashed.
    """

    side: str
    mass_mev: Array
    limit: Array
    kind: str = "credible"


@dataclass(frozen=True, eq=False)
class AllowedBand:
    """A band of couplings against the mediator mass.

    Attributes
    ----------
    mass_mev, low, high
        Masses and ends of the band in the quoted coupling, shape (n,); NaN where there is none.
    """

    mass_mev: Array
    low: Array
    high: Array


def exclusion(
    curves: Sequence[ExclusionCurve],
    *,
    title: str,
    subtitle: str,
    level: float,
    coupling: Coupling,
    second_band: AllowedBand | None = None,
) -> Figure:
    """Draw exclusions: credible ones with the excluded side filled, those at a CL dashed.

    Parameters
    ----------
    curves
        One for each side and kind.
    title, subtitle
        What was excluded, and by which data and prior.
    level
        Level, for the labels.
    coupling
        The quoted coupling, of the vertical axis.
    second_band
        A band of the credible region above the first one, drawn hatched.

    Returns
    -------
    Figure
        Logarithmic in both axes. Fits that failed leave a gap, with a cross at its foot.
    """
    figure = Figure(figsize=(6.4, 4.8), layout="constrained", dpi=160)
    axes: Axes = figure.subplots()
    finite = np.concatenate([c.limit[np.isfinite(c.limit)] for c in curves])
    top = finite.max() * 4.0 if finite.size else 1.0
    bottom = finite.min() / 4.0 if finite.size else 1e-8
    for curve in curves:
        colour = _COLOURS[curve.side]
        style, words = _KINDS[curve.kind]
        sign = _LABELS[curve.side].format(amplitude=coupling.amplitude_latex)
        if curve.kind == "credible":
            axes.fill_between(
                curve.mass_mev, curve.limit, top, color=colour, alpha=0.22, linewidth=0
            )
        axes.plot(
            curve.mass_mev,
            curve.limit,
            color=colour,
            linestyle=style,
            linewidth=1.8,
            label=f"{100 * level:.4g}% {words}{sign}",
        )
        single = alone(curve.limit)
        axes.plot(curve.mass_mev[single], curve.limit[single], "o", color=colour, markersize=4.0)
    if second_band is not None:
        axes.fill_between(
            second_band.mass_mev,
            second_band.low,
            second_band.high,
            facecolor="none",  # white would hide that the other sign is excluded here
            edgecolor="#0b5fa5",
            hatch="////",
            linewidth=0.8,
            zorder=1.5,
            label=f"second band of the {100 * level:.4g}% region"
            + _LABELS["positive"].format(amplitude=coupling.amplitude_latex),
        )
    failed = curves[0].mass_mev[~np.isfinite(curves[0].limit)]
    if failed.size:
        axes.plot(
            failed,
            np.full(failed.size, 0.02),
            transform=axes.get_xaxis_transform(),
            color="#444444",
            marker="x",
            linestyle="none",
            clip_on=False,
            label="fit failed",
        )
    masses = np.concatenate([c.mass_mev for c in curves])
    frame(axes, masses, bottom=bottom, top=top, coupling_label=coupling.label)
    heading(axes, title, subtitle)
    axes.legend(loc="lower right", frameon=False)
    return figure
