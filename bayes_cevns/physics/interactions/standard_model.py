"""The Standard Model on nuclei and electrons, and how it moves with the weak mixing angle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import nuclear_charge, vector_kinematics
from bayes_cevns.physics.electrons import Couplings, current_terms
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.base import Interfering
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.physics.kinematics import outer_mass
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.weak_charges import TREE, WeakCharges


def nuclear_standard_model(
    isotope: Isotope,
    recoil_energy_mev: ArrayLike,
    form_factor: FormFactor,
    weak: WeakCharges = TREE,
) -> Array:
    """Return the coefficients of E^-n of CEvNS, shape (F, 3, ...).

    F is one where all flavours are alike, six otherwise.
    """
    charge = weak.of_nucleus(isotope, recoil_energy_mev, form_factor)
    return charge[:, None] ** 2 * vector_kinematics(isotope, recoil_energy_mev)


def electron_standard_model(recoil_energy_mev: ArrayLike, weak: WeakCharges = TREE) -> Array:
    """Return the coefficients of E^-n on a free electron, by flavour, shape (6, 3, ...)."""
    no_shift = Couplings(np.zeros(6), np.zeros(6))
    terms = current_terms(recoil_energy_mev, weak.of_electron, no_shift)
    return np.asarray(terms[0])


@dataclass(frozen=True, kw_only=True)
class MixingAngleShift(Interfering):
    """Anything that acts like a shift of sin^2 theta_W, alike for all flavours.

    Attributes
    ----------
    shift
        Shift of sin^2 theta_W per unit of x.
    """

    shift: float
    has_mass: bool = False

    @property
    def interferes_on(self) -> tuple[str, ...]:
        """All targets: it shifts amplitudes of the Standard Model."""
        return self.scatters_on

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
        weak: WeakCharges = TREE,
    ) -> Array:
        """Return Q -> Q - 2 Z F_p x shift, by powers of x; see `Interaction.nuclear_terms`."""
        charge = nuclear_charge(
            isotope, recoil_energy_mev, form_factor, proton=-2.0 * self.shift, neutron=0.0
        )
        sm = weak.of_nucleus(isotope, recoil_energy_mev, form_factor)[:, None]
        kinematics = vector_kinematics(isotope, recoil_energy_mev)
        linear = 2.0 * sm * charge * kinematics
        parts = np.stack([linear, np.broadcast_to(charge**2 * kinematics, linear.shape)])
        return outer_mass(parts, _ones(recoil_energy_mev, mediator_mass_mev), recoil_energy_mev)

    def electron_terms(
        self,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        weak: WeakCharges = TREE,
    ) -> Array:
        """Return g_L -> g_L + x shift, g_R -> g_R + x shift, by powers of x."""
        every = np.full(6, self.shift)
        terms = current_terms(recoil_energy_mev, weak.of_electron, Couplings(every, every))[1:]
        return outer_mass(terms, _ones(recoil_energy_mev, mediator_mass_mev), recoil_energy_mev)


def _ones(recoil_energy: ArrayLike, masses: ArrayLike) -> Array:
    return np.ones(np.shape(masses) + np.shape(recoil_energy))


#: Shift of sin^2 theta_W that a charge radius squared of 1 cm^2 stands for: half of
#: sqrt2 pi alpha / (3 G_F) = 9.266e8 MeV^2. The form factor q^2 <r^2> / 6 of the neutrino cancels
#: the propagator of the photon, e^2 Q_f <r^2> / 6 beside sqrt2 G_F g_V, and g_V of a charge Q_f has
#: -2 Q_f sin^2 theta_W. A photon of q^2 -> 0 couples with alpha(0); Giunti and Studenikin, Rev.
#: Mod. Phys. 87 (2015) 531, have the tree-level relation of e, G_F and m_W in its place.
RADIUS_SHIFT_PER_CM2 = (
    np.pi
    * const.FINE_STRUCTURE
    / (3.0 * np.sqrt(2.0) * const.FERMI_CONSTANT_PER_MEV2)
    / const.HBARC_SQUARED_MEV2_CM2
)

#: What is fitted. With the radiative corrections of `weak_charges.RADIATIVE` it is what is beyond
#: the radii of the Standard Model, which are part of them. At tree level it is the total: those of
#: Bernabeu, Papavassiliou and Vidal, Nucl. Phys. B 680 (2004) 450, and in effect all other
#: corrections. The corrected Standard Model (numbers of Erler and Su, Prog. Part. Nucl. Phys. 71
#: (2013) 119, as in Atzori Corona et al., JHEP 09 (2022) 164) would be fitted as <r^2> = +0.05,
#: +0.06, -0.02, -0.04 (nu_e) or +0.39, +0.40, +0.33, +0.30 (nu_mu) 1e-32 cm^2 on CsI, Xe, Ge, Ar,
#: not as its own radius (tests/physics/test_effective_charge_radius.py).
_EFFECTIVE = (
    "of neutrinos, an effective shift of the tree-level amplitude that is alike for all flavours; "
    "the radii of the Standard Model (<r^2> = -0.83, -0.48, -0.30 1e-32 cm^2 of e, mu, tau) would "
    "be in it, but on nuclei the other radiative corrections that tree level lacks are in it as "
    "well, as large and of the other sign (about +0.8e-32 cm^2): limits far above 1e-32 cm^2 do "
    "not depend on them, and a value of that order must not be compared with the radius of the "
    "Standard Model. This is with weak_charges = tree; with radiative, it is what is beyond the "
    "Standard Model"
)
CHARGE_RADIUS = Coupling(
    symbol="|<r^2>|",
    latex=r"|\langle r^2\rangle|",
    definition=f"the charge radius squared {_EFFECTIVE}",
    amplitude="<r^2>",
    amplitude_latex=r"\langle r^2\rangle",
    unit="cm^2",
    power=1.0,
)
ANAPOLE = Coupling(
    symbol="|a_nu|",
    latex=r"|a_\nu|",
    definition=f"the anapole moment a = -<r^2>/6 {_EFFECTIVE}",
    amplitude="a_nu",
    amplitude_latex=r"a_\nu",
    unit="cm^2",
    power=1.0,
)

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
        cite=("Freedman:1973yd",),
        shift=1.0,
        product_range=(-const.SIN2_THETA_W, 1.0 - const.SIN2_THETA_W),
    ),
    MixingAngleShift(
        name="anapole",
        title="anapole moment",
        formula="one photon: Q -> Q + 2 sqrt2 pi alpha a Z F_p / G_F; electrons g_V -> g_V - "
        "2 sqrt2 pi alpha a / G_F; as a charge radius of -6 a",
        coupling=ANAPOLE,
        cite=("Giunti:2014ixa",),
        shift=-6.0 * RADIUS_SHIFT_PER_CM2,
    ),
    MixingAngleShift(
        name="anapole-paper-003",
        title="anapole moment (as printed in 2311.17719)",
        formula="sin^2 theta_W -> sin^2 theta_W (1 - 2 m_W^2 a): by the tree-level relation of e, "
        "G_F and m_W, which stands for alpha = 1/123.6, 10.9% more than anapole; for comparison "
        "only",
        coupling=ANAPOLE,
        cite=("Herrera:2023xun",),
        shift=-2.0 * const.SIN2_THETA_W * const.W_MASS_MEV**2 / const.HBARC_SQUARED_MEV2_CM2,
    ),
    MixingAngleShift(
        name="charge-radius",
        title="charge radius",
        formula="one photon: Q -> Q - sqrt2 pi alpha <r^2> Z F_p / (3 G_F); electrons g_V -> g_V + "
        "sqrt2 pi alpha <r^2> / (3 G_F)",
        coupling=CHARGE_RADIUS,
        cite=("Giunti:2014ixa",),
        shift=RADIUS_SHIFT_PER_CM2,
    ),
)
