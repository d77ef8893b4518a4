"""The density of the Earth, for neutrinos that cross it."""

from __future__ import annotations

from itertools import pairwise

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_columns

RAW = RawRelease("theory/earth", "from the sources in data/earth/REFERENCE")

PREM = (
    "Dziewonski and Anderson, Phys. Earth Planet. Inter. 25 (1981) 297, "
    "doi:10.1016/0031-9201(81)90046-7"
)
COLUMNS = {
    "radius_km": "radius_km",
    "density_g_per_cm3": "mass_density_g_cm3",
    "electron_fraction": "electron_fraction",
}
EARTH_RADIUS_KM = 6371.0


@builder(RAW)
def build(raw: RawFolder) -> Files:
    """Build the density profile of the Earth."""
    return {"prem.csv": _prem(raw)}


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
