"""Vector mediators: they interfere with the Z boson."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import nuclear_charge, vector_kinematics, weak_charge
from bayes_cevns.physics.electrons import Couplings, mediator_terms
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.base import ELECTRON, NUCLEUS, Interaction
from bayes_cevns.physics.interactions.coupling import UNIVERSAL, Coupling, product_coupling
from bayes_cevns.physics.kinematics import (
    momentum_transfer_mev,
    outer_mass,
    propagator_mev2,
)
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.vacuum_polarisation import loop_charge

type Array = NDArray[np.float64]

_EVERY_FLAVOUR = (1.0,) * len(FLAVOURS)


@dataclass(frozen=True, kw_only=True)
class VectorMediator(Interaction):
    """A vector mediator with given charges of neutrinos, nucleons and electrons.

    Attributes
    ----------
    proton, neutron, electron
        Vector charges, per unit of x and of `running`.
    flavours
        Charge of each neutrino, in the order of `FLAVOURS`. An antineutrino has the entry of
        its neutrino, because its couplings to Z and mediator change sign together.
    """

    proton: float
    neutron: float
    electron: float = 0.0
    flavours: tuple[float, ...] = _EVERY_FLAVOUR

    @property
    def interferes_on(self) -> tuple[str, ...]:
        """The targets that have a charge."""
        charged = {NUCLEUS: self.proton or self.neutron, ELECTRON: self.electron}
        return tuple(target for target in self.scatters_on if charged[target])

    def running(self, q2_mev2: ArrayLike) -> Array:
        """Return what multiplies all charges at q^2, in its shape: one at tree level."""
        return np.ones_like(q2_mev2, dtype=float)

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return Q_SM^2 -> (Q_SM + x q_V)^2, split by powers of x; see `Interaction`.

        q_V = (charge of the neutrino) (c_p Z F_p + c_n N F_n) / (sqrt2 G_F (q^2 + m_V^2)),
        times `running`.
        """
        if NUCLEUS not in self.scatters_on:
            raise self._lacks(NUCLEUS)
        nuclear = nuclear_charge(
            isotope, recoil_energy_mev, form_factor, proton=self.proton, neutron=self.neutron
        )
        propagator = propagator_mev2(isotope.mass_mev, recoil_energy_mev, mediator_mass_mev)
        nuclear *= self.running(momentum_transfer_mev(recoil_energy_mev, isotope.mass_mev) ** 2)
        charge = nuclear / (np.sqrt(2.0) * const.FERMI_CONSTANT_PER_MEV2 * propagator)
        sm = weak_charge(isotope, recoil_energy_mev, form_factor)
        kinematics = vector_kinematics(isotope, recoil_energy_mev)
        linear = outer_mass(2.0 * sm * kinematics, charge, recoil_energy_mev)
        quadratic = outer_mass(kinematics, charge**2, recoil_energy_mev)
        alike = len(set(self.flavours)) == 1
        flavours = np.array(self.flavours[:1] if alike else self.flavours)
        flavours = flavours.reshape(-1, *(1,) * linear.ndim)
        return np.stack([flavours * linear, flavours**2 * quadratic])

    def electron_terms(self, recoil_energy_mev: ArrayLike, mediator_mass_mev: ArrayLike) -> Array:
        """Return g_V -> g_V + x c / (sqrt2 G_F (2 m_e T + m_V^2)); see `Interaction`.

        c is the product of the charges of neutrino and electron; with g_V = g_L + g_R, each
        of g_L and g_R takes half of it, times `running`.
        """
        if ELECTRON not in self.scatters_on:
            raise self._lacks(ELECTRON)
        half = 0.5 * self.electron * np.array(self.flavours)
        charge = self.running(
            momentum_transfer_mev(recoil_energy_mev, const.ELECTRON_MASS_MEV) ** 2
        )
        return mediator_terms(recoil_energy_mev, mediator_mass_mev, Couplings(half, half), charge)


@dataclass(frozen=True, kw_only=True)
class LoopVector(VectorMediator):
    """A vector mediator that reaches protons and electrons through a loop of muons and taus."""

    def running(self, q2_mev2: ArrayLike) -> Array:
        """Return the charge of a unit electric charge, `vacuum_polarisation.loop_charge`."""
        return loop_charge(q2_mev2, const.MUON_MASS_MEV, const.TAU_MASS_MEV)


_MU_MINUS_TAU = (0.0, 1.0, -1.0) * 2
#: The loop at zero momentum transfer: alpha / (3 pi) ln(m_tau^2 / m_mu^2).
_LOOP_AT_REST = float(loop_charge(0.0, const.MUON_MASS_MEV, const.TAU_MASS_MEV))

_B_MINUS_L = Coupling(
    symbol="g_BL",
    latex="g_{B-L}",
    definition="the gauge coupling of B - L: quarks couple with g_BL/3, leptons with -g_BL",
    amplitude="g_BL^2",
    amplitude_latex="g_{B-L}^2",
)
_GAUGED_MU_MINUS_TAU = Coupling(
    symbol="g_mutau",
    latex=r"g_{L_\mu-L_\tau}",
    definition="the gauge coupling of L_mu - L_tau: nu_mu couples with g_mutau, nu_tau with "
    "-g_mutau, protons and electrons through a loop of muons and taus",
    amplitude="g_mutau^2",
    amplitude_latex=r"g_{L_\mu-L_\tau}^2",
)

_CITE = ("Cerdeno:2016sfi", "Lindner:2016wff")
_FORMULA = "Q -> Q + {charge} / (sqrt2 G_F (q^2 + m_V^2)); {electron}"
_ELECTRON = "electrons g_V -> g_V + {charge} / (sqrt2 G_F (2 m_e T + m_V^2))"

ENTRIES = (
    VectorMediator(
        name="vector-universal",
        title="universal vector",
        formula=_FORMULA.format(charge="3 A x F", electron=_ELECTRON.format(charge="x"))
        + "; x > 0 interferes destructively with nuclei, "
        "constructively with electrons for nu_e and anti nu_e",
        coupling=UNIVERSAL,
        cite=_CITE,
        proton=3.0,
        neutron=3.0,
        electron=1.0,
    ),
    VectorMediator(
        name="b-l",
        title="$B-L$ vector",
        formula=_FORMULA.format(charge="(-A g^2 F)", electron=_ELECTRON.format(charge="g^2"))
        + "; constructive with nuclei",
        coupling=_B_MINUS_L,
        sign_fixed=True,
        cite=_CITE,
        proton=-1.0,
        neutron=-1.0,
        electron=1.0,
    ),
    VectorMediator(
        name="baryonic",
        title="baryonic vector",
        formula=_FORMULA.format(charge="A x F", electron="no electrons"),
        coupling=product_coupling(
            "B", "g_nu of every neutrino times g_B; quarks couple with g_B/3, charged leptons not"
        ),
        cite=_CITE,
        scatters_on=(NUCLEUS,),
        proton=1.0,
        neutron=1.0,
    ),
    LoopVector(
        name="l_mu-l_tau",
        title=r"$L_\mu-L_\tau$ vector",
        formula="one loop: "
        + _FORMULA.format(
            charge="(+-) eps(q^2) g^2 Z F_p",
            electron="electrons g_V -> the opposite with Z F_p -> 1 and q^2 = 2 m_e T",
        )
        + "; + for nu_mu, - for nu_tau, none for nu_e; eps = (2 alpha/pi) int_0^1 x (1-x) "
        "ln[(m_tau^2 + x (1-x) q^2) / (m_mu^2 + x (1-x) q^2)] dx, at q = 0 alpha/(3 pi) "
        "ln(m_tau^2/m_mu^2)",
        coupling=_GAUGED_MU_MINUS_TAU,
        sign_fixed=True,
        cite=("Altmannshofer:2014pba", "Araki:2017wyg"),
        proton=1.0,
        neutron=0.0,
        electron=-1.0,
        flavours=_MU_MINUS_TAU,
    ),
    VectorMediator(
        name="l_mu-l_tau-paper-001",
        title=r"$L_\mu-L_\tau$ vector (as printed in 2112.03309)",
        formula="as l_mu-l_tau with eps at q = 0 and, on protons, the opposite sign: - for nu_mu, "
        "+ for nu_tau, as on electrons, against the electric charges; for comparison only",
        coupling=_GAUGED_MU_MINUS_TAU,
        sign_fixed=True,
        cite=("Majumdar:2021vdw",),
        proton=-_LOOP_AT_REST,
        neutron=0.0,
        electron=-_LOOP_AT_REST,
        flavours=_MU_MINUS_TAU,
    ),
)
