"""Scalar mediators: they flip the helicity of the neutrino, so that nothing interferes."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import nuclear_charge, scalar_kinematics
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.base import ELECTRON, NUCLEUS, Interaction, exchange
from bayes_cevns.physics.interactions.coupling import UNIVERSAL, product_coupling
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.storage.resources import data_file

QUARK_MASS_MEV = {
    "u": const.UP_MASS_MEV,
    "d": const.DOWN_MASS_MEV,
    "s": const.STRANGE_MASS_MEV,
}


@dataclass(frozen=True, kw_only=True)
class ScalarMediator(Interaction):
    """A scalar mediator with given couplings to quarks and electrons.

    Attributes
    ----------
    quark_couplings
        Coupling of each quark ("u", "d", "s") per unit of g_q.
    electron
        Coupling of the electron per unit of g_q (or of g_e).
    """

    quark_couplings: tuple[tuple[str, float], ...] = ()
    electron: float = 0.0

    def nucleon_couplings(self) -> tuple[float, float]:
        """Return sum_q c_q (m_N / m_q) f_q^N of the proton and of the neutron.

        References
        ----------
        Hoferichter et al., Phys. Rev. Lett. 115 (2015) 092301 (u, d); Junnarkar and
        Walker-Loud, Phys. Rev. D 87 (2013) 114510 (s).
        """
        fractions = scalar_fractions()

        def of(nucleon: str, mass_mev: float) -> float:
            return sum(
                coupling * mass_mev / QUARK_MASS_MEV[quark] * fractions[nucleon][f"f_{quark}"]
                for quark, coupling in self.quark_couplings
            )

        return of("proton", const.PROTON_MASS_MEV), of("neutron", const.NEUTRON_MASS_MEV)

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return zero and x^2 Q_S^2 m^2 T / (4 pi E^2 (q^2 + m_S^2)^2); see `Interaction`.

        Q_S = Z c_p F_p + N c_n F_n with the couplings of `nucleon_couplings`.
        """
        if NUCLEUS not in self.scatters_on:
            raise self._lacks(NUCLEUS)
        proton, neutron = self.nucleon_couplings()
        charge = nuclear_charge(
            isotope, recoil_energy_mev, form_factor, proton=proton, neutron=neutron
        )
        return exchange(
            scalar_kinematics(isotope, recoil_energy_mev),
            charge**2,
            mass_mev=isotope.mass_mev,
            recoil_energy_mev=recoil_energy_mev,
            mediator_mass_mev=mediator_mass_mev,
        )

    def electron_terms(self, recoil_energy_mev: ArrayLike, mediator_mass_mev: ArrayLike) -> Array:
        """Return zero and x^2 m_e^2 T (1 + T/(2 m_e)) / (4 pi E^2 (2 m_e T + m_S^2)^2).

        References
        ----------
        Cerdeno et al., JHEP 05 (2016) 118, eq. 3.8, without the T/(2 m_e) that the trace of a
        target of spin 1/2 has (tests: Dirac traces); 1% at 10 keV.
        """
        if ELECTRON not in self.scatters_on:
            raise self._lacks(ELECTRON)
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        mass = const.ELECTRON_MASS_MEV
        zero = np.zeros_like(recoil)
        flip = mass**2 * recoil * (1.0 + 0.5 * recoil / mass) / (4.0 * np.pi)
        return exchange(
            np.stack([zero, zero, flip]),
            self.electron**2,
            mass_mev=mass,
            recoil_energy_mev=recoil,
            mediator_mass_mev=mediator_mass_mev,
        )


@cache
def scalar_fractions() -> dict[str, dict[str, float]]:
    """Return f_q^N = <N| m_q qbar q |N> / m_N of proton and neutron, from ``data/nuclei``."""
    with data_file("nuclei/nucleon_matrix_elements.toml").open("rb") as stream:
        table: dict[str, dict[str, float]] = tomllib.load(stream)["H15"]
    return table


_FORMULA = "x^2 m^2 T Q_S^2 F^2 / (4 pi E^2 (q^2 + m_S^2)^2), no interference"
_ELECTRON = "x^2 m_e^2 T (1 + T/(2 m_e)) / (4 pi E^2 (2 m_e T + m_S^2)^2) on electrons"
_HOFERICHTER = ("Cerdeno:2016sfi", "Hoferichter:2015dsa")
_WITH_STRANGE = (*_HOFERICHTER, "Junnarkar:2013ac")

ENTRIES = (
    ScalarMediator(
        name="scalar-universal",
        title="universal scalar",
        formula=f"{_FORMULA}; quarks u, d; {_ELECTRON}",
        coupling=UNIVERSAL,
        cite=_HOFERICHTER,
        quark_couplings=(("u", 1.0), ("d", 1.0)),
        electron=1.0,
    ),
    ScalarMediator(
        name="scalar-universal-uds",
        title="universal scalar (u, d, s)",
        formula=f"{_FORMULA}; quarks u, d, s; {_ELECTRON}",
        coupling=product_coupling(
            "f", "g_nu of every neutrino times g_f, the same of u, d, s and electrons"
        ),
        cite=_WITH_STRANGE,
        quark_couplings=(("u", 1.0), ("d", 1.0), ("s", 1.0)),
        electron=1.0,
    ),
    ScalarMediator(
        name="scalar-higgs-like",
        title="Higgs-like scalar",
        formula=f"{_FORMULA}; g_f -> g_f m_f / v_H for u, d, s (no heavy quarks) and electrons",
        coupling=product_coupling(
            "h",
            "g_nu of every neutrino times g_h; the fermion f couples as g_h m_f / v_H, v_H = "
            "246.22 GeV",
        ),
        cite=("Blanco-Mas:2024ale", "Hoferichter:2015dsa", "Junnarkar:2013ac"),
        quark_couplings=tuple((q, m / const.HIGGS_VEV_MEV) for q, m in QUARK_MASS_MEV.items()),
        electron=const.ELECTRON_MASS_MEV / const.HIGGS_VEV_MEV,
    ),
    ScalarMediator(
        name="scalar-leptophilic",
        title="leptophilic scalar",
        formula=f"{_ELECTRON}, no quarks",
        coupling=product_coupling("e", "g_nu of every neutrino times g_e of the electron"),
        cite=("Blanco-Mas:2024ale",),
        scatters_on=(ELECTRON,),
        electron=1.0,
    ),
)
