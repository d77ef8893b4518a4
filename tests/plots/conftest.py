"""Where the text of a figure is, as matplotlib renders it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

#: Boxes of text have a margin of their own: so many pixels of two of them may overlap.
_TOUCH = 1.5


@pytest.fixture
def check() -> Callable[[Figure], None]:
    """Check the text of a figure and the room of its axes."""
    return checked


def checked(figure: Figure, *, least_share: float = 0.5) -> None:
    """Check that no text leaves the canvas or covers other text, and that axes have their room."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts(figure)]
    whole = figure.bbox
    for words, box in boxes:
        inside = (
            box.x0 >= whole.x0 - 1
            and box.y0 >= whole.y0 - 1
            and box.x1 <= whole.x1 + 1
            and box.y1 <= whole.y1 + 1
        )
        assert inside, f"{words!r} leaves the canvas: {box} of {whole}"
    for (one, first), (two, second) in combinations(boxes, 2):
        assert not overlap(first, second), f"{one!r} covers {two!r}: {first}, {second}"
    shown = [axes.get_window_extent(renderer) for axes in figure.axes if axes.get_visible()]
    hull = Bbox.union(shown)
    share = hull.width * hull.height / (whole.width * whole.height)
    assert share >= least_share, f"axes have {share:.0%} of the canvas"
    for words, box in boxes:
        covered = [a for a in shown if overlap(a, box)]
        assert not covered, f"{words!r} is in the axes"


def overlap(one: Bbox, two: Bbox) -> bool:
    width = min(one.x1, two.x1) - max(one.x0, two.x0)
    height = min(one.y1, two.y1) - max(one.y0, two.y0)
    return width > _TOUCH and height > _TOUCH


def texts(figure: Figure) -> list[Text]:
    """Return all texts that are seen: numbers of an axis only where the axis reaches."""
    hidden = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            hidden |= _beyond(axes, axis)
    found = []
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        owner = text.axes
        seen = text.get_visible() and text.get_text().strip() and id(text) not in hidden
        if seen and (owner is None or owner.get_visible()):
            found.append(text)
    return found


def _beyond(axes: Axes, axis: Axis) -> set[int]:
    low, high = np.sort(axis.get_view_interval())
    shown = 1e-9 * abs(high - low)
    found = set()
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    is_log = (axes.get_xscale() if axis is axes.xaxis else axes.get_yscale()) == "log"
    for tick in ticks:
        place = tick.get_loc()
        margin = 1e-9 * abs(place) if is_log else shown
        if not low - margin <= place <= high + margin:
            found |= {id(tick.label1), id(tick.label2)}
    return found
