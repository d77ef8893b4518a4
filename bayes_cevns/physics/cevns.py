"""Coherent elastic neutrino-nucleus scattering as polynomials in 1/E.

For a light neutrino of energy E on a nucleus at rest, every differential cross section of
this package is

    dsigma/dT = sum_n a_n(T) E^-n,   n = 0, 1, 2,

for recoil energies below the kinematic end point. The functions here give the coefficients
a_n; the source folds them with its inverse moments (`Spectrum.inverse_moments`).
Natural units throughout: energies in MeV, cross sections in MeV^-2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.physics import constants as const
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.nuclei import Isotope

type Array = NDArray[np.float64]


def minimum_neutrino_energy_mev(recoil_energy_mev: ArrayLike, mass_mev: float) -> Array:
    """Return the least neutrino energy that gives a recoil energy.

    Parameters
    ----------
    recoil_energy_mev
        Recoil energies T in MeV, any shape.
    mass_mev
        Nuclear mass m.

    Returns
    -------
    ndarray
        (T + sqrt(T^2 + 2 m T)) / 2, the exact inverse of T_max = 2 E^2 / (m + 2 E).
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    return np.asarray(0.5 * (recoil + np.sqrt(recoil**2 + 2.0 * mass_mev * recoil)))


def momentum_transfer_mev(recoil_energy_mev: ArrayLike, mass_mev: float) -> Array:
    """Return |q| = sqrt(2 m T), with q^2 = 2 m T exactly for a nucleus at rest."""
    return np.asarray(np.sqrt(2.0 * mass_mev * np.asarray(recoil_energy_mev, dtype=float)))


def weak_charge(isotope: Isotope, sin2_theta_w: float = const.SIN2_THETA_W) -> float:
    """Return Q = Z (1/2 - 2 sin^2 theta_W) - N/2, without the form factor.

    References
    ----------
    Freedman, Phys. Rev. D 9 (1974) 1389; normalised as dsigma/dT = (G_F^2 m / pi) Q^2 ...
    """
    return isotope.z * (0.5 - 2.0 * sin2_theta_w) - 0.5 * isotope.n


def vector_kinematics(
    isotope: Isotope, recoil_energy_mev: ArrayLike, form_factor: FormFactor
) -> Array:
    """Return the coefficients of a vector current of unit charge, shape (3, ...).

    Notes
    -----
    (G_F^2 m / pi) F^2(q) (1 - T/E - m T / (2 E^2)), in MeV^-3 times powers of MeV.

    References
    ----------
    Lindner, Rodejohann and Xu, JHEP 03 (2017) 097, eq. 2.9.
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    mass = isotope.mass_mev
    strength = const.FERMI_CONSTANT_PER_MEV2**2 * mass / np.pi
    squared = strength * form_factor.neutron(momentum_transfer_mev(recoil, mass), isotope) ** 2
    return np.stack([squared, -recoil * squared, -0.5 * mass * recoil * squared])


def scalar_kinematics(
    isotope: Isotope, recoil_energy_mev: ArrayLike, form_factor: FormFactor
) -> Array:
    """Return the coefficients of a scalar exchange of unit charge, shape (3, ...).

    Notes
    -----
    m^2 T F^2(q) / (4 pi E^2), to be divided by (q^2 + m_S^2)^2. A scalar flips the
    neutrino's helicity, so that it does not interfere with the Standard Model.

    References
    ----------
    Cerdeno et al., JHEP 05 (2016) 118, eq. 3.5.
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    mass = isotope.mass_mev
    form = form_factor.neutron(momentum_transfer_mev(recoil, mass), isotope)
    helicity_flip = mass**2 * recoil * form**2 / (4.0 * np.pi)
    zero = np.zeros_like(recoil)
    return np.stack([zero, zero, helicity_flip])


def propagator_mev2(
    isotope: Isotope, recoil_energy_mev: ArrayLike, mediator_mass_mev: ArrayLike
) -> Array:
    """Return q^2 + m^2 in MeV^2, shape (*mediator_mass.shape, *recoil_energy.shape)."""
    q2 = 2.0 * isotope.mass_mev * np.asarray(recoil_energy_mev, dtype=float)
    return np.asarray(np.add.outer(np.asarray(mediator_mass_mev, dtype=float) ** 2, q2))
