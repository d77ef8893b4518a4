"""COHERENT's germanium array as a counting experiment: one response, one measured number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from bayes_cevns.releases.coherent_ge_counts_reference import LICENCE, PAPER, REFERENCE, TITLE
from bayes_cevns.releases.coherent_ge_detectors import FOLDER, ORIGIN, mean_response
from bayes_cevns.releases.germanium import LINDHARD_AXIS
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.netcdf import to_netcdf
from bayes_cevns.releases.product import Product

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

RUN = "campaign2"

#: 10.22 GW h kg (abstract of arXiv:2406.13806); the source has the protons of 1 GW h in one year.
EXPOSURE_TONNE_YEAR: Final = 10.22e-3
#: Counts above background on beam, and the mean of their errors +7.1 and -6.3 (abstract).
OBSERVED, SIGMA = 20.6, 6.7
#: Region of interest in keV electron equivalent: campaign2SigExpectation.py.
REGION_KEVEE: Final = (1.5, 8.5)
#: The square root of the energy goes in equal steps, to above all recoils of 70Ge (86 keV).
RECOIL_ENERGIES_KEV: Final = np.linspace(1.0, 9.6, 87) ** 2


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference from the raw release.

    Raises
    ------
    DataError
        If an input is missing, damaged, or does not fit the others.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    response = mean_response(raw, np.array(REGION_KEVEE), RECOIL_ENERGIES_KEV)
    table = _dataset(response)
    inputs = raw.digests()
    content = to_netcdf(table, inputs)
    return Product(files={"response.nc": content, "REFERENCE": REFERENCE.encode()}, inputs=inputs)


def _dataset(response: Array) -> xr.Dataset:
    """Name, type and annotate the arrays; there is one run and one bin."""
    import xarray as xr

    def number(value: float, units: str, what: str) -> xr.Variable:
        return xr.Variable(("run", "bin"), [[value]], {"units": units, "long_name": what})

    data = {
        "response": xr.Variable(
            ("recoil_energy", "lindhard_k_ge", "run", "bin"),
            response[..., None, :].astype(np.float32),
            {"units": "1", "long_name": "probability to detect a recoil in the region"},
        ),
        "observed": number(OBSERVED, "counts", "counts above background"),
        "sigma": number(SIGMA, "counts", "standard deviation of the observed counts"),
        "exposure": xr.Variable(
            "run", [EXPOSURE_TONNE_YEAR], {"units": "t yr", "long_name": "exposure"}
        ),
        "edges_kevee": xr.Variable("edge", np.array(REGION_KEVEE), {"units": "keV"}),
    }
    coordinates = {
        "run": xr.Variable("run", np.array([RUN], dtype=object), {"long_name": "run"}),
        "bin": xr.Variable("bin", np.arange(1, dtype=np.int32), {"long_name": "bin"}),
        "recoil_energy": xr.Variable(
            "recoil_energy",
            RECOIL_ENERGIES_KEV,
            {"units": "keV", "long_name": "nuclear recoil energy"},
        ),
        "lindhard_k_ge": xr.Variable(
            "lindhard_k_ge",
            np.array(LINDHARD_AXIS.nodes),
            {"units": "1", "long_name": "Lindhard's k"},
        ),
    }
    attributes = {
        "title": TITLE,
        "licence": LICENCE,
        "paper": PAPER,
    }
    return xr.Dataset(data, coords=coordinates, attrs=attributes)
