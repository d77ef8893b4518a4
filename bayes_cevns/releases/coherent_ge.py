"""COHERENT's germanium array as a counting experiment: one response, one measured number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from bayes_cevns.detectors import (
    DetectorResponse,
    GaussianResolution,
    Lindhard,
    TabulatedEfficiency,
    response_table,
)
from bayes_cevns.releases.coherent_ge_reference import LICENCE, PAPER, REFERENCE, TITLE
from bayes_cevns.releases.columns import read_rows
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.netcdf import to_netcdf
from bayes_cevns.releases.product import Product
from bayes_cevns.tables.shape_axes import ShapeAxis

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

FOLDER = "coherent_ge_2024"
ORIGIN = "from https://github.com/emmaeline/Ge_paper_signalExpectation"
RUN = "campaign2"

#: 10.22 GW h kg (abstract of arXiv:2406.13806); the source has the protons of 1 GW h in one year.
EXPOSURE_TONNE_YEAR: Final = 10.22e-3
#: Counts above background on beam, and the mean of their errors +7.1 and -6.3 (abstract).
OBSERVED, SIGMA = 20.6, 6.7
#: Region of interest in keV electron equivalent: campaign2SigExpectation.py.
REGION_KEVEE: Final = (1.5, 8.5)
#: Lindhard's k; the collaboration takes 0.157.
STRENGTHS: Final = (0.14, 0.15, 0.16, 0.17, 0.18)
#: The square root of the energy goes in equal steps, to above all recoils of 70Ge (86 keV).
RECOIL_ENERGIES_KEV: Final = np.linspace(1.0, 9.6, 87) ** 2
#: Mean mass number of natural germanium and its proton number, as the collaboration takes them.
PROTONS, NUCLEONS = 32, 72.63

_SUB_BINS = 140


@dataclass(frozen=True)
class Detector:
    """One of the five detectors.

    Attributes
    ----------
    mass_kg, beam_gwh
        Active mass, and energy of the beam while it measured (campaign2SigExpectation.py).
    a_kev, b_root_kev, c_per_kev
        Full width at half maximum a + b sqrt(E + c E^2) (ederMatrixGenerator_paper.py).
    """

    mass_kg: float
    beam_gwh: float
    a_kev: float
    b_root_kev: float
    c_per_kev: float

    def sigma_kev(self, energy_kev: Array) -> Array:
        """Return the standard deviation of an energy, shape of `energy_kev`."""
        root = np.sqrt(energy_kev + self.c_per_kev * energy_kev**2)
        return np.asarray((self.a_kev + self.b_root_kev * root) / 2.355)


DETECTORS: Final = {
    "Ge21": Detector(2.13, 0.65, 0.132, 0.036, 0.003),
    "Ge23": Detector(2.13, 0.77, 0.114, 0.040, 0.002),
    "Ge25": Detector(2.13, 0.74, 0.157, 0.035, 0.002),
    "Ge26": Detector(2.13, 0.36, 0.140, 0.037, 0.001),
    "Ge28": Detector(2.14, 0.85, 0.126, 0.034, 0.003),
}


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference from the raw release.

    Raises
    ------
    DataError
        If an input is missing, damaged, or does not fit the others.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    table = _dataset(_response(raw))
    inputs = raw.digests()
    content = to_netcdf(table, inputs)
    return Product(files={"response.nc": content, "REFERENCE": REFERENCE.encode()}, inputs=inputs)


def _response(raw: RawFolder) -> Array:
    """Return the mean response of the detectors, shape (recoil_energy, lindhard_k, 1)."""
    weights = np.array([each.mass_kg * each.beam_gwh for each in DETECTORS.values()])
    responses = [_one(raw, name) for name in DETECTORS]
    return np.average(responses, axis=0, weights=weights)


def _one(raw: RawFolder, name: str) -> Array:
    relative = f"timing_efficiencies/eff_{name}.txt"
    what = "energy in keV, efficiency"
    rows = np.array(read_rows(raw, relative, columns=2, what=what, separator=None))
    if rows[:, 1].max() > 1 or rows[0, 0] > REGION_KEVEE[0]:
        raise raw.error(relative, "expected efficiencies from 0 to 1, below the region as well")
    # The tables end near 4 keV, where the efficiency has reached its plateau.
    efficiency = TabulatedEfficiency(
        np.append(rows[:, 0], REGION_KEVEE[1] + 1.0), np.append(rows[:, 1], rows[-1, 1])
    )
    table = response_table(
        RECOIL_ENERGIES_KEV,
        lambda at: DetectorResponse(
            np.array(REGION_KEVEE),
            Lindhard(PROTONS, NUCLEONS, k=at["lindhard_k"]),
            resolution=GaussianResolution(DETECTORS[name].sigma_kev),
            efficiency=efficiency,
            sub_bins=_SUB_BINS,
        ),
        [ShapeAxis("lindhard_k", STRENGTHS)],
    )
    return table.values


def _dataset(response: Array) -> xr.Dataset:
    """Name, type and annotate the arrays; there is one run and one bin."""
    import xarray as xr

    def number(value: float, units: str, what: str) -> xr.Variable:
        return xr.Variable(("run", "bin"), [[value]], {"units": units, "long_name": what})

    data = {
        "response": xr.Variable(
            ("recoil_energy", "lindhard_k", "run", "bin"),
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
        "lindhard_k": xr.Variable(
            "lindhard_k", np.array(STRENGTHS), {"units": "1", "long_name": "Lindhard's k"}
        ),
    }
    attributes = {
        "title": TITLE,
        "licence": LICENCE,
        "paper": PAPER,
    }
    return xr.Dataset(data, coords=coordinates, attrs=attributes)
