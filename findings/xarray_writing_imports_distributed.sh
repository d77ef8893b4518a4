#!/usr/bin/env bash
# Writing a small data set of NumPy arrays with xarray imports the whole of dask.distributed.
#
# Guess    Dask matters to xarray only where arrays are Dask arrays: to_netcdf of a few numbers in
#          memory leaves an installed Dask alone, or imports no more than a part of it.
# Found    Every to_netcdf, of Dataset and DataTree alike, asks which scheduler of Dask is active, and
#          imports distributed with its web server and scheduler to learn that there is none: hundreds
#          of modules and about half a second, in the first write of every process. Choosing a scheduler
#          with dask.config.set does not avoid it. Where Dask is not installed nothing is imported. A
#          command that ends with one small file pays more for this import than for the file.
# Versions xarray 2026.9.0, dask and distributed 2026.8.0, h5netcdf 1.8.2, numpy 2.5.5; Python 3.12 or
#          newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "xarray==2026.9.0" "dask==2026.8.0" "distributed==2026.8.0" \
    "h5netcdf==1.8.2" "h5py" "numpy==2.5.5"
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys
import time

import dask
import numpy as np
import xarray as xr

data = xr.Dataset({"limit": ("mass", np.ones(3))})


def seconds_of_writing(name):
    start = time.process_time()
    data.to_netcdf(name, engine="h5netcdf")
    return time.process_time() - start


assert "distributed" not in sys.modules
before = len(sys.modules)
with dask.config.set(scheduler="synchronous"):
    first = seconds_of_writing("first.nc")
more = len(sys.modules) - before
second = seconds_of_writing("second.nc")
print(f"the first write of 3 numbers imports {more} modules, distributed.scheduler: "
      f"{'distributed.scheduler' in sys.modules}; {first:.2f} CPU s, the second {second:.3f}")
assert "distributed.scheduler" in sys.modules
assert more > 100
PY
