"""netCDF in memory, with and without a cluster in the process."""

from __future__ import annotations

import io

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.storage.netcdf import to_bytes

DATA = xr.Dataset({"limit": ("mass", np.array([1.0, np.pi]))})


def test_what_is_written_is_read() -> None:
    with xr.open_dataset(io.BytesIO(to_bytes(DATA)), engine="h5netcdf") as found:
        assert found.load().identical(DATA)


def test_a_tree_is_written_where_a_dask_client_is_connected() -> None:
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    tree = xr.DataTree.from_dict({"/": DATA, "/below": DATA})
    alone = to_bytes(tree)
    with distributed.Client(processes=False, n_workers=1, dashboard_address=None) as client:
        assert to_bytes(tree) == alone
        assert client.submit(to_bytes, tree).result(timeout=60) == alone
