"""The table of a detector that only exists on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.detectors.ideal import IdealDetector
from bayes_cevns.releases.netcdf import to_netcdf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]


def ideal_table(
    detector: IdealDetector,
    exposure_tonne_year: float,
    attributes: Mapping[str, str],
    backgrounds: Mapping[str, Array] | None = None,
) -> bytes:
    """Return the table of an experiment with one run and no observed counts, as netCDF.

    Parameters
    ----------
    detector
        What it detects.
    exposure_tonne_year
        Its exposure.
    attributes
        Of the table: title, paper, ...
    backgrounds
        Name -> counts per tonne year in the bins, shape (bins,).
    """
    import xarray as xr

    energy = {"units": "keV", "long_name": "recoil energy"}
    probability = {"units": "1", "long_name": "probability to detect a recoil in a bin"}
    edges = {"units": "keV", "long_name": "bin edges of the detected energy"}
    data = {
        "response": xr.Variable(
            ("run", "recoil_energy", "bin"), detector.response()[None], probability
        ).astype(np.float32),
        "exposure": xr.Variable("run", [exposure_tonne_year], {"units": "t yr"}),
        "edges": xr.Variable("edge", detector.edges_kev, edges),
    }
    for name, counts in (backgrounds or {}).items():
        data[name] = xr.Variable(("run", "bin"), counts[None], {"units": "1/(t yr)"})
    coordinates = {
        "run": xr.Variable("run", np.array(["all"], dtype=object)),
        "recoil_energy": xr.Variable("recoil_energy", detector.nodes_kev(), energy),
        "bin": xr.Variable("bin", np.arange(detector.edges_kev.size - 1, dtype=np.int32)),
    }
    return to_netcdf(xr.Dataset(data, coordinates, attributes))
