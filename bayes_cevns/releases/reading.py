"""Tables of numbers read from raw text, and checked."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from bayes_cevns.releases.columns import Array
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
    cells = [line.split(separator) for line in _lines(raw, relative, skip=skip)]
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


def read_numbers(
    raw: RawFolder,
    relative: str,
    columns: int,
    *,
    separator: str | None = None,
    least: float = -math.inf,
) -> Array:
    """Return the rows of a table below comments and at most one line of column names.

    Raises
    ------
    DataError
        If there is no row, or one is not so many finite numbers, all of them `least` or more.
    """
    lines = _lines(raw, relative)
    if lines and lines[0][0].isalpha():
        lines = lines[1:]
    try:
        rows = [[float(cell) for cell in line.split(separator)] for line in lines]
    except ValueError as error:
        raise raw.error(relative, f"expected rows of {columns} numbers ({error})") from None
    if not rows or any(len(row) != columns for row in rows) or not np.all(np.isfinite(rows)):
        raise raw.error(relative, f"expected rows of {columns} finite numbers")
    table = np.array(rows)
    if table.min() < least:
        raise raw.error(relative, f"expected numbers >= {least:g}, found {table.min():g}")
    return table


def read_grid(
    raw: RawFolder,
    relative: str,
    edges: Sequence[Array],
    *,
    what: str,
    separator: str | None = None,
) -> Array:
    """Return counts in bins of some observables, from rows of the middle of a bin and its counts.

    Parameters
    ----------
    raw, relative
        Raw release, and the file below it.
    edges
        Edges of the bins of each observable; the last one runs fastest.
    what
        The bins in a few words, for error messages.
    separator
        Between cells; None for white space.

    Returns
    -------
    ndarray
        One dimension for each observable.

    Raises
    ------
    DataError
        If the bins are others, or a count is negative.
    """
    table = read_numbers(raw, relative, len(edges) + 1, separator=separator)
    middles = [0.5 * (each[1:] + each[:-1]) for each in edges]
    expected = np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1).reshape(-1, len(edges))
    if len(table) != len(expected) or not np.allclose(table[:, :-1], expected, atol=1e-6):
        raise raw.error(relative, f"expected the {what}, in order")
    if table[:, -1].min() < 0:
        raise raw.error(relative, f"expected counts >= 0, found {table[:, -1].min():g}")
    return np.asarray(table[:, -1].reshape([middle.size for middle in middles]))


def check_whole(raw: RawFolder, relative: str, counts: Array) -> None:
    """Raise a ``DataError`` about a file if its counts are not whole numbers."""
    if np.any(counts % 1):
        raise raw.error(relative, "expected whole counts")


def read_records(
    raw: RawFolder, relative: str, columns: Sequence[str], *, group: str | None = None
) -> list[dict[str, str]]:
    """Return the rows of a CSV file by the names of its columns.

    Parameters
    ----------
    raw, relative
        Raw release, and the file below it; lines that begin with ``#`` are comments.
    columns
        Columns that it must have.
    group
        Group of its digest; by default its own.

    Raises
    ------
    DataError
        If a column is missing.
    """
    text = raw.read_text(relative, group=group or relative)
    reader = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    names = reader.fieldnames or ()
    if any(column not in names for column in columns):
        found = ", ".join(names) or "nothing"
        raise raw.error(relative, f"expected columns {', '.join(columns)}, found {found}")
    return list(reader)


def read_columns(
    raw: RawFolder, relative: str, columns: Sequence[str], *, group: str | None = None
) -> Array:
    """Return columns of a CSV file as numbers, shape (rows, columns); otherwise as `read_records`.

    Raises
    ------
    DataError
        If a column is missing, or has something that is not a number.
    """
    rows = []
    for number, row in enumerate(read_records(raw, relative, columns, group=group)):
        cells = [row[column] for column in columns]
        try:
            rows.append([float(cell) for cell in cells])
        except (TypeError, ValueError):
            problem = f"expected columns {', '.join(columns)} of numbers, row {number} has {cells}"
            raise raw.error(relative, problem) from None
    return np.array(rows, dtype=float).reshape(-1, len(columns))


def read_matrix(
    raw: RawFolder, relative: str, first: Sequence[str], *, group: str | None = None
) -> Array:
    """Return all columns of a CSV file of numbers, shape (rows, columns).

    Parameters
    ----------
    raw, relative
        Raw release, and the file below it; lines that begin with ``#`` are comments.
    first
        The names of its first columns.
    group
        Group of its digest; by default its own.

    Raises
    ------
    DataError
        If the columns are others, or rows are not finite numbers >= 0, as many as columns.
    """
    lines = _lines(raw, relative, group=group)
    names = lines[0].split(",") if lines else []
    if names[: len(first)] != list(first):
        found = ",".join(names[: len(first)]) or "nothing"
        raise raw.error(relative, f"expected the columns {','.join(first)}, found {found}")
    try:
        rows = [[float(cell) for cell in line.split(",")] for line in lines[1:]]
    except ValueError as error:
        raise raw.error(relative, f"expected rows of {len(names)} numbers ({error})") from None
    good = bool(rows) and all(len(row) == len(names) for row in rows)
    if not good or not all(0 <= value < math.inf for row in rows for value in row):
        raise raw.error(relative, f"expected rows of {len(names)} finite numbers >= 0")
    return np.array(rows)


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


def _lines(raw: RawFolder, relative: str, *, skip: int = 0, group: str | None = None) -> list[str]:
    """Return the lines of a text file but for empty ones and comments."""
    lines = raw.read_text(relative, group=group or relative).splitlines()[skip:]
    stripped = (line.strip() for line in lines)
    return [line for line in stripped if line and not line.startswith("#")]
