"""The exclusion in the mass-coupling plane: which couplings are in a region, and which are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

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
from bayes_cevns.plots.frame import alone, frame, panels, sign_label
from bayes_cevns.plots.layout import blank, finish, label_panel
from bayes_cevns.plots.stretches import Region, Stretch, ends, stretches

CREDIBLE, CONFIDENCE = "credible", "CL"

_COLOURS = {CREDIBLE: style.series(2)[0].colour, CONFIDENCE: style.series(2)[1].colour}
_LIMIT, _EDGE = 1.8, 0.9  # widths of lines
_HATCH = "////"

#: Sizes of the triangles of open ends, unlike, so that those of both kinds are seen.
_OPEN_SIZES = {CREDIBLE: 7.0, CONFIDENCE: 3.5}
#: What they are called.
_OPEN = {
    CREDIBLE: style.OPEN,
    CONFIDENCE: "open: end of the range of the profile",
}

#: The vertical axis goes on beyond the least and the largest edge by this factor.
_BEYOND = 4.0


@dataclass(frozen=True, eq=False)
class ExclusionRegions:
    """The region of couplings of one sign, over the mediator mass.

    Attributes
    ----------
    side
        ``"upper"``, ``"positive"`` or ``"negative"``.
    mass_mev
        Masses, shape (n,), in the unit of the label if it has another one (`MassAxis.drawn`).
    regions
        The region at each mass; ``None`` where the fit failed.
    limit
        The limit where it is the upper edge of a region that reaches zero, with nothing allowed
        above; NaN elsewhere, also where that edge is open. Shape (n,).
    scale
        A coupling that makes the same signal at each mass, shape (n,).
    kind
        ``"credible"``, or ``"CL"`` for a profile likelihood.
    is_projection
        Whether the data are simulated: nothing is excluded by them.
    """

    side: str
    mass_mev: Array
    regions: Sequence[Region | None]
    limit: Array
    scale: Array
    kind: str = CREDIBLE
    is_projection: bool = False


def exclusion(
    found: Sequence[ExclusionRegions],
    *,
    title: str,
    subtitle: str,
    level: float,
    coupling: Coupling,
    mass_label: str = MEDIATOR_MASS.label,
    width_in: float = style.PAGE,
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
    figure = blank(width_in)
    axes = dict(zip(sides, panels(figure, len(sides)), strict=True))
    bottom, top = _ends(found)
    masses = np.concatenate([one.mass_mev for one in found])
    for side, panel in axes.items():
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
                _draw(panel, one, bottom, top, hatched=one.kind == found[0].kind)
        label_panel(panel, sign_label(side, coupling))
        panel.label_outer()
    return finish(figure, title, subtitle, _legend(found, level))


def _ends(found: Sequence[ExclusionRegions]) -> tuple[float, float]:
    """Return the ends of the vertical axis."""
    regions = [region for one in found for region in one.regions if region is not None]
    edges = [e for region in regions for piece in region for e in (piece.low, piece.high) if e > 0]
    return (min(edges) / _BEYOND, max(edges) * _BEYOND) if edges else (1e-8, 1.0)


def _draw(axes: Axes, one: ExclusionRegions, bottom: float, top: float, *, hatched: bool) -> None:
    colour, line = _COLOURS[one.kind], _line(one)
    parts = stretches(one.mass_mev, one.regions, one.scale)
    for part in parts:
        if _is_filled(one):
            for low, high in part.gaps:
                limits = np.maximum(low, bottom / 2), np.minimum(high, 2 * top)
                # Neighbours share an edge, which would show through if it were smoothed.
                axes.fill_between(
                    part.mass, *limits, color=colour, alpha=0.22, linewidth=0, antialiased=False
                )
        if not _is_limit(one, part):
            _draw_edges(axes, part, colour, line, hatched=hatched)
    for before, after in pairwise(parts):
        if before.mass[-1] == after.mass[0]:
            mass = float(after.mass[0])
            for begin, end in ends(before, after):
                _vertical(axes, mass, (max(begin, bottom / 2), end), colour, line)
    _draw_open(axes, one)
    axes.plot(one.mass_mev, one.limit, color=colour, linestyle=line, linewidth=_LIMIT)
    single = alone(one.limit)
    axes.plot(one.mass_mev[single], one.limit[single], "o", color=colour, markersize=4.0)
    failed = one.mass_mev[[region is None for region in one.regions]]
    if not failed.size:
        return
    axes.plot(
        failed,
        np.full(failed.size, 0.03 if one.kind == CREDIBLE else 0.07),
        transform=axes.get_xaxis_transform(),
        color=colour,
        marker="x",
        linestyle="none",
        clip_on=False,
    )


def _is_limit(one: ExclusionRegions, part: Stretch) -> bool:
    """Return whether the only edge of a stretch is the limit."""
    is_there = np.isin(one.mass_mev, part.mass)
    return bool(np.all(np.isfinite(one.limit[is_there]))) and len(part.high) == 1


def _draw_edges(axes: Axes, part: Stretch, colour: str, line: style.Line, *, hatched: bool) -> None:
    """Draw the edges of the pieces, and hatch those where the amplitude is reversed."""
    pieces = zip(part.low, part.high, part.is_reversed, part.is_open, strict=True)
    for low, high, is_reversed, is_open in pieces:
        for edge, goes_on in zip((low, high), is_open, strict=True):
            if np.all(edge > 0) and not goes_on:
                axes.plot(part.mass, edge, color=colour, linestyle=line, linewidth=_EDGE)
                if part.mass.size == 1:
                    axes.plot(part.mass, edge, "o", color=colour, markersize=4.0)
        if part.mass.size == 1 and low[0] > 0:
            _vertical(axes, float(part.mass[0]), (low[0], high[0]), colour, line)
        if is_reversed and hatched:
            axes.fill_between(
                part.mass, low, high, facecolor="none", edgecolor=colour, hatch=_HATCH, linewidth=0
            )


def _draw_open(axes: Axes, one: ExclusionRegions) -> None:
    """Draw a triangle at each end of the region that is open."""
    for is_high, points in enumerate(_open_ends(one)):
        if points:
            axes.plot(
                *np.array(points).T, zorder=3.0, **_open_mark(one.kind, is_high=bool(is_high))
            )


def _open_ends(one: ExclusionRegions) -> tuple[list[tuple[float, float]], ...]:
    """Return mass and coupling of all ends that are open, the low and the high ones."""
    found: tuple[list[tuple[float, float]], ...] = ([], [])
    for mass, region in zip(one.mass_mev.tolist(), one.regions, strict=True):
        for piece in region or ():
            ends = zip(found, (piece.low, piece.high), piece.is_open, strict=True)
            for points, end, is_open in ends:
                if is_open:
                    points.append((mass, end))
    return found


def _open_mark(kind: str, *, is_high: bool) -> dict[str, Any]:
    return style.open_mark(_COLOURS[kind], _OPEN_SIZES[kind], points_up=is_high)


def _vertical(
    axes: Axes, mass: float, ends: tuple[float, float], colour: str, line: style.Line
) -> None:
    axes.vlines(mass, *ends, colors=colour, linewidth=_EDGE, linestyles=line)


def _line(one: ExclusionRegions) -> style.Line:
    if one.is_projection:
        return style.PROJECTED
    return style.OBSERVED if one.kind == CREDIBLE else style.CONFIDENCE


def _is_filled(one: ExclusionRegions) -> bool:
    return one.kind == CREDIBLE and not one.is_projection


def _has_edges(region: Region) -> bool:
    """Return whether a region has edges that are drawn, besides a limit."""
    ends = [e for p in region for e in zip((p.low, p.high), p.is_open, strict=True)]
    return (len(region) > 1 or any(p.low > 0 for p in region)) and any(
        value > 0 and not is_open for value, is_open in ends
    )


def _has_outside(one: ExclusionRegions) -> bool:
    """Return whether anything is filled."""
    parts = stretches(one.mass_mev, one.regions, one.scale)
    return _is_filled(one) and any(part.gaps for part in parts)


def _legend(found: Sequence[ExclusionRegions], level: float) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = []
    for kind in dict.fromkeys(one.kind for one in found):
        own = [one for one in found if one.kind == kind]
        colour, line = _COLOURS[kind], _line(own[0])
        words = f"{100 * level:.4g}% {'credible' if kind == CREDIBLE else 'CL (profile)'}"
        if own[0].is_projection:
            words = f"expected, {words}"
        regions = [region for one in own for region in one.regions if region is not None]
        if any(np.any(np.isfinite(one.limit)) for one in own):
            entries.append(
                (Line2D([], [], color=colour, linestyle=line, linewidth=_LIMIT), f"{words} limit")
            )
        if any(_has_edges(region) for region in regions):
            edge = Line2D([], [], color=colour, linestyle=line, linewidth=_EDGE)
            entries.append((edge, f"{words} region: its edges"))
        if any(_has_outside(one) for one in own):
            entries.append((Patch(facecolor=colour, alpha=0.22, linewidth=0), f"excluded, {words}"))
        if kind == found[0].kind and any(p.is_reversed for region in regions for p in region):
            patch = Patch(facecolor="none", edgecolor=colour, hatch=_HATCH, linewidth=_EDGE)
            entries.append((patch, "allowed, amplitude reversed"))
        lowest, highest = zip(*map(_open_ends, own), strict=True)
        if any(lowest) or any(highest):
            mark = _open_mark(kind, is_high=any(highest))
            entries.append((Line2D([], [], **mark), _OPEN[kind]))
        if any(region is None for one in own for region in one.regions):
            cross = Line2D([], [], color=colour, marker="x", linestyle="none")
            entries.append((cross, "fit failed" if kind == CREDIBLE else "fit failed (profile)"))
    return entries
