"""Charges of nuclei for axial, pseudoscalar and tensor interactions.

A nucleus is described by two numbers: the squares of its spin charge for polarisations transverse
and longitudinal to the momentum transfer,

    w_T(q) = 2 pi S_T(q) / (2J + 1),   w_L(q) = 4 pi S_L(q) / (2J + 1),

which at q = 0 are both (4/3) ((J + 1)/J) (c_p <S_p> + c_n <S_n>)^2, and one for a free nucleon of
unit coupling. They multiply the cross sections of `spin_kinematics`.

Derivation: a slow nucleus in which sum_i c_i sigma_i is the operator has, averaged over its
orientation, the tensor W_kl = (1/(2J+1)) sum <c sigma_k> <c sigma_l>* = w delta_kl, where
3 w = |<J||c sigma||J>|^2 / (2J+1) and <J||S||J>^2 = (2J+1)(J+1)/J <S_z>^2. The structure functions
sum the multipoles of (c sigma) with the norm |<J||c sigma||J>|^2 = 4 pi (S_T + S_L) at q = 0, two
thirds of it in the two transverse polarisations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import UnknownNameError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.spin import spin_expectation, spin_structure


class QuarkSpins(NamedTuple):
    """Quark contributions to the spin of the proton; u and d change places in the neutron.

    Attributes
    ----------
    up, down
        Delta u and Delta d, with antiquarks.
    """

    up: float
    down: float


#: Sets of quark spins. ``"lattice"``: Lin et al. (PNDME), Phys. Rev. D 98 (2018) 094512,
#: arXiv:1806.10604: 0.777(25)(30) and -0.438(18)(30); Delta u + Delta d is 0.339, with an error of
#: 15% if theirs are independent. ``"legacy"``: Ellis, Olive and Savage, Phys. Rev. D 77 (2008)
#: 065026, as Majumdar, Papoulias and Srivastava (2022) use them: 0.415.
QUARK_SPINS: Final[Mapping[str, QuarkSpins]] = {
    "lattice": QuarkSpins(0.777, -0.438),
    "legacy": QuarkSpins(0.842, -0.427),
}

#: Tensor charges of the proton: Aristizabal Sierra, Liao and Marfatia, JHEP 06 (2019) 141, as
#: Majumdar, Papoulias and Srivastava (2022) use them.
TENSOR_UP: Final = 0.54
TENSOR_DOWN: Final = -0.23
#: h_q^N = <N| m_q qbar i gamma_5 q |N> / m_N: Ema, Sala and Sato, SciPost Phys. 10 (2021) 072, as
#: Majumdar, Papoulias and Srivastava (2022) print them: the same for protons and neutrons, which
#: is not isospin symmetric.
PSEUDOSCALAR_UP: Final = 1.65
PSEUDOSCALAR_DOWN: Final = 0.375
#: <S_p> and <S_n> of 131Xe (Hoferichter, Menendez and Schwenk, Phys. Rev. D 102 (2020) 074018) that
#: stand for all of xenon in Majumdar et al. (2022).
PAPER_001_SPINS: Final = (-0.009, -0.272)

_NUCLEON_MASS_MEV: Final = 0.5 * (const.PROTON_MASS_MEV + const.NEUTRON_MASS_MEV)


def axial_nucleon_couplings(
    up: float = 1.0, down: float = 1.0, *, quark_spins: str = "lattice"
) -> tuple[float, float]:
    """Return a_p, a_n of Nbar a_N gamma gamma_5 N for couplings of qbar gamma gamma_5 q.

    a_p = g_u Delta_u + g_d Delta_d, a_n = g_u Delta_d + g_d Delta_u (isospin); for g_u = g_d = 1
    both are 0.339 (0.415 with "legacy"). Strange quarks are left out: the couplings are to u and d.

    Parameters
    ----------
    up, down
        g_u and g_d.
    quark_spins
        A set of `QUARK_SPINS`.

    Raises
    ------
    UnknownNameError
        If there is no such set.

    References
    ----------
    Majumdar, Papoulias and Srivastava, arXiv:2112.03309, eq. 8.
    """
    if quark_spins not in QUARK_SPINS:
        raise UnknownNameError("set of quark spins", quark_spins, QUARK_SPINS)
    spins = QUARK_SPINS[quark_spins]
    return up * spins.up + down * spins.down, up * spins.down + down * spins.up


def tensor_nucleon_couplings(up: float = 1.0, down: float = 1.0) -> tuple[float, float]:
    """Return the couplings of Nbar sigma N for couplings of qbar sigma q, by isospin.

    g_u delta_u + g_d delta_d of the proton, u and d exchanged in the neutron; for g_u = g_d = 1
    both are 0.31. With `form_factors.coherent_charge` they give the charge Z c_p F_p + N c_n F_n of
    arXiv:2112.03309, as if nucleons added up coherently, and with `spin_charges_squared` that of
    the nuclear spin, to which a slow nucleus couples.

    References
    ----------
    Majumdar, Papoulias and Srivastava, arXiv:2112.03309, eq. 8.
    """
    return up * TENSOR_UP + down * TENSOR_DOWN, up * TENSOR_DOWN + down * TENSOR_UP


def pseudoscalar_nucleon_couplings(up: float = 1.0, down: float = 1.0) -> tuple[float, float]:
    """Return the couplings of Nbar i gamma_5 N for couplings of qbar i gamma_5 q.

    sum_q g_q (m_N / m_q) h_q^N, for protons and neutrons.

    References
    ----------
    Majumdar, Papoulias and Srivastava, arXiv:2112.03309, eq. 8; h_q^N from Ema,
    Sala and Sato, SciPost Phys. 10 (2021) 072.
    """
    inverse = (
        up * PSEUDOSCALAR_UP / const.UP_MASS_MEV + down * PSEUDOSCALAR_DOWN / const.DOWN_MASS_MEV
    )
    return inverse * const.PROTON_MASS_MEV, inverse * const.NEUTRON_MASS_MEV


def spin_charge_squared_at_rest(isotope: Isotope, proton: float, neutron: float) -> float:
    """Return w(0) = (4/3) ((J+1)/J) (c_p <S_p> + c_n <S_n>)^2, zero without nuclear spin.

    With the couplings of `axial_nucleon_couplings` this is Q_A^2 / g^4 of the axial cross section
    m Q_A^2 (2 E^2 + m T - 2 E T) / (4 pi E^2 (q^2 + m_A^2)^2).

    Parameters
    ----------
    isotope
        The nucleus; its abundance does not enter.
    proton, neutron
        Couplings c_p, c_n to the spin of a proton and of a neutron.

    Raises
    ------
    UnknownNameError
        If the nucleus has spin but no expectation values.
    """
    if isotope.spin == 0:
        return 0.0
    s_p, s_n = spin_expectation(isotope)
    amplitude = proton * s_p + neutron * s_n
    return 4.0 / 3.0 * (isotope.spin + 1.0) / isotope.spin * amplitude**2


def spin_charges_squared(
    isotope: Isotope,
    q_mev: ArrayLike,
    proton: float,
    neutron: float,
    *,
    model: str = "best",
    band: str = "central",
    estimate: bool = False,
) -> Array:
    """Return w_T(q) and w_L(q), shape (2, *q); zeros without nuclear spin.

    w_T is Q_A^2 / g^4 of the axial cross section at momentum transfer q. As a massless neutrino
    conserves its current, the longitudinal part has none of it (it is of order T/m).

    Parameters
    ----------
    isotope
        The nucleus.
    q_mev
        Momentum transfer in MeV, shape q.
    proton, neutron
        Couplings c_p, c_n to the spin of a proton and of a neutron.
    model, band, estimate
        See `spin.spin_structure`.

    Raises
    ------
    UnknownNameError, TableError
        As `spin.spin_structure` and its functions.

    Notes
    -----
    w_T = 2 pi S_T / (2J + 1) with a_0 = a_p + a_n in S_T. The axial cross section so is
    m/(2 (2J + 1)) g^4 (2 + m T/E^2 - 2 T/E) S_T / (q^2 + m_A^2)^2, as that of Hoferichter,
    Menendez and Schwenk, Phys. Rev. D 102 (2020) 074018, with g^4/(q^2 + m_A^2)^2 -> 2 G_F^2. The
    form with 2m/(2J + 1) that is also in use has S_T of a_0 = (a_p + a_n)/2, a quarter of this.
    """
    structure = spin_structure(isotope, model=model, band=band, estimate=estimate)
    transverse, longitudinal = structure.polarisations(q_mev, proton, neutron)
    return np.stack([2.0 * transverse, 4.0 * longitudinal]) * np.pi / (2.0 * isotope.spin + 1.0)


def pseudoscalar_charge_squared(
    isotope: Isotope,
    q_mev: ArrayLike,
    proton: float,
    neutron: float,
    *,
    model: str = "best",
    band: str = "central",
    estimate: bool = False,
) -> Array:
    """Return Q_P^2 / g^4 of m T^2 Q_P^2 / (8 pi E^2 (q^2 + m_P^2)^2), shape of `q_mev`.

    Q_P^2 = (m / m_N)^2 w_L(q): a nucleon of coupling c has the amplitude c sigma.q / (2 m_N), not
    sigma.q / (2 m), and only the spin along q enters. Arguments and errors as
    `spin_charges_squared`. With the functions of Klos et al. an isovector part has the two-body
    currents and the pion pole of an axial current.
    """
    both = spin_charges_squared(
        isotope, q_mev, proton, neutron, model=model, band=band, estimate=estimate
    )
    return np.asarray((isotope.mass_mev / _NUCLEON_MASS_MEV) ** 2 * both[1])
