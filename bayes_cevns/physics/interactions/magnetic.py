"""The magnetic moment of neutrinos: photon exchange that flips the helicity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import nuclear_charge
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.base import Interaction, incoherent
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.physics.kinematics import outer_mass
from bayes_cevns.physics.nuclei import Isotope

#: pi alpha^2 / m_e^2, in MeV^-2: the cross section of a moment of one Bohr magneton.
STRENGTH_PER_MEV2 = np.pi * const.FINE_STRUCTURE**2 / const.ELECTRON_MASS_MEV**2


@dataclass(frozen=True, kw_only=True)
class MagneticMoment(Interaction):
    """An effective magnetic moment x, in Bohr magnetons, alike for all flavours."""

    has_mass: bool = False

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return zero and x^2 (pi alpha^2 / m_e^2) Z^2 F_p^2 (1/T - 1/E + T/(4 E^2)).

        The last term is that of a nucleus of spin zero; see `Interaction.nuclear_terms`.

        References
        ----------
        Vogel and Engel, Phys. Rev. D 39 (1989) 3378, eq. 22.
        """
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        charge = nuclear_charge(isotope, recoil, form_factor, proton=1.0, neutron=0.0)
        return _terms(charge**2 * _photon(recoil, 0.25 * recoil), recoil, mediator_mass_mev)

    def electron_terms(self, recoil_energy_mev: ArrayLike, mediator_mass_mev: ArrayLike) -> Array:
        """Return zero and x^2 (pi alpha^2 / m_e^2) (1/T - 1/E); see `Interaction`.

        References
        ----------
        Vogel and Engel, Phys. Rev. D 39 (1989) 3378, eq. 14.
        """
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        return _terms(_photon(recoil, np.zeros_like(recoil)), recoil, mediator_mass_mev)


def _photon(recoil: Array, third: Array) -> Array:
    return np.stack([1.0 / recoil, -np.ones_like(recoil), third])


def _terms(kinematics: Array, recoil: Array, masses: ArrayLike) -> Array:
    ones = np.ones(np.shape(masses) + recoil.shape)
    return incoherent(STRENGTH_PER_MEV2 * outer_mass(kinematics, ones, recoil))


ENTRIES = (
    MagneticMoment(
        name="magnetic-moment",
        title="magnetic moment",
        formula="(pi alpha^2 mu^2 / m_e^2) Z^2 F_p^2 (1/T - 1/E + T/(4 E^2)); on electrons "
        "(1/T - 1/E); no interference",
        coupling=Coupling(
            symbol="mu_nu",
            latex=r"\mu_\nu",
            definition="the effective magnetic moment, alike for all flavours",
            amplitude="mu_nu",
            amplitude_latex=r"\mu_\nu",
            unit="mu_B",
            power=1.0,
        ),
        cite=("Vogel:1989iv", "Giunti:2014ixa"),
    ),
)
