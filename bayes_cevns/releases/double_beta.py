"""The spectrum of both electrons of a double beta decay with two neutrinos."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.physics.constants import ELECTRON_MASS_MEV, FINE_STRUCTURE, KEV_PER_MEV

_ELECTRON_KEV = ELECTRON_MASS_MEV * KEV_PER_MEV
#: Reduced Compton wavelength of the electron in fm.
_COMPTON_FM = 386.15926796
_POINTS = 64


def fermi_function(energy_kev: Array, z: int, a: int) -> Array:
    """Return the Fermi function of a beta electron, its value at the surface of the nucleus.

    F = 2 (1 + g) (2 p R)^(2g - 2) exp(pi y) |Gamma(g + i y)|^2 / Gamma(2g + 1)^2 with p and E in
    units of the electron mass, g^2 = 1 - (alpha Z)^2, y = alpha Z E / p, R = 1.2 fm A^(1/3): the
    solution of Dirac's equation for a point charge, as in Doi, Kotani and Takasugi, Prog. Theor.
    Phys. Suppl. 83 (1985) 1.

    Parameters
    ----------
    energy_kev
        Kinetic energy of the electron, any shape.
    z, a
        Charge and mass number of the daughter nucleus.
    """
    from scipy.special import loggamma

    energy = np.asarray(energy_kev, dtype=float) / _ELECTRON_KEV
    momentum = np.sqrt(energy * (energy + 2.0))
    gamma = np.sqrt(1.0 - (FINE_STRUCTURE * z) ** 2)
    y = FINE_STRUCTURE * z * (energy + 1.0) / momentum
    radius = 1.2 * a ** (1.0 / 3.0) / _COMPTON_FM
    log = np.log(2.0 * (1.0 + gamma)) + (2.0 * gamma - 2.0) * np.log(2.0 * momentum * radius)
    log += np.pi * y + 2.0 * loggamma(gamma + 1j * y).real - 2.0 * loggamma(2.0 * gamma + 1.0).real
    return np.asarray(np.exp(log))


def sum_spectrum(energy_kev: Array, *, q_kev: float, z: int, a: int) -> Array:
    """Return the probability density of the summed kinetic energy, in 1/keV.

    dN/dK ~ (Q - K)^5 integral_0^K p_1 E_1 F(E_1) p_2 E_2 F(E_2) dT_1, with T_1 + T_2 = K: the two
    neutrinos integrated over, energies of intermediate states large beside those of the leptons.

    Parameters
    ----------
    energy_kev
        Summed kinetic energies between 0 and `q_kev`, shape (n,).
    q_kev
        Energy that electrons and neutrinos share.
    z, a
        Charge and mass number of the daughter nucleus.
    """
    grid = np.linspace(0.0, q_kev, 2001)[1:-1]
    norm = np.trapezoid(_unnormalised(grid, q_kev, z, a), grid)
    return np.asarray(_unnormalised(np.asarray(energy_kev, dtype=float), q_kev, z, a) / norm)


def _unnormalised(energy_kev: Array, q_kev: float, z: int, a: int) -> Array:
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    first = 0.5 * energy_kev[:, None] * (1.0 + nodes)
    both = _phase_space(first, z, a) * _phase_space(energy_kev[:, None] - first, z, a)
    return np.asarray((q_kev - energy_kev) ** 5 * 0.5 * energy_kev * (both @ weights))


def _phase_space(energy_kev: Array, z: int, a: int) -> Array:
    """Return p E F(E) of one electron, in units of its mass."""
    energy = energy_kev / _ELECTRON_KEV
    momentum = np.sqrt(energy * (energy + 2.0))
    return momentum * (energy + 1.0) * fermi_function(energy_kev, z, a)
