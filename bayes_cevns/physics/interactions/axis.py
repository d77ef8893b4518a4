"""What the mass of an interaction is: it is on the horizontal axis of every scan.

It is in MeV in every argument, column and file. Most interactions have the mass of a mediator,
which enters through its propagator alone. The others change which neutrinos of a source count:
a massive neutrino in the final state needs more energy, and oscillation weights the flux.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array


class Role(StrEnum):
    """How a mass enters."""

    PROPAGATOR = "propagator"
    FINAL_STATE = "final state"
    OSCILLATION = "oscillation"


@dataclass(frozen=True, kw_only=True)
class MassAxis:
    """The mass of an interaction.

    Attributes
    ----------
    role
        How it enters.
    name
        What it is, in words, without an article.
    label
        Label of an axis of a figure, with its unit.
    factor, power
        A figure has (factor x mass in MeV)^power.
    """

    role: Role
    name: str
    label: str
    factor: float = 1.0
    power: float = 1.0

    @property
    def moves_flux(self) -> bool:
        """Whether another mass changes which neutrinos count, and not only a propagator."""
        return self.role is not Role.PROPAGATOR

    def drawn(self, mass_mev: ArrayLike) -> Array:
        """Return what a figure has for masses of any shape."""
        return np.asarray((self.factor * np.asarray(mass_mev, dtype=float)) ** self.power)


MEDIATOR_MASS = MassAxis(role=Role.PROPAGATOR, name="mediator mass", label="mediator mass [MeV]")

#: The mass m_4 of a neutrino that leaves a scattering.
STERILE_MASS = MassAxis(
    role=Role.FINAL_STATE,
    name="mass m_4 of the sterile neutrino",
    label="mass of the sterile neutrino $m_4$ [MeV]",
)

#: sqrt(Delta m^2_41), in MeV as every mass: 1e-6 MeV for 1 eV^2. Figures have eV^2.
MASS_SPLITTING = MassAxis(
    role=Role.OSCILLATION,
    name="sqrt(Delta m^2_41)",
    label=r"$\Delta m^2_{41}$ [eV$^2$]",
    factor=1e6,
    power=2.0,
)
