"""Files of the CENNS-10 argon release: cubes of counts, and the efficiency."""

from __future__ import annotations

from typing import Final

import numpy as np

from bayes_cevns.releases.columns import Array
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.reading import read_grid, read_numbers

#: Table 1 of the release (arXiv:2006.12659): reconstructed energy, F90 and time of trigger.
EDGES_KEVEE: Final = np.linspace(0.0, 120.0, 13)
EDGES_F90: Final = np.linspace(0.5, 0.9, 9)
EDGES_US: Final = np.linspace(-0.1, 4.9, 11)

EFFICIENCY: Final = "CENNS10AnlAEfficiency.txt"


def read_cube(raw: RawFolder, relative: str) -> Array:
    """Return counts of a cube, shape (energy, F90, time) = (12, 8, 10).

    Raises
    ------
    DataError
        If its bins are not those of the release, or a count is negative.
    """
    edges = (EDGES_KEVEE, EDGES_F90, EDGES_US)
    return read_grid(raw, relative, edges, what="960 bins of Table 1 of the release")


def read_efficiency(raw: RawFolder) -> tuple[Array, Array]:
    """Return reconstructed energies in keVee and the efficiency there, to the last bin of energy.

    Above the table it is flat, as section 2.2.6 of the release says; below its first point, where
    it is zero, it stays zero.

    Raises
    ------
    DataError
        If energies do not increase, or an efficiency is not between 0 and 1.
    """
    table = read_numbers(raw, EFFICIENCY, 3)
    energy, efficiency = table[:, 0], table[:, 2]
    if np.any(np.diff(energy) <= 0) or energy[0] <= 0 or efficiency[0] != 0:
        raise raw.error(EFFICIENCY, "expected increasing energies > 0 from an efficiency of 0")
    if efficiency.min() < 0 or efficiency.max() > 1:
        raise raw.error(EFFICIENCY, "expected efficiencies from 0 to 1")
    ends = [0.0, EDGES_KEVEE[-1]]
    return (
        np.concatenate([ends[:1], energy, ends[1:]]),
        np.concatenate([[0.0], efficiency, efficiency[-1:]]),
    )
