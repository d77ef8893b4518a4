"""COHERENT's germanium array as a counting experiment: one response, one measured number."""

from __future__ import annotations

from typing import Final

import numpy as np

from bayes_cevns.releases import columns as col
from bayes_cevns.releases.coherent_ge_detectors import RAW, mean_response
from bayes_cevns.releases.columns import Column
from bayes_cevns.releases.germanium import lindhard_column
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, builder

#: 10.22 GW h kg (abstract of arXiv:2406.13806); the source has the protons of 1 GW h in one year.
EXPOSURE_TONNE_YEAR: Final = 10.22e-3
#: Counts above background on beam, and their errors downwards and upwards (abstract).
OBSERVED, MINUS, PLUS = 20.6, 6.3, 7.1
#: Region of interest in keV electron equivalent: campaign2SigExpectation.py.
REGION_KEVEE: Final = (1.5, 8.5)
#: The square root of the energy goes in equal steps, to above all recoils of 70Ge (86 keV).
RECOIL_ENERGIES_KEV: Final = np.linspace(1.0, 9.6, 87) ** 2


@builder(RAW, licence="none stated", paper="arXiv:2406.13806")
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the release; there is one run and one bin."""
    values = mean_response(raw, np.array(REGION_KEVEE), RECOIL_ENERGIES_KEV)
    table = {
        "response": col.response(
            "recoil_energy lindhard_k_ge run bin",
            values,
            "probability to detect a recoil in the region",
        ),
        "observed": Column("run bin", OBSERVED, "counts", "counts above background"),
        "sigma_minus": Column("run bin", MINUS, "counts", "error of the counts, downwards"),
        "sigma_plus": Column("run bin", PLUS, "counts", "error of the counts, upwards"),
        "exposure": col.exposure([EXPOSURE_TONNE_YEAR]),
        "edges_kevee": Column("edge", REGION_KEVEE, "keV"),
        "run": col.runs(["campaign2"]),
        "bin": col.bins(1),
        "recoil_energy": col.recoil_energy(RECOIL_ENERGIES_KEV),
        "lindhard_k_ge": lindhard_column(),
    }
    return {"response.nc": table}
