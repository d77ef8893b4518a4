"""Nuclear responses from shell models: weak form factors and spin structure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.reading import read_records

HMS = "Hoferichter, Menendez and Schwenk, Phys. Rev. D 102 (2020) 074018, arXiv:2007.08529"
KLOS = "Klos et al., Phys. Rev. D 88 (2013) 083516, erratum 89 (2014) 029901, arXiv:1304.7684"
ANAND = "Anand, Fitzpatrick and Haxton, Phys. Rev. C 89 (2014) 065501, arXiv:1308.6288"
BEDNYAKOV = "Bednyakov and Simkovic, Phys. Part. Nucl. 36 (2005) 131, hep-ph/0406218"

#: Raw operator -> ours.
OPERATORS = {
    "M_plus": "m_plus",
    "M_minus": "m_minus",
    "Phi2_plus": "phi2_plus",
    "Phi2_minus": "phi2_minus",
}
#: Nuclei (symbol, Z, A) with structure functions of Klos et al., in the order of their files.
KLOS_NUCLEI = (
    ("Na", 11, 23),
    ("Si", 14, 29),
    ("Ge", 32, 73),
    ("I", 53, 127),
    ("Xe", 54, 129),
    ("Xe", 54, 131),
)
KLOS_COLUMNS = ("s00", "s11_min", "s11_max", "s01_a", "s01_b")
KLOS_POWERS = 10
#: Odd nuclei with the responses of Anand et al.
ANAND_NUCLEI = tuple(nucleus for nucleus in KLOS_NUCLEI if nucleus[0] != "Si")
#: Our name -> place of the response in a raw file of 8 responses x 4 isospins x 11 powers.
ANAND_RESPONSES = {"longitudinal": 4, "transverse": 5}
#: Isospin 00, 01, 11: place in the raw file; 10 is the same as 01.
ANAND_ISOSPINS = {"00": 0, "01": 1, "11": 3}
ANAND_POWERS = 11

#: (symbol, Z, A) -> J, <S_p>, <S_n>.
type Spins = dict[tuple[str, int, int], tuple[float, float, float]]

#: More nuclei, from the same table of obscura as the raw file: 19F and 27Al of Klos et al., the
#: others as Bednyakov and Simkovic collect them. A zero of 67Zn and 183W was not computed.
MORE_SPINS: Spins = {
    ("He", 2, 3): (0.5, -0.081, 0.552),
    ("Li", 3, 7): (1.5, 0.497, 0.004),
    ("Be", 4, 9): (1.5, 0.007, 0.415),
    ("B", 5, 11): (1.5, 0.292, 0.008),
    ("C", 6, 13): (0.5, -0.009, -0.172),
    ("N", 7, 15): (0.5, -0.145, 0.037),
    ("O", 8, 17): (2.5, -0.036, 0.508),
    ("F", 9, 19): (0.5, 0.478, -0.002),
    ("Ne", 10, 21): (1.5, 0.02, 0.294),
    ("Mg", 12, 25): (2.5, 0.04, 0.376),
    ("Al", 13, 27): (2.5, 0.326, 0.038),
    ("P", 15, 31): (0.5, 0.181, 0.032),
    ("Cl", 17, 35): (1.5, -0.051, -0.0088),
    ("K", 19, 39): (1.5, -0.197, 0.051),
    ("Zn", 30, 67): (2.5, 0.0, -0.23),
    ("Nb", 41, 93): (4.5, 0.48, 0.04),
    ("W", 74, 183): (0.5, 0.0, -0.03),
    ("Pb", 82, 207): (0.5, -0.01, -0.149),
}

_SPIN_TOLERANCE = 0.02  # the expectation values have two or three digits
_LIMIT_TOLERANCE = 1e-6


def weak_form_factors(raw: RawFolder) -> str:
    """Return the shell-model coefficients of the charge and spin-orbit operators as CSV."""
    relative = "hms2020_vector_formfactors.csv"
    powers = [f"c{k}" for k in range(6)]
    rows = []
    for row in read_records(raw, relative, ["Z", "A", "b_fm", "operator", *powers]):
        with raw.parsing(relative, f"Z, A, b_fm, an operator and c0 to c5, found {row}"):
            z, a, operator = int(row["Z"]), int(row["A"]), OPERATORS[row["operator"]]
            values = [float(row["b_fm"]), *(float(row[power] or 0) for power in powers)]
        expected = {"m_plus": a, "m_minus": 2 * z - a}.get(operator, values[1])
        good = values[0] > 0 and values[1] == expected and all(map(math.isfinite, values))
        raw.expect(relative, good, f"b > 0 and c0 = {expected:g} of {operator}, found {row}")
        rows.append([str(z), str(a), f"{values[0]:.10g}", operator, *_texts(values[1:])])
    raw.expect(relative, bool(rows), "nuclei, found none")
    return csv_text([f"{HMS}; see REFERENCE."], ["z", "a", "b_fm", "operator", *powers], rows)


def spin_expectation_values(spins: Spins) -> str:
    """Return J, <S_p> and <S_n> as CSV: Klos et al., and Bednyakov and Simkovic for the others."""
    rows = [
        [symbol, str(z), str(a), *_texts(values)]
        for (symbol, z, a), values in sorted(
            (MORE_SPINS | spins).items(), key=lambda item: item[0][1:]
        )
    ]
    names = ["symbol", "z", "a", "spin", "proton", "neutron"]
    return csv_text([f"{KLOS}; others: {BEDNYAKOV}; see REFERENCE."], names, rows)


def read_spins(raw: RawFolder) -> Spins:
    """Read J, <S_p> and <S_n> of the odd nuclei."""
    relative = "spin_expectation_values.csv"
    table = {}
    columns = ("source", "symbol", "Z", "A", "J", "Sp", "Sn")
    with raw.parsing(relative, f"columns {', '.join(columns)} with every nucleus"):
        for row in read_records(raw, relative, columns):
            if row["source"] == "obscura":
                nucleus = (row["symbol"], int(row["Z"]), int(row["A"]))
                table[nucleus] = (float(row["J"]), float(row["Sp"]), float(row["Sn"]))
        for nucleus in KLOS_NUCLEI:
            spin, proton, neutron = table[nucleus]
            if not (spin > 0 and max(abs(proton), abs(neutron)) <= spin):
                raise ValueError(f"spins of {nucleus}: {table[nucleus]}")
    return table


def klos_structure_functions(raw: RawFolder, spins: Spins) -> str:
    """Return the coefficients of S_ij(u) = exp(-u) sum_k c_k u^k as CSV."""
    rows = []
    for symbol, z, a in KLOS_NUCLEI:
        relative = f"ddcalc_klos2013_sdff/{z}_{a}.dat"
        values = _floats(raw, relative, KLOS_POWERS * len(KLOS_COLUMNS))
        spin, proton, neutron = spins[symbol, z, a]
        norm = (2 * spin + 1) * (spin + 1) / (4 * math.pi * spin)
        expected = norm * (proton + neutron) ** 2
        close = math.isclose(values[0], expected, rel_tol=_SPIN_TOLERANCE)
        what = f"S_00(0) = {expected:.4g} of the spins, found {values[0]:g}"
        raw.expect(relative, close, what)
        for column, name in enumerate(KLOS_COLUMNS):
            coefficients = values[column :: len(KLOS_COLUMNS)]
            rows.append([symbol, str(z), str(a), name, *_texts(coefficients)])
    names = ["symbol", "z", "a", "function", *(f"c{k}" for k in range(KLOS_POWERS))]
    return csv_text([f"{KLOS}; see REFERENCE."], names, rows)


def anand_spin_responses(raw: RawFolder) -> str:
    """Return the coefficients of W(y) = exp(-2 y) sum_k c_k y^k of both spin responses as CSV."""
    rows = []
    for symbol, z, a in ANAND_NUCLEI:
        relative = f"ddcalc_wbar_anand2013/{z}_{a}.dat"
        values = _floats(raw, relative, 8 * 4 * ANAND_POWERS)
        at_zero = {}
        for response, place in ANAND_RESPONSES.items():
            for isospin, number in ANAND_ISOSPINS.items():
                start = (4 * place + number) * ANAND_POWERS
                coefficients = values[start : start + ANAND_POWERS]
                at_zero[response, isospin] = coefficients[0]
                rows.append([symbol, str(z), str(a), response, isospin, *_texts(coefficients)])
        for isospin in ANAND_ISOSPINS:
            ratio = (at_zero["transverse", isospin], 2 * at_zero["longitudinal", isospin])
            close = math.isclose(*ratio, rel_tol=_LIMIT_TOLERANCE)
            what = f"W_Sigma' = 2 W_Sigma'' at y = 0, found {ratio} ({isospin})"
            raw.expect(relative, close, what)
    powers = [f"c{k}" for k in range(ANAND_POWERS)]
    names = ["symbol", "z", "a", "response", "isospin", *powers]
    return csv_text([f"{ANAND}; see REFERENCE."], names, rows)


def _floats(raw: RawFolder, relative: str, count: int) -> list[float]:
    text = raw.read_text(relative, group=relative.split("/")[0])
    with raw.parsing(relative, "numbers"):
        values = [float(word) for word in text.split()]
    good = len(values) == count and all(map(math.isfinite, values))
    raw.expect(relative, good, f"{count} finite numbers, found {len(values)}")
    return values


def _texts(values: Sequence[float]) -> list[str]:
    return [f"{value:.12g}" for value in values]
