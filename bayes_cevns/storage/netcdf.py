"""netCDF files as bytes, also where a dask client or worker is in the same process."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import Any


def to_bytes(data: Any, **options: Any) -> bytes:
    """Return data as a netCDF file in memory.

    xarray takes a lock of the cluster for each file where there is a client of dask, or a worker;
    for one in memory that lock has no name, and the write fails. So for this write there is none.

    Parameters
    ----------
    data
        What is written: a dataset or a tree of xarray, which this layer does not import.
    options
        As `xarray.Dataset.to_netcdf` has them.
    """
    dask = sys.modules.get("dask")
    alone = nullcontext() if dask is None else dask.config.set(scheduler="synchronous")
    with alone:
        return bytes(data.to_netcdf(engine="h5netcdf", **options))
