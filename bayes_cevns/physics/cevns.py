"""Coherent elastic neutrino-nucleus scattering: charges and kinematics of one isotope."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.form_factors import FormFactor, coherent_charge
from bayes_cevns.physics.kinematics import POWERS, momentum_transfer_mev
from bayes_cevns.physics.nuclei import Isotope

NEUTRON_VECTOR_COUPLING = -0.5


def proton_vector_coupling(sin2_theta_w: float = const.SIN2_THETA_W) -> float:
    """Return g_V^p = 1/2 - 2 sin^2 theta_W; the neutron's g_V^n is -1/2."""
    return 0.5 - 2.0 * sin2_theta_w


def nuclear_charge(
    isotope: Isotope,
    recoil_energy_mev: ArrayLike,
    form_factor: FormFactor,
    *,
    proton: float | Array,
    neutron: float | Array,
) -> Array:
    """Return the coherent charge Z c_p F_p(q) + N c_n F_n(q), shape of the recoil energies.

    Parameters
    ----------
    isotope
        Nucleus that recoils.
    recoil_energy_mev
        Recoil energies in MeV.
    form_factor
        Form factors of protons and neutrons.
    proton, neutron
        Charges c_p and c_n of a proton and of a neutron; they may depend on q.
    """
    q = momentum_transfer_mev(recoil_energy_mev, isotope.mass_mev)
    return coherent_charge(isotope, q, form_factor, proton=proton, neutron=neutron)


def vector_kinematics(isotope: Isotope, recoil_energy_mev: ArrayLike) -> Array:
    """Return the coefficients of a vector current of unit charge, shape (3, ...).

    Notes
    -----
    (G_F^2 m / pi) (1 - T/E - m T / (2 E^2)), in MeV^-3 times powers of MeV.

    References
    ----------
    Lindner, Rodejohann and Xu, JHEP 03 (2017) 097, eq. 2.9.
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    mass = isotope.mass_mev
    strength = const.FERMI_CONSTANT_PER_MEV2**2 * mass / np.pi
    coefficients = np.empty((POWERS, *recoil.shape))
    coefficients[0] = strength
    coefficients[1] = -strength * recoil
    coefficients[2] = 0.5 * mass * coefficients[1]
    return coefficients


def scalar_kinematics(isotope: Isotope, recoil_energy_mev: ArrayLike) -> Array:
    """Return the coefficients of a scalar exchange of unit charge, shape (3, ...).

    Notes
    -----
    m^2 T / (4 pi E^2), to be divided by (q^2 + m_S^2)^2. A scalar flips the neutrino's
    helicity, so that it does not interfere with the Standard Model.

    References
    ----------
    Cerdeno et al., JHEP 05 (2016) 118, eq. 3.5.
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    zero = np.zeros_like(recoil)
    return np.stack([zero, zero, isotope.mass_mev**2 * recoil / (4.0 * np.pi)])
