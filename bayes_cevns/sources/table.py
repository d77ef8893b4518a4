"""The columns of a table of numbers in the data folder."""

from __future__ import annotations

from functools import cache

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.errors import DataError
from bayes_cevns.storage.resources import data_file


@cache
def columns(relative: str) -> dict[str, Array]:
    """Return the columns of a CSV file by name, read-only.

    The file has comments that begin with ``#``, one line of names, and rows of numbers.

    Parameters
    ----------
    relative
        POSIX path below ``data``, such as ``"solar/pp.csv"``.

    Raises
    ------
    DataError
        If the file is missing, altered, or not such a table.
    """
    path = data_file(relative)
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    try:
        names = lines[0].split(",")
        values = np.array([[float(cell) for cell in line.split(",")] for line in lines[1:]])
        table = dict(zip(names, values.T, strict=True))
    except (IndexError, ValueError) as error:
        raise DataError(f"{path}: expected names and rows of numbers ({error})") from None
    for column in table.values():
        column.flags.writeable = False
    return table
