#!/usr/bin/env bash
# A netCDF file that something was appended to is read as if nothing had happened.
#
# Guess    A file that is longer than what was written is damaged, and reading it fails, as that of
#          a file that is shorter does: the format knows its length.
# Found    HDF5 knows the end of its own content and ignores whatever follows: a log line that was
#          written to the wrong file is not noticed by h5py, h5netcdf or xarray, and the values are
#          right. It makes a place for a signature of one's own; a checksum of the file is the only
#          thing that tells the two apart.
# Versions h5py 3.16.0, h5netcdf 1.8.2, xarray 2026.9.0, numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet \
    "h5py==3.16.0" "h5netcdf==1.8.2" "xarray==2026.9.0" "numpy==2.5.5"
cd "$folder"
venv/bin/python - <<'PY'
from pathlib import Path

import h5py
import numpy as np
import xarray as xr

path = Path("a.nc")
written = xr.Dataset({"x": ("n", np.arange(1000.0))})
written.to_netcdf(path, engine="h5netcdf")
whole = path.read_bytes()
path.write_bytes(whole + b"2026-11-30 a line of a log\n" * 100)
with h5py.File(path) as file:
    plain = file["x"][:]
with xr.open_dataset(path, engine="h5netcdf") as found:
    same = found.identical(written)
print(f"{len(whole)} bytes written, {path.stat().st_size} read: identical = {same}")
assert same and np.array_equal(plain, written["x"].values)
path.write_bytes(whole[:-100])
try:
    h5py.File(path)
except OSError as error:
    print(f"100 bytes fewer: OSError, {str(error)[:60]}")
else:
    raise AssertionError("a file that was cut is opened")
PY
