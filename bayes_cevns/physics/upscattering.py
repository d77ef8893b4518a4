"""A massless neutrino that leaves as a massive one: kinematics and cross sections.

With m the mass of the target at rest, T its recoil energy and m_4 the mass of the neutrino after
the scattering, everything depends on m_4 through one number,

    r = m_4^2 / (2 m T) = m_4^2 / q^2,

and every cross section stays a polynomial of second order in 1/E. The derivation is in
``validation/sterile.md``; the twins are traces of Dirac matrices (tests/physics).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics.kinematics import minimum_neutrino_energy_mev

#: Beyond it no neutrino has the energy, and squares stay within floating-point numbers.
_LARGEST_RATIO = 1e100


def mass_ratio(recoil_energy_mev: ArrayLike, target_mass_mev: float, mass_mev: ArrayLike) -> Array:
    """Return r = m_4^2 / (2 m T), shape (*mass.shape, *recoil_energy.shape)."""
    q2 = 2.0 * target_mass_mev * np.asarray(recoil_energy_mev, dtype=float)
    r = np.multiply.outer(np.asarray(mass_mev, dtype=float) ** 2, 1.0 / q2)
    return np.asarray(np.minimum(r, _LARGEST_RATIO))


def minimum_upscattering_energy_mev(
    recoil_energy_mev: ArrayLike, target_mass_mev: float, mass_mev: ArrayLike
) -> Array:
    """Return the least neutrino energy that gives a recoil energy and a neutrino of mass m_4.

    (1 + r) (T + sqrt(T^2 + 2 m T)) / 2, exactly; shape (*mass.shape, *recoil_energy.shape). It is
    least, `threshold_mev`, at one recoil energy, and grows on both sides of it: for each neutrino
    energy there are a least and a largest recoil (`recoil_range_mev`).
    """
    massless = minimum_neutrino_energy_mev(recoil_energy_mev, target_mass_mev)
    return (1.0 + mass_ratio(recoil_energy_mev, target_mass_mev, mass_mev)) * massless


def threshold_mev(target_mass_mev: float, mass_mev: ArrayLike) -> Array:
    """Return the least neutrino energy that makes a neutrino of mass m_4: m_4 + m_4^2 / (2 m)."""
    mass = np.asarray(mass_mev, dtype=float)
    return np.asarray(mass + mass**2 / (2.0 * target_mass_mev))


def recoil_range_mev(
    energy_mev: float, target_mass_mev: float, mass_mev: float
) -> tuple[float, float]:
    """Return the least and the largest recoil energy; two NaN below the threshold.

    With s = m^2 + a, a = 2 m E, and lambda = (a - m_4^2)^2 - 4 m^2 m_4^2,

        T = [a (a - m_4^2) - 2 m^2 m_4^2 +- a sqrt(lambda)] / (4 m s),

    of which the product is m_4^4 / (4 s).
    """
    m, squared = target_mass_mev, mass_mev**2
    a = 2.0 * m * energy_mev
    root = (a - squared) ** 2 - 4.0 * m**2 * squared
    if energy_mev < threshold_mev(m, mass_mev) or root < 0:
        return np.nan, np.nan
    s = m**2 + a
    largest = (a * (a - squared) - 2.0 * m**2 * squared + a * np.sqrt(root)) / (4.0 * m * s)
    return float(squared**2 / (4.0 * s * largest)), float(largest)


def dipole_kinematics(
    recoil_energy_mev: ArrayLike, target_mass_mev: float, ratio: Array, *, spin_half: bool
) -> Array:
    """Return the coefficients of E^-n of a transition moment, shape (3, *ratio.shape).

    With L = (mu/2) nubar_L sigma^ab N F_ab + h.c., per pi alpha^2 mu^2 / m_e^2 (mu in Bohr
    magnetons) and squared charge of the target,

        spin 0      1/T - (1 + r)/E + (1 + r) (T - 2 m r) / (4 E^2)
        spin 1/2    1/T - (1 + r)/E - (1 + r) r (m - T) / (2 E^2)

    r is that of `mass_ratio`. The first is larger by T (1 + r) (1 - 2 r) / (4 E^2): T^2/(4 E^2) of
    the rate, below 1e-6 for neutrinos up to 50 MeV on nuclei.

    References
    ----------
    Spin 1/2: Brdar, Greljo, Kopp and Opferkuch, JCAP 01 (2021) 039 (arXiv:2007.15563).
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    one, m = 1.0 + ratio, target_mass_mev
    half = -0.5 * one * ratio * (m - recoil)
    last = half if spin_half else half + 0.25 * one * recoil * (1.0 - 2.0 * ratio)
    return np.stack([np.broadcast_to(1.0 / recoil, ratio.shape), -one, last])


def vector_upscattering(
    recoil_energy_mev: ArrayLike, target_mass_mev: float, ratio: Array, *, spin_half: bool
) -> Array:
    """Return the coefficients of a vector exchange of unit charge, shape (3, *ratio.shape).

    To be divided by (q^2 + m_V^2)^2; for L = g_nu4 nubar_L gamma N_L Z' + g_f fbar gamma f Z',

        spin 0      (m / 2 pi) [1 - T (1 + r)/E - T (1 + r) (2 m - T r) / (4 E^2)]
        spin 1/2    (m / 2 pi) [1 - T (1 + r)/E - T (1 + r) (m - T) / (2 E^2)]

    The current of the target is conserved, so that the longitudinal part of the propagator, which
    has 1/m_V^2, does not contribute.
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    m = target_mass_mev
    slope = recoil * (1.0 + ratio)
    last = -0.5 * slope * (m - recoil) if spin_half else -0.25 * slope * (2.0 * m - recoil * ratio)
    return m / (2.0 * np.pi) * np.stack([np.ones_like(ratio), -slope, last])


def scalar_upscattering(
    recoil_energy_mev: ArrayLike, target_mass_mev: float, ratio: Array, *, spin_half: bool
) -> Array:
    """Return the coefficients of a scalar exchange of unit charge, shape (3, *ratio.shape).

    m^2 T (1 + r) / (4 pi E^2), times 1 + T/(2 m) for spin 1/2; to be divided by (q^2 + m_S^2)^2.
    For L = g_nu4 Nbar_R nu_L S + g_f fbar f S.
    """
    recoil = np.asarray(recoil_energy_mev, dtype=float)
    m = target_mass_mev
    last = m**2 * recoil * (1.0 + ratio) / (4.0 * np.pi)
    if spin_half:
        last = last * (1.0 + 0.5 * recoil / m)
    return np.stack([np.zeros_like(ratio), np.zeros_like(ratio), last])
