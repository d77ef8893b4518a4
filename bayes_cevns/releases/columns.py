"""Tables of `data/`: what a variable is, said in one line, and how all of them are written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns import __version__
from bayes_cevns.storage.netcdf import to_bytes

#: Unit of expected events per exposure.
RATE = "1/(t yr)"


@dataclass(frozen=True, eq=False)
class Column:
    """A variable of a netCDF table.

    Attributes
    ----------
    dims
        Names of its dimensions between blanks; empty for a coordinate, which is its own dimension.
    values
        Its values. Where there is one run, or one run and one bin, these dimensions may be absent.
    units, text
        Its unit, and what it is in a few words.
    times
        Name of another variable, if the two are factors of one (`bayes_cevns.cards.products`).
    """

    dims: str
    values: ArrayLike
    units: str | None = None
    text: str | None = None
    times: str | None = None


#: The variables of a netCDF table by name, in the order in which they are written.
type Table = Mapping[str, Column]


def response(
    dims: str, values: ArrayLike, text: str = "probability to detect a recoil in a bin"
) -> Column:
    """Return a response, in single precision."""
    return Column(dims, np.asarray(values, dtype=np.float32), "1", text)


def probability(dims: str, values: ArrayLike, text: str, times: str | None = None) -> Column:
    """Return a response computed here, to 8 decimals: further ones could depend on the machine."""
    return replace(response(dims, np.round(np.asarray(values), 8), text), times=times)


def observed(values: ArrayLike) -> Column:
    """Return observed events, whole numbers."""
    return Column("run bin", np.asarray(values, dtype=np.int32), "1", "observed events")


def exposure(tonne_years: Iterable[float], text: str | None = "exposure") -> Column:
    """Return the exposure of each run, in tonne years of 1000 kg and 365.25 d."""
    return Column("run", np.array(list(tonne_years)), "t yr", text)


def runs(names: Iterable[str], text: str | None = "run") -> Column:
    """Return the names of the runs."""
    return Column("", np.array(list(names), dtype=object), None, text)


def bins(number: int, text: str | None = "bin") -> Column:
    """Return the numbers of the bins, from zero."""
    return Column("", np.arange(number, dtype=np.int32), None, text)


def axis(values: ArrayLike, text: str, units: str = "1") -> Column:
    """Return a coordinate: nodes of a shape nuisance, or energies."""
    return Column("", np.array(values, dtype=float), units, text)


def recoil_energy(values_kev: ArrayLike, text: str = "nuclear recoil energy") -> Column:
    """Return the recoil energies of a response."""
    return axis(values_kev, text, "keV")


def netcdf(
    table: Table, attributes: Mapping[str, str], inputs: Mapping[str, str] | None = None
) -> bytes:
    """Return a table as a netCDF file, compressed; the same table gives the same bytes.

    Parameters
    ----------
    table
        The variables.
    attributes
        Of the table as a whole: title, doi, licence, paper.
    inputs
        Digests of the raw files, as ``RawFolder.digests`` gives them; without a release none.
    """
    import xarray as xr

    notes = {} if inputs is None else {"input_sha256": json.dumps(dict(inputs))}
    attrs = {**attributes, "builder_version": __version__, **notes}
    dataset = xr.Dataset(
        {name: _variable(name, column) for name, column in table.items()}, {}, attrs
    )
    # Numbers along one observable stand beside the number of a bin.
    dataset = dataset.set_coords([name for name in table if name.endswith("_bin")])
    encoding = {
        str(name): {
            "zlib": True,
            "complevel": 9,
            "shuffle": True,
            "_FillValue": None,
            "chunksizes": values.shape,
        }
        for name, values in dataset.data_vars.items()
        if values.ndim
    }
    return to_bytes(dataset, encoding=encoding)


def _variable(name: str, column: Column) -> tuple[list[str], NDArray[np.generic], dict[str, str]]:
    """Return dimensions, values with all of them, and attributes."""
    dims, values = column.dims.split() or [name], np.asarray(column.values)
    absent = [dim for dim in ("run", "bin") if dim in dims][: len(dims) - values.ndim]
    values = np.expand_dims(values, tuple(dims.index(dim) for dim in absent))
    attributes = {"units": column.units, "long_name": column.text, "times": column.times}
    return dims, values, {key: text for key, text in attributes.items() if text is not None}


def csv_text(
    comments: Iterable[str], names: Sequence[str], rows: Iterable[Iterable[float | str]]
) -> str:
    """Return a CSV file: comments, one line of column names, rows of numbers or of text."""
    head = [f"# {comment}" for comment in comments]
    lines = [
        ",".join(cell if isinstance(cell, str) else repr(float(cell)) for cell in row)
        for row in rows
    ]
    return "\n".join([*head, ",".join(names), *lines, ""])
