"""Natural isotopes, the quark content and size of the nucleon, and nuclear responses."""

from __future__ import annotations

from bayes_cevns.releases import nuclear_responses as responses
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.isotopes import WHEEL, isotope_table
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import read_records

RAW = RawRelease("theory/nuclear", "from the sources in data/nuclei/REFERENCE")

QUARKS = ("f_u", "f_d", "f_s")
NUCLEONS = {"proton": "p", "neutron": "n"}
#: Our name -> quantity of the raw set HMS20; the strange ones are those of both nucleons.
NUCLEON_SIZE = {
    "charge_radius_squared_fm2": "<rE^2>",
    "strange_radius_squared_fm2": "<rEs^2>",
    "anomalous_moment": "kappa",
}

H15 = "Hoferichter et al., Phys. Rev. Lett. 115 (2015) 092301, arXiv:1506.04142"
F_S = "Junnarkar and Walker-Loud, Phys. Rev. D 87 (2013) 114510, arXiv:1301.1114"


@builder(RAW, WHEEL)
def build(raw: RawFolder, evaluations: RawFolder) -> Files:
    """Build the isotope table, the nucleon matrix elements and the nuclear responses."""
    spins = responses.read_spins(raw)
    return {
        "isotopes.csv": isotope_table(evaluations),
        "nucleon_matrix_elements.toml": _matrix_elements(raw),
        "hoferichter2020.csv": responses.weak_form_factors(raw),
        "spin_expectation_values.csv": responses.spin_expectation_values(spins),
        "klos2013.csv": responses.klos_structure_functions(raw, spins),
        "anand2013.csv": responses.anand_spin_responses(raw),
    }


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
