"""Axial mediators: they couple to the spin of the nucleus, and to electrons.

The Standard Model has L = -sqrt2 G_F (nubar_L gamma nu_L) (fbar gamma (g_V - g_A gamma_5) f). The
mediator is written with the same sign before gamma_5,

    L = g_nu (nubar_L gamma nu_L) Z' - g_f (fbar gamma gamma_5 f) Z',    x = g_nu g_f,

so that its exchange is g_A -> g_A + x / (sqrt2 G_F (q^2 + m_A^2)). With + g_f in this line, as some
papers have it, x has the other sign. Nuclei do not tell: only x^2 acts on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ChannelError, UnknownNameError
from bayes_cevns.physics.cevns import nuclear_charge
from bayes_cevns.physics.electrons import Couplings, mediator_terms
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.base import (
    ELECTRON,
    NUCLEUS,
    Interaction,
    Interfering,
    exchange,
)
from bayes_cevns.physics.interactions.coupling import QUARKS, product_coupling
from bayes_cevns.physics.kinematics import momentum_transfer_mev
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.spin_charges import (
    PAPER_001_SPINS,
    axial_nucleon_couplings,
    spin_charges_squared,
)
from bayes_cevns.physics.spin_kinematics import axial_kinematics
from bayes_cevns.physics.weak_charges import TREE, WeakCharges

#: Its sign is that of the Lagrangian, which a universal coupling of g_f alone does not say.
AXIAL = product_coupling(
    "f",
    "g_nu of every neutrino times g_f, the same of u, d and electrons, for L = g_nu nubar_L gamma "
    "nu_L Z' - g_f fbar gamma gamma_5 f Z': the sign before gamma_5 is that of the Standard Model, "
    "so that x > 0 raises g_A (with + g_f in L, x has the other sign)",
)


@dataclass(frozen=True, kw_only=True)
class AxialMediator(Interfering):
    """An axial mediator with the same coupling to u, d and electrons.

    Attributes
    ----------
    quark_spins
        Quark contributions to the spin of the proton, a set of `spin_charges.QUARK_SPINS`.
    estimate_spins
        Whether nuclei without published spins have those of their odd nucleon; otherwise they are
        refused.
    """

    quark_spins: str = "lattice"
    estimate_spins: bool = False

    @property
    def acts_on_spins(self) -> bool:
        """Of quarks: yes."""
        return True

    @property
    def interferes_on(self) -> tuple[str, ...]:
        """Electrons, by their g_A; on nuclei the weak axial current is neglected."""
        return (ELECTRON,)

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
        weak: WeakCharges = TREE,
    ) -> Array:
        """Return zero and x^2 w_T(q) (m / 4 pi) (2 - 2 T/E + m T/E^2) / (q^2 + m_A^2)^2.

        w_T is the squared transverse spin charge of `spin_charges.spin_charges_squared`; the
        axial current of the Standard Model is neglected beside its vector current.

        Raises
        ------
        ChannelError
            If the nucleus has spin, but no published <S_p> and <S_n>.
        """
        del form_factor, weak  # spins have structure functions of their own
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        q = momentum_transfer_mev(recoil, isotope.mass_mev)
        couplings = axial_nucleon_couplings(quark_spins=self.quark_spins)
        try:
            charges = spin_charges_squared(isotope, q, *couplings, estimate=self.estimate_spins)
        except UnknownNameError as error:
            raise ChannelError(
                f"{self.name!r} on {isotope.label}: {error}; 'axial-schmidt' estimates the spins "
                "of nuclei with one odd nucleon"
            ) from None
        transverse, _ = charges
        return exchange(
            axial_kinematics(recoil, isotope.mass_mev),
            transverse,
            mass_mev=isotope.mass_mev,
            recoil_energy_mev=recoil,
            mediator_mass_mev=mediator_mass_mev,
        )

    def electron_terms(
        self,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        weak: WeakCharges = TREE,
    ) -> Array:
        """Return g_A -> g_A + x / (sqrt2 G_F (2 m_e T + m_A^2)), with g_A = g_L - g_R.

        g_A is 1/2 of nu_e and -1/2 of nu_mu and nu_tau: x > 0 gives more events of anti nu_e from
        reactors and of solar pp and 7Be, and fewer of nu_mu and of solar 8B.
        """
        half = np.full(len(FLAVOURS), 0.5)
        shift = Couplings(half, -half)
        return mediator_terms(recoil_energy_mev, mediator_mass_mev, weak.of_electron, shift)


@dataclass(frozen=True, kw_only=True)
class AxialPaper001(Interaction):
    """The axial mediator as printed in arXiv:2112.03309, with Z S_p + N S_n as its charge."""

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
        """Return zero and x^2 Q_A^2 m (2 E^2 + m T) / (4 pi E^2 (q^2 + m_A^2)^2), its table I.

        Raises
        ------
        ChannelError
            If the nucleus is not xenon, the only element of which that paper has spins.
        """
        if isotope.symbol != "Xe":
            raise ChannelError(
                f"{self.name!r} has the spins of 131Xe and is for xenon alone, got "
                f"{isotope.label}: choose 'axial'"
            )
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        a_p, a_n = axial_nucleon_couplings(quark_spins="legacy")
        s_p, s_n = PAPER_001_SPINS
        charge = nuclear_charge(isotope, recoil, form_factor, proton=a_p * s_p, neutron=a_n * s_n)
        kinematics = axial_kinematics(recoil, isotope.mass_mev)
        kinematics[1] = 0.0  # the paper leaves out the term in T/E
        return exchange(
            kinematics,
            charge**2,
            mass_mev=isotope.mass_mev,
            recoil_energy_mev=recoil,
            mediator_mass_mev=mediator_mass_mev,
        )


_NUCLEI = (
    "x^2 w_T(q) m (2 E^2 + m T - 2 E T) / (4 pi E^2 (q^2 + m_A^2)^2) on nuclei with spin, w_T(0) = "
    "(4/3) ((J+1)/J) (a_p <S_p> + a_n <S_n>)^2, a_p = a_n = Delta u + Delta d = "
)
_ELECTRONS = (
    "electrons g_A -> g_A + x / (sqrt2 G_F (2 m_e T + m_A^2)) for L = g_nu nubar_L gamma nu_L Z' - "
    "g_f fbar gamma gamma_5 f Z'"
)
_SPINS = ("Cerdeno:2016sfi", "Klos:2013rwa", "Hoferichter:2020osn", "Bednyakov:2004xq")

ENTRIES = (
    AxialMediator(
        name="axial",
        title="axial vector",
        formula=f"{_NUCLEI}0.777 - 0.438 (lattice), q dependence of structure functions or of the "
        f"odd nucleon; {_ELECTRONS}",
        coupling=AXIAL,
        cite=(*_SPINS, "Lin:2018obj"),
    ),
    AxialMediator(
        name="axial-legacy-spins",
        title="axial vector (legacy quark spins)",
        formula=f"{_NUCLEI}0.842 - 0.427, as in 2112.03309: limits on nuclei are 0.904 of those of "
        f"axial; {_ELECTRONS}",
        coupling=AXIAL,
        cite=(*_SPINS, "Majumdar:2021vdw"),
        quark_spins="legacy",
    ),
    AxialMediator(
        name="axial-schmidt",
        title="axial vector (estimated spins)",
        formula=f"{_NUCLEI}0.777 - 0.438 (lattice); nuclei without published <S_p>, <S_n> have "
        f"those of their odd nucleon (Schmidt), within a factor of about two; {_ELECTRONS}",
        coupling=AXIAL,
        cite=(*_SPINS, "Lin:2018obj"),
        estimate_spins=True,
    ),
    AxialPaper001(
        name="axial-paper-001",
        title="axial vector (as printed in 2112.03309)",
        formula="x^2 Q_A^2 m (2 E^2 + m T) / (4 pi E^2 (q^2 + m_A^2)^2), Q_A = (a_p Z S_p + a_n N "
        "S_n) F with the spins of 131Xe: 2900 times as high on xenon as axial-legacy-spins, for "
        "comparison only",
        coupling=QUARKS,
        cite=("Majumdar:2021vdw",),
        scatters_on=(NUCLEUS,),
    ),
)
