"""Charge form factors of nuclei and their neutron mirror, from shell-model coefficients.

Hoferichter, Menendez and Schwenk, Phys. Rev. D 102 (2020) 074018, give for the charge operator M
and the spin-orbit operator Phi'' the responses F(u) = exp(-u/2) sum_k c_k u^k, u = q^2 b^2 / 2, of
protons plus and minus neutrons.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.resources import data_file

type Array = NDArray[np.float64]

#: Strange magnetic moment of the nucleon in nuclear magnetons: Table I of the paper.
STRANGE_MOMENT: Final = -0.017
#: Nuclei without coefficients -> the one whose form factors they take.
STAND_INS: Final = {"Xe-124": "Xe-128", "Xe-126": "Xe-128"}

_OPERATORS = ("m_plus", "m_minus", "phi2_plus", "phi2_minus")
_NUCLEON_MASS_MEV = 0.5 * (const.PROTON_MASS_MEV + const.NEUTRON_MASS_MEV)


@dataclass(frozen=True, eq=False)
class _Responses:
    z: int
    a: int
    oscillator_fm: float
    coefficients: dict[str, Array]


@cache
def _table() -> dict[tuple[int, int], _Responses]:
    rows: dict[tuple[int, int], list[dict[str, str]]] = {}
    with data_file("nuclei/hoferichter2020.csv").open() as stream:
        for row in csv.DictReader(line for line in stream if not line.startswith("#")):
            rows.setdefault((int(row["z"]), int(row["a"])), []).append(row)
    return {
        (z, a): _Responses(
            z=z,
            a=a,
            oscillator_fm=float(several[0]["b_fm"]),
            coefficients={
                row["operator"]: np.array([float(row[f"c{k}"]) for k in range(6)])
                for row in several
            },
        )
        for (z, a), several in rows.items()
    }


@cache
def _nucleons() -> dict[str, dict[str, float]]:
    with data_file("nuclei/nucleon_matrix_elements.toml").open("rb") as stream:
        table: dict[str, dict[str, float]] = tomllib.load(stream)["HMS20"]
    return table


def _responses(isotope: Isotope) -> _Responses:
    symbol, a = STAND_INS.get(isotope.label, isotope.label).split("-")
    key = (isotope.z, int(a))
    if symbol != isotope.symbol or key not in _table():
        symbols = {53: "I", 54: "Xe", 55: "Cs"}
        known = {f"{symbols.get(z, z)}-{number}" for z, number in _table()} | set(STAND_INS)
        raise UnknownNameError("nucleus of the form factor hoferichter2020", isotope.label, known)
    return _table()[key]


def stand_in(isotope: Isotope) -> tuple[int, int]:
    """Return Z and A of the nucleus whose coefficients an isotope takes; mostly its own.

    Raises
    ------
    UnknownNameError
        If there are no coefficients; the nuclei that have them are listed.
    """
    found = _responses(isotope)
    return found.z, found.a


def charge_and_mirror(q_mev: ArrayLike, isotope: Isotope) -> tuple[Array, Array]:
    """Return the charge form factor and its mirror, Z and N of `stand_in` at q = 0.

    Parameters
    ----------
    q_mev
        Momentum transfer in MeV, any shape.
    isotope
        The nucleus.

    Returns
    -------
    charge, mirror
        Factors of g_p and g_n in Q_w F_w / 2, shape of `q_mev`. With t = -q^2,

            charge = (1 + r_p t/6 + t/(8 m^2)) M_p + (r_n t/6) M_n
                     - (1 + 2 k_p) t/(4 m^2) Phi_p - 2 k_n t/(4 m^2) Phi_n,
            mirror = (1 + (r_p + r_s) t/6 + t/(8 m^2)) M_n + ((r_n + r_s) t/6) M_p
                     - (1 + 2 k_p + 2 k_s) t/(4 m^2) Phi_n - 2 (k_n + k_s) t/(4 m^2) Phi_p,

        where r are mean square charge radii and k anomalous moments of proton, neutron and
        strangeness, and m the nucleon mass.

    Raises
    ------
    UnknownNameError
        If there are no coefficients; the nuclei that have them are listed.
    """
    nucleus = _responses(isotope)
    q = np.asarray(q_mev, dtype=float)
    u = 0.5 * (q / const.HBARC_MEV_FM * nucleus.oscillator_fm) ** 2
    values = {
        name: np.asarray(np.exp(-0.5 * u) * polyval(u, nucleus.coefficients[name]), dtype=float)
        for name in _OPERATORS
    }
    m_p, m_n = _of_nucleons(values["m_plus"], values["m_minus"])
    phi_p, phi_n = _of_nucleons(values["phi2_plus"], values["phi2_minus"])
    proton, neutron = _nucleons()["proton"], _nucleons()["neutron"]
    sixth = -(q**2) / const.HBARC_MEV_FM**2 / 6.0
    quarter = -(q**2) / (4.0 * _NUCLEON_MASS_MEV**2)
    r_p, r_n = (each["charge_radius_squared_fm2"] for each in (proton, neutron))
    k_p, k_n = (each["anomalous_moment"] for each in (proton, neutron))
    r_s, k_s = proton["strange_radius_squared_fm2"], STRANGE_MOMENT
    charge = (1 + r_p * sixth + quarter / 2) * m_p + r_n * sixth * m_n
    charge = charge - quarter * ((1 + 2 * k_p) * phi_p + 2 * k_n * phi_n)
    mirror = (1 + (r_p + r_s) * sixth + quarter / 2) * m_n + (r_n + r_s) * sixth * m_p
    mirror = mirror - quarter * ((1 + 2 * k_p + 2 * k_s) * phi_n + 2 * (k_n + k_s) * phi_p)
    return np.asarray(charge), np.asarray(mirror)


def _of_nucleons(plus: Array, minus: Array) -> tuple[Array, Array]:
    return 0.5 * (plus + minus), 0.5 * (plus - minus)
