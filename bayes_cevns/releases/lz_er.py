"""The low-energy electronic recoils of LZ, WS2022 and WS2024, as one table of 19 bins of 1 keV."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors import GaussianResolution
from bayes_cevns.releases.electronic_recoils import (
    ENERGIES_KEV,
    RecoilRun,
    histogram,
    line,
    recoil_table,
    true_energy_response,
)
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_rows

RAW: Final = RawRelease(
    "lz_pandax_digitised", "from https://github.com/SNuDD/SNuDD, snudd/data/exps"
)

#: Bins 0-1, ..., 19-20 keV of the release, of which the first is left out: see `REFERENCE`.
RELEASED_EDGES_KEV: Final = np.arange(0.0, 21.0)
EDGES_KEV: Final = RELEASED_EDGES_KEV[1:]
#: Efficiency in the region of the WIMP search, for the check of solar neutrinos.
WIMP_REGION: Final = "LZ2025/WS2024_2DROI_eff_data.txt"
#: Electron captures of 37Ar (K shell) and of 127Xe (L shell).
ARGON_KEV, XENON_127_KEV = 2.82, 5.2


@dataclass(frozen=True)
class LzRun:
    """What a run is called in the release, its exposure, and its resolution."""

    #: Beginning of the file names.
    label: str
    exposure_tonne_year: float
    #: a and b of sigma^2 = a^2 E + b^2 E^2, keV.
    resolution: tuple[float, float]
    #: Whether 37Ar and 127Xe are in the data.
    argon: bool

    def sigma_kev(self, energy_kev: Array) -> Array:
        """Return the energy resolution in keV, shape of `energy_kev`."""
        a, b = self.resolution
        return np.sqrt(a**2 * energy_kev + (b * energy_kev) ** 2)


#: 5.5 t in 60 live days (arXiv:2307.15753) and the rest of the 4.2 t yr of arXiv:2511.17350.
#: Resolutions from the upper end of the efficiency curves and from 37Ar, see `REFERENCE`.
RUNS: Final = MappingProxyType(
    {
        "ws2022": LzRun("WS2022", 5.5 * 60.0 / 365.25, (0.170, 0.0918), argon=True),
        "ws2024": LzRun("WS2024", 4.2 - 5.5 * 60.0 / 365.25, (0.170, 0.0775), argon=False),
    }
)


@builder(RAW, paper="arXiv:2511.17350")
def build(raw: RawFolder) -> Files:
    """Build ``response.nc`` from the release."""
    searched = [_run(raw, name, run) for name, run in RUNS.items()]
    rows = _efficiency(raw, WIMP_REGION)
    wimp = np.interp(ENERGIES_KEV, rows[:, 0], rows[:, 1], right=0.0)
    return {"response.nc": recoil_table(searched, {"efficiency_wimp_region_ws2024": wimp})}


def _run(raw: RawFolder, name: str, run: LzRun) -> RecoilRun:
    curve = f"LZ2025/{run.label}_1DROI_eff_data.txt"
    rows = _efficiency(raw, curve)
    raw.expect(curve, rows[-1, 0] == EDGES_KEV[-1], f"a curve up to {EDGES_KEV[-1]:g} keV")
    resolution = GaussianResolution(run.sigma_kev)
    response = true_energy_response(EDGES_KEV, resolution, rows, last_kev=EDGES_KEV[-1])
    events, background = f"LZ2025/{run.label}_data_hist_data.txt", f"LZ2025/BKG_FIT_{run.label}.csv"
    # Bin centres may be a few hundredths of a bin off.
    observed = histogram(raw, events, RELEASED_EDGES_KEV, separator=None, tolerance_kev=0.05)[1:]
    raw.expect(events, not np.any(observed % 1), "whole counts")
    published = histogram(raw, background, RELEASED_EDGES_KEV, tolerance_kev=0.05)[1:]
    return RecoilRun(
        name=name,
        exposure_tonne_year=run.exposure_tonne_year,
        edges_kev=EDGES_KEV,
        observed=observed,
        published=published,
        response=response,
        shapes={"ar37": line(response, ARGON_KEV)} if run.argon else {},
        lines=[line(response, XENON_127_KEV)] if run.argon else (),
    )


def _efficiency(raw: RawFolder, relative: str) -> Array:
    """Return energies in keV and the efficiency there, shape (n, 2)."""
    return np.array(read_rows(raw, relative, "energy, efficiency", separator=None))
