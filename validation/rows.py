"""One comparison a row: what was published, where, what comes out here, and why they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A published number or statement beside ours.

    Attributes
    ----------
    quantity
        What is compared.
    origin
        Where it was published: paper and equation, figure, table or section.
    published
        The number with its unit, or the statement.
    ours
        The number, or what we find.
    note
        Why they differ, where they do.
    """

    quantity: str
    origin: str
    published: str
    ours: str
    note: str = ""


def number(quantity: str, origin: str, published: float, ours: float, note: str = "") -> Row:
    """Return a row of two numbers with their relative difference in the note."""
    difference = ours / published - 1.0
    text = f"{difference:+.1%}" if abs(difference) >= 1e-3 else f"{difference:+.0e}"
    notes = "; ".join(filter(None, [text, note]))
    return Row(quantity, origin, f"{published:.6g}", f"{ours:.6g}", notes)


def markdown(title: str, text: str, rows: Sequence[Row]) -> str:
    """Return a section with its table."""
    head = "| quantity | origin | published | here | note |\n| :-- | :-- | --: | --: | :-- |"
    cells = [(r.quantity, r.origin, r.published, r.ours, r.note) for r in rows]
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in cells]
    return "\n".join([f"## {title}", "", text, "", head, *lines, ""])
