"""The catalogue of interactions: how each one adds to CEvNS, as a polynomial in a coupling.

The coupling of a mediator enters as x = g_nu g_q (for B-L, whose charges are fixed, x = g^2),
and every rate is exactly

    rate = sm + x * interference + x^2 * new_physics

so that the three components below are all that an interaction has to provide.
"""

from __future__ import annotations

import tomllib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import (
    propagator_mev2,
    scalar_kinematics,
    vector_kinematics,
    weak_charge,
)
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.resources import data_file

type Array = NDArray[np.float64]

#: Names of the rate components, in the order of the powers 0, 1, 2 of the coupling.
COMPONENTS = ("sm", "interference", "new_physics")

#: The name under which the Standard Model alone stands wherever an interaction is asked for.
STANDARD_MODEL = "sm"


def standard_model(
    isotope: Isotope,
    recoil_energy_mev: ArrayLike,
    form_factor: FormFactor,
    sin2_theta_w: float = const.SIN2_THETA_W,
) -> Array:
    """Return the Standard-Model coefficients of E^-n, shape (3, ...)."""
    charge = weak_charge(isotope, sin2_theta_w)
    return charge**2 * vector_kinematics(isotope, recoil_energy_mev, form_factor)


@dataclass(frozen=True, kw_only=True)
class Interaction(ABC):
    """A mediator exchanged between neutrino and nucleus.

    Attributes
    ----------
    name
        Name in the catalogue.
    title
        Name on a figure.
    formula
        What it does to dsigma/dT, in plain text.
    coupling
        What the quoted coupling g means.
    signed
        Whether g_nu g_q may have either sign and the sign is observable.
    cite
        Citation keys of the formula.
    """

    name: str
    title: str
    formula: str
    coupling: str
    signed: bool
    cite: tuple[str, ...]

    @abstractmethod
    def terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return the coefficients of E^-n for the terms linear and quadratic in x.

        Parameters
        ----------
        isotope
            Nucleus that recoils.
        recoil_energy_mev
            Recoil energies in MeV, shape R.
        mediator_mass_mev
            Mediator masses in MeV, shape M.
        form_factor
            Nuclear form factor.

        Returns
        -------
        ndarray
            Shape (2, 3, *M, *R): component (x, x^2), power n of 1/E, mass, recoil energy.
        """

    def components(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return the coefficients of E^-n of all three components, shape (3, 3, *M, *R)."""
        terms = self.terms(isotope, recoil_energy_mev, mediator_mass_mev, form_factor)
        sm = standard_model(isotope, recoil_energy_mev, form_factor)
        masses = np.ndim(mediator_mass_mev)
        sm = sm.reshape(sm.shape[:1] + (1,) * masses + sm.shape[1:])
        return np.concatenate([np.broadcast_to(sm, terms.shape[1:])[None], terms])


@dataclass(frozen=True, kw_only=True)
class VectorMediator(Interaction):
    """A vector mediator with given charges of quarks in units of g_q (or of g).

    Attributes
    ----------
    up, down
        Charge of the u and d quark times that of the neutrino, per unit of x.
    """

    up: float
    down: float

    def terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return Q_SM^2 -> (Q_SM + x q_V)^2, split by powers of x; see `Interaction.terms`.

        q_V = [(2 u + d) Z + (u + 2 d) N] / (sqrt2 G_F (q^2 + m_V^2)).
        """
        nuclear = (2 * self.up + self.down) * isotope.z + (self.up + 2 * self.down) * isotope.n
        propagator = propagator_mev2(isotope, recoil_energy_mev, mediator_mass_mev)
        charge = nuclear / (np.sqrt(2.0) * const.FERMI_CONSTANT_PER_MEV2 * propagator)
        kinematics = vector_kinematics(isotope, recoil_energy_mev, form_factor)
        masses = np.ndim(mediator_mass_mev)
        kinematics = kinematics.reshape((3,) + (1,) * masses + kinematics.shape[1:])
        return np.stack([2.0 * weak_charge(isotope) * charge * kinematics, charge**2 * kinematics])


@dataclass(frozen=True, kw_only=True)
class ScalarMediator(Interaction):
    """A scalar mediator with given couplings to quarks in units of g_q.

    Attributes
    ----------
    quark_couplings
        Coupling of each quark ("u", "d", "s") per unit of g_q.
    """

    quark_couplings: tuple[tuple[str, float], ...]

    def nuclear_charge(self, isotope: Isotope) -> float:
        """Return Q_S / x = sum_N N_N sum_q c_q (m_N / m_q) f_q^N, without the form factor.

        References
        ----------
        Hoferichter et al., Phys. Rev. Lett. 115 (2015) 092301 (u, d); Junnarkar and
        Walker-Loud, Phys. Rev. D 87 (2013) 114510 (s).
        """
        fractions = scalar_fractions()
        return sum(
            coupling
            / QUARK_MASS_MEV[quark]
            * (
                isotope.z * const.PROTON_MASS_MEV * fractions["proton"][f"f_{quark}"]
                + isotope.n * const.NEUTRON_MASS_MEV * fractions["neutron"][f"f_{quark}"]
            )
            for quark, coupling in self.quark_couplings
        )

    def terms(
        self,
        isotope: Isotope,
        recoil_energy_mev: ArrayLike,
        mediator_mass_mev: ArrayLike,
        form_factor: FormFactor,
    ) -> Array:
        """Return zero and x^2 Q_S^2 m^2 T F^2 / (4 pi E^2 (q^2 + m_S^2)^2), by powers of x."""
        charge = self.nuclear_charge(isotope)
        propagator = propagator_mev2(isotope, recoil_energy_mev, mediator_mass_mev)
        kinematics = scalar_kinematics(isotope, recoil_energy_mev, form_factor)
        masses = np.ndim(mediator_mass_mev)
        kinematics = kinematics.reshape((3,) + (1,) * masses + kinematics.shape[1:])
        quadratic = (charge / propagator) ** 2 * kinematics
        return np.stack([np.zeros_like(quadratic), quadratic])


QUARK_MASS_MEV = {
    "u": const.UP_MASS_MEV,
    "d": const.DOWN_MASS_MEV,
    "s": const.STRANGE_MASS_MEV,
}


@cache
def scalar_fractions() -> dict[str, dict[str, float]]:
    """Return f_q^N = <N| m_q qbar q |N> / m_N of proton and neutron, from ``data/nuclei``."""
    with data_file("nuclei/nucleon_matrix_elements.toml").open("rb") as stream:
        table: dict[str, dict[str, float]] = tomllib.load(stream)["H15"]
    return table


_SCALAR_FORMULA = "x^2 m^2 T Q_S^2 F^2 / (4 pi E^2 (q^2 + m_S^2)^2), no interference"

_CATALOGUE = (
    VectorMediator(
        name="vector-universal",
        title="universal vector",
        formula="Q -> Q + 3 A x F / (sqrt2 G_F (q^2 + m_V^2)); x > 0 interferes destructively",
        coupling="g = sqrt(|g_nu g_q|), the same g_q for all quarks",
        signed=True,
        cite=("Cerdeno:2016sfi", "Lindner:2016wff"),
        up=1.0,
        down=1.0,
    ),
    VectorMediator(
        name="b-l",
        title="$B-L$ vector",
        formula="Q -> Q - A g^2 F / (sqrt2 G_F (q^2 + m_V^2)); always constructive",
        coupling="g = g_{B-L}; quarks g/3, neutrinos -g",
        signed=False,
        cite=("Cerdeno:2016sfi", "Lindner:2016wff"),
        up=-1.0 / 3.0,
        down=-1.0 / 3.0,
    ),
    ScalarMediator(
        name="scalar-universal",
        title="universal scalar",
        formula=_SCALAR_FORMULA + "; quarks u, d",
        coupling="g = sqrt(|g_nu g_q|), the same g_q for u and d",
        signed=False,
        cite=("Cerdeno:2016sfi", "Hoferichter:2015dsa"),
        quark_couplings=(("u", 1.0), ("d", 1.0)),
    ),
    ScalarMediator(
        name="scalar-universal-uds",
        title="universal scalar (u, d, s)",
        formula=_SCALAR_FORMULA + "; quarks u, d, s",
        coupling="g = sqrt(|g_nu g_q|), the same g_q for u, d and s",
        signed=False,
        cite=("Cerdeno:2016sfi", "Hoferichter:2015dsa", "Junnarkar:2013ac"),
        quark_couplings=(("u", 1.0), ("d", 1.0), ("s", 1.0)),
    ),
    ScalarMediator(
        name="scalar-higgs-like",
        title="Higgs-like scalar",
        formula=_SCALAR_FORMULA + "; g_q -> g_q m_q / v_H for u, d, s (no heavy quarks)",
        coupling="g = sqrt(|g_nu g_q|), quarks couple as g_q m_q / v_H",
        signed=False,
        cite=("Blanco-Mas:2024ale", "Hoferichter:2015dsa", "Junnarkar:2013ac"),
        quark_couplings=tuple((q, m / const.HIGGS_VEV_MEV) for q, m in QUARK_MASS_MEV.items()),
    ),
)

#: Every interaction by its name.
INTERACTIONS: dict[str, Interaction] = {entry.name: entry for entry in _CATALOGUE}


def interaction(name: str) -> Interaction:
    """Return an interaction by its name.

    Raises
    ------
    UnknownNameError
        If there is none of that name; the known ones are listed.
    """
    if name not in INTERACTIONS:
        raise UnknownNameError("interaction", name, INTERACTIONS)
    return INTERACTIONS[name]


def check_masses(mediator_mass_mev: ArrayLike) -> Array:
    """Return mediator masses as an array after checking that they are positive and finite.

    Raises
    ------
    ArgumentError
        If a mass is zero, negative, infinite or not a number, naming the first such value.
    """
    masses = np.asarray(mediator_mass_mev, dtype=float)
    bad = ~(np.isfinite(masses) & (masses > 0))
    if np.any(bad):
        value = float(masses[bad].flat[0])
        raise ArgumentError(f"a mediator mass must be positive and finite, in MeV; got {value:g}")
    return masses
