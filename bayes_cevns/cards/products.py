"""Variables of a table that are given as two factors, because their bins are a grid.

A response in energy and time, say, is a probability in energy that knows shape nuisances of energy,
times one in time that knows those of time. A table keeps the two, which are small; here they become
one variable again, with the bins of the table.
"""

from __future__ import annotations

import xarray as xr

from bayes_cevns.errors import TableError, shown

#: Attribute of a variable: the name of its other factor.
TIMES = "times"
#: Dimensions of a grid of bins: of the one factor, and of the other, which runs faster.
ROW, COLUMN = "row", "column"


def with_products(data: xr.Dataset) -> xr.Dataset:
    """Return a table in which variables that are two factors are multiplied.

    Raises
    ------
    TableError
        If a factor is missing, is not of numbers or not of a row or a column, or if the grid does
        not have as many bins as the table.
    """
    found = {
        str(name): _product(data, str(name), data[name].attrs[TIMES])
        for name in data.data_vars
        if TIMES in data[name].attrs
    }
    if not found:
        return data
    kept = data.drop_dims([dim for dim in (ROW, COLUMN) if dim in data.dims])
    return kept.assign(found)


def _product(data: xr.Dataset, name: str, other: object) -> xr.DataArray:
    if not isinstance(other, str) or other not in data.data_vars:
        raise TableError(
            f"{name!r} has the attribute {TIMES!r} {shown(other)}, expected the name of another "
            "variable"
        )
    for key, own, foreign in ((name, ROW, COLUMN), (other, COLUMN, ROW)):
        dims = data[key].dims
        if own not in dims or foreign in dims or "bin" in dims:
            raise TableError(
                f"{key!r} has the dimensions {list(dims)}, expected {own!r}, and neither "
                f"{foreign!r} nor 'bin': it is a factor of {name!r}"
            )
        if data[key].dtype.kind not in "iuf":
            raise TableError(f"{key!r} has the type {data[key].dtype}, expected numbers")
    cells = data.sizes[ROW] * data.sizes[COLUMN]
    if cells != data.sizes.get("bin"):
        raise TableError(
            f"{name!r} has {data.sizes[ROW]} rows, and {other!r} {data.sizes[COLUMN]} columns, "
            f"expected a grid of the {data.sizes.get('bin', 0)} bins of the table"
        )
    grid = data[name].astype(float) * data[other].astype(float)
    bins = grid.stack(bin=(ROW, COLUMN), create_index=False)
    last = [dim for dim in ("run", "bin") if dim in bins.dims]
    attributes = {key: value for key, value in data[name].attrs.items() if key != TIMES}
    return bins.transpose(..., *last).assign_coords(bin=data["bin"]).assign_attrs(attributes)
