"""The density of the Earth, for neutrinos that cross it, and its effect on them over a year."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from bayes_cevns.physics.oscillation.earth import Earth, profile
from bayes_cevns.physics.oscillation.night import (
    ACROSS_NODES,
    ALONG_NODES,
    ENERGY_NODES,
    computed_year,
)
from bayes_cevns.releases.columns import Column, Table, axis, csv_text, response
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_columns

RAW = RawRelease("theory/earth", "from the sources in data/earth/REFERENCE")

PREM = (
    "Dziewonski and Anderson, Phys. Earth Planet. Inter. 25 (1981) 297, "
    "doi:10.1016/0031-9201(81)90046-7"
)
METHOD = "Akhmedov, Tortola and Valle, JHEP 05 (2004) 057, hep-ph/0404083"
COLUMNS = {
    "radius_km": "radius_km",
    "density_g_per_cm3": "mass_density_g_cm3",
    "electron_fraction": "electron_fraction",
}
EARTH_RADIUS_KM = 6371.0

#: Degrees north of the laboratories of experiments with solar neutrinos, as their cards have them:
#: Gran Sasso, Jinping and Sanford.
LATITUDES_DEG = (42.4, 28.15, 44.35)


@builder(RAW, licence="none stated with the profile", paper=f"{PREM}; {METHOD}")
def build(raw: RawFolder) -> Files:
    """Build the density profile of the Earth, and what its nights do at some laboratories."""
    text = _prem(raw)
    return {"prem.csv": text, "years.nc": _years(profile(text))}


def _years(earth: Earth) -> Table:
    """Return the tables of `computed_year`."""
    one = [computed_year(latitude, earth, np.float64) for latitude in LATITUDES_DEG]
    return {
        "latitude": axis(LATITUDES_DEG, "degrees north", "deg"),
        "energy": axis(ENERGY_NODES, "neutrino energy for dm21 = 1e-4 eV^2", "MeV"),
        "along": axis(ALONG_NODES, "part of x along n", "cm^3/mol"),
        "across": axis(ACROSS_NODES, "part of x across n", "cm^3/mol"),
        "function": Column("", np.array(["g0", "f1", "f2"], dtype=object), None, "function"),
        "values": response(
            "latitude energy along across function",
            np.round(one, 5),
            "average over the nights of a year; g0 divided by x_t^2 + 0.05^2",
        ),
    }


def _prem(raw: RawFolder) -> str:
    relative = "prem_density.csv"
    points = read_columns(raw, relative, list(COLUMNS.values())).tolist()
    good = all(p[0] >= 0 and 0 < p[1] < 20 and 0.4 < p[2] < 0.6 for p in points)
    raw.expect(relative, good, "radii, densities and electron fractions of the Earth")
    radii = [p[0] for p in points]
    ordered = all(a <= b for a, b in pairwise(radii))
    whole = bool(points) and radii[0] == 0 and radii[-1] == EARTH_RADIUS_KM
    raw.expect(relative, ordered and whole, f"increasing radii from 0 to {EARTH_RADIUS_KM:g} km")
    rows = [[format(value, ".6g") for value in point] for point in points]
    return csv_text([f"{PREM}; see REFERENCE."], list(COLUMNS), rows)
