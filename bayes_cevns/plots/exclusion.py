"""The exclusion in the mass-coupling plane: which couplings are in a region, and which are not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bayes_cevns.physics.interactions.axis import MEDIATOR_MASS
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.plots import style
from bayes_cevns.plots.canvas import Ax, canvas
from bayes_cevns.plots.frame import frame, panels, sign_label
from bayes_cevns.plots.layout import label_panel
from bayes_cevns.plots.region_lines import (
    CONFIDENCE,
    CREDIBLE,
    FILL,
    HATCH,
    ExclusionRegions,
    Look,
    draw_region,
    edges_of,
    has_edges,
    has_outside,
    open_ends,
)

_COLOURS = {CREDIBLE: style.series(2)[0].colour, CONFIDENCE: style.series(2)[1].colour}

#: Sizes of the triangles of open ends, unlike, so that those of both kinds are seen; heights of
#: crosses.
_OPEN_SIZES = {CREDIBLE: 7.0, CONFIDENCE: 3.5}
_CROSSES = {CREDIBLE: 0.03, CONFIDENCE: 0.07}
#: What open ends are called.
OPEN = {
    CREDIBLE: style.OPEN,
    CONFIDENCE: "open: end of the range of the profile",
}

#: The vertical axis goes on beyond the least and the largest edge by this factor.
_BEYOND = 4.0


def exclusion(
    found: Sequence[ExclusionRegions],
    *,
    title: str,
    subtitle: str,
    level: float,
    coupling: Coupling,
    mass_label: str = MEDIATOR_MASS.label,
    width_in: float = style.PAGE,
    ax: Ax = None,
) -> Figure:
    """Draw what is inside and outside of the regions of couplings, a panel for each sign.

    Parameters
    ----------
    found
        One for each side and kind.
    title, subtitle
        What was excluded, and by which data and prior.
    level
        Level of the regions, for the labels.
    coupling
        The quoted coupling, of the vertical axis and of the titles of the panels.
    mass_label
        Label of the horizontal axis.
    width_in
        Width of the figure in inches; panels stand side by side where there is room.
    ax
        Axes to draw into, one for each sign, in place of a new figure.

    Returns
    -------
    Figure
        Logarithmic in both axes. What a credible region of observed data excludes is filled; edges
        are lines, and thick where they are limits. Regions at a CL are dashed, those of simulated
        data dash-dotted, and neither is filled. An edge that is open has no line and nothing
        filled beyond, but an open triangle at each mass. Fits that failed leave a gap, with a
        cross.
    """
    sides = list(dict.fromkeys(one.side for one in found))
    sheet = canvas(ax, len(sides), lambda figure: panels(figure, len(sides)), width_in=width_in)
    edges = edges_of(found)
    bottom, top = (min(edges) / _BEYOND, max(edges) * _BEYOND) if edges else (1e-8, 1.0)
    masses = np.concatenate([one.mass_mev for one in found])
    looks = {one.kind: look_of(one, is_first=one.kind == found[0].kind) for one in found}
    for side, panel in zip(sides, sheet.panels, strict=True):
        frame(
            panel,
            masses,
            bottom=bottom,
            top=top,
            coupling_label=coupling.label,
            mass_label=mass_label,
        )
        for one in found:
            if one.side == side:
                draw_region(panel, one, looks[one.kind], bottom, top)
        label_panel(panel, sign_label(side, coupling))
        if sheet.is_own:
            panel.label_outer()
    return sheet.finish(title, subtitle, _legend(found, looks, level))


def look_of(one: ExclusionRegions, *, is_first: bool) -> Look:
    """Return how a region is drawn by its kind; only the first kind is hatched."""
    line = style.OBSERVED if one.kind == CREDIBLE else style.CONFIDENCE
    return Look(
        _COLOURS[one.kind],
        style.PROJECTED if one.is_projection else line,
        is_filled=one.kind == CREDIBLE and not one.is_projection,
        is_hatched=is_first,
        open_size=_OPEN_SIZES[one.kind],
        cross=_CROSSES[one.kind],
    )


def _legend(
    found: Sequence[ExclusionRegions], looks: dict[str, Look], level: float
) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = []
    for kind, look in looks.items():
        own = [one for one in found if one.kind == kind]
        words = f"{100 * level:.4g}% {'credible' if kind == CREDIBLE else 'CL (profile)'}"
        if own[0].is_projection:
            words = f"expected, {words}"
        regions = [region for one in own for region in one.regions if region is not None]
        if any(np.any(np.isfinite(one.limit)) for one in own):
            entries.append((Line2D([], [], **look.limit), f"{words} limit"))
        if any(has_edges(region) for region in regions):
            entries.append((Line2D([], [], **look.edge), f"{words} region: its edges"))
        if look.is_filled and any(has_outside(one) for one in own):
            filled = Patch(facecolor=look.colour, alpha=FILL, linewidth=0)
            entries.append((filled, f"excluded, {words}"))
        if look.is_hatched and any(p.is_reversed for region in regions for p in region):
            entries.append((reversed_patch(look), REVERSED))
        entries += marks(own, look, OPEN[kind], "" if kind == CREDIBLE else " (profile)")
    return entries


REVERSED = "allowed, amplitude reversed"


def reversed_patch(look: Look) -> Patch:
    """Return what stands in a legend for pieces with the amplitude reversed."""
    return Patch(facecolor="none", edgecolor=look.colour, hatch=HATCH, linewidth=look.edge_width)


def marks(
    own: Sequence[ExclusionRegions], look: Look, open_text: str, whose: str
) -> list[tuple[Artist, str]]:
    """Return what stands in a legend for open ends and for fits that failed."""
    entries: list[tuple[Artist, str]] = []
    lowest, highest = zip(*map(open_ends, own), strict=True)
    if any(lowest) or any(highest):
        mark = look.open_mark(is_high=any(highest))
        entries.append((Line2D([], [], **mark), open_text))
    if any(region is None for one in own for region in one.regions):
        cross = Line2D([], [], color=look.colour, marker="x", linestyle="none")
        entries.append((cross, f"fit failed{whose}"))
    return entries
