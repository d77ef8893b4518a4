"""Measured charge and light yields of nuclear recoils in liquid xenon."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER = "pandax4t_yields_2024"
ORIGIN = "from the sources in data/yields/REFERENCE"
RUNS = ("run0", "run1")
#: Our name of the yield -> (name in the raw file, its column).
YIELDS = {"charge": ("qy", "e_per_keV"), "light": ("ly", "photons_per_keV")}

REFERENCE = """\
Charge and light yields of nuclear recoils in liquid xenon

Source
  pandax4t_<run>_<yield>.csv   PandaX-4T signal response model, arXiv:2403.04239, Fig. 17, digitised
                               in github.com/mhliu0001/diamx (Apache-2.0).

What was derived, and how (bayes_cevns.releases.yields)
  Nuclear recoil energy in keV and quanta per keV, values unchanged, points below 10 keV only, from
  pandax4t_<run>_nr_{qy,ly}_below_10keV.csv below pandax4t_yields_2024; inputs.toml has the
  digests.

What to know
  The lowest points are at 1.1 to 1.5 keV: these tables say nothing about the recoils below 1 keV
  that the ionisation-only 8B search uses.

Check values
  run0: charge 6.3295 at 1.1344 keV, light 4.7274 at 1.0675 keV.
"""


def build(releases_dir: Path) -> Product:
    """Build one table for each run and yield.

    Raises
    ------
    DataError
        If an input is missing or damaged.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    files = {
        f"pandax4t_{run}_{ours}.csv": _table(raw, run, ours).encode()
        for run in RUNS
        for ours in YIELDS
    }
    files["REFERENCE"] = REFERENCE.encode()
    return Product(files=files, inputs=raw.digests())


def _table(raw: RawFolder, run: str, ours: str) -> str:
    theirs, column = YIELDS[ours]
    relative = f"pandax4t_{run}_nr_{theirs}_below_10keV.csv"
    head, *rows = raw.read_text(relative, group=relative).split() or [""]
    try:
        points = [(float(row.split(",")[0]), float(row.split(",")[1])) for row in rows]
    except (ValueError, IndexError) as error:
        raise raw.error(relative, f"expected rows of energy, yield ({error})") from None
    if head != f"E_nr_keV,{column}" or len(points) < 2:
        raise raw.error(relative, f"expected the columns E_nr_keV,{column} and two rows or more")
    rising = all(low[0] < high[0] for low, high in pairwise(points))
    if not rising or not all(0 < value < math.inf for point in points for value in point):
        raise raw.error(relative, "expected increasing energies and positive yields")
    lines = [
        f"# PandaX-4T {run}, {ours} yield of nuclear recoils, arXiv:2403.04239; see REFERENCE.",
        "recoil_energy_kev,quanta_per_kev",
        *(f"{energy!r},{quanta!r}" for energy, quanta in points),
    ]
    return "\n".join([*lines, ""])
