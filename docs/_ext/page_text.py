"""Pieces of generated pages in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from matplotlib.figure import Figure


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


def number(value: float) -> str:
    """Return a number with three digits, such as ``7.7e-06`` or ``17.1``."""
    return f"{value:.3g}"
