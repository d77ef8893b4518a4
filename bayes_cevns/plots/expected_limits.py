"""Expected limits in the mass-coupling plane, with the observed one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bayes_cevns.arrays import Array
from bayes_cevns.physics.interactions.axis import MEDIATOR_MASS
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.plots import style
from bayes_cevns.plots.canvas import Ax, canvas
from bayes_cevns.plots.curves import smooth
from bayes_cevns.plots.frame import alone, frame, sign_label
from bayes_cevns.plots.layout import label_panel

OBSERVED, MEDIAN, ASIMOV = "observed", "expected median", "Asimov data"

#: Colour, style and width of the lines.
_LINES: dict[str, tuple[str, style.Line, float]] = {
    ASIMOV: (style.series(2)[1].colour, style.PROJECTED, 1.5),
    MEDIAN: (style.INK, "--", 1.2),
    OBSERVED: (style.INK, style.OBSERVED, 1.8),
}
#: Sizes of the triangles of limits that are open, unlike, so that both are seen.
_OPEN_SIZES = {ASIMOV: 3.5, OBSERVED: 7.0}
BANDS = {
    2: (style.TWO_SIGMA, r"expected $\pm 2\sigma$"),
    1: (style.ONE_SIGMA, r"expected $\pm 1\sigma$"),
}

#: Sides stand beside one another from this width in inches on; heights of panels in inches.
_WIDE, _LIMITS, _RATIO = 5.0, 2.7, 1.2


@dataclass(frozen=True, eq=False)
class ExpectedCurve:
    """Expected limits of one side against the mediator mass; NaN where there is none.

    Attributes
    ----------
    side
        ``"upper"``, ``"positive"`` or ``"negative"``.
    mass_mev
        Masses, shape (n,), in the unit of the label if it has another one (`MassAxis.drawn`).
    quantiles
        Standard deviations -2, -1, 0, 1, 2 -> quantile of the limits of toys, shape (n,).
    observed, asimov
        Limits of the observed and of the expected counts, shape (n,).
    open_ends
        ``"observed"`` or ``"Asimov data"`` -> those of the limits that are set by the end of the
        range of the prior and left out above, shape (n,).
    """

    side: str
    mass_mev: Array
    quantiles: dict[int, Array]
    observed: Array
    asimov: Array
    open_ends: Mapping[str, Array] = field(default_factory=dict)


def sensitivity(
    curves: Sequence[ExpectedCurve],
    *,
    title: str,
    subtitle: str,
    level: float,
    coupling: Coupling,
    data: str = OBSERVED,
    mass_label: str = MEDIATOR_MASS.label,
    width_in: float = style.PAGE,
    ax: Ax = None,
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
    data
        What the data are that limits were observed with: ``"toy 7"`` if they are simulated.
    mass_label
        Label of the horizontal axis.
    width_in
        Width of the figure in inches; narrow ones have the sides below one another.
    ax
        Axes to draw into, one for each side, of the limits alone, in place of a new figure.

    Returns
    -------
    Figure
        Limits above, logarithmic in both axes; below, limits over the expected median (the
        Asimov limit where there are no toys). Limits of simulated data are dash-dotted; those that
        are set by the end of the prior are open triangles, without a line.
    """
    columns = len(curves) if width_in >= _WIDE else 1
    rows = 2 * len(curves) // columns
    if ax is None:
        body = (_LIMITS + _RATIO) * rows / 2 + 0.3
        sheet = canvas(
            None,
            2 * len(curves),
            lambda figure: _grid(figure, rows, columns),
            width_in=width_in,
            body_in=body,
        )
        upper, lower = sheet.panels[: len(curves)], sheet.panels[len(curves) :]
    else:
        sheet = canvas(ax, len(curves), lambda _: [], width_in=width_in)
        upper, lower = sheet.panels, []
    bottom, top = _ends([line for curve in curves for line in _lines(curve)], (1e-8, 1.0))
    named = partial(frame, mass_label=mass_label)
    for axes, curve in zip(upper, curves, strict=True):
        _draw(axes, curve, level, data)
        named(axes, curve.mass_mev, bottom=bottom / 2, top=top * 2, coupling_label=coupling.label)
        label_panel(axes, sign_label(curve.side, coupling))
    for below, curve in zip(lower, curves, strict=False):
        _draw(below, _over_expected(curve), level, data)
        named(below, curve.mass_mev, bottom=0.5, top=2.0, coupling_label="limit /\nexpected")
    _scale_ratios(lower, curves)
    if sheet.is_own:
        for axes in (*upper, *lower):
            axes.label_outer()
    return sheet.finish(title, subtitle, _legend(curves, level, data))


def _grid(figure: Figure, rows: int, columns: int) -> list[Axes]:
    """Return the panels of limits, row after row, and then those of ratios."""
    grid = figure.subplots(
        rows,
        columns,
        sharex=True,
        sharey="row" if columns > 1 else False,
        squeeze=False,
        height_ratios=[_LIMITS, _RATIO] * (rows // 2),
    )
    return [*grid[::2].ravel(), *grid[1::2].ravel()]


def _scale_ratios(panels: Iterable[Axes], curves: Sequence[ExpectedCurve]) -> None:
    low, high = _ends([s for c in curves for s in _lines(_over_expected(c))], (0.9, 1.1))
    low, high = min(low, 0.95), max(high, 1.05)
    margin = 0.08 * (high - low)
    for axes in panels:
        axes.set(yscale="linear", ylim=(low - margin, high + margin))


def _over_expected(curve: ExpectedCurve) -> ExpectedCurve:
    """Return limits over the median of toys, or over the Asimov limit where there are no toys."""
    median = curve.quantiles[0]
    unit = np.where(np.isfinite(median), median, curve.asimov)
    return replace(
        curve,
        quantiles={sigma: values / unit for sigma, values in curve.quantiles.items()},
        observed=curve.observed / unit,
        asimov=curve.asimov / unit,
        open_ends={name: values / unit for name, values in curve.open_ends.items()},
    )


def _ends(lines: Sequence[Array], nothing: tuple[float, float]) -> tuple[float, float]:
    """Return the least and the largest of all finite values."""
    values = np.concatenate(lines)
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else nothing


def _lines(curve: ExpectedCurve) -> list[Array]:
    return [*curve.quantiles.values(), curve.observed, curve.asimov, *curve.open_ends.values()]


def _named(curve: ExpectedCurve) -> dict[str, Array]:
    """Return the lines of a curve that have a finite value, from the lowest layer upwards."""
    lines = {ASIMOV: curve.asimov, MEDIAN: curve.quantiles[0], OBSERVED: curve.observed}
    return {name: values for name, values in lines.items() if np.any(np.isfinite(values))}


def _words(name: str, level: float, data: str) -> tuple[str, style.Line]:
    """Return the label of a line and its style."""
    percent = f"{100 * level:.4g}% credible"
    if name != OBSERVED:
        return (f"expected, {percent} ({name})" if name == ASIMOV else name), _LINES[name][1]
    if data == OBSERVED:
        return f"observed, {percent}", style.OBSERVED
    return f"{data}, {percent}", style.PROJECTED


def draw_bands(axes: Axes, curve: ExpectedCurve) -> None:
    """Draw the central bands of expected limits, those of two standard deviations below."""
    for sigma, (colour, label) in BANDS.items():
        low, high = curve.quantiles[-sigma], curve.quantiles[sigma]
        if np.any(np.isfinite(low)):
            mass, lines = (
                smooth(curve.mass_mev, low)[0],
                [smooth(curve.mass_mev, end)[1] for end in (low, high)],
            )
            axes.fill_between(mass, *lines, color=colour, linewidth=0, label=label)
            single = alone(low)
            if np.any(single):
                ends = (curve.mass_mev[single], low[single], high[single])
                axes.vlines(*ends, colors=colour, linewidth=9.0 - 2.0 * sigma)


def median_line() -> Line2D:
    """Return what stands in a legend for the median of expected limits."""
    colour, line, width = _LINES[MEDIAN]
    return Line2D([], [], color=colour, linestyle=line, linewidth=width)


def draw_median(axes: Axes, curve: ExpectedCurve) -> None:
    """Draw the median of expected limits."""
    colour, line, width = _LINES[MEDIAN]
    mass, values = smooth(curve.mass_mev, curve.quantiles[0])
    axes.plot(mass, values, color=colour, linestyle=line, linewidth=width)


def _draw(axes: Axes, curve: ExpectedCurve, level: float, data: str) -> None:
    draw_bands(axes, curve)
    for name, values in _named(curve).items():
        colour, _, width = _LINES[name]
        label, line = _words(name, level, data)
        axes.plot(
            *smooth(curve.mass_mev, values),
            color=colour,
            linestyle=line,
            linewidth=width,
            label=label,
        )
        single = alone(values)
        axes.plot(curve.mass_mev[single], values[single], "o", color=colour, markersize=4.0)
    for name, values in curve.open_ends.items():
        known = np.isfinite(values)
        if np.any(known):
            mark = style.open_mark(_LINES[name][0], _OPEN_SIZES[name])
            axes.plot(curve.mass_mev[known], values[known], zorder=3.0, **mark)


def _legend(curves: Sequence[ExpectedCurve], level: float, data: str) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = []
    for name in reversed(_LINES):
        if any(name in _named(curve) for curve in curves):
            colour, _, width = _LINES[name]
            label, line = _words(name, level, data)
            entries.append((Line2D([], [], color=colour, linestyle=line, linewidth=width), label))
        if any(np.any(np.isfinite(c.open_ends.get(name, np.nan))) for c in curves):
            mark = style.open_mark(_LINES[name][0], _OPEN_SIZES[name])
            label, _ = _words(name, level, data)
            entries.append((Line2D([], [], **mark), f"{label}; {style.OPEN}"))
    for sigma, (colour, label) in reversed(BANDS.items()):
        if any(np.any(np.isfinite(curve.quantiles[sigma])) for curve in curves):
            entries.append((Patch(facecolor=colour), label))
    return entries
