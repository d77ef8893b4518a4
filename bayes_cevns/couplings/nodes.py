"""Interpolation of a smooth function of neutrino energy from a few nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError, TableError

_EDGE = 1e-9


@dataclass(frozen=True)
class EnergyNodes:
    """Chebyshev nodes in the logarithm of energy, with their Lagrange cardinal functions.

    Oscillation goes from vacuum to matter over factors of energy, so that polynomials in log E
    approximate it best.

    Attributes
    ----------
    low_mev, high_mev
        Range of energies.
    count
        Number of nodes, two or more.

    Raises
    ------
    ArgumentError
        If the range is not 0 < low < high, or there are fewer than two nodes.
    """

    low_mev: float
    high_mev: float
    count: int

    def __post_init__(self) -> None:
        if not 0.0 < self.low_mev < self.high_mev < np.inf:
            raise ArgumentError(
                f"expected energies 0 < low < high, got {self.low_mev:g} and {self.high_mev:g} MeV"
            )
        if self.count < 2:
            raise ArgumentError(f"expected two energy nodes or more, got {self.count}")

    @property
    def _angles(self) -> Array:
        return np.asarray(np.pi * (np.arange(self.count) + 0.5) / self.count)

    @property
    def energy_mev(self) -> Array:
        """The nodes, shape (count,)."""
        low, high = np.log([self.low_mev, self.high_mev])
        return np.asarray(np.exp(0.5 * (low + high) + 0.5 * (high - low) * np.cos(self._angles)))

    def cardinal(self, energy_mev: ArrayLike) -> Array:
        """Return the cardinal functions, shape (count, *energy.shape).

        One at their own node and zero at the others; their sum is one.

        Raises
        ------
        TableError
            If an energy lies outside the range.
        """
        energy = np.asarray(energy_mev, dtype=float)
        low, high = np.log([self.low_mev, self.high_mev])
        x = (2.0 * np.log(energy) - low - high) / (high - low)
        if np.any(np.abs(x) > 1.0 + _EDGE):
            bad = float(energy[np.abs(x) > 1.0 + _EDGE].flat[0])
            raise TableError(
                f"{bad:g} MeV is outside the nodes ({self.low_mev:g} to {self.high_mev:g} MeV)"
            )
        # l_j(x) = (2 / n) sum'_k T_k(x_j) T_k(x), the first term halved.
        order = np.arange(self.count)
        at_nodes = np.cos(np.outer(self._angles, order)) * (2.0 / self.count)
        at_nodes[:, 0] *= 0.5
        angles = np.arccos(np.clip(x, -1.0, 1.0))
        return np.asarray(np.tensordot(at_nodes, np.cos(np.multiply.outer(order, angles)), axes=1))
