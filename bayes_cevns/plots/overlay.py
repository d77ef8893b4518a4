"""Limits of several runs in one plane, with expected bands and limits of others behind them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bayes_cevns.physics.interactions.axis import MEDIATOR_MASS
from bayes_cevns.plots import style
from bayes_cevns.plots.canvas import Ax, canvas
from bayes_cevns.plots.curves import smooth
from bayes_cevns.plots.exclusion import OPEN, REVERSED, look_of, marks, reversed_patch
from bayes_cevns.plots.expected_limits import (
    BANDS,
    ExpectedCurve,
    draw_bands,
    draw_median,
    median_line,
)
from bayes_cevns.plots.frame import frame, panels
from bayes_cevns.plots.layout import label_panel
from bayes_cevns.plots.published import PublishedCurve, draw_published, published_patch
from bayes_cevns.plots.region_lines import ExclusionRegions, Look, draw_region, edges_of

#: The vertical axis goes on beyond all edges by this factor, and down to published limits that are
#: lower by no more than the second one.
_BEYOND, _LOWER = 4.0, 3e3

_PUBLISHED = "published by others, at the confidence of each"


def overlay(
    found: Sequence[ExclusionRegions],
    *,
    title: str,
    subtitle: str,
    coupling_label: str,
    sides: Mapping[str, str],
    mass_label: str = MEDIATOR_MASS.label,
    expected: Sequence[ExpectedCurve] = (),
    published: Mapping[str, Sequence[PublishedCurve]] | None = None,
    combined: Collection[str] = (),
    width_in: float = style.PAGE,
    ax: Ax = None,
) -> Figure:
    """Draw limits of several runs, a panel for each sign.

    Parameters
    ----------
    found
        One for each run and side, with labels.
    title, subtitle
        What is limited, and how.
    coupling_label, mass_label
        Labels of the axes.
    sides
        Side -> title of its panel.
    expected
        Expected limits, one for each side, whose bands are drawn behind.
    published
        Side -> limits of others.
    combined
        Labels of joint fits of what others have alone: their lines are thicker.
    width_in
        Width of the figure in inches; panels stand side by side where there is room.
    ax
        Axes to draw into, one for each side, in place of a new figure.

    Returns
    -------
    Figure
        Logarithmic in both axes. A run has a colour and a line style of its own, and a cross at
        each mass where its fit failed; what a single run excludes is filled.
    """
    behind = published or {}
    sheet = canvas(ax, len(sides), lambda figure: panels(figure, len(sides)), width_in=width_in)
    looks = _looks(found, combined)
    masses = np.concatenate([one.mass_mev for one in (*found, *expected)])
    bottom, top = _ends(found, expected, behind, masses)
    for (side, heading), panel in zip(sides.items(), sheet.panels, strict=True):
        frame(
            panel,
            masses,
            bottom=bottom,
            top=top,
            coupling_label=coupling_label,
            mass_label=mass_label,
        )
        label_panel(panel, heading)
        if sheet.is_own:
            panel.label_outer()
        own = [one for one in found if one.side == side]
        for curve in expected:
            if curve.side == side:
                draw_bands(panel, curve)
                draw_median(panel, curve)
        for one in own:
            draw_region(panel, one, looks[one.label], bottom, top)
        lines = [smooth(one.mass_mev, one.limit) for one in own]
        draw_published(panel, behind.get(side, ()), lines)
    return sheet.finish(title, subtitle, _legend(found, looks, expected, behind))


def _looks(found: Sequence[ExclusionRegions], combined: Collection[str]) -> dict[str, Look]:
    """Return how each run is drawn."""
    first = {one.label: one for one in reversed(found)}
    labels = list(dict.fromkeys(one.label for one in found))
    if len(labels) == 1:
        return {labels[0]: look_of(first[labels[0]], is_first=True)}
    return {
        label: Look(
            look.colour,
            look.line,
            is_filled=False,
            is_hatched=True,
            open_size=max(7.0 - 1.5 * place, 3.0),
            cross=0.03 + 0.035 * place,
            limit_width=2.4 if label in combined else 1.4,
        )
        for place, (label, look) in enumerate(zip(labels, style.series(len(labels)), strict=True))
    }


def _ends(
    found: Sequence[ExclusionRegions],
    expected: Sequence[ExpectedCurve],
    published: Mapping[str, Sequence[PublishedCurve]],
    masses: np.ndarray,
) -> tuple[float, float]:
    """Return the ends of the vertical axis."""
    edges = edges_of(found)
    for curve in expected:
        for values in curve.quantiles.values():
            edges += values[np.isfinite(values)].tolist()
    if not edges:
        return 1e-8, 1.0
    bottom, top = min(edges) / _BEYOND, max(edges) * _BEYOND
    lowest = [
        values.min() / _BEYOND
        for curves in published.values()
        for curve in curves
        if (values := curve.lower[(masses.min() < curve.mass) & (curve.mass < masses.max())]).size
    ]
    return max(min([bottom, *lowest]), bottom / _LOWER), top


def _legend(
    found: Sequence[ExclusionRegions],
    looks: Mapping[str, Look],
    expected: Sequence[ExpectedCurve],
    published: Mapping[str, Sequence[PublishedCurve]],
) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = []
    for label, look in looks.items():
        own = [one for one in found if one.label == label]
        regions = [region for one in own for region in one.regions]
        if all(region is None for region in regions):
            entries += marks(own, look, "", f": {label}, at every mass")
            continue
        entries.append((Line2D([], [], **look.limit), label))
        if any(p.is_reversed for region in regions if region for p in region):
            entries.append((reversed_patch(look), f"{REVERSED}: {label}"))
        whose = f": {label}" if len(looks) > 1 else ""
        entries += marks(own, look, f"{OPEN[own[0].kind]}{whose}", whose)
    if expected:
        entries.append((median_line(), "expected median"))
        for sigma, (colour, words) in reversed(BANDS.items()):
            if any(np.any(np.isfinite(curve.quantiles[sigma])) for curve in expected):
                entries.append((Patch(facecolor=colour), words))
    if any(published.values()):
        entries.append((published_patch(), _PUBLISHED))
    return entries
