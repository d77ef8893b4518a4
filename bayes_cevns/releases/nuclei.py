"""Natural isotopes, the quark content and size of the nucleon, and nuclear responses."""

from __future__ import annotations

import re
from collections import defaultdict

from bayes_cevns.releases import nuclear_responses as responses
from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_records

RAW = RawRelease("theory/nuclear", "from the sources in data/nuclei/REFERENCE")

#: Our column -> column of the raw table.
COLUMNS = {
    "symbol": "symbol",
    "z": "Z",
    "a": "A",
    "abundance": "abundance",
    "atomic_mass_u": "atomic_mass_u",
    "spin_parity": "Jpi",
    "charge_radius_fm": "R_ch_fm",
    "charge_radius_error_fm": "R_ch_unc_fm",
}
QUARKS = ("f_u", "f_d", "f_s")
NUCLEONS = {"proton": "p", "neutron": "n"}
#: Our name -> quantity of the raw set HMS20; the strange ones are those of both nucleons.
NUCLEON_SIZE = {
    "charge_radius_squared_fm2": "<rE^2>",
    "strange_radius_squared_fm2": "<rEs^2>",
    "anomalous_moment": "kappa",
}

NUBASE = "Kondev et al. (NUBASE2020), Chin. Phys. C 45 (2021) 030001"
H15 = "Hoferichter et al., Phys. Rev. Lett. 115 (2015) 092301, arXiv:1506.04142"
ANGELI = "Angeli and Marinova, At. Data Nucl. Data Tables 99 (2013) 69"
F_S = "Junnarkar and Walker-Loud, Phys. Rev. D 87 (2013) 114510, arXiv:1301.1114"

_ABUNDANCE_TOLERANCE = 1e-4
_SPIN_PARITY = re.compile(r"\d+(/2)?[+-]")


@builder(RAW)
def build(raw: RawFolder) -> Files:
    """Build the isotope table, the nucleon matrix elements and the nuclear responses."""
    spins = responses.read_spins(raw)
    return {
        "isotopes.csv": _isotopes(raw),
        "nucleon_matrix_elements.toml": _matrix_elements(raw),
        "hoferichter2020.csv": responses.weak_form_factors(raw),
        "spin_expectation_values.csv": responses.spin_expectation_values(spins),
        "klos2013.csv": responses.klos_structure_functions(raw, spins),
        "anand2013.csv": responses.anand_spin_responses(raw),
    }


def _isotopes(raw: RawFolder) -> str:
    relative = "isotopes.csv"
    isotopes = []
    totals: dict[str, float] = defaultdict(float)
    for row in read_records(raw, relative, list(COLUMNS.values())):
        with raw.parsing(relative, f"columns {', '.join(COLUMNS.values())}, found {row}"):
            symbol, z, a, *numbers, spin, radius, error = (row[c] for c in COLUMNS.values())
            abundance, mass = map(float, numbers)
            sizes = (float(radius), float(error))
            isotope = (int(z), int(a), symbol, abundance, mass, spin.rstrip("*"), *sizes)
        isotopes.append(isotope)
        totals[symbol] += isotope[3]
        good = 0 < isotope[3] <= 1 and abs(isotope[4] - isotope[1]) < 1
        raw.expect(relative, good, f"a mole fraction and a mass close to A, found {row}")
        in_range = 0.8 < sizes[0] / isotope[1] ** (1 / 3) < 1.4 and 0 < sizes[1] < sizes[0]
        good = in_range and _SPIN_PARITY.fullmatch(isotope[5]) is not None
        raw.expect(relative, good, f"a spin-parity such as 3/2+ and a radius in fm, found {row}")
    raw.expect(relative, bool(isotopes), "isotopes, found none")
    for symbol, total in totals.items():
        whole = abs(total - 1) <= _ABUNDANCE_TOLERANCE
        raw.expect(relative, whole, f"abundances of {symbol} that sum to 1, found {total:.6g}")
    rows = [
        (symbol, str(z), str(a), f"{abundance:.10g}", f"{mass:.12g}", spin, *map(_short, sizes))
        for z, a, symbol, abundance, mass, spin, *sizes in sorted(isotopes)
    ]
    return csv_text([f"{NUBASE}; radii: {ANGELI}; see REFERENCE."], list(COLUMNS), rows)


def _short(value: float) -> str:
    return f"{value:g}"


def _matrix_elements(raw: RawFolder) -> str:
    relative = "nucleon_matrix_elements.csv"
    rows = read_records(raw, relative, ["set", "quantity", *NUCLEONS.values()])
    lines = [f"# f_u, f_d: {H15}.\n# f_s: {F_S}.\n"]
    with raw.parsing(relative, f"{', '.join(QUARKS)} of the set H15 for p and n"):
        table = {row["quantity"]: row for row in rows if row["set"] == "H15"}
        for nucleon, column in NUCLEONS.items():
            values = {quark: float(table[quark][column]) for quark in QUARKS}
            if not all(0 < value < 1 for value in values.values()):
                raise ValueError(f"{nucleon} {values} not between 0 and 1")
            lines.append(f"\n[H15.{nucleon}]\n")
            lines += [f"{quark} = {value!r}\n" for quark, value in values.items()]
    return "".join([*lines, *_nucleon_sizes(raw, rows, relative)])


def _nucleon_sizes(raw: RawFolder, rows: list[dict[str, str]], relative: str) -> list[str]:
    lines = [f"\n# {responses.HMS}, Table I; anomalous moments in nuclear magnetons.\n"]
    table = {row["quantity"]: row for row in rows if row["set"] == "HMS20"}
    with raw.parsing(relative, f"{', '.join(NUCLEON_SIZE.values())} of the set HMS20"):
        for nucleon, column in NUCLEONS.items():
            lines.append(f"\n[HMS20.{nucleon}]\n")
            for name, quantity in NUCLEON_SIZE.items():
                lines.append(f"{name} = {float(table[quantity][column])!r}\n")
    return lines
