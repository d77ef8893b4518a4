"""Axial, pseudoscalar and tensor exchange as polynomials in 1/E, for unit charge.

Each function returns the coefficients of E^-n, n = 0, 1, 2, of dsigma/dT times (q^2 + m^2)^2,
in MeV^-3 MeV^(4+n): multiply with the square of the charge and divide by the squared propagator.
`mass_mev` is the mass of what recoils, a nucleus (or an electron, where a function says so).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array


def pseudoscalar_kinematics(recoil_energy_mev: ArrayLike, mass_mev: float) -> Array:
    """Return the coefficients of m T^2 / (8 pi E^2), shape (3, *R).

    L = (g_nu nubar_R nu_L + h.c.) P + g Nbar i gamma_5 N P, N of spin 1/2; exact, for electrons
    too.

    Parameters
    ----------
    recoil_energy_mev
        Recoil energies T in MeV, shape R.
    mass_mev
        Mass m of what recoils.

    References
    ----------
    Cerdeno et al., JHEP 05 (2016) 118; Majumdar, Papoulias and Srivastava, arXiv:2112.03309,
    table I.
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    zero = np.zeros_like(recoil)
    return np.stack([zero, zero, mass_mev * recoil**2 / (8.0 * np.pi)])


def axial_kinematics(recoil_energy_mev: ArrayLike, mass_mev: float) -> Array:
    """Return the coefficients of (m / 4 pi) (2 - 2 T/E + m T/E^2), shape (3, *R).

    L = g_nu nubar_L gamma nu_L A - g Nbar gamma gamma_5 N A. The sign of g does not matter, for
    this is the square of the exchange alone. For spin 1/2 it leaves out T^2/E^2, which is below
    1e-6 for nuclei; electrons need it.

    Parameters
    ----------
    recoil_energy_mev
        Recoil energies T in MeV, shape R.
    mass_mev
        Mass m of the nucleus.

    References
    ----------
    Cerdeno et al., JHEP 05 (2016) 118; the term in T/E as in Hoferichter, Menendez and Schwenk,
    Phys. Rev. D 102 (2020) 074018.
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    unit = mass_mev / (4.0 * np.pi)
    return np.stack(
        [np.full_like(recoil, 2.0 * unit), -2.0 * unit * recoil, unit * mass_mev * recoil]
    )


def tensor_kinematics(recoil_energy_mev: ArrayLike, mass_mev: float) -> Array:
    """Return the coefficients of m (4 E^2 - m T) / (pi E^2), shape (3, *R).

    L = g_nu nubar_R sigma_rd nu_L T^rd + g Nbar sigma_rd N T^rd, summed over all r and d (each
    pair twice). Half of it is printed where pairs are counted otherwise. For spin 1/2 it leaves
    out -4 T/E + T^2/E^2 beside 4, which is below 1e-3 for nuclei; electrons need it.

    Parameters
    ----------
    recoil_energy_mev
        Recoil energies T in MeV, shape R.
    mass_mev
        Mass m of the nucleus.

    References
    ----------
    Majumdar, Papoulias and Srivastava, arXiv:2112.03309, table I, times two.
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    unit = mass_mev / np.pi
    return np.stack(
        [np.full_like(recoil, 4.0 * unit), np.zeros_like(recoil), -unit * mass_mev * recoil]
    )


def tensor_spin_kinematics(recoil_energy_mev: ArrayLike, mass_mev: float) -> Array:
    """Return the coefficients for both polarisations of the nuclear spin, shape (2, 3, *R).

    dsigma/dT (q^2 + m_T^2)^2 = (m/pi) [w_T (2 - 2 T/E - m T/E^2) + 2 w_L (1 - T/E)] with the
    squared charges w_T, w_L of `spin_charges.spin_charges_squared`; the Lagrangian is that of
    `tensor_kinematics`. For w_T = w_L this is `tensor_kinematics` with its -4 T/E.

    In terms of structure functions: 2m/(2J + 1) [(2 - 2 T/E - m T/E^2) S_T + 4 (1 - T/E) S_L].

    Parameters
    ----------
    recoil_energy_mev
        Recoil energies T in MeV, shape R.
    mass_mev
        Mass m of the nucleus.

    References
    ----------
    Derived from the Lagrangian; form as in De Romeri, Papoulias and Ternes, arXiv:2411.11749,
    eq. 8 (`tensor_spin_kinematics_paper_002`).
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    unit = np.full_like(recoil, mass_mev / np.pi)
    zero = np.zeros_like(recoil)
    transverse = np.stack([2.0 * unit, -2.0 * recoil * unit, -mass_mev * recoil * unit])
    longitudinal = np.stack([2.0 * unit, -2.0 * recoil * unit, zero])
    return np.stack([transverse, longitudinal])


def tensor_spin_kinematics_paper_002(recoil_energy_mev: ArrayLike, mass_mev: float) -> Array:
    """Return the coefficients as printed, for the same squared charges, shape (2, 3, *R).

    m/(2J + 1) [(2 - 2 T/E - m T/E^2) S_T + (1 - T/E) S_L] with the structure functions of its
    eq. 7, which are a quarter of those of `spin.spin_structure` (a_0 = (a_p + a_n)/2), so that its
    axial cross section is right. It is 8 times lower in the transverse and 32 times lower in the
    longitudinal part than the Lagrangian of `tensor_spin_kinematics`. For comparison only.

    References
    ----------
    De Romeri, Papoulias and Ternes, arXiv:2411.11749, eqs. 7 and 8.
    """
    scale = np.array([1.0 / 8.0, 1.0 / 32.0])
    both = tensor_spin_kinematics(recoil_energy_mev, mass_mev)
    return np.asarray(both * scale.reshape(2, *(1,) * (both.ndim - 1)))
