"""Rows as aligned columns of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def aligned(rows: Iterable[Sequence[str]], *, right: Sequence[int] = (), indent: int = 0) -> str:
    """Return rows as lines of text with aligned columns.

    Parameters
    ----------
    rows
        Cells, as many in each row; the last column is not padded unless it is aligned right.
    right
        Numbers of the columns that are aligned right.
    indent
        Spaces before each line.

    Examples
    --------
    >>> print(aligned([("run", "counts"), ("sr0", "12")], right=[1]))
    run  counts
    sr0      12
    """
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join(" " * indent + line for line in lines)
