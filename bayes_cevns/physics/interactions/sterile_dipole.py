"""The dipole portal: a photon turns a neutrino into a massive sterile one.

L = (mu/2) nubar_L sigma^ab N F_ab + h.c. with a Dirac N_4 of mass m_4, which is on the mass axis.
Papers that write d nubar_L sigma^ab N F_ab have d = mu/2. N_4 leaves the detector before it
decays, and that it may decay to a neutrino and a photon inside is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import nuclear_charge
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.axis import STERILE_MASS, MassAxis
from bayes_cevns.physics.interactions.base import Interaction
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.physics.interactions.magnetic import STRENGTH_PER_MEV2
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.upscattering import dipole_kinematics, mass_ratio


@dataclass(frozen=True, kw_only=True)
class SterileDipole(Interaction):
    """A transition moment x, in Bohr magnetons, from some neutrinos to a sterile one.

    Attributes
    ----------
    flavours
        The neutrinos that have it, of `FLAVOURS`.
    """

    axis: MassAxis = STERILE_MASS
    flavours: tuple[str, ...] = FLAVOURS

    @property
    def flavours_seen(self) -> tuple[str, ...]:
        """The neutrinos that have the moment."""
        return self.flavours

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return zero and x^2 (pi alpha^2 / m_e^2) Z^2 F_p^2 of `dipole_kinematics`, spin zero.

        At m_4 = 0 it is the magnetic moment, exactly. See `Interaction.nuclear_terms`.
        """
        charge = nuclear_charge(isotope, recoil_energy_mev, form_factor, proton=1.0, neutron=0.0)
        ratio = mass_ratio(recoil_energy_mev, isotope.mass_mev, mediator_mass_mev)
        kinematics = dipole_kinematics(recoil_energy_mev, isotope.mass_mev, ratio, spin_half=False)
        return of_flavours(STRENGTH_PER_MEV2 * charge**2 * kinematics, self.flavours)

    def electron_terms(self, recoil_energy_mev: ArrayLike, mediator_mass_mev: ArrayLike) -> Array:
        """Return zero and x^2 (pi alpha^2 / m_e^2) of `dipole_kinematics`, spin one half."""
        mass = const.ELECTRON_MASS_MEV
        ratio = mass_ratio(recoil_energy_mev, mass, mediator_mass_mev)
        kinematics = dipole_kinematics(recoil_energy_mev, mass, ratio, spin_half=True)
        return of_flavours(STRENGTH_PER_MEV2 * kinematics, self.flavours)


def of_flavours(quadratic: Array, flavours: tuple[str, ...]) -> Array:
    """Return the terms of an interaction of some flavours without interference.

    Parameters
    ----------
    quadratic
        Coefficients of x^2, shape (3, *M, *R).
    flavours
        The neutrinos that it acts on.

    Returns
    -------
    ndarray
        Shape (2, F, 3, *M, *R), F = 1 where all flavours are alike, else 6.
    """
    weights = np.array([float(flavour in flavours) for flavour in FLAVOURS])
    if weights.all():
        weights = weights[:1]
    found = weights.reshape(-1, *(1,) * quadratic.ndim) * quadratic
    return np.stack([np.zeros_like(found), found])


def _entry(whose: str, latex: str) -> SterileDipole:
    every = whose == ""
    flavours = tuple(f for f in FLAVOURS if every or f.removeprefix("anti_") == whose)
    of = "every active neutrino" if every else f"{whose} and its antineutrino"
    return SterileDipole(
        name=f"sterile-dipole{'' if every else f'-{whose}'}",
        title=f"sterile dipole portal{'' if every else f' of ${latex}$'}",
        formula="nu X -> N_4 X by a photon: (pi alpha^2 mu^2 / m_e^2) Z^2 F_p^2 [1/T - (1 + r)/E + "
        "(1 + r) (T - 2 m r)/(4 E^2)] with r = m_4^2/(2 m T), for E > (1 + r) (T + sqrt(T^2 + "
        "2 m T))/2; on electrons [1/T - (1 + r)/E - (1 + r) r (m_e - T)/(2 E^2)]; no interference",
        coupling=Coupling(
            symbol=f"mu_{'nu' if every else whose}4",
            latex=rf"\mu_{{{latex}4}}",
            definition=f"the transition moment between {of} and a Dirac sterile one of mass m_4, "
            "for L = (mu/2) nubar_L sigma^ab N F_ab + h.c. (d of d nubar_L sigma^ab N F_ab is "
            "mu/2); m_4 = 0 is the magnetic moment",
            amplitude=f"mu_{'nu' if every else whose}4",
            amplitude_latex=rf"\mu_{{{latex}4}}",
            unit="mu_B",
            power=1.0,
        ),
        cite=("Brdar:2020quo", "Magill:2018jla", "Miranda:2021kre"),
        flavours=flavours,
    )


ENTRIES = (
    _entry("", r"\nu"),
    _entry("nu_e", r"\nu_e"),
    _entry("nu_mu", r"\nu_\mu"),
    _entry("nu_tau", r"\nu_\tau"),
)
