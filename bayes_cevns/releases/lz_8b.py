"""LZ's search for solar 8B: the public efficiency, and the flux that was found, one number."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_matrix

DOI = "10.17182/hepdata.167350.v2/t4"
RAW = RawRelease("lz_pandax_digitised/LZ8B2025", f"from https://doi.org/{DOI}")
EFFICIENCY = "LZB8-v2-Efficiency.csv"
COLUMNS = ("Nuclear Recoil Energy [keV]", "Efficiency")
#: arXiv:2512.08065, abstract.
EXPOSURE_TONNE_YEAR = 5.7
#: Flux of 8B neutrinos found with nuclear recoils and its errors downwards and upwards, in 1e6 per
#: cm2 s: SECOND-HAND, read in the README of a public repository ("The Neutrino Spectrum - GUNS at
#: Earth"), not in arXiv:2512.08065.
FLUX, FLUX_MINUS, FLUX_PLUS = 3.1, 1.3, 2.1
#: The flux that stands for 1, in 1e6 per cm2 s: that of the source `solar_8b`.
UNIT = 5.46
#: Distance of the energies of the table in keV; those of the release are 0.5 keV apart.
STEP_KEV = 0.05


@builder(RAW, doi=DOI, licence="CC0", paper="arXiv:2512.08065")
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the efficiency."""
    energies, efficiency = _efficiency(raw)

    def amplitude(flux: float, text: str) -> Column:
        return Column("run bin", flux / UNIT, "1", text)

    what = "probability to select a nuclear recoil"
    table = {
        "response": col.probability("recoil_energy run bin", efficiency, what),
        "observed": amplitude(FLUX, "8B flux over 5.46e6 per cm2 s, second-hand"),
        "sigma_minus": amplitude(FLUX_MINUS, "error of `observed`, downwards"),
        "sigma_plus": amplitude(FLUX_PLUS, "error of `observed`, upwards"),
        "exposure": col.exposure([EXPOSURE_TONNE_YEAR]),
        "run": col.runs(["2023-2025"]),
        "bin": col.bins(1),
        "recoil_energy": col.recoil_energy(energies, f"recoil energy, {what}"),
    }
    return {"response.nc": table}


def _efficiency(raw: RawFolder) -> tuple[Array, Array]:
    """Return energies in keV and the efficiency there, both of shape (n,)."""
    from scipy.interpolate import make_interp_spline

    rows = read_matrix(raw, EFFICIENCY, COLUMNS)
    energies, efficiency = rows[rows[:, 1] > 0].T
    good = energies.size > 3 and np.all(np.diff(energies) > 0) and energies[0] > 0
    good = good and efficiency.max() <= 1
    raw.expect(EFFICIENCY, good, "increasing energies, and four or more efficiencies in 0 to 1")
    fine = np.append(np.arange(energies[0], energies[-1], STEP_KEV), energies[-1])
    continued = make_interp_spline(energies, np.log(efficiency), k=3)(fine)
    return fine, np.minimum(np.exp(continued), 1.0)
