"""A massless neutrino on a target at rest: the same for nuclei and electrons.

Every differential cross section of this package is a polynomial in 1/E of second order,

    dsigma/dT = sum_n a_n(T) E^-n,   n = 0, 1, 2,

for recoil energies below the kinematic end point. Physics gives the coefficients a_n; the
source folds them with its inverse moments. Natural units throughout: energies in MeV, cross
sections in MeV^-2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array

#: Number of powers of 1/E in a cross section.
POWERS = 3


def minimum_neutrino_energy_mev(recoil_energy_mev: ArrayLike, mass_mev: ArrayLike) -> Array:
    """Return the least neutrino energy that gives a recoil energy.

    Parameters
    ----------
    recoil_energy_mev
        Recoil energies T in MeV, any shape.
    mass_mev
        Mass m of the target, broadcast against the energies.

    Returns
    -------
    ndarray
        (T + sqrt(T^2 + 2 m T)) / 2, the exact inverse of T_max = 2 E^2 / (m + 2 E).
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    return np.asarray(0.5 * (recoil + np.sqrt(recoil**2 + 2.0 * np.asarray(mass_mev) * recoil)))


def momentum_transfer_mev(recoil_energy_mev: ArrayLike, mass_mev: float) -> Array:
    """Return |q| = sqrt(2 m T), with q^2 = 2 m T exactly for a target at rest."""
    return np.asarray(np.sqrt(2.0 * mass_mev * np.asarray(recoil_energy_mev, dtype=float)))


def propagator_mev2(
    mass_mev: float, recoil_energy_mev: ArrayLike, mediator_mass_mev: ArrayLike
) -> Array:
    """Return q^2 + M^2 in MeV^2, shape (*mediator_mass.shape, *recoil_energy.shape)."""
    q2 = 2.0 * mass_mev * np.asarray(recoil_energy_mev, dtype=float)
    return np.asarray(np.add.outer(np.asarray(mediator_mass_mev, dtype=float) ** 2, q2))


def chiral_kinematics(
    mass_mev: float,
    recoil_energy_mev: ArrayLike,
    *,
    left_left: ArrayLike,
    right_right: ArrayLike,
    left_right: ArrayLike,
) -> Array:
    """Return the coefficients of a current-current interaction of a left-handed neutrino.

    Parameters
    ----------
    mass_mev
        Mass m of a target of spin 1/2.
    recoil_energy_mev
        Recoil energies T in MeV, shape R.
    left_left, right_right, left_right
        g_L^2, g_R^2 and g_L g_R of the target's current, broadcast against R.

    Returns
    -------
    ndarray
        g_L^2 + g_R^2 (1 - T/E)^2 - g_L g_R m T / E^2 by powers of 1/E, shape (3, ...);
        to be multiplied by 2 G_F^2 m / pi. For an antineutrino g_L and g_R are swapped.

    References
    ----------
    't Hooft, Phys. Lett. B 37 (1971) 195; Vogel and Engel, Phys. Rev. D 39 (1989) 3378.
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    left, right, mixed = (np.asarray(g, dtype=float) for g in (left_left, right_right, left_right))
    return np.stack(
        np.broadcast_arrays(
            left + right, -2.0 * recoil * right, recoil**2 * right - mass_mev * recoil * mixed
        )
    )


def outer_mass(kinematics: Array, charge: Array, recoil_energy: ArrayLike) -> Array:
    """Multiply kinematics (..., *R) by charges (*M, *R): shape (..., *M, *R)."""
    energies = np.ndim(recoil_energy)
    masses = charge.ndim - energies
    split = kinematics.ndim - energies
    shape = kinematics.shape[:split] + (1,) * masses + kinematics.shape[split:]
    return np.asarray(kinematics.reshape(shape) * charge)
