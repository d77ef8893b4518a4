"""Text around the axes: headings and legends that take the room they need, and no more.

matplotlib's layout makes room for text that is as wide as it is, so that one long line squeezes
the axes, or leaves it out, so that it is cut. Here text is broken to the width of the figure
first, and the figure grows by the lines that it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from bayes_cevns.errors import ArgumentError
from bayes_cevns.plots import style

_POINTS = 72.0  # an inch

#: Distance of lines over the size of their text, also of those with formulas, and the margin of a
#: figure in points.
_LINE, _TALL, _MARGIN = 1.3, 1.6, 5.0

#: Letters on whole pixels are wider than their outlines by less than this.
_HINTED = 1.07

#: Width of the sample of a line in a legend, with its distances, in sizes of the text.
_HANDLE = 4.2

#: Room for the numbers beside a panel and below it, in inches.
_BESIDE, _BELOW = 0.45, 0.4

#: Width in inches below which no figure is drawn.
_NARROWEST = 2.5


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Return the width of a line of text in inches; formulas are between dollars."""
    if not text.strip():
        return 0.0
    path = TextPath((0.0, 0.0), text, prop=FontProperties(size=size))
    # Control points of outlines reach no further than the letters do; those that close an outline
    # are at the origin.
    across = path.vertices[path.codes != path.CLOSEPOLY, 0]
    return _HINTED * float(np.ptp(across)) / _POINTS if across.size else 0.0


def wrapped(text: str, width_in: float, size: float) -> list[str]:
    """Return text in lines that are no wider than a width, if they can be broken.

    Parameters
    ----------
    text
        Text with formulas between dollars; it is broken at spaces outside of formulas, and where
        it has line breaks already. A word that is too wide by itself is broken after a dot,
        bracket, hyphen or underscore.
    width_in
        Width in inches.
    size
        Of the text, in points.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.append("")
        for word in _words(paragraph, width_in, size):
            joined = f"{lines[-1]}{word}"
            if not lines[-1] or text_width(joined.rstrip(), size) <= width_in:
                lines[-1] = joined
            else:
                lines.append(word)
    return [line.rstrip() for line in lines]


def _words(paragraph: str, width_in: float, size: float) -> Iterable[str]:
    """Return the pieces between which a line may be broken, each with the space after it."""
    for word in re.findall(r"(?:\$[^$]*\$|[^\s$])+\s*", paragraph):
        if text_width(word.rstrip(), size) <= width_in or "$" in word:
            yield word
        else:
            yield from re.findall(r"[^._\-+\[\]]*[._\-+\[\]]*\s*", word)[:-1]


def blank(width_in: float, body_in: float = 1.0) -> Figure:
    """Return a figure for axes of this size with their labels; `finish` adds what is around them.

    Parameters
    ----------
    width_in, body_in
        Width in inches, and height before the axes are known.

    Raises
    ------
    ArgumentError
        If it is too narrow for text.
    """
    if not _NARROWEST <= width_in < np.inf:
        raise ArgumentError(
            f"expected a width of a figure of {_NARROWEST:g} inches or more, got {width_in}"
        )
    return Figure(figsize=(width_in, body_in), layout="constrained", dpi=style.DPI)


def finish(
    figure: Figure,
    title: str,
    subtitle: str = "",
    legend: Sequence[tuple[Artist, str]] = (),
) -> Figure:
    """Add a heading above the axes and a legend below them; the figure grows by both.

    Parameters
    ----------
    figure
        A figure of `blank`, which grows until its axes have more than half of it.
    title, subtitle
        The subtitle is smaller and grey; both are broken to the width.
    legend
        Artists with what they mean.

    Returns
    -------
    Figure
        The same one.
    """
    width, body = figure.get_size_inches()
    below = _legend(figure, legend, float(width))
    lines = _heading(title, subtitle, float(width))
    above = sum(_height(line, size) for line, size, _ in lines) + 2 * _MARGIN / _POINTS
    # Numbers and labels of axes take about 0.8 inches of the height and 0.6 of the width.
    body = max(float(body), 2.05 + 1.65 * (above + below))
    height = body + above + below
    figure.set_size_inches(width, height)
    down = _MARGIN / _POINTS
    for line, size, colour in lines:
        place = (_MARGIN / _POINTS / width, 1.0 - (down + 0.8 * _height(line, size)) / height)
        text = figure.text(*place, line, size=size, color=colour, va="baseline")
        text.set_in_layout(False)  # there is room for it
        down += _height(line, size)
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(0.0, below / height, 1.0, body / height))
    # Notebooks cut a figure to what takes part in its layout, which heading and legend do not.
    frame = Rectangle((0.0, 0.0), 1.0, 1.0, transform=figure.transFigure, fill=False, linewidth=0)
    figure.add_artist(frame)
    return figure


def _heading(title: str, subtitle: str, width_in: float) -> list[tuple[str, float, str]]:
    """Return the lines of a heading, each with its size and colour."""
    room = width_in - 2 * _MARGIN / _POINTS
    lines = [(line, style.TITLE, style.INK) for line in wrapped(title, room, style.TITLE)]
    if subtitle:
        lines += [(line, style.SMALL, style.GREY) for line in wrapped(subtitle, room, style.SMALL)]
    return lines


def _height(line: str, size: float) -> float:
    """Return the height of a line with its distance in inches; formulas are taller."""
    return size * (_TALL if "$" in line else _LINE) / _POINTS


def _legend(figure: Figure, entries: Sequence[tuple[Artist, str]], width_in: float) -> float:
    """Draw a legend at the foot of a figure, and return its height in inches."""
    if not entries:
        return 0.0
    size = style.SMALL
    room = width_in - (2 * _MARGIN + _HANDLE * size) / _POINTS
    labels = ["\n".join(wrapped(label, room, size)) for _, label in entries]
    widths = [max(text_width(line, size) for line in label.split("\n")) for label in labels]
    columns = _columns([width + _HANDLE * size / _POINTS for width in widths], width_in)
    figure.legend(
        [artist for artist, _ in entries],
        labels,
        loc="lower left",
        bbox_to_anchor=(0.0, 0.0),
        ncols=columns,
        fontsize=size,
        frameon=False,
        handlelength=2.4,
        handletextpad=0.6,
        columnspacing=1.2,
        labelspacing=0.4,
        borderaxespad=0.4,
        borderpad=0.2,
    ).set_in_layout(False)
    heights = [
        sum(_height(line, size) for line in label.split("\n")) + 0.3 * size / _POINTS
        for label in labels
    ]
    tallest = max(float(part.sum()) for part in np.array_split(np.array(heights), columns))
    return tallest + 2 * _MARGIN / _POINTS


def _columns(widths: Sequence[float], room: float) -> int:
    """Return in how many columns entries of these widths fit, filled column by column."""
    for columns in range(len(widths), 1, -1):
        parts = np.array_split(np.array(widths), columns)
        if sum(float(part.max()) for part in parts) <= room - _MARGIN / _POINTS:
            return columns
    return 1


def label_panel(axes: Axes, text: str, *, size: float = style.TEXT) -> None:
    """Write a title above one panel, broken to the width that it has about."""
    if text:
        lines = wrapped(text, _panel_width(axes), size)
        axes.set_title("\n".join(lines), loc="left", fontsize=size)


def label_grid(panels: Sequence[Axes], columns: int, *, x: str, y: str) -> None:
    """Label the lowest panels of a grid and the left ones.

    Parameters
    ----------
    panels
        Those that are used, row after row.
    columns
        Of the grid.
    x, y
        Labels; that of y may have several lines.
    """
    for place, axes in enumerate(panels):
        if place + columns >= len(panels):
            axes.set_xlabel(x, fontsize=style.TEXT)
            axes.tick_params(labelbottom=True)
        if place % columns == 0:
            axes.set_ylabel(y, fontsize=style.TEXT)


def label_axis(axes: Axes, text: str, *, size: float = style.TEXT) -> None:
    """Write what the horizontal axis of one panel is, broken to the width that it has about."""
    axes.set_xlabel("\n".join(wrapped(text, _panel_width(axes), size)), fontsize=size)


def panel_size(axes: Axes) -> tuple[float, float]:
    """Return width and height of a panel in inches, about, as it will be once it is laid out.

    Numbers and labels take room beside panels and below them; those of a user, which are on no
    grid, have the size that they have now.
    """
    figure, place = axes.get_figure(root=True), axes.get_subplotspec()
    assert isinstance(figure, Figure)
    width, height = (float(side) for side in figure.get_size_inches())
    if place is None:
        box = axes.get_position()
        return float(box.width) * width, float(box.height) * height
    grid = place.get_gridspec()
    columns = grid.ncols / (place.colspan.stop - place.colspan.start)
    rows = grid.nrows / (place.rowspan.stop - place.rowspan.start)
    return width / columns - _BESIDE, height / rows - _BELOW


def _panel_width(axes: Axes) -> float:
    return panel_size(axes)[0]
