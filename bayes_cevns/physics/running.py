"""The weak mixing angle at a momentum transfer: how it runs in the Standard Model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.checks import positive
from bayes_cevns.physics.vacuum_polarisation import vacuum_polarisation


@dataclass(frozen=True)
class Fermion:
    """A fermion in the loop.

    Attributes
    ----------
    charge
        Electric charge.
    isospin
        Third component of the weak isospin of its left-handed part.
    colours
        One for leptons, three for quarks.
    mass_mev
        Its mass.
    """

    charge: float
    isospin: float
    colours: int
    mass_mev: float


#: One mass of u, d and s that stands for hadrons. With it, and with the MS-bar masses of charm and
#: bottom (Particle Data Group 2022), the loops of quarks change alpha at the mass of the Z by
#: 0.0277, which is what hadrons change it by (0.02768 +- 0.00007, Particle Data Group 2022).
LIGHT_QUARK_MASS_MEV: Final = 75.0
CHARM_MASS_MEV: Final = 1270.0
BOTTOM_MASS_MEV: Final = 4180.0

#: All charged fermions but the top quark.
FERMIONS: Final = (
    *(
        Fermion(-1.0, -0.5, 1, mass)
        for mass in (const.ELECTRON_MASS_MEV, const.MUON_MASS_MEV, const.TAU_MASS_MEV)
    ),
    *(Fermion(2.0 / 3.0, 0.5, 3, mass) for mass in (LIGHT_QUARK_MASS_MEV, CHARM_MASS_MEV)),
    *(
        Fermion(-1.0 / 3.0, -0.5, 3, mass)
        for mass in (LIGHT_QUARK_MASS_MEV, LIGHT_QUARK_MASS_MEV, BOTTOM_MASS_MEV)
    ),
)


def running_mixing_angle(
    momentum_transfer_mev: ArrayLike, sin2_theta_w: float = const.SIN2_THETA_W
) -> Array:
    """Return sin^2 theta_W at a momentum transfer from its value at zero.

    Parameters
    ----------
    momentum_transfer_mev
        Momentum transfers Q in MeV, > 0, any shape; meant for Q below some 10 GeV.
    sin2_theta_w
        sin^2 theta_W at Q = 0.

    Returns
    -------
    ndarray
        sin^2 theta_W(Q), shape of Q.

    Notes
    -----
    Loops of fermions f mix the Z with the photon:

        sin^2(Q) = sin^2(0) - sum_f N_f Q_f (T_f / 2 - Q_f sin^2(0)) Pi_f(Q^2),

    with N_f colours and Pi_f the vacuum polarisation of a unit charge. In the limit of large Q it
    is the renormalisation group equation at one loop. Loops of W bosons are left out: they are a
    twentieth of the change up to the mass of the Z, where 0.2316 comes out in place of 0.2312, and
    vanish as Q^2 below it. Hadrons are loops of quarks of an effective mass.

    References
    ----------
    Czarnecki and Marciano, Phys. Rev. D 53 (1996) 1066, hep-ph/9507420, for the mixing at low
    momentum transfer; Erler and Ramsey-Musolf, Phys. Rev. D 72 (2005) 073003, hep-ph/0409169, for
    the renormalisation group.

    Raises
    ------
    ArgumentError
        If a momentum transfer is not positive and finite.
    """
    q2 = positive(momentum_transfer_mev, what="a momentum transfer", unit="MeV") ** 2
    shift = np.zeros_like(q2)
    for one in FERMIONS:
        mixing = one.charge * (0.5 * one.isospin - one.charge * sin2_theta_w)
        shift += one.colours * mixing * vacuum_polarisation(q2, one.mass_mev)
    return np.asarray(sin2_theta_w - shift)
