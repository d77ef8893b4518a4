"""Limits of others behind our own: areas in grey, each with its name where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from bayes_cevns.arrays import Array
from bayes_cevns.plots import style
from bayes_cevns.plots.layout import panel_size, text_width

_FILL, _EDGE = "#ebebeb", "#a6a6a6"
_SIZE = 5.5  # of names, in points

#: Places along a curve that are tried for its name, and how far from its edge it stands in points.
_TRIED, _AWAY = 40, 1.5


@dataclass(frozen=True, eq=False)
class PublishedCurve:
    """What one search excludes; NaN between parts, and an infinite upper end where there is none.

    Attributes
    ----------
    title
        Its name.
    mass, lower, upper
        Masses as they are drawn and ends of what is excluded, shape (n,).
    """

    title: str
    mass: Array
    lower: Array
    upper: Array


def draw_published(
    axes: Axes, curves: Sequence[PublishedCurve], lines: Iterable[tuple[Array, Array]] = ()
) -> list[str]:
    """Draw what others exclude, behind everything else.

    Parameters
    ----------
    axes
        A panel whose logarithmic axes have their ends.
    curves
        The searches, of which the first have their name first.
    lines
        Masses and couplings of lines that no name may cover.

    Returns
    -------
    list of str
        The searches that are seen in the panel and have no name there, for want of room.
    """
    top = axes.get_ylim()[1]
    for curve in curves:
        upper = np.where(np.isinf(curve.upper), 10 * top, curve.upper)
        axes.fill_between(curve.mass, curve.lower, upper, color=_FILL, linewidth=0, zorder=0.3)
    for curve in curves:
        for end in (curve.lower, np.where(np.isinf(curve.upper), np.nan, curve.upper)):
            axes.plot(curve.mass, end, color=_EDGE, linewidth=0.4, zorder=0.4)
    taken = [np.stack(_places(axes, *line)) for line in lines]
    boxes: list[Array] = []
    unnamed = []
    for curve in curves:
        at = _places(axes, curve.mass, curve.lower)
        seen = np.all([(x > 0) & (x < 1) for x in at], axis=0)
        if not np.any(seen):
            continue
        box = _room(axes, curve.title, np.stack(at)[:, seen], boxes, taken)
        if box is None:
            unnamed.append(curve.title)
            continue
        boxes.append(box)
        place = box.mean(axis=1)
        axes.text(
            *place,
            curve.title,
            transform=axes.transAxes,
            fontsize=_SIZE,
            color=style.GREY,
            ha="center",
            va="center",
            zorder=0.6,
            path_effects=[withStroke(linewidth=1.5, foreground=_FILL)],
        ).set_in_layout(False)
    return unnamed


def published_patch() -> Artist:
    """Return what stands in a legend for published limits."""
    return Patch(facecolor=_FILL, edgecolor=_EDGE, linewidth=0.5)


def _places(axes: Axes, mass: Array, coupling: Array) -> tuple[Array, Array]:
    """Return where points are, as shares of a panel."""
    found = []
    for values, (low, high) in ((mass, axes.get_xlim()), (coupling, axes.get_ylim())):
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(np.log(values / low) / np.log(high / low))
    return found[0], found[1]


def _room(
    axes: Axes, title: str, places: Array, boxes: Sequence[Array], taken: Sequence[Array]
) -> Array | None:
    """Return a box just above a curve that covers nothing, low ones first; shape (2, 2)."""
    width, height = panel_size(axes)
    half = np.array([text_width(title, _SIZE) / width, 1.1 * _SIZE / 72 / height]) / 2
    away = _AWAY / 72 / height
    tried = places[:, np.linspace(0, places.shape[1] - 1, _TRIED).astype(int)]
    for x, y in sorted(tried.T.tolist(), key=lambda place: place[1]):
        middle = np.array([x, y + half[1] + away])
        box = np.stack([middle - half, middle + half], axis=1)
        if box.min() < 0 or box.max() > 1:
            continue
        if any(_overlap(box, other) for other in boxes):
            continue
        if not any(_covers(box, points) for points in taken):
            return box
    return None


def _overlap(one: Array, other: Array) -> bool:
    return bool(np.all((one[:, 0] < other[:, 1]) & (other[:, 0] < one[:, 1])))


def _covers(box: Array, points: Array) -> bool:
    inside = (box[:, :1] <= points) & (points <= box[:, 1:])
    return bool(np.any(np.all(inside, axis=0)))
