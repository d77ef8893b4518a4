"""Neutrinos of one energy, with the interface of a `Spectrum`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import numbers
from bayes_cevns.sources.spectrum import (
    MOMENTS,
    asked_weight,
    check_factor,
    check_minimum,
    check_weight,
    scale_to,
)
from bayes_cevns.storage.digests import stable


@dataclass(frozen=True)
class Line:
    """A flux of monoenergetic neutrinos.

    Attributes
    ----------
    name
        Name of the line, such as ``"solar_pep"``.
    energy_mev
        Energy of the neutrinos.
    total_per_cm2_s
        Total flux.
    cite
        Citation keys of the energy and of the normalisation.

    Raises
    ------
    ArgumentError
        If the energy is not positive or the flux is negative, or one is not finite.

    Examples
    --------
    >>> Line("line", 2.0, 8.0).inverse_moments(1.0).tolist()
    [8.0, 4.0, 2.0]
    """

    name: str
    energy_mev: float
    total_per_cm2_s: float
    cite: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in ("energy_mev", "total_per_cm2_s"):
            numbers(getattr(self, field), what=f"{field} of line {self.name!r}")
        if not (np.isfinite(self.energy_mev) and self.energy_mev > 0):
            raise ArgumentError(
                f"line {self.name!r}: energy must be finite and > 0 MeV, got {self.energy_mev}"
            )
        if not (np.isfinite(self.total_per_cm2_s) and self.total_per_cm2_s >= 0):
            raise ArgumentError(
                f"line {self.name!r}: flux must be finite and >= 0, got {self.total_per_cm2_s}"
            )

    def content(self) -> bytes:
        """Return the numbers that make up the line, for digests of the same on all processors."""
        return stable(np.array([self.energy_mev])) + stable(np.array([self.total_per_cm2_s]))

    def scaled(self, factor: float) -> Line:
        """Return the same line times a number; raises as `Spectrum.scaled`."""
        total = self.total_per_cm2_s * check_factor(self.name, factor)
        return replace(self, total_per_cm2_s=total)

    def scaled_to(self, total_per_cm2_s: float) -> Line:
        """Return the same line with another flux; raises as `Spectrum.scaled_to`."""
        return self.scaled(scale_to(self.name, self.total_per_cm2_s, total_per_cm2_s))

    def times(self, weight: Callable[[Array], Array]) -> Line:
        """Return the line times a function of energy; raises as `Spectrum.times`.

        The function gets the energy as an array of one element.
        """
        return self.weighted(asked_weight(self.name, weight, np.array([self.energy_mev])))

    def weighted(self, values: ArrayLike) -> Line:
        """Return the line times an array of one number; raises as `Spectrum.weighted`."""
        (value,) = check_weight(self.name, values, np.array([self.energy_mev]))
        return self.scaled(float(value))

    def inverse_moments(self, minimum_energy_mev: ArrayLike) -> Array:
        """Return the flux times E^-n where the minimum energy is at most the line's.

        Parameters
        ----------
        minimum_energy_mev
            Lower limits of the integral, all > 0, any shape.

        Returns
        -------
        ndarray
            Moments n = 0, 1, 2 as of `Spectrum.inverse_moments`, shape (3, ...), in
            1/(cm^2 s MeV^n).

        Raises
        ------
        ArgumentError
            If a minimum energy is not positive and finite.
        """
        reached = check_minimum(minimum_energy_mev) <= self.energy_mev
        values = [
            np.where(reached, self.total_per_cm2_s * self.energy_mev**-n, 0.0) for n in MOMENTS
        ]
        return np.stack(values)
