"""One region of couplings over the mediator mass, drawn into a panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bayes_cevns.arrays import Array
from bayes_cevns.plots import style
from bayes_cevns.plots.curves import between, smooth, through
from bayes_cevns.plots.frame import alone
from bayes_cevns.plots.stretches import Region, Stretch, ends, stretches

CREDIBLE, CONFIDENCE = "credible", "CL"

HATCH = "////"
#: Opacity of what is excluded.
FILL = 0.22


@dataclass(frozen=True)
class Look:
    """How a region is drawn.

    Attributes
    ----------
    colour, line
        Of its edges.
    is_filled
        Whether what is excluded is filled.
    is_hatched
        Whether pieces with the amplitude reversed are hatched.
    open_size
        Size of the triangles of open ends in points.
    cross
        Height of the crosses of failed fits, as a share of the panel.
    limit_width, edge_width
        Of lines, in points: of a limit, and of other edges.
    """

    colour: str
    line: style.Line
    is_filled: bool
    is_hatched: bool
    open_size: float
    cross: float
    limit_width: float = 1.8
    edge_width: float = 0.9

    @property
    def limit(self) -> dict[str, Any]:
        """Colour, style and width of a limit."""
        return {"color": self.colour, "linestyle": self.line, "linewidth": self.limit_width}

    @property
    def edge(self) -> dict[str, Any]:
        """Colour, style and width of another edge."""
        return {"color": self.colour, "linestyle": self.line, "linewidth": self.edge_width}

    def open_mark(self, *, is_high: bool) -> dict[str, Any]:
        """Return the look of an end that is open."""
        return style.open_mark(self.colour, self.open_size, points_up=is_high)


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
    label
        What it is called where several runs are drawn together.
    """

    side: str
    mass_mev: Array
    regions: Sequence[Region | None]
    limit: Array
    scale: Array
    kind: str = CREDIBLE
    is_projection: bool = False
    label: str = ""


def edges_of(found: Sequence[ExclusionRegions]) -> list[float]:
    """Return all edges of regions that are no zero."""
    regions = [region for one in found for region in one.regions if region is not None]
    return [e for region in regions for piece in region for e in (piece.low, piece.high) if e > 0]


def draw_region(axes: Axes, one: ExclusionRegions, look: Look, bottom: float, top: float) -> None:
    """Draw a region: what is excluded, edges, limits, open ends and fits that failed.

    Parameters
    ----------
    axes
        A panel, logarithmic in both axes.
    one
        The region.
    look
        How it is drawn.
    bottom, top
        Ends of the vertical axis.
    """
    parts = stretches(one.mass_mev, one.regions, one.scale)
    for part in parts:
        if look.is_filled:
            _fill(axes, part, look, bottom, top)
        if not _is_limit(one, part):
            _draw_edges(axes, part, look)
    for before, after in pairwise(parts):
        if before.mass[-1] == after.mass[0]:
            for begin, end in ends(before, after):
                _vertical(axes, float(after.mass[0]), (max(begin, bottom / 2), end), look)
    _draw_open(axes, one, look)
    axes.plot(*smooth(one.mass_mev, one.limit), **look.limit)
    single = alone(one.limit)
    axes.plot(one.mass_mev[single], one.limit[single], "o", color=look.colour, markersize=4.0)
    failed = one.mass_mev[[region is None for region in one.regions]]
    if failed.size:
        axes.plot(
            failed,
            np.full(failed.size, look.cross),
            transform=axes.get_xaxis_transform(),
            color=look.colour,
            marker="x",
            linestyle="none",
            clip_on=False,
        )


def _fill(axes: Axes, part: Stretch, look: Look, bottom: float, top: float) -> None:
    fine = between(part.mass)
    for gap in part.gaps:
        low, high = (through(part.mass, np.clip(end, bottom / 2, 2 * top), fine) for end in gap)
        # Neighbours share an edge, which would show through if it were smoothed.
        axes.fill_between(
            fine, low, high, color=look.colour, alpha=FILL, linewidth=0, antialiased=False
        )


def _is_limit(one: ExclusionRegions, part: Stretch) -> bool:
    """Return whether the only edge of a stretch is the limit."""
    is_there = np.isin(one.mass_mev, part.mass)
    return bool(np.all(np.isfinite(one.limit[is_there]))) and len(part.high) == 1


def _draw_edges(axes: Axes, part: Stretch, look: Look) -> None:
    """Draw the edges of the pieces, and hatch those where the amplitude is reversed."""
    fine = between(part.mass)
    pieces = zip(part.low, part.high, part.is_reversed, part.is_open, strict=True)
    for low, high, is_reversed, is_open in pieces:
        for edge, goes_on in zip((low, high), is_open, strict=True):
            if np.all(edge > 0) and not goes_on:
                axes.plot(*smooth(part.mass, edge), **look.edge)
                if part.mass.size == 1:
                    axes.plot(part.mass, edge, "o", color=look.colour, markersize=4.0)
        if part.mass.size == 1 and low[0] > 0:
            _vertical(axes, float(part.mass[0]), (low[0], high[0]), look)
        if is_reversed and look.is_hatched:
            lines = [through(part.mass, edge, fine) for edge in (low, high)]
            axes.fill_between(
                fine, *lines, facecolor="none", edgecolor=look.colour, hatch=HATCH, linewidth=0
            )


def _draw_open(axes: Axes, one: ExclusionRegions, look: Look) -> None:
    """Draw a triangle at each end of the region that is open."""
    for is_high, points in enumerate(open_ends(one)):
        if points:
            axes.plot(*np.array(points).T, zorder=3.0, **look.open_mark(is_high=bool(is_high)))


def open_ends(one: ExclusionRegions) -> tuple[list[tuple[float, float]], ...]:
    """Return mass and coupling of all ends that are open, the low and the high ones."""
    found: tuple[list[tuple[float, float]], ...] = ([], [])
    for mass, region in zip(one.mass_mev.tolist(), one.regions, strict=True):
        for piece in region or ():
            ends = zip(found, (piece.low, piece.high), piece.is_open, strict=True)
            for points, end, is_open in ends:
                if is_open:
                    points.append((mass, end))
    return found


def _vertical(axes: Axes, mass: float, ends: tuple[float, float], look: Look) -> None:
    axes.vlines(mass, *ends, colors=look.colour, linewidth=look.edge_width, linestyles=look.line)


def has_edges(region: Region) -> bool:
    """Return whether a region has edges that are drawn, besides a limit."""
    ends = [e for p in region for e in zip((p.low, p.high), p.is_open, strict=True)]
    return (len(region) > 1 or any(p.low > 0 for p in region)) and any(
        value > 0 and not is_open for value, is_open in ends
    )


def has_outside(one: ExclusionRegions) -> bool:
    """Return whether anything lies outside of a region."""
    return any(part.gaps for part in stretches(one.mass_mev, one.regions, one.scale))
