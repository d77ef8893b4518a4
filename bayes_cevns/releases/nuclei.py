"""Natural isotopes, the quark content and size of the nucleon, and nuclear responses."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from bayes_cevns.releases import nuclear_responses as responses
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

REFERENCE = f"""\
Nuclei and nucleons

Sources
  isotopes.csv                   {NUBASE};
                                 charge radii: {ANGELI}.
  nucleon_matrix_elements.toml   H15: f_u, f_d: {H15};
                                 f_s: {F_S}.
                                 HMS20: {responses.HMS}, Table I.
  hoferichter2020.csv            {responses.HMS}.
  klos2013.csv                   {responses.KLOS}.
  anand2013.csv                  {responses.ANAND}.
  spin_expectation_values.csv    as klos2013.csv; Cs: {responses.BEDNYAKOV}.

Licence
  Evaluated and published numbers, to be cited by their papers. Only numbers were taken, no text
  and no program code. They were read from copies distributed with programs: those of NUBASE2020
  (file nubase_4.mas20.txt) and of Angeli and Marinova with nucleardatapy (CC-BY-NC-ND-4.0), the
  spin structure functions and responses with DDCalc (its own licence, non-commercial use), the
  spin expectation values with obscura (MIT), the coefficients of Hoferichter et al. from a public
  program that copies the tables of the paper.

What was derived, and how (bayes_cevns.releases.nuclei and .nuclear_responses)
  isotopes.csv: natural isotopes with their mole fraction, spin-parity and rms charge radius.
  Mass of the neutral atom in u: mass number plus the mass excess divided by 931494.10242 keV. The
  mark of directly measured spins (*) was dropped. The abundances of an element sum to one within
  1e-4.
  nucleon_matrix_elements.toml: H15, f_q = <N| m_q qbar q |N> / m_N of light quarks in protons and
  neutrons, central values; HMS20, mean square charge radii, strange radius and anomalous magnetic
  moments of the nucleons.
  hoferichter2020.csv: F(u) = exp(-u/2) sum_k c_k u^k, u = q^2 b^2 / 2, of the charge operator M
  and the spin-orbit operator Phi''; plus and minus are the sum and the difference of protons and
  neutrons. Nuclei: 127I, 128-132,134,136Xe, 133Cs. There are none of 124Xe and 126Xe.
  klos2013.csv: S(u) = exp(-u) sum_k c_k u^k, u = q^2 b^2 / 2,
  b^2 = 41.467 / (45 A^-1/3 - 25 A^-2/3) fm^2, with one- and two-body currents.
  S = a_0^2 S_00 + a_0 a_1 S_01 + a_1^2 S_11, where
  a_0 = a_p + a_n and a_1 = a_p - a_n. S_11 and S_01 have two columns, the ends of the band of the
  two-body currents. Of the two columns of S_01 that with the smaller modulus belongs to s11_min:
  a for 23Na and 127I, b for 29Si, 73Ge, 129Xe and 131Xe.
  anand2013.csv: W(y) = exp(-2 y) sum_k c_k y^k, y = u / 2 with the same b: Sigma'' (longitudinal)
  and Sigma' (transverse), one-body currents, in the same isospin convention, so that at q = 0
  their sum would be S_ij without two-body currents. Isospin 10 equals 01. The order of the raw
  responses was found by their behaviour at q = 0. There is no file of 29Si.
  spin_expectation_values.csv: <S_p>, <S_n> in the state of maximal projection.

  The builder reads isotopes.csv (columns symbol, Z, A, abundance, atomic_mass_u, Jpi, R_ch_fm,
  R_ch_unc_fm), nucleon_matrix_elements.csv (columns set, quantity, p, n),
  hms2020_vector_formfactors.csv, spin_expectation_values.csv (rows of obscura),
  ddcalc_klos2013_sdff and ddcalc_wbar_anand2013 below theory/nuclear; inputs.toml has their
  digests.

Check values
  Mean atomic mass of xenon 131.29 u; f_u, f_d, f_s = 0.0208, 0.0411, 0.043 in the proton.
  Charge radius of 132Xe 4.7859 fm. M_plus(0) = A, M_minus(0) = Z - N.
  S_00(0) = (2J+1)(J+1)/(4 pi J) (<S_p> + <S_n>)^2 within 1%: 0.0547 for 129Xe, 0.0418 for 131Xe.
  W_Sigma'(0) = 2 W_Sigma''(0). Their sum against S_00(0), the difference of two shell models:
  1.17 (23Na), 1.05 (73Ge), 0.78 (127I), 0.57 (129Xe), 0.53 (131Xe).
"""

_ABUNDANCE_TOLERANCE = 1e-4
_SPIN_PARITY = re.compile(r"\d+(/2)?[+-]")


def build(releases_dir: Path) -> Product:
    """Build the isotope table, the nucleon matrix elements and the nuclear responses.

    Raises
    ------
    DataError
        If an input is missing or damaged, or contradicts itself (abundances, limits at q = 0).
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    spins = responses.read_spins(raw)
    files = {
        "isotopes.csv": _isotopes(raw).encode(),
        "nucleon_matrix_elements.toml": _matrix_elements(raw).encode(),
        "hoferichter2020.csv": responses.weak_form_factors(raw).encode(),
        "spin_expectation_values.csv": responses.spin_expectation_values(spins).encode(),
        "klos2013.csv": responses.klos_structure_functions(raw, spins).encode(),
        "anand2013.csv": responses.anand_spin_responses(raw).encode(),
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
            symbol, z, a, *numbers, spin, radius, error = (row[c] for c in COLUMNS.values())
            abundance, mass = map(float, numbers)
            sizes = (float(radius), float(error))
            isotope = (int(z), int(a), symbol, abundance, mass, spin.rstrip("*"), *sizes)
        except (KeyError, TypeError, ValueError, AttributeError) as failure:
            problem = f"expected columns {', '.join(COLUMNS.values())}, found {row} ({failure})"
            raise raw.error(relative, problem) from None
        isotopes.append(isotope)
        totals[symbol] += isotope[3]
        if not (0 < isotope[3] <= 1 and abs(isotope[4] - isotope[1]) < 1):
            problem = f"expected a mole fraction and a mass close to A, found {row}"
            raise raw.error(relative, problem)
        in_range = 0.8 < sizes[0] / isotope[1] ** (1 / 3) < 1.4 and 0 < sizes[1] < sizes[0]
        if not (_SPIN_PARITY.fullmatch(isotope[5]) and in_range):
            problem = f"expected a spin-parity such as 3/2+ and a radius in fm, found {row}"
            raise raw.error(relative, problem)
    if not isotopes:
        raise raw.error(relative, "expected isotopes, found none")
    for symbol, total in totals.items():
        if not abs(total - 1) <= _ABUNDANCE_TOLERANCE:
            problem = f"expected abundances of {symbol} that sum to 1, found {total:.6g}"
            raise raw.error(relative, problem)
    head = [f"# {NUBASE}; radii: {ANGELI}; see REFERENCE.", ",".join(COLUMNS)]
    lines = [
        f"{symbol},{z},{a},{abundance:.10g},{mass:.12g},{spin},{radius:g},{error:g}"
        for z, a, symbol, abundance, mass, spin, radius, error in sorted(isotopes)
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
    return "".join([*lines, *_nucleon_sizes(raw, rows, relative)])


def _nucleon_sizes(raw: RawFolder, rows: list[dict[str, str]], relative: str) -> list[str]:
    lines = [f"\n# {responses.HMS}, Table I; anomalous moments in nuclear magnetons.\n"]
    table = {row["quantity"]: row for row in rows if row["set"] == "HMS20"}
    try:
        for nucleon, column in NUCLEONS.items():
            lines.append(f"\n[HMS20.{nucleon}]\n")
            for name, quantity in NUCLEON_SIZE.items():
                lines.append(f"{name} = {float(table[quantity][column])!r}\n")
    except (KeyError, TypeError, ValueError) as error:
        problem = f"expected {', '.join(NUCLEON_SIZE.values())} of the set HMS20 ({error})"
        raise raw.error(relative, problem) from None
    return lines
