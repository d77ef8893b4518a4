"""Form factors of protons and neutrons from shell-model coefficients.

Hoferichter, Menendez and Schwenk, Phys. Rev. D 102 (2020) 074018, give for the charge operator M
and the spin-orbit operator Phi'' the responses F(u) = exp(-u/2) sum_k c_k u^k, u = q^2 b^2 / 2, of
protons plus and minus neutrons. They are polynomials of an oscillator basis, good at every q.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.storage.resources import data_file

#: Strange magnetic moment of the nucleon in nuclear magnetons: Table I of the paper.
STRANGE_MOMENT: Final = -0.017
#: Nuclei without coefficients -> the one whose form factors they take.
STAND_INS: Final = {"Xe-124": "Xe-128", "Xe-126": "Xe-128"}

_SYMBOLS = {53: "I", 54: "Xe", 55: "Cs"}
_NUCLEON_MASS_PER_FM = 0.5 * (const.PROTON_MASS_MEV + const.NEUTRON_MASS_MEV) / const.HBARC_MEV_FM


@dataclass(frozen=True, eq=False)
class _Nucleus:
    """F(u) = exp(-u/2) sum_k c_k u^k of protons and neutrons, one at u = q^2 b^2 / 2 = 0.

    `point_radii_fm` are rms radii of protons and neutrons without their sizes.
    """

    oscillator_fm: float
    proton: Array
    neutron: Array
    point_radii_fm: tuple[float, float]


def shell_model_proton(q_mev: ArrayLike, isotope: Isotope) -> Array:
    """Return F_p(q) of Hoferichter et al.: the charge form factor of the nucleus.

    Parameters
    ----------
    q_mev
        Momentum transfer in MeV, any shape.
    isotope
        The nucleus.

    Returns
    -------
    ndarray
        Shape of `q_mev`, one at q = 0. With t = -q^2, Z F_p is

            (1 + r_p t/6 + t/(8 m^2)) M_p + (r_n t/6) M_n
            - (1 + 2 k_p) t/(4 m^2) Phi_p - 2 k_n t/(4 m^2) Phi_n,

        where r are mean square charge radii and k anomalous magnetic moments of the nucleons, and
        m is the nucleon mass. It multiplies g_p in the weak form factor.

    Raises
    ------
    UnknownNameError
        If there are no coefficients; the nuclei that have them are listed.
    """
    nucleus = _nucleus(isotope)
    return _evaluate(q_mev, nucleus.oscillator_fm, nucleus.proton)


def shell_model_neutron(q_mev: ArrayLike, isotope: Isotope) -> Array:
    """Return F_n(q) of Hoferichter et al., the factor of g_n; otherwise as `shell_model_proton`.

    With the mean square radius r_s and the magnetic moment k_s of strangeness, N F_n is

        (1 + (r_p + r_s) t/6 + t/(8 m^2)) M_n + ((r_n + r_s) t/6) M_p
        - (1 + 2 k_p + 2 k_s) t/(4 m^2) Phi_n - 2 (k_n + k_s) t/(4 m^2) Phi_p.
    """
    nucleus = _nucleus(isotope)
    return _evaluate(q_mev, nucleus.oscillator_fm, nucleus.neutron)


def shell_model_point_radii_fm(isotope: Isotope) -> tuple[float, float]:
    """Return the rms radii of point protons and point neutrons in fm, from the responses M alone.

    Raises
    ------
    UnknownNameError
        As in `shell_model_proton`.
    """
    return _nucleus(isotope).point_radii_fm


def _evaluate(q_mev: ArrayLike, oscillator_fm: float, coefficients: Array) -> Array:
    q_per_fm = np.asarray(q_mev, dtype=float) / const.HBARC_MEV_FM
    u = 0.5 * (q_per_fm * oscillator_fm) ** 2
    return np.asarray(np.exp(-0.5 * u) * polyval(u, coefficients), dtype=float)


def _nucleus(isotope: Isotope) -> _Nucleus:
    label = STAND_INS.get(isotope.label, isotope.label)
    if label not in _table():
        known = _table().keys() | STAND_INS
        raise UnknownNameError("nucleus of the form factor hoferichter2020", isotope.label, known)
    return _table()[label]


@cache
def _table() -> dict[str, _Nucleus]:
    with data_file("nuclei/nucleon_matrix_elements.toml").open("rb") as stream:
        nucleons = tomllib.load(stream)["HMS20"]
    operators: dict[str, dict[str, Array]] = {}
    sizes: dict[str, tuple[int, int, float]] = {}
    with data_file("nuclei/hoferichter2020.csv").open() as stream_of_text:
        for row in csv.DictReader(line for line in stream_of_text if not line.startswith("#")):
            label = f"{_SYMBOLS[int(row['z'])]}-{row['a']}"
            sizes[label] = (int(row["z"]), int(row["a"]), float(row["b_fm"]))
            coefficients = np.array([float(row[f"c{k}"]) for k in range(6)])
            operators.setdefault(label, {})[row["operator"]] = coefficients
    return {
        label: _combined(*sizes[label], responses, nucleons)
        for label, responses in operators.items()
    }


def _combined(
    z: int,
    a: int,
    oscillator_fm: float,
    responses: dict[str, Array],
    nucleons: dict[str, dict[str, float]],
) -> _Nucleus:
    """Put the responses together as one polynomial each, t being -2 u / b^2."""
    m_p, m_n = (0.5 * (responses["m_plus"] + s * responses["m_minus"]) for s in (1, -1))
    phi_p, phi_n = (0.5 * (responses["phi2_plus"] + s * responses["phi2_minus"]) for s in (1, -1))
    r_p, r_n = (nucleons[n]["charge_radius_squared_fm2"] for n in ("proton", "neutron"))
    k_p, k_n = (nucleons[n]["anomalous_moment"] for n in ("proton", "neutron"))
    r_s, k_s = nucleons["proton"]["strange_radius_squared_fm2"], STRANGE_MOMENT
    m2 = _NUCLEON_MASS_PER_FM**2
    charge = (r_p / 6 + 1 / (8 * m2)) * m_p + r_n / 6 * m_n
    charge = charge - ((1 + 2 * k_p) * phi_p + 2 * k_n * phi_n) / (4 * m2)
    mirror = ((r_p + r_s) / 6 + 1 / (8 * m2)) * m_n + (r_n + r_s) / 6 * m_p
    mirror = mirror - ((1 + 2 * k_p + 2 * k_s) * phi_n + 2 * (k_n + k_s) * phi_p) / (4 * m2)
    t_per_u = -2.0 / oscillator_fm**2
    return _Nucleus(
        oscillator_fm=oscillator_fm,
        proton=(np.append(m_p, 0.0) + t_per_u * np.append(0.0, charge)) / z,
        neutron=(np.append(m_n, 0.0) + t_per_u * np.append(0.0, mirror)) / (a - z),
        point_radii_fm=(_rms_fm(m_p, oscillator_fm), _rms_fm(m_n, oscillator_fm)),
    )


def _rms_fm(response: Array, oscillator_fm: float) -> float:
    """Return R of exp(-u/2) (c_0 + c_1 u + ...) = c_0 (1 - q^2 R^2 / 6 + ...), u = q^2 b^2 / 2."""
    return float(oscillator_fm * np.sqrt(3.0 * (0.5 - response[1] / response[0])))
