"""Electron shells of neutral atoms: occupancies and binding energies."""

from __future__ import annotations

import math
from collections import defaultdict

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_records

RAW = RawRelease("theory/binding_energies", "from the sources in data/atoms/REFERENCE")
FILE = "binding_energies.csv"

#: Our column -> column of the raw table; the last may be empty.
COLUMNS = {
    "element": "element",
    "z": "Z",
    "shell": "shell",
    "orbital": "orbital",
    "electrons": "n_e",
    "experiment_ev": "E_exp_eV",
    "hartree_fock_ev": "E_DHF_cox_eV",
}


@builder(RAW)
def build(raw: RawFolder) -> Files:
    """Build the table of electron shells."""
    return {"electrons.csv": _electrons(raw)}


def _electrons(raw: RawFolder) -> str:
    lines, charge, occupied = [], dict[str, int](), defaultdict[str, int](int)
    for row in read_records(raw, FILE, list(COLUMNS.values())):
        with raw.parsing(FILE, f"columns {', '.join(COLUMNS.values())}, found {row}"):
            entry = [row[column].strip() for column in COLUMNS.values()]
            element, z, electrons = entry[0], int(entry[1]), int(entry[4])
            energies = [float(value) for value in entry[5:] if value]
        good = entry[5] and all(0 < energy < math.inf for energy in energies) and electrons >= 0
        raw.expect(FILE, bool(good), f"positive binding energies and occupancies, found {row}")
        charge.setdefault(element, z)
        occupied[element] += electrons
        if electrons:
            lines.append(entry)
    raw.expect(FILE, bool(lines), "electron shells, found none")
    for element, z in charge.items():
        what = f"occupancies of {element} that sum to {z}, found {occupied[element]}"
        raw.expect(FILE, occupied[element] == z, what)
    comment = "Binding energies in eV and occupancies of neutral atoms; see REFERENCE."
    return csv_text([comment], list(COLUMNS), lines)
