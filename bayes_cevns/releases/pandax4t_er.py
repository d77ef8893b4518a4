"""The low-energy electronic recoils of PandaX-4T's Run1 as one table of 29 bins of 1 keV."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors import GaussianResolution
from bayes_cevns.releases.electronic_recoils import (
    RecoilRun,
    histogram,
    points_kev,
    recoil_table,
    tritium_spectrum,
    true_energy_response,
)
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.lz_er import RAW
from bayes_cevns.releases.product import Files, builder
from bayes_cevns.releases.reading import read_rows

EFFICIENCY, EVENTS, BACKGROUND = (
    f"pandaX/ER2024/{name}.csv" for name in ("efficiency_ER_run1", "run1_evts", "run1_bkg")
)

#: Share of Run1 in the 1.54 t yr of arXiv:2408.00664 and arXiv:2408.07641; from memory, see
#: `REFERENCE`.
EXPOSURE_TONNE_YEAR: Final = 1.00
#: Bins 0-1, ..., 29-30 keV of the paper, of which the first is left out: see `REFERENCE`.
RELEASED_EDGES_KEV: Final = np.arange(0.0, 31.0)
EDGES_KEV: Final = RELEASED_EDGES_KEV[1:]
#: sigma in keV as a polynomial of the energy in keV: arXiv:2206.02339.
RESOLUTION: Final = (0.073, 0.173, -6.5e-3, 1.1e-4)
#: Above this energy the efficiency falls by a cut on the size of the signals.
PLATEAU_KEV: Final = 20.0
#: Largest difference of a digitised count from a whole number.
_ROUNDING: Final = 0.1


@builder(RAW, paper="arXiv:2408.07641")
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the digitised figures."""
    resolution = GaussianResolution(sigma_kev)
    rows = read_rows(raw, EFFICIENCY, "energy, efficiency", skip=1)
    response = true_energy_response(
        RELEASED_EDGES_KEV, resolution, np.array(rows), last_kev=PLATEAU_KEV
    )
    run = RecoilRun(
        name="run1",
        exposure_tonne_year=EXPOSURE_TONNE_YEAR,
        edges_kev=EDGES_KEV,
        observed=_observed(raw)[1:],
        published=histogram(raw, BACKGROUND, RELEASED_EDGES_KEV, skip=1)[1:],
        response=response[:, 1:],
    )
    tritium = run.fold(tritium_spectrum(points_kev()))
    return {
        "response.nc": recoil_table([replace(run, shapes={"tritium": tritium / tritium.sum()})])
    }


def sigma_kev(energy_kev: Array) -> Array:
    """Return the energy resolution in keV, shape of `energy_kev`."""
    return np.asarray(np.polynomial.polynomial.polyval(energy_kev, RESOLUTION))


def _observed(raw: RawFolder) -> Array:
    """Return the digitised counts as the whole numbers that they were."""
    digitised = histogram(raw, EVENTS, RELEASED_EDGES_KEV, skip=1)
    counts = np.round(digitised)
    whole = np.abs(digitised - counts).max() <= _ROUNDING
    raw.expect(EVENTS, whole, "nearly whole counts")
    return np.asarray(counts)
