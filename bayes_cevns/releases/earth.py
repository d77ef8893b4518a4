"""The density of the Earth, for neutrinos that cross it."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER = "theory/earth"
ORIGIN = "from the sources in data/earth/REFERENCE"

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

REFERENCE = f"""\
Density of the Earth (PREM)

Sources
  prem.csv  {PREM}.

Licence
  Numbers of the paper, to be cited; no licence is stated with the table that was read.

What was derived, and how (bayes_cevns.releases.earth)
  radius_km, density_g_per_cm3: as tabulated. Radii are given twice where the density jumps:
  the density below comes first.
  electron_fraction: electrons per nucleon, 0.467 in the core and 0.495 in mantle and crust.
  PREM does not determine them: they follow from the usual composition (iron core, silicates). The
  ocean of PREM (3 km) has 0.5556, that of water.

  The builder reads prem_density.csv (columns {", ".join(COLUMNS.values())}) below theory/earth;
  inputs.toml has its digest.

Check values
  Mass 5.97e24 kg; density 13.09 g/cm^3 at the centre.
"""


def build(releases_dir: Path) -> Product:
    """Build the density profile of the Earth.

    Raises
    ------
    DataError
        If the table is missing or damaged.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    files = {"prem.csv": _prem(raw).encode(), "REFERENCE": REFERENCE.encode()}
    return Product(files=files, inputs=raw.digests())


def _prem(raw: RawFolder) -> str:
    relative = "prem_density.csv"
    rows = csv.DictReader(raw.read_text(relative, group=relative).splitlines())
    try:
        points = [tuple(float(row[column]) for column in COLUMNS.values()) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        problem = f"expected columns {', '.join(COLUMNS.values())} ({error})"
        raise raw.error(relative, problem) from None
    if not all(p[0] >= 0 and 0 < p[1] < 20 and 0.4 < p[2] < 0.6 for p in points):
        raise raw.error(relative, "expected radii, densities and electron fractions of the Earth")
    radii = [p[0] for p in points]
    ordered = all(a <= b for a, b in pairwise(radii))
    if not points or not ordered or radii[0] != 0 or radii[-1] != EARTH_RADIUS_KM:
        problem = f"expected increasing radii from 0 to {EARTH_RADIUS_KM:g} km"
        raise raw.error(relative, problem)
    lines = [",".join(format(v, ".6g") for v in point) for point in points]
    head = [f"# {PREM}; see REFERENCE.", ",".join(COLUMNS)]
    return "\n".join([*head, *lines, ""])
