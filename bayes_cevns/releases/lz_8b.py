"""LZ's search for solar 8B: the public efficiency as a table without observed events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.releases.counting import CountingTable, Response, read_numbers
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

FOLDER = "lz_pandax_digitised/LZ8B2025"
EFFICIENCY = "LZB8-v2-Efficiency.csv"
COLUMNS = ("Nuclear Recoil Energy [keV]", "Efficiency")
DOI = "10.17182/hepdata.167350.v2/t4"
ORIGIN = f"from https://doi.org/{DOI}"
#: arXiv:2512.08065, abstract.
EXPOSURE_TONNE_YEAR = 5.7
RUN = "2023-2025"
#: Distance of the energies of the table in keV; those of the release are 0.5 keV apart.
STEP_KEV = 0.05

ATTRIBUTES = {
    "title": "LZ search for solar 8B and light dark matter, efficiency",
    "doi": DOI,
    "licence": "CC0",
    "paper": "arXiv:2512.08065",
}
REFERENCE = f"""\
{ATTRIBUTES["title"]}

Source
  {EFFICIENCY}: table t4 of the HEPData record 167350, version 2, doi:{DOI}, "data selection
  efficiency as a function of nuclear recoil energy"; CC0, as all of HEPData.

Papers to cite
  {ATTRIBUTES["paper"]}: Searches for Light Dark Matter and Evidence of Coherent Elastic
  Neutrino-Nucleus Scattering of Solar Neutrinos with the LUX-ZEPLIN (LZ) Experiment.

What was derived, and how (bayes_cevns.releases.lz_8b)
  response   the efficiency every {STEP_KEV:g} keV, from the first to the last energy at which it
             is positive. Between the energies of the release, which are 0.5 keV apart, its
             logarithm is continued by the interpolating cubic spline: it rises 50-fold from 0.5 to
             1 keV.
  exposure   {EXPOSURE_TONNE_YEAR} tonne years, of the paper's abstract.

What to know
  Events, backgrounds and observables are not public: there is nothing to fit. Most events of 8B
  have recoils of 1 to 2 keV, between three energies of the release, and how the efficiency is
  continued there changes their number, which is the uncertainty that the model card takes.

Check values
  Standard-Model 8B (5.46e6 per cm2 s, Bahcall 1996) in {EXPOSURE_TONNE_YEAR} tonne years: 18.1
  events; 20.7 if the efficiency is continued linearly, 16.5 if its logarithm is, 17.9 with
  monotone cubics of the logarithm.
"""


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference.

    Raises
    ------
    DataError
        If the efficiency is missing or damaged.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    energies, efficiency = _efficiency(raw)
    inputs = raw.digests()
    table = CountingTable(
        run=RUN,
        exposure_tonne_year=EXPOSURE_TONNE_YEAR,
        responses=[
            Response("response", energies, efficiency, "probability to select a nuclear recoil")
        ],
        attributes=ATTRIBUTES,
    )
    files = {"response.nc": table.netcdf(inputs), "REFERENCE": REFERENCE.encode()}
    return Product(files=files, inputs=inputs)


def _efficiency(raw: RawFolder) -> tuple[Array, Array]:
    """Return energies in keV and the efficiency there, both of shape (n,)."""
    from scipy.interpolate import make_interp_spline

    rows = read_numbers(raw, EFFICIENCY, columns=COLUMNS)
    energies, efficiency = rows[rows[:, 1] > 0].T
    bad = energies.size < 4 or np.any(np.diff(energies) <= 0) or energies[0] <= 0
    if bad or efficiency.max() > 1:
        raise raw.error(
            EFFICIENCY, "expected increasing energies, and four or more efficiencies in 0 to 1"
        )
    fine = np.append(np.arange(energies[0], energies[-1], STEP_KEV), energies[-1])
    continued = make_interp_spline(energies, np.log(efficiency), k=3)(fine)
    return fine, np.minimum(np.exp(continued), 1.0)
