"""The low-energy electronic recoils of XENONnT's first run as one table, 29 bins of 1 keV."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from bayes_cevns.detectors import (
    ConstantQuenching,
    DetectorResponse,
    GaussianResolution,
    TabulatedEfficiency,
)
from bayes_cevns.releases.columns import Rows, read_rows
from bayes_cevns.releases.electronic_recoils import ENERGIES_KEV, Array, RecoilRun, netcdf
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER: Final = "xenonnt_er_2022"
TITLE: Final = "XENONnT low-energy electronic recoils, SR0"
PAPER: Final = "arXiv:2207.11330"
DOI: Final = "10.1103/PhysRevLett.129.161805"
ORIGIN: Final = f"with the paper doi:{DOI}"

#: arXiv:2207.11330, abstract.
EXPOSURE_TONNE_YEAR: Final = 1.16
EDGES_KEV: Final = np.arange(1.0, 31.0)
#: sigma = a sqrt(E) + b E, E in keV: XENON1T, arXiv:2006.09721, eq. 1.
RESOLUTION: Final = (0.310, 0.0037)
#: Distance of the energies of ``bkg_model.txt``, which are bin centres, in keV.
_STEP_KEV: Final = 0.1

REFERENCE: Final = f"""\
{TITLE}

Source
  Data release of the XENON collaboration with {PAPER}, Phys. Rev. Lett. 129 (2022) 161805,
  doi:{DOI}, as copied in https://github.com/yuanguanwen/Chameleon_Detection, folder XENONnT,
  commit 8394853ccd62014c514ba8aa117675b6376b0845. No licence is stated. What that author added
  (data_bin30*.txt, xenon_cross_sec.csv) is not used.

What was derived, and how (bayes_cevns.releases.xenonnt_er)
  observed    data_unbinned_1to30kev.txt: 433 energies in 29 bins of 1 keV from 1 to 30 keV.
  response    probability that an electronic recoil of an energy in keV is reconstructed in a bin:
              Gaussian with sigma = 0.310 sqrt(E) + 0.0037 E (keV), which XENON1T measured
              (arXiv:2006.09721, eq. 1; the release of XENONnT has none), times efficiency.txt at
              the reconstructed energy (16 points a bin), as its readme says.
  published_background
              bkg_model.txt, the best fit B0 in events/(t yr keV) at steps of 0.1 keV, summed in
              bins and times the exposure of 1.16 t yr. It holds solar neutrinos.
  solar       expected pp, 7Be, pep and CNO neutrinos of the Standard Model through `response`:
              fluxes of B16-GS98, LMA survival, free electrons above their binding energies.
  background  published_background less solar, at seven slopes: +-5% at the ends of the range for
              one standard deviation (`tilt`).
  inputs.toml, and the attribute input_sha256 of response.nc, identify the raw files.

Check values
  433 events; B0 426.5; B0 over efficiency 15.86 events/(t yr keV) on average, published 15.8 +-
  1.3. Solar neutrinos 80 in 1-30 keV, and 316 in 1-140 keV with the plateau of the efficiency; 300
  +- 30 are quoted for the paper's Table I (not checked against its text). With the atomic wave
  functions of arXiv:1610.04177 instead of free electrons above their binding energies the rate is
  20-25% smaller at keV; what is taken out of the background and what is put in as the signal are
  the same, so that their sum is not touched.
"""


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference from the raw release.

    Raises
    ------
    DataError
        If an input is missing or damaged, or the solar neutrinos exceed the background.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    run = RecoilRun(
        name="sr0",
        exposure_tonne_year=EXPOSURE_TONNE_YEAR,
        edges_kev=EDGES_KEV,
        observed=_observed(raw),
        published=_background(raw),
        response=_response(raw),
    )
    inputs = raw.digests()
    table = netcdf([run], {"title": TITLE, "doi": DOI, "paper": PAPER}, inputs)
    return Product(files={"response.nc": table, "REFERENCE": REFERENCE.encode()}, inputs=inputs)


def sigma_kev(energy_kev: Array) -> Array:
    """Return the energy resolution in keV, shape of `energy_kev`."""
    a, b = RESOLUTION
    return np.asarray(a * np.sqrt(energy_kev) + b * energy_kev)


def _rows(raw: RawFolder, relative: str, what: str) -> Rows:
    return read_rows(raw, relative, columns=2, what=what, separator=None)


def _observed(raw: RawFolder) -> Array:
    relative = "data_unbinned_1to30kev.txt"
    try:
        energies = np.array(raw.read_text(relative, group=relative).split(), dtype=float)
    except ValueError as error:
        raise raw.error(relative, f"expected energies in keV ({error})") from None
    counts, _ = np.histogram(energies, EDGES_KEV)
    if counts.sum() != energies.size:
        raise raw.error(relative, f"expected {energies.size} energies from 1 to 30 keV")
    return np.asarray(counts)


def _background(raw: RawFolder) -> Array:
    relative = "bkg_model.txt"
    energy, rate = np.array(_rows(raw, relative, "energy, background rate")).T
    if not np.allclose(np.diff(energy), _STEP_KEV, rtol=0, atol=1e-6):
        raise raw.error(relative, f"expected steps of {_STEP_KEV:g} keV")
    counts, _ = np.histogram(energy, EDGES_KEV, weights=rate * _STEP_KEV * EXPOSURE_TONNE_YEAR)
    if not np.all(counts > 0):
        raise raw.error(relative, "expected background in every bin from 1 to 30 keV")
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
