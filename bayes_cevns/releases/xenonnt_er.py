"""The low-energy electronic recoils of XENONnT's first run as one table, 29 bins of 1 keV."""

from __future__ import annotations

from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors import (
    ConstantQuenching,
    DetectorResponse,
    GaussianResolution,
    TabulatedEfficiency,
)
from bayes_cevns.releases.electronic_recoils import ENERGIES_KEV, RecoilRun, recoil_table
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import Rows, read_rows

DOI: Final = "10.1103/PhysRevLett.129.161805"
RAW: Final = RawRelease("xenonnt_er_2022", f"with the paper doi:{DOI}")

#: arXiv:2207.11330, abstract.
EXPOSURE_TONNE_YEAR: Final = 1.16
EDGES_KEV: Final = np.arange(1.0, 31.0)
#: sigma = a sqrt(E) + b E, E in keV: XENON1T, arXiv:2006.09721, eq. 1.
RESOLUTION: Final = (0.310, 0.0037)
#: Distance of the energies of ``bkg_model.txt``, which are bin centres, in keV.
_STEP_KEV: Final = 0.1


@builder(RAW, doi=DOI, paper="arXiv:2207.11330")
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the release."""
    run = RecoilRun(
        name="sr0",
        exposure_tonne_year=EXPOSURE_TONNE_YEAR,
        edges_kev=EDGES_KEV,
        observed=_observed(raw),
        published=_background(raw),
        response=_response(raw),
    )
    return {"response.nc": recoil_table([run])}


def sigma_kev(energy_kev: Array) -> Array:
    """Return the energy resolution in keV, shape of `energy_kev`."""
    a, b = RESOLUTION
    return np.asarray(a * np.sqrt(energy_kev) + b * energy_kev)


def _rows(raw: RawFolder, relative: str, what: str) -> Rows:
    return read_rows(raw, relative, what, separator=None)


def _observed(raw: RawFolder) -> Array:
    relative = "data_unbinned_1to30kev.txt"
    text = raw.read_text(relative, group=relative)
    with raw.parsing(relative, "energies in keV"):
        energies = np.array(text.split(), dtype=float)
    counts, _ = np.histogram(energies, EDGES_KEV)
    inside = counts.sum() == energies.size
    raw.expect(relative, inside, f"{energies.size} energies from 1 to 30 keV")
    return np.asarray(counts)


def _background(raw: RawFolder) -> Array:
    relative = "bkg_model.txt"
    energy, rate = np.array(_rows(raw, relative, "energy, background rate")).T
    even = np.allclose(np.diff(energy), _STEP_KEV, rtol=0, atol=1e-6)
    raw.expect(relative, even, f"steps of {_STEP_KEV:g} keV")
    counts, _ = np.histogram(energy, EDGES_KEV, weights=rate * _STEP_KEV * EXPOSURE_TONNE_YEAR)
    raw.expect(relative, np.all(counts > 0), "background in every bin from 1 to 30 keV")
    return np.asarray(counts)


def _response(raw: RawFolder) -> Array:
    rows = np.array(_rows(raw, "efficiency.txt", "energy, efficiency"))
    # The table ends at 29.88 keV, on its plateau.
    last = [EDGES_KEV[-1], rows[-1, 1]]
    energy, efficiency = np.vstack([rows, last]).T
    detector = DetectorResponse(
        EDGES_KEV,
        ConstantQuenching(1.0),
        resolution=GaussianResolution(sigma_kev),
        efficiency=TabulatedEfficiency(energy, efficiency),
    )
    return detector.matrix(ENERGIES_KEV)
