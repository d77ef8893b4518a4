"""Colours, line styles and markers of all figures, for readers who are colour-blind as well.

The colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/, 2008). Two of them that
are used together differ for every reader, or the line style and the marker tell them apart;
`tests/plots/test_colours.py` holds it with the simulations of Machado et al. (2009).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Literal

from bayes_cevns.errors import ArgumentError, shown

type Line = Literal["-", "--", "-.", ":"]

#: Text and points of data; text that says less; lines of a grid; a band of what is expected.
INK, GREY, GRID, BAND = "#000000", "#555555", "#dddddd", "#cccccc"

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_LINES: tuple[Line, ...] = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "D", "^", "v", "P", "X")

#: A credible result of observed data, the same of simulated data, and one at a confidence level.
OBSERVED: Line = "-"
PROJECTED: Line = "-."
CONFIDENCE: Line = "--"

#: Nested credible regions from the innermost outwards, and the line around them.
SHADES, EDGE = ("#08519c", "#6baed6", "#c6dbef"), "#083a70"

#: The same as lines, which are seen on white by themselves.
LINES = ("#08306b", "#2b7bba", "#85bcdc")

#: What is expected within one and within two standard deviations.
ONE_SIGMA, TWO_SIGMA = "#8fbce0", "#d3e4f3"

#: Sizes of text in points.
TITLE, TEXT, SMALL = 10.0, 8.0, 7.0

#: Widths in inches of one column and of two columns of a paper.
COLUMN, PAGE = 3.4, 7.0
WIDTHS = {"column": COLUMN, "page": PAGE}

#: Dots an inch of a figure that is not told otherwise.
DPI = 160


#: What is said of a limit or an edge that is not one of the data.
OPEN = "open: set by the end of the prior's range"


def open_mark(colour: str, size: float, *, points_up: bool = True) -> dict[str, Any]:
    """Return the look of an end that is open: a triangle that points to where the region goes on.

    Parameters
    ----------
    colour
        Of what ends there.
    size
        In points.
    points_up
        Whether it is a high end.
    """
    return {
        "color": colour,
        "marker": "^" if points_up else "v",
        "markersize": size,
        "markerfacecolor": "white",
        "linestyle": "none",
        "clip_on": False,
    }


#: A style of matplotlib: its name, several, or parameters; ``None`` for that of this package.
type Rc = str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None

#: Nothing here needs LaTeX, or a font that does not come with matplotlib.
_OURS: Mapping[str, Any] = {
    "text.usetex": False,
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
}


@contextmanager
def applied(style: Rc = None) -> Iterator[None]:
    """Draw what is in a block with parameters of this package, and with a style over them.

    Raises
    ------
    ArgumentError
        If matplotlib has no such style or parameter.
    """
    from matplotlib import rc_context
    from matplotlib.style import context

    with rc_context(dict(_OURS)), ExitStack() as entered:
        try:
            entered.enter_context(context([] if style is None else style))
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            reason = " ".join(str(error).split())
            raise ArgumentError(
                f"expected style: the name of a style of matplotlib or its parameters, got "
                f"{shown(style)} ({reason})"
            ) from None
        yield


@dataclass(frozen=True)
class Series:
    """How one of several things is drawn."""

    colour: str
    line: Line
    marker: str


def series(count: int) -> tuple[Series, ...]:
    """Return styles of things that are drawn together, no two alike.

    Parameters
    ----------
    count
        How many there are; colours repeat after six, with other lines or markers.
    """
    styles = zip(cycle(_COLOURS), cycle(_LINES), cycle(_MARKERS), strict=False)
    return tuple(Series(*style) for style in islice(styles, count))
