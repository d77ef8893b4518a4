"""LZ's electronic recoils of WS2022 and WS2024: counts, 37Ar, solar neutrinos, magnetic moment.

The published limits are those of WS2022 alone, by LZ and from its WIMP data; WS2024 with the
release of 2025 has none as text. Numbers given from memory could not be looked up here: check
them before quoting the comparison. The width of the background's slope is our choice, made when
limits for several widths were known, so that all are given.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from electron_recoils import ATOMS, STEPPING, moment_rows, solar_counts, solar_spectrum
from profile_limit import ONE_SIDED, TWO_SIDED, Profile
from rows import Row, number

import bayes_cevns as bc
from bayes_cevns.physics.theory import STANDARD_THEORY
from bayes_cevns.storage.resources import data_file

RELEASE = "arXiv:2511.17350"
WIMP = "arXiv:2207.03764"
NAME = "lz_er"


def rows() -> list[Row]:
    """Return the comparisons."""
    one = bc.experiment(NAME)
    with xr.open_dataset(data_file(f"{NAME}/response.nc"), engine="h5netcdf") as opened:
        table = opened.load()
    found = []
    for run, events, background in (("ws2022", 471, 463.3), ("ws2024", 1787, 1765.6)):
        part = table.sel(run=run)
        found += [
            number(
                f"observed events, {run}, 1-20 keV",
                f"{RELEASE}, histogram",
                events,
                float(part["observed"].sum()),
            ),
            number(
                f"background with solar neutrinos, {run}",
                f"{RELEASE}, best fit digitised",
                background,
                bc.expected_counts(one)[run]["background"]
                + bc.expected_counts(one)[run]["ar37"]
                + solar_counts(one)[run],
            ),
        ]
    found += [
        number(
            "37Ar, events, ws2022",
            f"{WIMP}: 52.5 +9.6 -8.9, from memory",
            52.5,
            float(table["ar37"].sel(run="ws2022").sum()),
            "split off the digitised total; another region and another fit",
        ),
        number(
            "solar neutrinos in the WIMP search's region, ws2024",
            "arXiv:2410.17036: 102 +- 6, from memory",
            102.0,
            _solar_of_the_wimp_search(table, STANDARD_THEORY),
            ATOMS.format(stepping=_solar_of_the_wimp_search(table, STEPPING)),
        ),
        Row(
            "smallest background without solar neutrinos and 37Ar in a bin",
            "must not be negative",
            ">= 0",
            f"{float(table['background'].min()):.2f}",
        ),
    ]
    early = one.select_runs(["ws2022"])
    profile = Profile([early], "magnetic-moment")
    for how, threshold in (("rise of 2.71", TWO_SIDED), ("one-sided, 1.64", ONE_SIDED)):
        limit = profile.upper_limit(threshold)
        what = f"magnetic moment, ws2022, mu_B; profile likelihood, 90% CL, {how}"
        note = "37Ar free; total background with a slope of 5%, not LZ's components"
        found += [
            number(what, "arXiv:2307.15753, not checked against its text", 1.36e-11, limit, note),
            number(what, "arXiv:2207.05036, abstract", 1.1e-11, limit, note),
        ]
    return found + moment_rows(one, RELEASE, None, "both runs")


def _solar_of_the_wimp_search(table: xr.Dataset, theory: bc.Theory) -> float:
    """Return the events of WS2024 through the released efficiency of the WIMP search's region."""
    energy = np.linspace(0.2, 20.0, 20_001)
    efficiency = np.interp(energy, table["recoil_energy"], table["efficiency_wimp_region_ws2024"])
    rate = np.trapezoid(solar_spectrum(energy, theory) * efficiency, energy)
    return float(rate * table["exposure"].sel(run="ws2024"))
