"""Electron shells of neutral atoms: occupancies and binding energies."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.neutral_atoms import MENDELEEV, XRAYDB, Shell, neutral_atoms
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


@builder(RAW, XRAYDB, MENDELEEV)
def build(raw: RawFolder, levels: RawFolder, elements: RawFolder) -> Files:
    """Build the table of electron shells."""
    atoms = neutral_atoms(levels, elements)
    first = _of_papers(raw, atoms)
    known = {line[0] for line in first}
    others = [
        [s.element, str(s.z), s.shell, s.orbital, str(s.electrons), s.binding_ev, ""]
        for element, shells in atoms.items()
        if element not in known
        for s in shells
    ]
    comment = "Binding energies in eV and occupancies of neutral atoms; see REFERENCE."
    return {"electrons.csv": csv_text([comment], list(COLUMNS), [*first, *others])}


def _of_papers(raw: RawFolder, atoms: Mapping[str, Sequence[Shell]]) -> list[list[str]]:
    """Return the rows of elements with Hartree-Fock energies or a check by hand.

    Occupancies and measured energies must be those of the databases.
    """
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
    for element, shells in atoms.items():
        expected = [(s.orbital, s.electrons, float(s.binding_ev)) for s in shells]
        found = [(o, int(n), float(e)) for el, _, _, o, n, e, _ in lines if el == element]
        if found:
            what = f"shells of {element} as {XRAYDB.package} and {MENDELEEV.package} have them"
            raw.expect(FILE, sorted(found) == sorted(expected), what)
    return lines
