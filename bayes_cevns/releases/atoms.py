"""Electron shells of neutral atoms: occupancies and binding energies."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from pathlib import Path

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER = "theory/binding_energies"
FILE = "binding_energies.csv"
ORIGIN = "from the sources in data/atoms/REFERENCE"

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

REFERENCE = """\
Electron shells of neutral atoms

Sources
  electrons.csv, experiment_ev     measured binding energies of the elements, as compiled in the
                                   X-ray Data Booklet and by Elam et al., Radiat. Phys. Chem. 63
                                   (2002) 121; read from xraydb 4.5.8.
  electrons.csv, hartree_fock_ev   Dirac-Hartree-Fock energies of free atoms, Cox et al., Phys.
                                   Rev. D 107 (2023) 035032, arXiv:2208.12222.
  The last electrons of Cs (6s, 3.894 eV) and Na (3s, 5.139 eV): first ionisation energies.

Licence
  Measured and calculated numbers, to be cited by their papers. xraydb is a program under the MIT
  licence; the Hartree-Fock energies were read from the program of their paper (GPL-3): only
  numbers were taken.

What was derived, and how (bayes_cevns.releases.atoms)
  One row for each sub-shell that has electrons in the neutral atom, energies unchanged, from
  binding_energies.csv below theory/binding_energies (columns element, Z, shell, orbital, n_e,
  E_exp_eV, E_DHF_cox_eV); inputs.toml has its digest. Sub-shells without electrons were left out,
  and the occupancies of each element were checked to sum to Z.

What to know
  The Hartree-Fock energies of xenon are those of Chen et al., Phys. Lett. B 774 (2017) 656,
  arXiv:1610.04177, within 4 eV. Copies of that table in public programs have 649.9 eV for
  3d5/2, with two digits of 694.9 eV exchanged: not used here.
  Measured energies of the outermost sub-shells of Ge, I, Si and Cs (below 15 eV) are
  placeholders of the compilation; in a solid these electrons form bands.
  No correction of the step function by many-body theory (relativistic random-phase
  approximation, same paper: about 25% fewer events on xenon at low energies) is given: it was
  published as figures, and the public scale factor made of them (in SNuDD, ad hoc by its own
  words) is for the solar spectrum only.

Check values
  K edges: Xe 34561, I 33169, Cs 35985, Ge 11103, Ar 3205.9, Si 1839, Na 1070.8 eV (measured).
"""


def build(releases_dir: Path) -> Product:
    """Build the table of electron shells.

    Raises
    ------
    DataError
        If the input is missing or damaged, or occupancies do not sum to Z.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    files = {"electrons.csv": _electrons(raw).encode(), "REFERENCE": REFERENCE.encode()}
    return Product(files=files, inputs=raw.digests())


def _electrons(raw: RawFolder) -> str:
    text = raw.read_text(FILE, group=FILE)
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    lines, charge, occupied = [], dict[str, int](), defaultdict[str, int](int)
    for row in rows:
        try:
            entry = [row[column].strip() for column in COLUMNS.values()]
            element, z, electrons = entry[0], int(entry[1]), int(entry[4])
            energies = [float(value) for value in entry[5:] if value]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            problem = f"expected columns {', '.join(COLUMNS.values())}, found {row} ({error})"
            raise raw.error(FILE, problem) from None
        if not entry[5] or not all(0 < energy < math.inf for energy in energies) or electrons < 0:
            raise raw.error(
                FILE, f"expected positive binding energies and occupancies, found {row}"
            )
        charge.setdefault(element, z)
        occupied[element] += electrons
        if electrons:
            lines.append(",".join(entry))
    if not lines:
        raise raw.error(FILE, "expected electron shells, found none")
    for element, z in charge.items():
        if occupied[element] != z:
            problem = (
                f"expected occupancies of {element} that sum to {z}, found {occupied[element]}"
            )
            raise raw.error(FILE, problem)
    head = "# Binding energies in eV and occupancies of neutral atoms; see REFERENCE."
    return "\n".join([head, ",".join(COLUMNS), *lines, ""])
