"""Oscillation to a sterile neutrino on the way from source to detector, as CEvNS sees it.

Coherent scattering is alike for all active flavours, so that it counts the active neutrinos: of
those made as flavour a, the share 1 - P_as arrives. With one sterile neutrino that is heavy against
the others (3+1), and at distances at which these do not oscillate,

    P_as = sin^2(2 theta_as) sin^2(Delta m^2_41 L / (4 E)),
    sin^2(2 theta_as) = 4 |U_a4|^2 |U_s4|^2,

and x = sin^2(2 theta_as) enters the rate linearly. In terms of mixing angles |U_e4|^2 = s14^2,
|U_mu4|^2 = c14^2 s24^2 and |U_s4|^2 = c14^2 c24^2 c34^2, so that with theta24 = theta34 = 0 x of
nu_e is sin^2(2 theta14), and with theta14 = theta34 = 0 x of nu_mu is sin^2(2 theta24). This is not
the disappearance of one flavour, 4 |U_a4|^2 (1 - |U_a4|^2): what turns into another active flavour
is counted. The mass axis is sqrt(Delta m^2_41).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.axis import MASS_SPLITTING, MassAxis
from bayes_cevns.physics.interactions.base import NUCLEUS, Interfering
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.physics.interactions.standard_model import nuclear_standard_model
from bayes_cevns.physics.kinematics import outer_mass
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.weak_charges import TREE, WeakCharges


@dataclass(frozen=True, kw_only=True)
class SterileOscillation(Interfering):
    """Active neutrinos that arrive as sterile ones; x is sin^2(2 theta_as).

    Attributes
    ----------
    flavours
        The neutrinos that oscillate, of `FLAVOURS`.

    Notes
    -----
    The terms are those of the neutrinos that are lost; rates weigh the flux with sin^2 of half the
    phase (`bayes_cevns.sources.oscillated`).
    """

    axis: MassAxis = MASS_SPLITTING
    scatters_on: tuple[str, ...] = (NUCLEUS,)
    sign_fixed: bool = True
    product_range: tuple[float, float] = (0.0, 1.0)
    flavours: tuple[str, ...] = FLAVOURS

    @property
    def interferes_on(self) -> tuple[str, ...]:
        """Nuclei: there is a term linear in x, and no other."""
        return (NUCLEUS,)

    @property
    def flavours_seen(self) -> tuple[str, ...]:
        """The neutrinos that oscillate."""
        return self.flavours

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
        weak: WeakCharges = TREE,
    ) -> Array:
        """Return minus the Standard Model, and zero: what neutrinos that are lost take away."""
        standard = nuclear_standard_model(isotope, recoil_energy_mev, form_factor, weak)
        ones = np.ones(np.shape(mediator_mass_mev) + np.shape(recoil_energy_mev))
        lost = -outer_mass(standard, ones, recoil_energy_mev)
        weights = np.array([float(flavour in self.flavours) for flavour in FLAVOURS])
        if weights.all():
            weights = weights[:1]
        found = weights.reshape(-1, *(1,) * (lost.ndim - 1)) * lost
        return np.stack([found, np.zeros_like(found)])


def _entry(whose: str, latex: str) -> SterileOscillation:
    every = whose == ""
    of, short = ("every active flavour", "a") if every else (whose, whose.removeprefix("nu_"))
    letter = r"\alpha" if every else latex
    symbol = f"sin^2(2 theta_{short}_s)"
    drawn = rf"\sin^2 2\theta_{{{letter} s}}"
    unitary = "; |U_e4| = |U_mu4|, so that it is 1/2 at most (|U_tau4| = 0)" if every else ""
    return SterileOscillation(
        name=f"sterile-oscillation{'' if every else f'-{whose}'}",
        title=f"oscillation to sterile neutrinos{'' if every else f' of $\\nu_{latex}$'}",
        formula=f"flux of {of} times 1 - x sin^2(Delta m^2_41 L / (4 E)), x = {symbol} = "
        f"4 |U_{short}4|^2 |U_s4|^2: CEvNS counts all active neutrinos; averaged over the sizes of "
        "source and detector; the mass is sqrt(Delta m^2_41)",
        coupling=Coupling(
            symbol=symbol,
            latex=drawn,
            definition=f"the amplitude of oscillation of {of} to a sterile neutrino in 3+1, "
            f"4 |U_{short}4|^2 |U_s4|^2 (not that of the disappearance of one flavour){unitary}",
            amplitude=symbol,
            amplitude_latex=drawn,
            power=1.0,
        ),
        product_range=(0.0, 0.5 if every else 1.0),
        cite=("Kosmas:2017zbh", "Canas:2017umu", "DeRomeri:2022twg"),
        flavours=tuple(f for f in FLAVOURS if every or f.removeprefix("anti_") == whose),
    )


ENTRIES = (_entry("", ""), _entry("nu_e", "e"), _entry("nu_mu", r"\mu"))
