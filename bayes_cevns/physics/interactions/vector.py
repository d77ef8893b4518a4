"""Vector mediators: they interfere with the Z boson."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import nuclear_charge, vector_kinematics
from bayes_cevns.physics.electrons import Couplings, mediator_terms
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.base import ELECTRON, NUCLEUS, Interfering
from bayes_cevns.physics.interactions.coupling import UNIVERSAL, product_coupling
from bayes_cevns.physics.kinematics import (
    momentum_transfer_mev,
    outer_mass,
    propagator_mev2,
)
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.vacuum_polarisation import loop_charge
from bayes_cevns.physics.weak_charges import TREE, WeakCharges

#: Of the Sun, about, where 8B neutrinos are made.
_NEUTRONS_PER_ELECTRON = 0.4
_EVERY_FLAVOUR = (1.0,) * len(FLAVOURS)


@dataclass(frozen=True, kw_only=True)
class VectorMediator(Interfering):
    """A vector mediator with given charges of neutrinos, nucleons and electrons.

    Each fermion f has the charge c_f + Q_f kappa(q^2): a vector charge of its own, and what its
    electric charge Q_f gets from mixing with the photon, kappa(q^2) = `mixing` + loop(q^2).

    Attributes
    ----------
    proton, neutron, electron
        Vector charges c_f, per unit of x.
    flavours
        Charge of each neutrino, in the order of `FLAVOURS`. An antineutrino has the entry of
        its neutrino, because its couplings to Z and mediator change sign together.
    mixing
        Charge that a unit electric charge has by mixing at tree level, per unit of x. Where x is
        g^2, it is eps_0 e / g for L = eps_0 e Q_f fbar gamma f Z'.
    loop_mev
        Masses of the leptons a and b, of charges +1 and -1, whose loop mixes mediator and photon
        (`vacuum_polarisation.loop_charge`); ``None`` without it.

    Notes
    -----
    Without a mass (`has_mass` false) the mediator is the photon itself.
    """

    proton: float = 0.0
    neutron: float = 0.0
    electron: float = 0.0
    flavours: tuple[float, ...] = _EVERY_FLAVOUR
    mixing: float = 0.0
    loop_mev: tuple[float, float] | None = None

    @property
    def interferes_on(self) -> tuple[str, ...]:
        """The targets that have a charge."""
        mixes = self.mixing or self.loop_mev
        charged = {
            NUCLEUS: self.proton or self.neutron or mixes,
            ELECTRON: self.electron or mixes,
        }
        return tuple(target for target in self.scatters_on if charged[target])

    @property
    def flavours_seen(self) -> tuple[str, ...]:
        """The neutrinos that have a charge."""
        return tuple(f for f, charge in zip(FLAVOURS, self.flavours, strict=True) if charge)

    @property
    def matter_effect(self) -> float:
        """Difference of the charges of two neutrinos times that of matter for each electron.

        Forward scattering in matter has q^2 = 0: V = x c_nu (c_e + c_p + Y_n c_n) n_e / m_V^2,
        beside sqrt2 G_F n_e of nu_e in the Standard Model. Mixing with the photon cancels between
        protons and electrons.

        References
        ----------
        Coloma, Gonzalez-Garcia and Maltoni, JHEP 01 (2021) 114 (arXiv:2009.14220).
        """
        matter = self.electron + self.proton + _NEUTRONS_PER_ELECTRON * self.neutron
        return (max(self.flavours) - min(self.flavours)) * abs(matter)

    def photon_charge(self, q2_mev2: ArrayLike) -> Array:
        """Return kappa, the charge of a unit electric charge at q^2, in its shape."""
        q2 = np.asarray(q2_mev2, dtype=float)
        loop = loop_charge(q2, *self.loop_mev) if self.loop_mev else np.zeros_like(q2)
        return loop + self.mixing

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
        weak: WeakCharges = TREE,
    ) -> Array:
        """Return Q_SM^2 -> (Q_SM + x q_V)^2, split by powers of x; see `Interaction`.

        q_V = (charge of the neutrino) [(c_p + kappa) Z F_p + c_n N F_n] / (sqrt2 G_F (q^2 + m_V^2))
        with kappa = `photon_charge`.
        """
        if NUCLEUS not in self.scatters_on:
            raise self._lacks(NUCLEUS)
        q2 = momentum_transfer_mev(recoil_energy_mev, isotope.mass_mev) ** 2
        nuclear = nuclear_charge(
            isotope,
            recoil_energy_mev,
            form_factor,
            proton=self.proton + self.photon_charge(q2),
            neutron=self.neutron,
        )
        propagator = propagator_mev2(
            isotope.mass_mev, recoil_energy_mev, self._mass(mediator_mass_mev)
        )
        charge = nuclear / (np.sqrt(2.0) * const.FERMI_CONSTANT_PER_MEV2 * propagator)
        sm = weak.of_nucleus(isotope, recoil_energy_mev, form_factor)[:, None]
        kinematics = vector_kinematics(isotope, recoil_energy_mev)
        linear = outer_mass(2.0 * sm * kinematics, charge, recoil_energy_mev)
        quadratic = outer_mass(kinematics[None], charge**2, recoil_energy_mev)
        alike = len(set(self.flavours)) == 1
        flavours = np.array(self.flavours[:1] if alike else self.flavours)
        flavours = flavours.reshape(-1, *(1,) * (linear.ndim - 1))
        return np.stack(np.broadcast_arrays(flavours * linear, flavours**2 * quadratic))

    def electron_terms(
        self,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        weak: WeakCharges = TREE,
    ) -> Array:
        """Return g_V -> g_V + x c / (sqrt2 G_F (2 m_e T + m_V^2)); see `Interaction`.

        c is the charge of the neutrino times that of the electron, c_e - kappa with kappa =
        `photon_charge`; with g_V = g_L + g_R, each of g_L and g_R takes half of it.
        """
        if ELECTRON not in self.scatters_on:
            raise self._lacks(ELECTRON)
        q2 = momentum_transfer_mev(recoil_energy_mev, const.ELECTRON_MASS_MEV) ** 2
        half = 0.5 * np.array(self.flavours)
        return mediator_terms(
            recoil_energy_mev,
            self._mass(mediator_mass_mev),
            weak.of_electron,
            Couplings(half, half),
            self.electron - self.photon_charge(q2),
        )

    def _mass(self, mediator_mass_mev: ArrayLike) -> Array:
        masses = np.asarray(mediator_mass_mev, dtype=float)
        return masses if self.has_mass else np.zeros_like(masses)


_CITE = ("Cerdeno:2016sfi", "Lindner:2016wff")

ENTRIES = (
    VectorMediator(
        name="vector-universal",
        title="universal vector",
        formula="Q -> Q + 3 A x F / (sqrt2 G_F (q^2 + m_V^2)); electrons g_V -> g_V + x / "
        "(sqrt2 G_F (2 m_e T + m_V^2)); x > 0 interferes destructively with nuclei, "
        "constructively with electrons for nu_e and anti nu_e",
        coupling=UNIVERSAL,
        cite=_CITE,
        proton=3.0,
        neutron=3.0,
        electron=1.0,
    ),
    VectorMediator(
        name="baryonic",
        title="baryonic vector",
        formula="Q -> Q + A x F / (sqrt2 G_F (q^2 + m_V^2)); no electrons",
        coupling=product_coupling(
            "B", "g_nu of every neutrino times g_B; quarks couple with g_B/3, charged leptons not"
        ),
        cite=_CITE,
        scatters_on=(NUCLEUS,),
        proton=1.0,
        neutron=1.0,
    ),
)
