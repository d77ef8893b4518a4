"""Natural isotopes, and the quark content of the nucleon."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER = "theory/nuclear"
ORIGIN = "from the sources in data/nuclei/REFERENCE"

#: Our column -> column of the raw table.
COLUMNS = {
    "symbol": "symbol",
    "z": "Z",
    "a": "A",
    "abundance": "abundance",
    "atomic_mass_u": "atomic_mass_u",
    "spin_parity": "Jpi",
}
QUARKS = ("f_u", "f_d", "f_s")
NUCLEONS = {"proton": "p", "neutron": "n"}

NUBASE = "Kondev et al. (NUBASE2020), Chin. Phys. C 45 (2021) 030001"
H15 = "Hoferichter et al., Phys. Rev. Lett. 115 (2015) 092301, arXiv:1506.04142"
F_S = "Junnarkar and Walker-Loud, Phys. Rev. D 87 (2013) 114510, arXiv:1301.1114"

REFERENCE = f"""\
Nuclei and nucleons

Sources
  isotopes.csv                   {NUBASE}.
  nucleon_matrix_elements.toml   f_u, f_d: {H15};
                                 f_s: {F_S}.

Licence
  Evaluated and published numbers, to be cited by their papers. Those of NUBASE2020 were read
  from its file nubase_4.mas20.txt as distributed with the program nucleardatapy (which is under
  CC-BY-NC-ND-4.0): no text and no program code was taken.

What was derived, and how (bayes_cevns.releases.nuclei)
  isotopes.csv: natural isotopes with their mole fraction and spin-parity. Mass of the neutral
  atom in u: mass number plus the mass excess divided by 931494.10242 keV. The mark of directly
  measured spins (*) was dropped. The abundances of an element sum to one within 1e-4.
  nucleon_matrix_elements.toml: f_q = <N| m_q qbar q |N> / m_N of light quarks in protons and
  neutrons, central values.

  The builder reads isotopes.csv (columns symbol, Z, A, abundance, atomic_mass_u, Jpi) and
  nucleon_matrix_elements.csv (columns set, quantity, p, n) below theory/nuclear; inputs.toml
  has their digests.

Check values
  Mean atomic mass of xenon 131.29 u; f_u, f_d, f_s = 0.0208, 0.0411, 0.043 in the proton.
"""

_ABUNDANCE_TOLERANCE = 1e-4


def build(releases_dir: Path) -> Product:
    """Build the isotope table and the nucleon matrix elements.

    Raises
    ------
    DataError
        If an input is missing or damaged, or abundances do not sum to one.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    files = {
        "isotopes.csv": _isotopes(raw).encode(),
        "nucleon_matrix_elements.toml": _matrix_elements(raw).encode(),
        "REFERENCE": REFERENCE.encode(),
    }
    return Product(files=files, inputs=raw.digests())


def _rows(text: str) -> Iterable[dict[str, str]]:
    return csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))


def _isotopes(raw: RawFolder) -> str:
    relative = "isotopes.csv"
    isotopes = []
    totals: dict[str, float] = defaultdict(float)
    for row in _rows(raw.read_text(relative, group=relative)):
        try:
            symbol, z, a, abundance, mass, spin = (row[column] for column in COLUMNS.values())
            isotope = (int(z), int(a), symbol, float(abundance), float(mass), spin.rstrip("*"))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            problem = f"expected columns {', '.join(COLUMNS.values())}, found {row} ({error})"
            raise raw.error(relative, problem) from None
        isotopes.append(isotope)
        totals[symbol] += isotope[3]
        if not (0 < isotope[3] <= 1 and abs(isotope[4] - isotope[1]) < 1):
            problem = f"expected a mole fraction and a mass close to A, found {row}"
            raise raw.error(relative, problem)
    if not isotopes:
        raise raw.error(relative, "expected isotopes, found none")
    for symbol, total in totals.items():
        if not abs(total - 1) <= _ABUNDANCE_TOLERANCE:
            problem = f"expected abundances of {symbol} that sum to 1, found {total:.6g}"
            raise raw.error(relative, problem)
    head = [f"# {NUBASE}; see REFERENCE.", ",".join(COLUMNS)]
    lines = [
        f"{symbol},{z},{a},{abundance:.10g},{mass:.12g},{spin}"
        for z, a, symbol, abundance, mass, spin in sorted(isotopes)
    ]
    return "\n".join([*head, *lines, ""])


def _matrix_elements(raw: RawFolder) -> str:
    relative = "nucleon_matrix_elements.csv"
    rows = list(_rows(raw.read_text(relative, group=relative)))
    lines = [f"# f_u, f_d: {H15}.\n# f_s: {F_S}.\n"]
    try:
        table = {row["quantity"]: row for row in rows if row["set"] == "H15"}
        for nucleon, column in NUCLEONS.items():
            values = {quark: float(table[quark][column]) for quark in QUARKS}
            if not all(0 < value < 1 for value in values.values()):
                raise ValueError(f"{nucleon} {values} not between 0 and 1")
            lines.append(f"\n[H15.{nucleon}]\n")
            lines += [f"{quark} = {value!r}\n" for quark, value in values.items()]
    except (KeyError, TypeError, ValueError) as error:
        problem = f"expected {', '.join(QUARKS)} of the set H15 for p and n ({error})"
        raise raw.error(relative, problem) from None
    return "".join(lines)
