"""Couplings of neutrinos to protons, neutrons and electrons in the Standard Model, by flavour.

At tree level they follow from sin^2 theta_W, and those to nucleons are the same for all flavours.
Radiative corrections make them depend on the flavour: the charge radii of the neutrinos are among
them. Both ways they move with sin^2 theta_W as at tree level: corrections are what is added to the
charges of tree level at sin^2 theta_W = 0.23857, and their own dependence on it, a correction of a
correction, is neglected.

References
----------
Erler and Su, Prog. Part. Nucl. Phys. 71 (2013) 119; numbers as in Atzori Corona et al., JHEP 09
(2022) 164 (arXiv:2205.09484) and JHEP 05 (2024) 271.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arguments import named
from bayes_cevns.arrays import Array
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import NEUTRON_VECTOR_COUPLING, nuclear_charge
from bayes_cevns.physics.cevns import proton_vector_coupling as tree_proton
from bayes_cevns.physics.electrons import Couplings
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.nuclei import Isotope


@dataclass(frozen=True)
class WeakCharges:
    """Couplings of nu_e, nu_mu, nu_tau in the Standard Model.

    An antineutrino has those of its neutrino: `electrons.current_terms` exchanges left and right.

    Attributes
    ----------
    proton
        g_V^p of each flavour.
    neutron
        g_V^n, the same for all.
    electron
        (g_V, g_A) of each flavour.
    """

    proton: tuple[float, float, float]
    neutron: float
    electron: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]

    @property
    def alike(self) -> bool:
        """Whether nuclei have the same charge for all flavours."""
        return len(set(self.proton)) == 1

    def of_nucleus(
        self, isotope: Isotope, recoil_energy_mev: ArrayLike, form_factor: FormFactor
    ) -> Array:
        """Return Q(q) = Z g_V^p F_p + N g_V^n F_n, shape (F, *R).

        F is one if all flavours are alike, otherwise six, in the order of `FLAVOURS`.
        """
        protons = self.proton[:1] if self.alike else 2 * self.proton
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        charges = {proton: self._of(isotope, recoil, form_factor, proton) for proton in protons}
        return np.stack([charges[proton] for proton in protons])

    def _of(self, isotope: Isotope, recoil: Array, form: FormFactor, proton: float) -> Array:
        return nuclear_charge(isotope, recoil, form, proton=proton, neutron=self.neutron)

    @property
    def of_electron(self) -> Couplings:
        """The chiral couplings g_L = (g_V + g_A)/2, g_R = (g_V - g_A)/2, each of shape (6,)."""
        vector, axial = np.array(2 * self.electron).T
        return Couplings(0.5 * (vector + axial), 0.5 * (vector - axial))


def tree_charges(sin2_theta_w: float = const.SIN2_THETA_W) -> WeakCharges:
    """Return the charges at tree level.

    g_V^p = 1/2 - 2 s^2, g_V^n = -1/2; on electrons g_V = 2 s^2 -+ 1/2, g_A = -+ 1/2, plus for nu_e
    (charged currents), with s^2 = sin^2 theta_W.

    References
    ----------
    Freedman, Phys. Rev. D 9 (1974) 1389; 't Hooft, Phys. Lett. B 37 (1971) 195.
    """
    own = (2.0 * sin2_theta_w + 0.5, 0.5)
    other = (2.0 * sin2_theta_w - 0.5, -0.5)
    proton = tree_proton(sin2_theta_w)
    return WeakCharges((proton,) * 3, NEUTRON_VECTOR_COUPLING, (own, other, other))


TREE: Final = tree_charges()

#: With radiative corrections, at low momentum transfer.
RADIATIVE: Final = WeakCharges(
    proton=(0.0382, 0.0300, 0.0256),
    neutron=-0.5117,
    electron=((0.9521, 0.4938), (-0.0397, -0.5062), (-0.0353, -0.5062)),
)

CORRECTIONS_CITE: Final = ("Erler:2013xha", "AtzoriCorona:2022qrf")

WEAK_CHARGES: Final = {"tree": TREE, "radiative": RADIATIVE}


def weak_charges(name: str) -> WeakCharges:
    """Return charges by their name.

    Raises
    ------
    UnknownNameError
        If there are none of that name.
    """
    return WEAK_CHARGES[named(name, "weak charges", WEAK_CHARGES)]
