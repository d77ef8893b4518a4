"""Ionisation probabilities of the Migdal effect: one table per element."""

from __future__ import annotations

import math
import re
from itertools import pairwise

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder

RAW = RawRelease("theory/migdal_ibe2018", "from the sources in data/migdal/REFERENCE")
ELEMENTS = ("Xe", "Ar", "Ge", "Si")

_ORBITAL_LETTERS = "spdf"
_SPACING_TOLERANCE = 1e-5


@builder(RAW)
def build(raw: RawFolder) -> Files:
    """Build one probability table for each element and the table of shells."""
    files, shells = {}, []
    for element in ELEMENTS:
        relative = f"ibe2018_{element}.csv"
        text = raw.read_text(relative, group=relative)
        names, points = _points(raw, relative, text)
        binding = _binding(raw, relative, text, names)
        shells += [(element, _label(name), f"{binding[name]:.10g}") for name in names]
        files[f"{element.lower()}.csv"] = _table(element, names, points)
    comment = "Binding energies |E_nl| of arXiv:1707.07258; see REFERENCE."
    return {**files, "shells.csv": csv_text([comment], ["element", "shell", "ev"], shells)}


def _label(name: str) -> str:
    """Return 3p for 3_1."""
    n, azimuthal = name.split("_")
    return f"{int(n)}{_ORBITAL_LETTERS[int(azimuthal)]}"


def _points(raw: RawFolder, relative: str, text: str) -> tuple[list[str], list[list[float]]]:
    """Return the names of the shells and the rows of the table."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    with raw.parsing(relative, "a head Ee_eV,1_0,... and rows of numbers"):
        first, *names = lines[0].strip().split(",")
        points = [[float(value) for value in line.split(",")] for line in lines[1:]]
        labels = {_label(name) for name in names}
    complete = len(labels) == len(names) and {len(row) for row in points} == {len(names) + 1}
    raw.expect(relative, first == "Ee_eV" and complete, "Ee_eV and one column for each shell")
    positive = all(0 < value < math.inf for row in points for value in row)
    raw.expect(relative, positive, "positive energies and densities")
    steps = [math.log(high[0] / low[0]) for low, high in pairwise(points)]
    even = len(steps) > 1 and 0 < max(steps) < min(steps) * (1 + _SPACING_TOLERANCE)
    raw.expect(relative, even, "energies equally spaced in their logarithm")
    return names, points


def _binding(raw: RawFolder, relative: str, text: str, names: list[str]) -> dict[str, float]:
    """Read 1_0=35000, 2_0=5400, ... from the head."""
    head = next((line for line in text.splitlines() if line.startswith("# binding energies")), "")
    found = {name: float(value) for name, value in re.findall(r"(\d_\d)=([\d.]+)", head)}
    good = set(found) == set(names) and all(value > 0 for value in found.values())
    raw.expect(relative, good, f"a binding energy for each of {', '.join(names)}")
    return found


def _table(element: str, names: list[str], points: list[list[float]]) -> str:
    comments = [
        f"{element}: dp/dE_e in 1/eV at q_e = 1 eV against the electron's kinetic energy in eV.",
        "Ibe, Nakano, Shoji and Suzuki, JHEP 03 (2018) 194; see REFERENCE.",
    ]
    rows = [[f"{value:.10g}" for value in row] for row in points]
    return csv_text(comments, ["electron_energy_ev", *map(_label, names)], rows)
