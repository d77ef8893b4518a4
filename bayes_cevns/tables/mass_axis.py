"""Recoil weights for any mediator mass: a cubic spline in log mass, without the propagator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import BSpline, make_interp_spline

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, TableError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.interactions import COMPONENTS, check_masses
from bayes_cevns.rates import Rate
from bayes_cevns.tables.quadrature import RecoilQuadrature

MASS_RANGE_MEV = (1e-2, 1e5)
_NODES_PER_DECADE = 12

#: Parts of an interval between nodes of a response where a spectrum jumps.
_PIECES = 16

#: Powers of the propagator 1/(q^2 + m^2) in each component.
_PROPAGATOR_POWERS = np.arange(len(COMPONENTS))


@dataclass(frozen=True, eq=False, repr=False)
class MassTable(Displayed):
    """Recoil weights on a grid of mediator masses.

    Attributes
    ----------
    mass_mev
        Masses of the grid, shape (m,).
    recoil_energy_kev
        Recoil energies, shape (n,).
    recoil_mass_mev
        Mean mass of what neutrinos scatter on, for q^2 = 2 m T of the propagator.
    reduced
        Weights times (q^2 + m^2)^k for the component k, shape (m, 3, n), in
        MeV^(2k)/(t yr).

    Notes
    -----
    With the propagator of each recoil energy divided out, what is left varies slowly over
    seven decades of mass (q^2 spreads over isotopes and within one step of the recoil
    energy), and a cubic spline in log m gives the counts of any bin to better than 1e-6.
    """

    mass_mev: Array
    recoil_energy_kev: Array
    recoil_mass_mev: float
    reduced: Array

    @classmethod
    def build(cls, rate: Rate, recoil_energy_kev: Array) -> MassTable:
        """Integrate a recoil spectrum at every mass of the grid."""
        low, high = np.log10(MASS_RANGE_MEV)
        masses = np.logspace(low, high, round((high - low) * _NODES_PER_DECADE) + 1)
        weights = recoil_weights(rate, recoil_energy_kev, masses)
        mean_mass = rate.recoil_mass_mev
        factor = _propagator(masses, recoil_energy_kev, mean_mass)
        return cls(masses, recoil_energy_kev, mean_mass, weights * factor)

    @cached_property
    def _spline(self) -> BSpline:
        return make_interp_spline(np.log(self.mass_mev), self.reduced, k=3)

    def weights(self, mediator_mass_mev: ArrayLike) -> Array:
        """Return recoil weights at any mass within the table.

        Parameters
        ----------
        mediator_mass_mev
            Masses in MeV, a scalar or shape (m,).

        Returns
        -------
        ndarray
            Shape (3, n) or (m, 3, n), in 1/(t yr); component k is still without x^k.

        Raises
        ------
        TableError
            If a mass lies outside the table.
        ArgumentError
            If a mass is not positive and finite, or the masses are a matrix.
        """
        masses = check_masses(mediator_mass_mev)
        if masses.ndim > 1:
            raise ArgumentError(f"expected one mass or a vector of them, got shape {masses.shape}")
        low, high = MASS_RANGE_MEV
        outside = (masses < low * (1 - 1e-12)) | (masses > high * (1 + 1e-12))
        if np.any(outside):
            value = float(masses[outside].flat[0])
            raise TableError(
                f"mediator mass {value:g} MeV is outside the table ({low:g} to {high:g} MeV); "
                "below and above, limits scale with the contact or massless propagator"
            )
        many = np.atleast_1d(np.clip(masses, low, high))
        factor = _propagator(many, self.recoil_energy_kev, self.recoil_mass_mev)
        result = self._spline(np.log(many)) / factor
        return np.asarray(result[0] if masses.ndim == 0 else result)

    def to_arrays(self) -> dict[str, ArrayLike]:
        """Return the table as arrays by name, which `of_arrays` takes."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Any]) -> Self:
        """Return the table of arrays by name."""
        return cls(**{**arrays, "recoil_mass_mev": float(arrays["recoil_mass_mev"])})


def recoil_weights(
    rate: Rate, recoil_energy_kev: Array, masses_mev: ArrayLike | None = None, *, pieces: int = 1
) -> Array:
    """Integrate a recoil spectrum against the splines of a response, mass by mass.

    Returns
    -------
    ndarray
        Shape (*M, 3, n) in 1/(t yr): with a response R of shape (n, ...), the expected
        counts per tonne year of component k are ``weights[..., k, :] @ R``.
    """
    quadrature = RecoilQuadrature.on_nodes(recoil_energy_kev, pieces=pieces)
    spectra = rate.components(quadrature.points_kev, masses_mev)
    return np.moveaxis(quadrature.weights(spectra), 0, -2)


def weights_at(rate: Rate, recoil_energy_kev: Array, mass_mev: float) -> Array:
    """Return the recoil weights of one mass without a table, shape (3, n); the last are kept.

    For interactions whose mass moves the flux (`MassAxis.moves_flux`): their rates end at a mass,
    or oscillate with it, and no spline follows that. Each mass is integrated by itself, some
    milliseconds. A line makes recoils between two ends, at which the spectrum of a photon exchange
    jumps: with lines the intervals are cut into `_PIECES`, so that bins are right to 1e-3.
    """
    energies = np.ascontiguousarray(recoil_energy_kev, dtype=float)
    return _weights_at(rate, energies.tobytes(), mass_mev)


@lru_cache(maxsize=128)
def _weights_at(rate: Rate, recoil_energy_kev: bytes, mass_mev: float) -> Array:
    pieces = _PIECES if rate.source.has_lines else 1
    found = recoil_weights(rate, np.frombuffer(recoil_energy_kev), mass_mev, pieces=pieces)
    found.flags.writeable = False
    return found


def _propagator(masses_mev: Array, recoil_energy_kev: Array, mass_mev: float) -> Array:
    """Return (q^2 + m^2)^k for each mass, component k and recoil energy."""
    q2 = 2.0 * mass_mev * recoil_energy_kev / const.KEV_PER_MEV
    base = masses_mev[:, None] ** 2 + q2
    return np.asarray(base[:, None, :] ** _PROPAGATOR_POWERS[:, None])
