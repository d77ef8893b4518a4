"""Measured charge and light yields of nuclear recoils in liquid xenon."""

from __future__ import annotations

import math
from itertools import pairwise

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder

RAW = RawRelease("pandax4t_yields_2024", "from the sources in data/yields/REFERENCE")
RUNS = ("run0", "run1")
#: Our name of the yield -> (name in the raw file, its column).
YIELDS = {"charge": ("qy", "e_per_keV"), "light": ("ly", "photons_per_keV")}


@builder(RAW)
def build(raw: RawFolder) -> Files:
    """Build one table for each run and yield."""
    return {f"pandax4t_{run}_{ours}.csv": _table(raw, run, ours) for run in RUNS for ours in YIELDS}


def _table(raw: RawFolder, run: str, ours: str) -> str:
    theirs, column = YIELDS[ours]
    relative = f"pandax4t_{run}_nr_{theirs}_below_10keV.csv"
    head, *rows = raw.read_text(relative, group=relative).split() or [""]
    with raw.parsing(relative, "rows of energy, yield"):
        points = [(float(row.split(",")[0]), float(row.split(",")[1])) for row in rows]
    good = head == f"E_nr_keV,{column}" and len(points) > 1
    raw.expect(relative, good, f"the columns E_nr_keV,{column} and two rows or more")
    rising = all(low[0] < high[0] for low, high in pairwise(points))
    positive = all(0 < value < math.inf for point in points for value in point)
    raw.expect(relative, rising and positive, "increasing energies and positive yields")
    comment = f"PandaX-4T {run}, {ours} yield of nuclear recoils, arXiv:2403.04239; see REFERENCE."
    return csv_text([comment], ["recoil_energy_kev", "quanta_per_kev"], points)
