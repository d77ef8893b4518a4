"""Neutrino-electron scattering of every flavour, through chiral couplings of the electron."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.kinematics import chiral_kinematics, outer_mass, propagator_mev2

_NEUTRINOS = len(FLAVOURS) // 2


@dataclass(frozen=True, eq=False, repr=False)
class Couplings(Displayed):
    """Chiral couplings of the electron to each flavour, shape (6,).

    For antineutrinos they are the couplings of the neutrino: `current_terms` swaps them.
    """

    left: Array
    right: Array


def current_terms(recoil_energy_mev: ArrayLike, sm: Couplings, shift: Couplings) -> Array:
    """Return the coefficients of E^-n for couplings g + y shift, by powers of y.

    Parameters
    ----------
    recoil_energy_mev
        Recoil energies in MeV, shape R.
    sm, shift
        Couplings, and what is added to them per unit of y.

    Returns
    -------
    ndarray
        Shape (3, 6, 3, *R): power 0, 1, 2 of y, flavour, power of 1/E, recoil energy; with
        (2 G_F^2 m_e / pi) [g_L^2 + g_R^2 (1 - T/E)^2 - g_L g_R m_e T / E^2], and g_L and g_R
        swapped for antineutrinos.
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    left, right = sm.left, sm.right
    d_left, d_right = shift.left, shift.right
    products = [
        (left**2, right**2, left * right),
        (2.0 * left * d_left, 2.0 * right * d_right, left * d_right + right * d_left),
        (d_left**2, d_right**2, d_left * d_right),
    ]
    flavours = np.arange(len(FLAVOURS)) >= _NEUTRINOS
    rows = []
    for ll, rr, lr in products:
        first, second = np.where(flavours, rr, ll), np.where(flavours, ll, rr)
        rows.append([_of_flavour(recoil, *g) for g in zip(first, second, lr, strict=True)])
    strength = 2.0 * const.FERMI_CONSTANT_PER_MEV2**2 * const.ELECTRON_MASS_MEV / np.pi
    return strength * np.array(rows)


def mediator_terms(
    recoil_energy_mev: ArrayLike,
    mediator_mass_mev: ArrayLike,
    sm: Couplings,
    shift: Couplings,
    charge: ArrayLike = 1.0,
) -> Array:
    """Return the terms of a mediator of spin one that couples to left-handed neutrinos.

    Parameters
    ----------
    recoil_energy_mev, mediator_mass_mev
        Shapes R and M.
    sm
        Chiral couplings of the Standard Model.
    shift
        Chiral couplings of the electron times the charge of each neutrino, per unit of x.
    charge
        What multiplies them at each recoil energy, broadcast against R.

    Returns
    -------
    ndarray
        Shape (2, 6, 3, *M, *R): what x and x^2 multiply when
        g -> g + x charge shift / (sqrt2 G_F (2 m_e T + M^2)).

    References
    ----------
    Lindner, Queiroz, Rodejohann and Xu, JHEP 05 (2018) 098; the factor sqrt2 instead of the
    4 sqrt2 of Majumdar et al., arXiv:2112.03309, eq. 13, follows from the Lagrangian
    (tests: Dirac traces).
    """
    terms = current_terms(recoil_energy_mev, sm, shift)
    propagator = propagator_mev2(const.ELECTRON_MASS_MEV, recoil_energy_mev, mediator_mass_mev)
    strength = np.asarray(charge) / (np.sqrt(2.0) * const.FERMI_CONSTANT_PER_MEV2 * propagator)
    return np.stack([outer_mass(terms[k], strength**k, recoil_energy_mev) for k in (1, 2)])


def _of_flavour(recoil: Array, ll: float, rr: float, lr: float) -> Array:
    return chiral_kinematics(
        const.ELECTRON_MASS_MEV, recoil, left_left=ll, right_right=rr, left_right=lr
    )
