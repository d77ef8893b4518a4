"""Upscattering to a massive sterile neutrino by a vector or scalar mediator of a fixed mass.

Two masses: that of the sterile neutrino, m_4, is on the mass axis; that of the mediator belongs to
the name, ``sterile-vector[mediator_mev=30]``, and is 1 GeV by default. The final state is no active
neutrino, so that nothing interferes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import nuclear_charge
from bayes_cevns.physics.checks import positive
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.axis import STERILE_MASS, MassAxis
from bayes_cevns.physics.interactions.base import Interaction, incoherent
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.physics.interactions.scalar import ScalarMediator
from bayes_cevns.physics.kinematics import propagator_mev2
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.upscattering import (
    mass_ratio,
    scalar_upscattering,
    vector_upscattering,
)

#: The option of a user's own mediator.
MEDIATOR_MEV = "mediator_mev"
#: Far above all momentum transfers: x / m^2 alone is measured, to 1% at 100 MeV.
_HEAVY_MEV = 1000.0

#: Coefficients of E^-n of unit charges, as `upscattering.vector_upscattering`.
type Kinematics = Callable[..., Array]


@dataclass(frozen=True, kw_only=True)
class SterileMediator(Interaction):
    """A mediator between active neutrinos, a sterile one and quarks or electrons.

    Attributes
    ----------
    kinematics
        Name of the exchange: ``"vector"`` or ``"scalar"``.
    proton, neutron, electron
        Charges per unit of x.
    mediator_mev
        Mass of the mediator.
    """

    axis: MassAxis = STERILE_MASS
    kinematics: str
    proton: float
    neutron: float
    electron: float
    mediator_mev: float = _HEAVY_MEV

    def nuclear_terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return zero and x^2 (Z c_p F_p + N c_n F_n)^2 of an exchange, spin zero.

        See `upscattering.vector_upscattering`, `scalar_upscattering`; the mass is m_4.
        """
        charge = nuclear_charge(
            isotope, recoil_energy_mev, form_factor, proton=self.proton, neutron=self.neutron
        )
        return self._terms(
            recoil_energy_mev, isotope.mass_mev, mediator_mass_mev, charge, spin_half=False
        )

    def electron_terms(self, recoil_energy_mev: ArrayLike, mediator_mass_mev: ArrayLike) -> Array:
        """Return zero and x^2 c_e^2 of an exchange, spin one half."""
        charge = np.asarray(self.electron)
        return self._terms(
            recoil_energy_mev, const.ELECTRON_MASS_MEV, mediator_mass_mev, charge, spin_half=True
        )

    def _terms(
        self,
        recoil_energy_mev: ArrayLike,
        target_mev: float,
        mass_mev: ArrayLike,
        charge: Array,
        *,
        spin_half: bool,
    ) -> Array:
        ratio = mass_ratio(recoil_energy_mev, target_mev, mass_mev)
        unit = _EXCHANGES[self.kinematics](
            recoil_energy_mev, target_mev, ratio, spin_half=spin_half
        )
        propagator = propagator_mev2(target_mev, recoil_energy_mev, self.mediator_mev)
        return incoherent(charge**2 / propagator**2 * unit)


_EXCHANGES: Mapping[str, Kinematics] = {
    "vector": vector_upscattering,
    "scalar": scalar_upscattering,
}


def with_mediator(entry: SterileMediator, given: Mapping[object, object]) -> SterileMediator:
    """Return an entry of the catalogue with a mediator of another mass.

    Raises
    ------
    ArgumentError
        If something else than ``mediator_mev`` is given, or it is no positive number.
    """
    if set(given) != {MEDIATOR_MEV}:
        raise ArgumentError(
            f"the charges of {entry.name!r} are fixed: give {MEDIATOR_MEV} alone, the mass of the "
            f"mediator, such as {MEDIATOR_MEV}=30; got {shown(dict(given))}"
        )
    value = given[MEDIATOR_MEV]
    try:
        number = float(value) if isinstance(value, str) else value
    except ValueError:
        number = value
    # The type checker wants a number; whatever else it is, `positive` says so with an error.
    mass = float(positive(number, what=MEDIATOR_MEV, unit="MeV"))  # type: ignore[arg-type]
    return entry if mass == entry.mediator_mev else _of_mass(entry, mass)


def _of_mass(entry: SterileMediator, mass_mev: float) -> SterileMediator:
    short = f"{mass_mev:g}" if float(f"{mass_mev:g}") == mass_mev else repr(mass_mev)
    return replace(
        entry,
        name=f"{entry.name}[{MEDIATOR_MEV}={short}]",
        title=entry.title.replace("1 GeV", f"{mass_mev:.3g} MeV"),
        formula=entry.formula.replace("1000 MeV", f"{short} MeV"),
        mediator_mev=mass_mev,
    )


def _coupling(definition: str) -> Coupling:
    return Coupling(
        symbol="sqrt(|g_nu4 g_f|)",
        latex=r"\sqrt{|g_{\nu4} g_f|}",
        definition=definition,
        amplitude="g_nu4 g_f",
        amplitude_latex=r"g_{\nu4} g_f",
    )


_WHERE = "with r = m_4^2/(2 m T), for E > (1 + r) (T + sqrt(T^2 + 2 m T))/2; no interference"
_CITE = ("Candela:2023rvt", "Candela:2024ljb")
_SCALAR = ScalarMediator(
    name="", title="", formula="", coupling=_coupling(""), cite=(),
    quark_couplings=(("u", 1.0), ("d", 1.0)),
).nucleon_couplings  # fmt: skip


def _entries() -> tuple[SterileMediator, ...]:
    proton, neutron = _SCALAR()
    return (
        SterileMediator(
            name="sterile-vector",
            title="sterile upscattering, vector of 1 GeV",
            formula="nu X -> N_4 X by a vector of 1000 MeV: x^2 (3 A F)^2 (m / 2 pi) [1 - T (1 + "
            "r)/E - T (1 + r) (2 m - T r)/(4 E^2)] / (q^2 + m_V^2)^2, on electrons x^2 (m_e / 2 "
            f"pi) [1 - T (1 + r)/E - T (1 + r) (m_e - T)/(2 E^2)] / (2 m_e T + m_V^2)^2, {_WHERE}",
            coupling=_coupling(
                "g_nu4 of every active neutrino with the sterile one, L = g_nu4 nubar_L gamma N_L "
                "Z' + h.c., times g_f, the same of u, d and electrons"
            ),
            cite=_CITE,
            kinematics="vector",
            proton=3.0,
            neutron=3.0,
            electron=1.0,
        ),
        SterileMediator(
            name="sterile-scalar",
            title="sterile upscattering, scalar of 1 GeV",
            formula="nu X -> N_4 X by a scalar of 1000 MeV: x^2 Q_S^2 F^2 m^2 T (1 + r) / (4 pi "
            "E^2 (q^2 + m_S^2)^2), quarks u, d; on electrons x^2 m_e^2 T (1 + T/(2 m_e)) (1 + r) / "
            f"(4 pi E^2 (2 m_e T + m_S^2)^2), {_WHERE}",
            coupling=_coupling(
                "g_nu4 of every active neutrino with the sterile one, L = g_nu4 Nbar_R nu_L S + "
                "h.c., times g_f, the same of u, d and electrons"
            ),
            cite=(*_CITE, "Hoferichter:2015dsa"),
            kinematics="scalar",
            proton=proton,
            neutron=neutron,
            electron=1.0,
        ),
    )


ENTRIES = _entries()
