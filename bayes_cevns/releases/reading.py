"""Tables of numbers read from raw text, and checked.

Every function takes a raw release and the path of a file below it, and raises a ``DataError`` that
names the file if it is not as expected. Empty lines and lines that begin with ``#`` are left out.
`separator` stands between cells, None for white space; `group` is where the digest of the file
goes, by default a group of its own.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.releases.inputs import RawFolder

type Rows = list[tuple[float, ...]]


def read_rows(
    raw: RawFolder, relative: str, what: str, *, separator: str | None = ",", skip: int = 0
) -> Rows:
    """Read the first columns of a table of positive energies (or times) and densities.

    There are as many as `what` has names between commas. The first one increases, no number is
    negative, and there are two rows or more. `skip` lines, such as column names, come before it.
    """
    columns = what.count(",") + 1
    cells = [line.split(separator) for line in _lines(raw, relative, skip=skip)]
    with raw.parsing(relative, f"rows of {what}"):
        rows = [tuple(float(row[index]) for index in range(columns)) for row in cells]
    raw.expect(relative, len(rows) > 1, f"two or more rows of {what}, found {len(rows)}")
    positive = all(0 <= value < math.inf for row in rows for value in row)
    raw.expect(relative, positive, f"finite densities >= 0 in rows of {what}")
    rising = all(low[0] < high[0] for low, high in pairwise(rows))
    raw.expect(relative, rising, f"strictly increasing values of {what.split(',')[0]}")
    return rows


def read_numbers(
    raw: RawFolder,
    relative: str,
    columns: int,
    *,
    separator: str | None = None,
    least: float = -math.inf,
) -> Array:
    """Read all of a table, below at most one line of column names, shape (rows, columns).

    There is a row at least, and all numbers are finite and `least` or more.
    """
    lines = _lines(raw, relative)
    if lines and lines[0][0].isalpha():
        lines = lines[1:]
    with raw.parsing(relative, f"rows of {columns} numbers"):
        rows = [[float(cell) for cell in line.split(separator)] for line in lines]
    good = bool(rows) and all(len(row) == columns for row in rows) and np.all(np.isfinite(rows))
    raw.expect(relative, good, f"rows of {columns} finite numbers")
    table = np.array(rows)
    raw.expect(relative, table.min() >= least, f"numbers >= {least:g}, found {table.min():g}")
    return table


def read_grid(
    raw: RawFolder, relative: str, edges: Sequence[Array], what: str, separator: str | None = None
) -> Array:
    """Read counts in bins of observables: rows of the middle of a bin and its counts.

    Parameters
    ----------
    raw, relative, separator
        See above.
    edges
        Edges of the bins of each observable; the last one runs fastest.
    what
        The bins in a few words, for error messages.

    Returns
    -------
    ndarray
        Counts >= 0, one dimension for each observable.
    """
    table = read_numbers(raw, relative, len(edges) + 1, separator=separator)
    middles = [0.5 * (each[1:] + each[:-1]) for each in edges]
    expected = np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1).reshape(-1, len(edges))
    same = len(table) == len(expected) and np.allclose(table[:, :-1], expected, atol=1e-6)
    raw.expect(relative, same, f"the {what}, in order")
    counts = table[:, -1]
    raw.expect(relative, counts.min() >= 0, f"counts >= 0, found {counts.min():g}")
    return np.asarray(counts.reshape([middle.size for middle in middles]))


def read_records(
    raw: RawFolder, relative: str, columns: Sequence[str], *, group: str | None = None
) -> list[dict[str, str]]:
    """Read the rows of a CSV file that has `columns` and perhaps others, by their names."""
    text = raw.read_text(relative, group=group or relative)
    reader = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    names = reader.fieldnames or ()
    complete = all(column in names for column in columns)
    found = ", ".join(names) or "nothing"
    raw.expect(relative, complete, f"columns {', '.join(columns)}, found {found}")
    rows = list(reader)
    for number, row in enumerate(rows):
        # `csv` has cells beyond the names below None, and None for those that are missing.
        ragged = None in row or None in row.values()
        raw.expect(relative, not ragged, f"rows of {len(names)} cells, row {number} has {row}")
    return rows


def read_columns(
    raw: RawFolder, relative: str, columns: Sequence[str], *, group: str | None = None
) -> Array:
    """Read some columns of a CSV file as numbers, shape (rows, columns)."""
    rows = []
    for number, row in enumerate(read_records(raw, relative, columns, group=group)):
        cells = [row[column] for column in columns]
        what = f"columns {', '.join(columns)} of numbers, row {number} has {cells}"
        with raw.parsing(relative, what):
            rows.append([float(cell) for cell in cells])
    return np.array(rows, dtype=float).reshape(-1, len(columns))


def read_matrix(
    raw: RawFolder, relative: str, first: Sequence[str], *, group: str | None = None
) -> Array:
    """Read all columns of a CSV file, of which the first ones have these names.

    All rows have as many finite numbers >= 0 as there are columns. Shape (rows, columns).
    """
    lines = _lines(raw, relative, group=group)
    names = lines[0].split(",") if lines else []
    begin = names[: len(first)]
    found = ",".join(begin) or "nothing"
    raw.expect(relative, begin == list(first), f"the columns {','.join(first)}, found {found}")
    with raw.parsing(relative, f"rows of {len(names)} numbers"):
        rows = [[float(cell) for cell in line.split(",")] for line in lines[1:]]
    good = bool(rows) and all(len(row) == len(names) for row in rows)
    good = good and all(0 <= value < math.inf for row in rows for value in row)
    raw.expect(relative, good, f"rows of {len(names)} finite numbers >= 0")
    return np.array(rows)


def integral(rows: Rows, *, column: int = 1) -> float:
    """Integrate a column over the first one with the trapezoid rule."""
    return math.fsum((b[0] - a[0]) * (a[column] + b[column]) / 2 for a, b in pairwise(rows))


def check_integral(
    raw: RawFolder, relative: str, found: float, *, expected: float, tolerance: float, what: str
) -> None:
    """Compare the integral of a table with what it should be, within a relative tolerance."""
    good = abs(found / expected - 1) <= tolerance
    raw.expect(relative, good, f"{what} of integral {expected:.6g}, found {found:.6g}")


def _lines(raw: RawFolder, relative: str, *, skip: int = 0, group: str | None = None) -> list[str]:
    lines = raw.read_text(relative, group=group or relative).splitlines()[skip:]
    stripped = (line.strip() for line in lines)
    return [line for line in stripped if line and not line.startswith("#")]
