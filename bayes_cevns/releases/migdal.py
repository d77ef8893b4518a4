"""Ionisation probabilities of the Migdal effect: one table per element."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER = "theory/migdal_ibe2018"
ORIGIN = "from the sources in data/migdal/REFERENCE"
ELEMENTS = ("Xe", "Ar", "Ge", "Si")

_ORBITAL_LETTERS = "spdf"
_SPACING_TOLERANCE = 1e-5

REFERENCE = """\
Ionisation probabilities of the Migdal effect

Source
  Ibe, Nakano, Shoji and Suzuki, JHEP 03 (2018) 194, arXiv:1707.07258: ancillary files of the
  arXiv version, as distributed with wimprates (MIT licence), with the binding energies of the
  paper's Table II (Si: of a public table of atomic levels, as in wimprates).

Licence
  Published numbers, to be cited by their paper; no licence is stated with the ancillary files.

What was derived, and how (bayes_cevns.releases.migdal)
  <element>.csv: kinetic energy of the ejected electron in eV, and for each shell nl the
  probability density dp/dE_e in 1/eV, summed over the electrons of the shell, at the reference
  q_e = 1 eV; values unchanged, shells named 1s, 2p, ... instead of 1_0, 2_1, ...
  shells.csv: the binding energy |E_nl| of each shell in eV, read from the heads of the tables.
  The energies are checked to be equally spaced in their logarithm.

  The builder reads ibe2018_<element>.csv of Xe, Ar, Ge and Si below theory/migdal_ibe2018;
  inputs.toml has their digests.

How to use it
  dP/dE_e = (1/2 pi) (q_e / 1 eV)^2 dp/dE_e,  q_e = m_e sqrt(2 T / m_N). Excitation to bound
  states is not in the tables.

Check values
  The factor 1/2 pi and the reference of 1 eV follow from the sum rule of Thomas, Reiche and Kuhn,
  which knows nothing of the tables: in the dipole limit, the integral of
  2 m_e (E_e + |E_nl|) dP/dE_e / q_e^2 over all shells is the number of electrons, less what goes
  into excitation. Found: Xe 50.2 of 54, Ar 16.8 of 18, Ge 28.8 of 32, Si 11.6 of 14.
  Integrals of dP/dE_e above 1 eV at a nuclear velocity of 1e-3 c, Xe: 1s 4.86e-6, 2s 2.97e-5,
  2p 1.33e-4, 3s 1.11e-4, 3p 6.04e-4, 3d 3.57e-3, 4s 3.55e-4, 4p 1.47e-3, 4d 3.62e-2,
  5s 4.69e-4, 5p 7.81e-2.
  Si 3s has its first point at a minimum (5e-12, rising as E^7): its threshold is not reliable.
"""


def build(releases_dir: Path) -> Product:
    """Build one probability table for each element and the table of shells.

    Raises
    ------
    DataError
        If an input is missing or damaged.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    files = {"REFERENCE": REFERENCE.encode()}
    shells = ["# Binding energies |E_nl| of arXiv:1707.07258; see REFERENCE.", "element,shell,ev"]
    for element in ELEMENTS:
        relative = f"ibe2018_{element}.csv"
        text = raw.read_text(relative, group=relative)
        names, points = _points(raw, relative, text)
        binding = _binding(raw, relative, text, names)
        shells += [f"{element},{_label(name)},{binding[name]:.10g}" for name in names]
        files[f"{element.lower()}.csv"] = _table(element, names, points).encode()
    files["shells.csv"] = "\n".join([*shells, ""]).encode()
    return Product(files=files, inputs=raw.digests())


def _label(name: str) -> str:
    """Return 3p for 3_1."""
    n, azimuthal = name.split("_")
    return f"{int(n)}{_ORBITAL_LETTERS[int(azimuthal)]}"


def _points(raw: RawFolder, relative: str, text: str) -> tuple[list[str], list[list[float]]]:
    """Return the names of the shells and the rows of the table."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    try:
        first, *names = lines[0].strip().split(",")
        points = [[float(value) for value in line.split(",")] for line in lines[1:]]
        labels = {_label(name) for name in names}
    except (IndexError, ValueError) as error:
        problem = f"expected a head Ee_eV,1_0,... and rows of numbers ({error})"
        raise raw.error(relative, problem) from None
    if (
        first != "Ee_eV"
        or len(labels) != len(names)
        or {len(row) for row in points} != {len(names) + 1}
    ):
        raise raw.error(relative, "expected Ee_eV and one column for each shell")
    if not all(0 < value < math.inf for row in points for value in row):
        raise raw.error(relative, "expected positive energies and densities")
    steps = [math.log(high[0] / low[0]) for low, high in pairwise(points)]
    if len(steps) < 2 or not 0 < max(steps) < min(steps) * (1 + _SPACING_TOLERANCE):
        raise raw.error(relative, "expected energies equally spaced in their logarithm")
    return names, points


def _binding(raw: RawFolder, relative: str, text: str, names: list[str]) -> dict[str, float]:
    """Read 1_0=35000, 2_0=5400, ... from the head."""
    head = next((line for line in text.splitlines() if line.startswith("# binding energies")), "")
    found = {name: float(value) for name, value in re.findall(r"(\d_\d)=([\d.]+)", head)}
    if set(found) != set(names) or not all(value > 0 for value in found.values()):
        raise raw.error(relative, f"expected a binding energy for each of {', '.join(names)}")
    return found


def _table(element: str, names: list[str], points: list[list[float]]) -> str:
    head = [
        f"# {element}: dp/dE_e in 1/eV at q_e = 1 eV against the electron's kinetic energy in eV.",
        "# Ibe, Nakano, Shoji and Suzuki, JHEP 03 (2018) 194; see REFERENCE.",
        ",".join(["electron_energy_ev", *map(_label, names)]),
    ]
    return "\n".join([*head, *(",".join(f"{value:.10g}" for value in row) for row in points), ""])
