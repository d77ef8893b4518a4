"""Pieces of generated pages in Markdown, and what their figures have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bayes_cevns.plots import style


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; bars in its cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', r'\|') for cell in line)} |" for line in lines
    )


def code(text: str) -> str:
    """Return plain text that must not be read as Markdown."""
    return f"`{text}`" if text else ""


def write(path: Path, text: str) -> None:
    """Write a page unless it is there already, so that it is not read anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def save(figure: Figure, path: Path) -> None:
    """Write a figure of a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def plain_axes(axes: Axes) -> None:
    """Give logarithmic axes a grid and plain numbers: 0.5, 1, 2 where it spans few decades."""
    axes.tick_params(which="both", labelsize=style.TEXT)
    axes.grid(color=style.GRID, linewidth=0.6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    low, high = axes.get_xlim()
    axes.xaxis.set_minor_formatter(_two_and_five if high / low < 50 else "")
    low, high = axes.get_ylim()
    if high / low > 1e2:
        axes.yaxis.set_minor_formatter("")
    else:
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_formatter(_two_and_five)


def _two_and_five(value: float, _: int | None) -> str:
    return f"{value:g}" if f"{value:e}"[0] in "25" else ""


def number(value: float) -> str:
    """Return a number with three digits, such as ``7.7e-06`` or ``17.1``."""
    return f"{value:.3g}"
