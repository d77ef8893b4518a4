"""A detector that only exists on paper: every recoil is seen with its true energy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.display import Displayed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

#: Nodes in each bin, and beyond the first and the last bin.
_NODES, _MARGIN = 8, 10


@dataclass(frozen=True, eq=False, repr=False)
class IdealDetector(Displayed):
    """Logarithmic bins of energy with sharp edges and the efficiency 1.

    Attributes
    ----------
    edges_kev
        Edges of the bins in detected energy, at equal ratios, shape (bins + 1,).
    recoil_energy_kev
        Recoil energies in keV from detected ones.
    """

    edges_kev: Array
    recoil_energy_kev: Callable[[Array], Array]

    @property
    def _places(self) -> Array:
        """The nodes, in units of bins from the first edge."""
        bins = self.edges_kev.size - 1
        return (np.arange(-_MARGIN, _NODES * bins + _MARGIN) + 0.5) / _NODES

    def nodes_kev(self) -> Array:
        """Return the recoil energies at which the response is tabulated, shape (n,).

        The edges of the bins lie half-way between two of them. The spline that continues the
        response swings about a step, by the same on both sides: what a smooth spectrum gains on
        one side it loses on the other.
        """
        ratio = np.log(self.edges_kev[-1] / self.edges_kev[0]) / (self.edges_kev.size - 1)
        return self.recoil_energy_kev(self.edges_kev[0] * np.exp(ratio * self._places))

    def response(self) -> Array:
        """Return 1 in the bin of a recoil and 0 in the others, shape (n, bins)."""
        bins = np.arange(self.edges_kev.size - 1)
        return np.asarray(np.floor(self._places)[:, None] == bins, dtype=float)
