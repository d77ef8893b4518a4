"""Tables of numbers: read from raw text, checked, and written as CSV."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from bayes_cevns.releases.inputs import RawFolder

type Rows = list[tuple[float, ...]]


def read_rows(
    raw: RawFolder,
    relative: str,
    *,
    columns: int,
    what: str,
    separator: str | None = ",",
    skip: int = 0,
) -> Rows:
    """Read the first columns of a raw table of positive energies (or times) and densities.

    Parameters
    ----------
    raw
        Raw release.
    relative
        File below it; lines that begin with ``#`` are comments.
    columns
        How many leading columns to keep, 2 or more.
    what
        Names of these columns, for error messages.
    separator
        Between cells; None for white space.
    skip
        Lines before the table, such as column names without a ``#``.

    Raises
    ------
    DataError
        If a row is not numbers, the first column does not increase, or a number is negative.
    """
    text = raw.read_text(relative, group=relative)
    lines = [line.strip() for line in text.splitlines()[skip:]]
    cells = [line.split(separator) for line in lines if line and not line.startswith("#")]
    try:
        rows = [tuple(float(row[index]) for index in range(columns)) for row in cells]
    except (ValueError, IndexError) as error:
        raise raw.error(relative, f"expected rows of {what} ({error})") from None
    if len(rows) < 2:
        raise raw.error(relative, f"expected two or more rows of {what}, found {len(rows)}")
    if not all(value >= 0 and math.isfinite(value) for row in rows for value in row):
        raise raw.error(relative, f"expected finite densities >= 0 in rows of {what}")
    if not all(low[0] < high[0] for low, high in pairwise(rows)):
        raise raw.error(relative, f"expected strictly increasing values of {what.split(',')[0]}")
    return rows


def integral(rows: Rows, *, column: int = 1) -> float:
    """Integrate a column over the first one with the trapezoid rule."""
    return math.fsum((b[0] - a[0]) * (a[column] + b[column]) / 2 for a, b in pairwise(rows))


def check_integral(
    raw: RawFolder, relative: str, found: float, *, expected: float, tolerance: float, what: str
) -> None:
    """Compare the integral of a raw table with what it should be.

    Raises
    ------
    DataError
        If they differ by more than the relative tolerance.
    """
    if not abs(found / expected - 1) <= tolerance:
        raise raw.error(relative, f"expected {what} of integral {expected:.6g}, found {found:.6g}")


def csv_text(comments: Iterable[str], names: Sequence[str], rows: Iterable[Sequence[float]]) -> str:
    """Return a CSV file: comments, one line of column names, rows of numbers."""
    head = [f"# {comment}" for comment in comments]
    lines = [",".join(repr(float(value)) for value in row) for row in rows]
    return "\n".join([*head, ",".join(names), *lines, ""])
