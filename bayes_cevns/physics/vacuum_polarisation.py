"""The charge under L_a - L_b that the vacuum gives to whatever carries electric charge."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics import constants as const

#: Gauss-Legendre nodes in y, x = y^2 (3 - 2 y), which crowd at both ends, where an electron in the
#: loop needs them: 1e-9 below q = 300 MeV and 5e-9 at 1 GeV, and 1e-13 with a muon.
_NODES = 32


def loop_charge(q2_mev2: ArrayLike, light_mev: float, heavy_mev: float) -> Array:
    """Return the charge that a unit electric charge has through a loop of two leptons.

    Parameters
    ----------
    q2_mev2
        q^2 = 2 m T > 0, the square of the (space-like) momentum transfer in MeV^2, any shape.
    light_mev, heavy_mev
        Masses of the leptons a, of charge +1 under the new symmetry, and b, of charge -1.

    Returns
    -------
    ndarray
        (2 alpha / pi) int_0^1 dx x (1-x) ln[(m_b^2 + x (1-x) q^2) / (m_a^2 + x (1-x) q^2)], per
        unit of the new gauge coupling, in the shape of q^2. At q^2 = 0 it is
        alpha / (3 pi) ln(m_b^2 / m_a^2).

    Notes
    -----
    It is the vacuum polarisation of electrodynamics with one of its two charges replaced by the
    new one, (2 alpha / pi) int x (1-x) ln[Lambda^2 / (m^2 + x (1-x) q^2)] for either lepton. The
    cutoff Lambda drops out of their difference: the kinetic mixing is finite, and taken to vanish
    far above m_b. The sign follows from the electric charge -1 of the leptons: a positive charge
    draws them from the vacuum, the lighter ones from farther away, and so it carries the new
    charge of the lighter ones.

    References
    ----------
    Peskin and Schroeder, An Introduction to Quantum Field Theory (1995), eq. 7.90, for the vacuum
    polarisation; Araki et al., Phys. Rev. D 95 (2017) 055006, for muons and taus.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    y = 0.5 * (1.0 + nodes)
    shape = y**2 * (3.0 - 2.0 * y) * (1.0 - y) ** 2 * (1.0 + 2.0 * y)  # x (1 - x)
    weights = 0.5 * weights * 6.0 * y * (1.0 - y)  # dx
    q2 = np.asarray(q2_mev2, dtype=float)[..., None] * shape
    logs = (
        np.log(heavy_mev**2 / light_mev**2)
        + np.log1p(q2 / heavy_mev**2)
        - np.log1p(q2 / light_mev**2)
    )
    return np.asarray(2.0 * const.FINE_STRUCTURE / np.pi * (logs @ (weights * shape)))
