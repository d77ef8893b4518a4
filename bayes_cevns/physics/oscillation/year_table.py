"""Tables of the Earth: of the package, or on disk, one small file a latitude."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.physics.oscillation.night import Year, computed_year
from bayes_cevns.storage import kept_arrays, netcdf
from bayes_cevns.storage.caches import cache_dir
from bayes_cevns.storage.resources import data_file


@cache
def year(latitude_deg: float) -> Year:
    """Return the table of a latitude: that of the package, or computed and kept on disk.

    To compute it takes seconds. A file that cannot be read, or is damaged, is made anew; where none
    can be written, the table is computed once in each process.

    Raises
    ------
    ArgumentError
        If the latitude is not between -90 and 90 degrees.
    """
    values = _of_package().get(float(latitude_deg))
    if values is None:
        values = _kept(latitude_deg)
    values.flags.writeable = False
    return Year(values)


@cache
def _of_package() -> dict[float, Array]:
    """Return the tables in `data/earth` (`bayes_cevns.releases.earth`) by latitude."""
    latitudes, values = netcdf.numbers(data_file("earth/years.nc"), ("latitude", "values"))
    return dict(zip(latitudes.tolist(), values, strict=True))


def _kept(latitude_deg: float) -> Array:
    """Return a table from its file, or compute it and write the file."""
    path = cache_dir() / f"earth-{_digest(latitude_deg)}{kept_arrays.SUFFIX}"
    stored = kept_arrays.read(path)
    if stored is not None:
        return np.asarray(stored["values"])
    values = computed_year(latitude_deg)
    kept_arrays.write(path, {"values": values})
    return values


def _digest(latitude_deg: float) -> str:
    digest = hashlib.sha256(float(latitude_deg).hex().encode())
    for name in ("night.py", "earth.py"):
        digest.update(Path(__file__).with_name(name).read_bytes())
    digest.update(data_file("earth/prem.csv").read_bytes())
    return digest.hexdigest()[:32]
