"""Figures of a result as images that stand in a page by themselves."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.text import Text

#: Dots an inch of a screen, as browsers count them.
_DPI = 96
#: So that the same figure gives the same bytes.
_SALT = "bayes_cevns"


@dataclass(frozen=True)
class Image:
    """A figure in a page.

    Attributes
    ----------
    name
        Its name.
    source
        The figure as a ``data:`` address of an SVG image.
    words
        What it shows, for those who cannot see it.
    width, height
        Its size in pixels.
    """

    name: str
    source: str
    words: str
    width: int
    height: int


def images(figures: Mapping[str, Figure]) -> list[Image]:
    """Return figures as images."""
    return [image(name, figure) for name, figure in figures.items()]


def image(name: str, figure: Figure) -> Image:
    """Return a figure as an image."""
    stream = io.BytesIO()
    with rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "path"}):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    encoded = base64.b64encode(stream.getvalue()).decode("ascii")
    width, height = (round(_DPI * inches) for inches in figure.get_size_inches())
    return Image(name, f"data:image/svg+xml;base64,{encoded}", words_of(figure), width, height)


def words_of(figure: Figure) -> str:
    """Return what a figure shows: its titles, and what is on the axes of each panel."""
    texts = [_plain(text.get_text()) for text in figure.texts]
    texts += [_plain(figure.get_suptitle())]
    for axes in figure.axes:
        texts += [_plain(axes.get_title(place)) for place in ("left", "center", "right")]
        labels = [_plain(label) for label in (axes.get_ylabel(), axes.get_xlabel())]
        if all(labels):
            texts.append(f"{labels[0]} against {labels[1]}")
        legend = axes.get_legend()
        entries: list[Text] = [] if legend is None else list(legend.get_texts())
        if entries:
            texts.append(f"with {', '.join(_plain(entry.get_text()) for entry in entries)}")
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _plain(text: str) -> str:
    """Return a text without mathtext."""
    from bayes_cevns.reports.voices import Plain

    return " ".join(Plain().title(text).split())
