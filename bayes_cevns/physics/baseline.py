"""How far neutrinos travel from where they are made to the detector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics.checks import numbers, positive
from bayes_cevns.physics.constants import HBARC_MEV_FM


@dataclass(frozen=True)
class Baseline:
    """A distance and by how much it differs from neutrino to neutrino.

    Attributes
    ----------
    distance_m
        Mean distance from source to detector.
    spread_m
        Standard deviation of the distance, by the sizes of source and detector.

    Raises
    ------
    ArgumentError
        If the distance is not positive and finite, or the spread is negative or not finite.

    Examples
    --------
    >>> Baseline(19.3, 0.3).distance_m
    19.3
    """

    distance_m: float
    spread_m: float = 0.0

    def __post_init__(self) -> None:
        positive(self.distance_m, what="a baseline", unit="m")
        if numbers(self.spread_m, what="the spread of a baseline") != 0:
            positive(self.spread_m, what="the spread of a baseline", unit="m")

    @property
    def content(self) -> bytes:
        """The numbers that make it up, for digests."""
        return np.array([self.distance_m, self.spread_m]).tobytes()


def phase(energy_mev: ArrayLike, distance_m: float, splitting_mev2: float) -> Array:
    """Return the phase Delta m^2 L / (2 E) of an oscillation, in radian.

    Twice the 1.267 Delta m^2 [eV^2] L [m] / E [MeV] of the textbooks.

    Parameters
    ----------
    energy_mev
        Neutrino energies, > 0, any shape.
    distance_m, splitting_mev2
        Distance L, and difference of squared masses.
    """
    metre_per_mev = HBARC_MEV_FM * 1e-15
    return np.asarray(0.5 * splitting_mev2 * distance_m / metre_per_mev / np.asarray(energy_mev))
