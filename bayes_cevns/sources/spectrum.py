"""A neutrino spectrum and the only thing that rates need of it: its inverse moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import numbers
from bayes_cevns.physics.foreign import code_of, read_only
from bayes_cevns.storage.digests import stable

MOMENTS = (0, 1, 2)


@dataclass(frozen=True, eq=False, repr=False)
class Spectrum(Displayed):
    """A neutrino flux, linear in energy between the points of a table and zero outside.

    Attributes
    ----------
    name
        Name of the source, such as ``"solar_8b"``.
    energy_mev
        Neutrino energies, strictly increasing, shape (n,).
    flux_per_cm2_s_mev
        Differential flux at these energies, shape (n,).
    cite
        Citation keys of the shape and of the normalisation.
    """

    name: str
    energy_mev: Array
    flux_per_cm2_s_mev: Array
    cite: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in ("energy_mev", "flux_per_cm2_s_mev"):
            # Sources are shared: a copy of its own, which nobody changes in place.
            values = numbers(getattr(self, field), what=f"{field} of {self.name!r}").copy()
            values.flags.writeable = False
            object.__setattr__(self, field, values)
        energy, flux = self.energy_mev, self.flux_per_cm2_s_mev
        if energy.ndim != 1 or energy.shape != flux.shape or energy.size < 2:
            raise ArgumentError(
                f"spectrum {self.name!r}: expected two vectors of the same length (2 or more), "
                f"got shapes {energy.shape} and {flux.shape}"
            )
        if not (np.all(np.isfinite(energy)) and np.all(np.isfinite(flux))):
            raise ArgumentError(f"spectrum {self.name!r}: energies and fluxes must be finite")
        if energy[0] < 0 or np.any(np.diff(energy) <= 0) or np.any(flux < 0):
            raise ArgumentError(
                f"spectrum {self.name!r}: energies must be >= 0 and increase, fluxes be >= 0"
            )

    @property
    def total_per_cm2_s(self) -> float:
        """Total flux."""
        return float(np.trapezoid(self.flux_per_cm2_s_mev, self.energy_mev))

    def content(self) -> bytes:
        """Return the numbers of the spectrum, for digests that are the same on all processors."""
        return stable(self.energy_mev) + stable(self.flux_per_cm2_s_mev)

    def scaled(self, factor: float) -> Spectrum:
        """Return the same spectrum times a number.

        Raises
        ------
        ArgumentError
            If the factor is negative or not finite.
        """
        flux = self.flux_per_cm2_s_mev * check_factor(self.name, factor)
        return Spectrum(self.name, self.energy_mev, flux, self.cite)

    def scaled_to(self, total_per_cm2_s: float) -> Spectrum:
        """Return the same shape with another total flux.

        Raises
        ------
        ArgumentError
            If the total is negative or not finite, or this flux is zero.
        """
        return self.scaled(scale_to(self.name, self.total_per_cm2_s, total_per_cm2_s))

    def times(self, weight: Callable[[Array], Array]) -> Spectrum:
        """Return the spectrum times a function of energy, such as a survival probability.

        The function is evaluated at the points of the table; between them the product is
        linear. Weights that sum to one at the points therefore split a spectrum into parts
        that sum to it everywhere. A weight that varies between neighbouring points (a
        threshold, fast oscillations) needs a finer table.

        Parameters
        ----------
        weight
            Function of energies in MeV, shape (n,), that returns finite numbers >= 0 of the
            same shape.

        Raises
        ------
        ArgumentError
            If the weights have another shape, are negative or not finite.
        PlugInError
            If the function fails, or changes the energies.
        """
        return self.weighted(asked_weight(self.name, weight, self.energy_mev))

    def weighted(self, values: ArrayLike) -> Spectrum:
        """Return the spectrum times one number for each of its energies; see `times`.

        Raises
        ------
        ArgumentError
            If the weights have another shape, are negative or not finite.
        """
        flux = self.flux_per_cm2_s_mev * check_weight(self.name, values, self.energy_mev)
        return Spectrum(self.name, self.energy_mev, flux, self.cite)

    @cached_property
    def _lines(self) -> tuple[Array, Array]:
        """Intercept and slope of the flux on each interval, shape (n - 1,)."""
        slope = np.diff(self.flux_per_cm2_s_mev) / np.diff(self.energy_mev)
        return self.flux_per_cm2_s_mev[:-1] - slope * self.energy_mev[:-1], slope

    @cached_property
    def _tails(self) -> Array:
        """Moments above the end of each interval, shape (3, n - 1); the last column is zero."""
        # The first interval is never needed whole, and may start at E = 0, where 1/E diverges.
        pieces = self._piece(self.energy_mev[1:-1], self.energy_mev[2:], slice(1, None))
        tails = np.zeros((len(MOMENTS), self.energy_mev.size - 1))
        tails[:, :-1] = np.cumsum(pieces[:, ::-1], axis=1)[:, ::-1]
        return tails

    def _piece(self, lower: Array, upper: Array, interval: slice | NDArray[np.intp]) -> Array:
        """Integrate flux x E^-n from `lower` to `upper` inside one interval, n = 0, 1, 2."""
        intercept, slope = (line[interval] for line in self._lines)
        # log1p and products of differences keep the digits of short intervals.
        width = upper - lower
        log_ratio = np.log1p(width / lower)
        inverse = width / (lower * upper)
        return np.stack(
            [
                width * (intercept + 0.5 * slope * (upper + lower)),
                intercept * log_ratio + slope * width,
                intercept * inverse + slope * log_ratio,
            ]
        )

    def inverse_moments(self, minimum_energy_mev: ArrayLike) -> Array:
        """Integrate the flux times E^-n above a minimum energy, exactly.

        Parameters
        ----------
        minimum_energy_mev
            Lower limits of the integral, all > 0, any shape.

        Returns
        -------
        ndarray
            Integral of flux(E) E^-n dE for n = 0, 1, 2, shape (3, ...), in
            1/(cm^2 s MeV^n). Every cross section of a light neutrino on a nucleus at rest
            is a polynomial in 1/E of second order, so that these three numbers are the
            whole source.

        Raises
        ------
        ArgumentError
            If a minimum energy is not positive and finite.
        """
        minimum = check_minimum(minimum_energy_mev)
        grid = self.energy_mev
        clipped = np.clip(minimum, grid[0], grid[-1])
        interval = np.clip(np.searchsorted(grid, clipped, side="right") - 1, 0, grid.size - 2)
        upper = grid[interval + 1]
        return np.asarray(self._piece(clipped, upper, interval) + self._tails[:, interval])


def check_minimum(minimum_energy_mev: ArrayLike) -> Array:
    """Return minimum neutrino energies as an array.

    Raises
    ------
    ArgumentError
        If one is not positive and finite.
    """
    minimum = numbers(minimum_energy_mev, what="a minimum neutrino energy")
    if minimum.size and not (np.all(np.isfinite(minimum)) and minimum.min() > 0):
        raise ArgumentError("minimum neutrino energies must be finite and > 0 MeV")
    return minimum


def check_factor(name: str, factor: float) -> float:
    """Return a factor of a flux.

    Raises
    ------
    ArgumentError
        If it is negative or not finite.
    """
    if not np.isfinite(numbers(factor, what=f"a factor of {name!r}")) or factor < 0:
        raise ArgumentError(f"factor of {name!r} must be finite and >= 0, got {factor}")
    return factor


def scale_to(name: str, total_per_cm2_s: float, wanted_per_cm2_s: float) -> float:
    """Return the factor between a total flux and the one that is wanted.

    Raises
    ------
    ArgumentError
        If the wanted total is negative or not finite, or there is no flux to scale.
    """
    if not np.isfinite(numbers(wanted_per_cm2_s, what="a total flux")) or wanted_per_cm2_s < 0:
        raise ArgumentError(f"total flux must be finite and >= 0, got {wanted_per_cm2_s}")
    if total_per_cm2_s == 0:
        raise ArgumentError(f"{name!r} has no flux to scale")
    return wanted_per_cm2_s / total_per_cm2_s


def asked_weight(name: str, weight: Callable[[Array], Array], energy_mev: Array) -> Array:
    """Return what a function gives as weights of some energies; `check_weight` checks them.

    Raises
    ------
    PlugInError
        If it fails or changes the energies.
    """
    who = f"weight {getattr(weight, '__name__', type(weight).__name__)} of {name!r}"
    with code_of(who):
        return weight(read_only(energy_mev))


def check_weight(name: str, values: ArrayLike, energy_mev: Array) -> Array:
    """Return the weights of some energies after checking them.

    Raises
    ------
    ArgumentError
        If the weights have another shape than the energies, are negative or not finite.
    """
    weights = numbers(values, what=f"weight of {name!r}")
    if weights.shape != energy_mev.shape:
        raise ArgumentError(
            f"weight of {name!r}: expected one number per energy, shape {energy_mev.shape}, "
            f"got shape {weights.shape}"
        )
    if not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise ArgumentError(f"weight of {name!r} must be finite and >= 0 at every energy")
    return weights
