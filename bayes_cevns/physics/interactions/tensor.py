"""Tensor mediators, in the conventions that are in use.

L = g_nu nubar_R sigma_rd nu_L T^rd + g_f fbar sigma_rd f T^rd, summed over all r and d; the
papers count each pair once, or print other factors: every entry names its convention.
"""

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
from bayes_cevns.physics.spin_charges import spin_charges_squared, tensor_nucleon_couplings
from bayes_cevns.physics.spin_kinematics import (
    tensor_kinematics,
    tensor_spin_kinematics,
    tensor_spin_kinematics_paper_002,
)


@dataclass(frozen=True, kw_only=True)
class CoherentTensor(Interaction):
    """A tensor mediator to which all nucleons add up, as if spins were aligned.

    Attributes
    ----------
    normalisation
        Times the cross section of the Lagrangian: 1, or 1/2 where pairs are counted once.
    """

    normalisation: float = 1.0

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
        """Return zero and x^2 Q_T^2 m (4 E^2 - m T) / (pi E^2 (q^2 + m_T^2)^2).

        Q_T = (Z c_p + N c_n) F with the couplings of `spin_charges.tensor_nucleon_couplings`.
        """
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        c_p, c_n = tensor_nucleon_couplings()
        charge = nuclear_charge(isotope, recoil, form_factor, proton=c_p, neutron=c_n)
        kinematics = self.normalisation * tensor_kinematics(recoil, isotope.mass_mev)
        return exchange(
            kinematics,
            charge**2,
            mass_mev=isotope.mass_mev,
            recoil_energy_mev=recoil,
            mediator_mass_mev=mediator_mass_mev,
        )

    def electron_terms(self, recoil_energy_mev: ArrayLike, mediator_mass_mev: ArrayLike) -> Array:
        """Return zero and x^2 m_e [(2 E - T)^2 - m_e T] / (pi E^2 (2 m_e T + m_T^2)^2).

        References
        ----------
        Majumdar, Papoulias and Srivastava, arXiv:2112.03309, eq. 17, times two.
        """
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        mass = const.ELECTRON_MASS_MEV
        kinematics = (self.normalisation * mass / np.pi) * np.stack(
            [np.full_like(recoil, 4.0), -4.0 * recoil, recoil**2 - mass * recoil]
        )
        return exchange(
            kinematics,
            1.0,
            mass_mev=mass,
            recoil_energy_mev=recoil,
            mediator_mass_mev=mediator_mass_mev,
        )


@dataclass(frozen=True, kw_only=True)
class SpinTensor(Interaction):
    """A tensor mediator to the spin of the nucleus, both polarisations.

    Attributes
    ----------
    as_paper_002
        Whether with the factors printed in arXiv:2411.11749.
    """

    as_paper_002: bool = False

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
        """Return zero and x^2 (m/pi) [w_T (2 - 2T/E - m T/E^2) + 2 w_L (1 - T/E)] / D^2.

        w_T and w_L are those of `spin_charges.spin_charges_squared`, D = q^2 + m_T^2.
        """
        del form_factor  # spins have structure functions of their own
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        q = momentum_transfer_mev(recoil, isotope.mass_mev)
        charges = spin_charges_squared(isotope, q, *tensor_nucleon_couplings())
        make = tensor_spin_kinematics_paper_002 if self.as_paper_002 else tensor_spin_kinematics
        kinematics = np.sum(make(recoil, isotope.mass_mev) * charges[:, None], axis=0)
        return exchange(
            kinematics,
            1.0,
            mass_mev=isotope.mass_mev,
            recoil_energy_mev=recoil,
            mediator_mass_mev=mediator_mass_mev,
        )


_COHERENT = "m (4 E^2 - m T) / ({pi} E^2 (q^2 + m_T^2)^2), Q_T = (Z c_p + N c_n) F"
_ELECTRON = "electrons m_e [(2 E - T)^2 - m_e T] / ({pi} E^2 (2 m_e T + m_T^2)^2)"
_SPIN = "[w_T (2 - 2 T/E - m T/E^2) + 2 w_L (1 - T/E)] m / (pi (q^2 + m_T^2)^2)"

ENTRIES = (
    CoherentTensor(
        name="tensor-coherent",
        title="tensor (coherent)",
        formula=f"x^2 Q_T^2 {_COHERENT.format(pi='pi')}; {_ELECTRON.format(pi='pi')}; all pairs "
        "of indices",
        coupling=UNIVERSAL,
        cite=("Majumdar:2021vdw",),
    ),
    CoherentTensor(
        name="tensor-paper-001",
        title="tensor (as printed in 2112.03309)",
        formula=f"x^2 Q_T^2 {_COHERENT.format(pi='2 pi')}; {_ELECTRON.format(pi='2 pi')}; half of "
        "tensor-coherent",
        coupling=UNIVERSAL,
        cite=("Majumdar:2021vdw",),
        normalisation=0.5,
    ),
    SpinTensor(
        name="tensor-spin",
        title="tensor (spin)",
        formula=f"x^2 {_SPIN} on nuclei with spin, all pairs of indices",
        coupling=QUARKS,
        cite=("DeRomeri:2024iaw", "Klos:2013rwa"),
        scatters_on=(NUCLEUS,),
    ),
    SpinTensor(
        name="tensor-paper-002",
        title="tensor (as printed in 2411.11749)",
        formula="as tensor-spin, 1/8 in the transverse and 1/32 in the longitudinal part",
        coupling=QUARKS,
        cite=("DeRomeri:2024iaw", "Klos:2013rwa"),
        scatters_on=(NUCLEUS,),
        as_paper_002=True,
    ),
)
