"""The low-energy electronic recoils of LZ, WS2022 and WS2024, as one table of 19 bins of 1 keV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from bayes_cevns.detectors import GaussianResolution
from bayes_cevns.releases.columns import Rows, read_rows
from bayes_cevns.releases.electronic_recoils import (
    ENERGIES_KEV,
    Array,
    RecoilRun,
    line,
    netcdf,
    true_energy_response,
)
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER: Final = "lz_pandax_digitised"
TITLE: Final = "LZ low-energy electronic recoils, WS2022 + WS2024"
PAPER: Final = "arXiv:2511.17350"
ORIGIN: Final = "from https://github.com/SNuDD/SNuDD, snudd/data/exps"

#: Bins 0-1, ..., 19-20 keV of the release, of which the first is left out: see `REFERENCE`.
RELEASED_EDGES_KEV: Final = np.arange(0.0, 21.0)
EDGES_KEV: Final = RELEASED_EDGES_KEV[1:]
#: Efficiency in the region of the WIMP search, for the check of solar neutrinos.
WIMP_REGION: Final = "LZ2025/WS2024_2DROI_eff_data.txt"
#: Electron captures of 37Ar (K shell) and of 127Xe (L shell).
ARGON_KEV, XENON_127_KEV = 2.82, 5.2


@dataclass(frozen=True)
class LzRun:
    """What a run is called in the release, its exposure, and its resolution.

    Attributes
    ----------
    label
        Beginning of the file names.
    exposure_tonne_year
        Exposure.
    resolution
        a and b of sigma^2 = a^2 E + b^2 E^2, keV.
    argon
        Whether 37Ar and 127Xe are in the data.
    """

    label: str
    exposure_tonne_year: float
    resolution: tuple[float, float]
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

REFERENCE: Final = f"""\
{TITLE}

Source
  Histograms, best-fit background and efficiencies of {PAPER} (LZ, Search for New Physics via
  Low-Energy Electron Recoils with a 4.2 Tonne x Year Exposure), as kept in
  https://github.com/SNuDD/SNuDD, snudd/data/exps/LZ2025, commit
  11622ded104994959a649d85e263c2d9f933ea74; the backgrounds are digitised from a figure.
  Licence of that repository: GPL-3.0.

What was derived, and how (bayes_cevns.releases.lz_er)
  observed    WS*_data_hist_data.txt, bins of 1 keV from 1 to 20 keV. The bin from 0 to 1 keV is
              left out: no events, and a published expectation of 0.12 and 0.0, which says that
              recoils are not reconstructed there, whatever a Gaussian resolution would give.
  published_background
              BKG_FIT_WS*.csv, the total best fit, counts a bin. It holds solar neutrinos.
  exposure    5.5 t in 60 live days, 0.903 t yr, for WS2022 (arXiv:2307.15753), and 4.2 t yr of
              {PAPER} less that for WS2024.
  response    WS*_1DROI_eff_data.txt is taken as the probability that a recoil of a true energy is
              in the region of interest, all bins together. It falls at the upper end as the
              integral of a Gaussian does whose edge is at 20.0 keV (19.995 and 20.011 in a
              straight-line fit of its quantiles from 16 to 20 keV) and whose width is 1.986
              (WS2022) and 1.726 keV (WS2024); the best-fit background does not fall there. So the
              curve ends by the cut on reconstructed energy, and the fit tells the resolution at 20
              keV. The 37Ar peak of the published background tells it at 2.82 keV, 0.385 keV. With
              sigma^2 = a^2 E + b^2 E^2 it is a = 0.170 sqrt(keV) and b = 0.0918 (WS2022) or, with
              the same a, 0.0775 (WS2024, which has no line). Nothing else was found published;
              LUX had 0.33 sqrt(keV E), arXiv:1610.02076. The response of a bin is the curve times
              the share of the Gaussian between 1 and 20 keV that is in the bin; above 20 keV,
              where the curve ends, its acceptance is that at 20 keV.
  solar       expected pp, 7Be, pep and CNO neutrinos of the Standard Model through `response`:
              fluxes of B16-GS98, LMA survival, free electrons above their binding energies.
  ar37        the 2.82 keV line of 37Ar through `response`, WS2022 alone, its size fitted to the
              published background beside the 5.2 keV line of 127Xe, which stays in `background`,
              and a continuum linear in energy.
  efficiency_wimp_region_ws2024
              WS2024_2DROI_eff_data.txt, a check and no input.
  background  published_background less solar and ar37, at seven slopes: +-5% at the ends of the
              range for one standard deviation (`tilt`).
  inputs.toml, and the attribute input_sha256 of response.nc, identify the raw files.

Check values, WS2022 / WS2024
  Observed 471 / 1787. 37Ar 47 / 0. Solar neutrinos 47 / 176; through the released efficiency of the
  WIMP search's region 120 in WS2024. LZ's own numbers for these (52.5 +9.6 -8.9 events of 37Ar in
  arXiv:2207.03764, 102 +- 6 solar neutrinos in arXiv:2410.17036) are given from memory and were
  not checked against the papers' text. With the atomic wave functions of arXiv:1610.04177 instead
  of free electrons above their binding energies the rate is 20-25% smaller at keV.
"""


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference from the raw release.

    Raises
    ------
    DataError
        If an input is missing or damaged, or the solar neutrinos exceed the background.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    runs = [_run(raw, name, run) for name, run in RUNS.items()]
    rows = np.array(_rows(raw, WIMP_REGION, "energy, efficiency", None))
    wimp = np.interp(ENERGIES_KEV, rows[:, 0], rows[:, 1], right=0.0)
    inputs = raw.digests()
    notes = {"title": TITLE, "paper": PAPER}
    table = netcdf(runs, notes, inputs, efficiencies={"efficiency_wimp_region_ws2024": wimp})
    return Product(files={"response.nc": table, "REFERENCE": REFERENCE.encode()}, inputs=inputs)


def _run(raw: RawFolder, name: str, run: LzRun) -> RecoilRun:
    curve = f"LZ2025/{run.label}_1DROI_eff_data.txt"
    rows = np.array(_rows(raw, curve, "energy, efficiency", None))
    if rows[-1, 0] != EDGES_KEV[-1]:
        raise raw.error(curve, f"expected a curve up to {EDGES_KEV[-1]:g} keV")
    resolution = GaussianResolution(run.sigma_kev)
    response = true_energy_response(EDGES_KEV, resolution, rows, last_kev=EDGES_KEV[-1])
    histogram = f"LZ2025/{run.label}_data_hist_data.txt"
    observed = _histogram(raw, histogram, None)[1:]
    if np.any(observed % 1):
        raise raw.error(histogram, "expected whole counts")
    published = _histogram(raw, f"LZ2025/BKG_FIT_{run.label}.csv", ",")[1:]
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


def _rows(raw: RawFolder, relative: str, what: str, separator: str | None) -> Rows:
    return read_rows(raw, relative, columns=2, what=what, separator=separator)


def _histogram(raw: RawFolder, relative: str, separator: str | None) -> Array:
    """Return counts a bin, of a table of bin centres that may be a few hundredths of a bin off."""
    centre, counts = np.array(_rows(raw, relative, "energy, counts", separator)).T
    middle = 0.5 * (RELEASED_EDGES_KEV[:-1] + RELEASED_EDGES_KEV[1:])
    if centre.shape != middle.shape or not np.allclose(centre, middle, rtol=0, atol=0.05):
        raise raw.error(relative, "expected the 20 bins of 1 keV from 0 to 20 keV")
    return np.asarray(counts)
