"""The Standard Model on nuclei and electrons, and how it moves with the weak mixing angle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import nuclear_charge, vector_kinematics, weak_charge
from bayes_cevns.physics.electrons import Couplings, current_terms, electron_couplings
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.base import Interaction
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.physics.kinematics import outer_mass
from bayes_cevns.physics.nuclei import Isotope

type Array = NDArray[np.float64]


def nuclear_standard_model(
    isotope: Isotope,
    recoil_energy_mev: ArrayLike,
    form_factor: FormFactor,
    sin2_theta_w: float = const.SIN2_THETA_W,
) -> Array:
    """Return the coefficients of E^-n of CEvNS, alike for all flavours, shape (1, 3, ...)."""
    charge = weak_charge(isotope, recoil_energy_mev, form_factor, sin2_theta_w)
    return np.expand_dims(charge**2 * vector_kinematics(isotope, recoil_energy_mev), 0)


def electron_standard_model(
    recoil_energy_mev: ArrayLike, sin2_theta_w: float = const.SIN2_THETA_W
) -> Array:
    """Return the coefficients of E^-n on a free electron, by flavour, shape (6, 3, ...)."""
    no_shift = Couplings(np.zeros(6), np.zeros(6))
    terms = current_terms(recoil_energy_mev, electron_couplings(sin2_theta_w), no_shift)
    return np.asarray(terms[0])


@dataclass(frozen=True, kw_only=True)
class MixingAngleShift(Interaction):
    """Anything that acts like a shift of sin^2 theta_W, alike for all flavours.

    Attributes
    ----------
    shift
        Shift of sin^2 theta_W per unit of x.
    """

    shift: float
    has_mass: bool = False
    interferes: bool = True

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return Q -> Q - 2 Z F_p x shift, by powers of x; see `Interaction.nuclear_terms`."""
        charge = nuclear_charge(
            isotope, recoil_energy_mev, form_factor, proton=-2.0 * self.shift, neutron=0.0
        )
        sm = weak_charge(isotope, recoil_energy_mev, form_factor)
        kinematics = vector_kinematics(isotope, recoil_energy_mev)
        parts = np.stack([2.0 * sm * charge * kinematics, charge**2 * kinematics])[:, None]
        return outer_mass(parts, _ones(recoil_energy_mev, mediator_mass_mev), recoil_energy_mev)

    def electron_terms(self, recoil_energy_mev: ArrayLike, mediator_mass_mev: ArrayLike) -> Array:
        """Return g_L -> g_L + x shift, g_R -> g_R + x shift, by powers of x."""
        every = np.full(6, self.shift)
        terms = current_terms(recoil_energy_mev, electron_couplings(), Couplings(every, every))[1:]
        return outer_mass(terms, _ones(recoil_energy_mev, mediator_mass_mev), recoil_energy_mev)


def _ones(recoil_energy: ArrayLike, masses: ArrayLike) -> Array:
    return np.ones(np.shape(masses) + np.shape(recoil_energy))


ENTRIES = (
    MixingAngleShift(
        name="weak-mixing-angle",
        title=r"$\sin^2\theta_W$",
        formula="sin^2 theta_W -> 0.23857 + x",
        coupling=Coupling(
            symbol="|Delta sin^2 theta_W|",
            latex=r"|\Delta\sin^2\theta_W|",
            definition="the shift of sin^2 theta_W from 0.23857 at zero momentum transfer",
            amplitude="Delta sin^2 theta_W",
            amplitude_latex=r"\Delta\sin^2\theta_W",
            power=1.0,
        ),
        signed=True,
        cite=("Freedman:1973yd",),
        shift=1.0,
        product_range=(-const.SIN2_THETA_W, 1.0 - const.SIN2_THETA_W),
    ),
    MixingAngleShift(
        name="anapole",
        title="anapole moment",
        formula="sin^2 theta_W -> sin^2 theta_W (1 - 2 m_W^2 a)",
        coupling=Coupling(
            symbol="|a_nu|",
            latex=r"|a_\nu|",
            definition="the effective anapole moment, alike for all flavours",
            amplitude="a_nu",
            amplitude_latex=r"a_\nu",
            unit="cm^2",
            power=1.0,
        ),
        signed=True,
        cite=("Giunti:2014ixa", "Herrera:2023xun"),
        shift=-2.0 * const.SIN2_THETA_W * const.W_MASS_MEV**2 / const.HBARC_SQUARED_MEV2_CM2,
    ),
    MixingAngleShift(
        name="charge-radius",
        title="charge radius",
        formula="sin^2 theta_W -> sin^2 theta_W (1 + m_W^2 <r^2> / 3), <r^2> = -6 a",
        coupling=Coupling(
            symbol="|<r^2>|",
            latex=r"|\langle r^2\rangle|",
            definition="the charge radius squared, alike for all flavours",
            amplitude="<r^2>",
            amplitude_latex=r"\langle r^2\rangle",
            unit="cm^2",
            power=1.0,
        ),
        signed=True,
        cite=("Giunti:2014ixa",),
        shift=const.SIN2_THETA_W * const.W_MASS_MEV**2 / const.HBARC_SQUARED_MEV2_CM2 / 3.0,
    ),
)
