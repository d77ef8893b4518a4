"""Pseudoscalar mediators: they see the spin along the momentum transfer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import nuclear_charge
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.base import NUCLEUS, Interaction, exchange
from bayes_cevns.physics.interactions.coupling import QUARKS, UNIVERSAL
from bayes_cevns.physics.kinematics import momentum_transfer_mev
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.spin_charges import (
    pseudoscalar_charge_squared,
    pseudoscalar_nucleon_couplings,
)
from bayes_cevns.physics.spin_kinematics import pseudoscalar_kinematics


@dataclass(frozen=True, kw_only=True)
class PseudoscalarMediator(Interaction):
    """A pseudoscalar mediator with the same coupling to u, d and electrons."""

    @property
    def acts_on_spins(self) -> bool:
        """Of quarks: yes."""
        return True

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return zero and x^2 Q_P^2(q) m T^2 / (8 pi E^2 (q^2 + m_P^2)^2).

        Q_P^2 is `spin_charges.pseudoscalar_charge_squared`: zero for nuclei without spin.
        """
        del form_factor  # spins have structure functions of their own
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        q = momentum_transfer_mev(recoil, isotope.mass_mev)
        squared = pseudoscalar_charge_squared(isotope, q, *pseudoscalar_nucleon_couplings())
        return exchange(
            pseudoscalar_kinematics(recoil, isotope.mass_mev),
            squared,
            mass_mev=isotope.mass_mev,
            recoil_energy_mev=recoil,
            mediator_mass_mev=mediator_mass_mev,
        )

    def electron_terms(self, recoil_energy_mev: ArrayLike, mediator_mass_mev: ArrayLike) -> Array:
        """Return zero and x^2 m_e T^2 / (8 pi E^2 (2 m_e T + m_P^2)^2)."""
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        mass = const.ELECTRON_MASS_MEV
        return exchange(
            pseudoscalar_kinematics(recoil, mass),
            1.0,
            mass_mev=mass,
            recoil_energy_mev=recoil,
            mediator_mass_mev=mediator_mass_mev,
        )


@dataclass(frozen=True, kw_only=True)
class PseudoscalarPaper001(Interaction):
    """The pseudoscalar as printed in arXiv:2112.03309: all nucleons add up."""

    @property
    def acts_on_spins(self) -> bool:
        """Of quarks: yes."""
        return True

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return zero and x^2 Q_P^2 m T^2 / (8 pi E^2 (q^2 + m_P^2)^2), Q_P = Z c_p + N c_n."""
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        c_p, c_n = pseudoscalar_nucleon_couplings()
        charge = nuclear_charge(isotope, recoil, form_factor, proton=c_p, neutron=c_n)
        return exchange(
            pseudoscalar_kinematics(recoil, isotope.mass_mev),
            charge**2,
            mass_mev=isotope.mass_mev,
            recoil_energy_mev=recoil,
            mediator_mass_mev=mediator_mass_mev,
        )


_FORMULA = "x^2 Q_P^2 m T^2 / (8 pi E^2 (q^2 + m_P^2)^2)"

ENTRIES = (
    PseudoscalarMediator(
        name="pseudoscalar",
        title="pseudoscalar",
        formula=f"{_FORMULA} on nuclei with spin, Q_P^2 = (m / m_N)^2 w_L(q); electrons Q_P = 1",
        coupling=UNIVERSAL,
        cite=("Cerdeno:2016sfi", "Ema:2020fit", "Klos:2013rwa"),
    ),
    PseudoscalarPaper001(
        name="pseudoscalar-paper-001",
        title="pseudoscalar (as printed in 2112.03309)",
        formula=f"{_FORMULA}, Q_P = (Z c_p + N c_n) F as if nucleons added up: for comparison only",
        coupling=QUARKS,
        cite=("Majumdar:2021vdw",),
        scatters_on=(NUCLEUS,),
    ),
)
