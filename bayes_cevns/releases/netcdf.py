"""Tables as netCDF files: compressed, with what they were made by and from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bayes_cevns import __version__

if TYPE_CHECKING:
    import xarray as xr


def to_netcdf(table: xr.Dataset, inputs: Mapping[str, str] | None = None) -> bytes:
    """Return a table as a netCDF file; the same table gives the same bytes.

    Parameters
    ----------
    table
        The table, with title, doi, licence and paper among its attributes.
    inputs
        Digests of the raw files, as ``RawFolder.digests`` gives them; without a release none.
    """
    notes = {} if inputs is None else {"input_sha256": json.dumps(dict(inputs))}
    noted = table.assign_attrs(builder_version=__version__, **notes)
    encoding = {
        str(name): {
            "zlib": True,
            "complevel": 9,
            "shuffle": True,
            "_FillValue": None,
            "chunksizes": values.shape,
        }
        for name, values in noted.data_vars.items()
        if values.ndim
    }
    return bytes(noted.to_netcdf(engine="h5netcdf", encoding=encoding))
