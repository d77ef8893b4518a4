"""Files of the CENNS-10 argon release: cubes of counts, and the efficiency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from bayes_cevns.releases.inputs import RawFolder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

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
    table = _read_table(raw, relative, columns=4)
    middles = [0.5 * (edges[1:] + edges[:-1]) for edges in (EDGES_KEVEE, EDGES_F90, EDGES_US)]
    expected = np.stack([m.ravel() for m in np.meshgrid(*middles, indexing="ij")], axis=1)
    if table.shape[0] != len(expected) or not np.allclose(table[:, :3], expected, atol=1e-6):
        raise raw.error(relative, f"expected the {len(expected)} bins of Table 1 of the release")
    if table[:, 3].min() < 0:
        raise raw.error(relative, f"expected counts >= 0, found {table[:, 3].min():g}")
    return np.asarray(table[:, 3].reshape([m.size for m in middles]))


def read_efficiency(raw: RawFolder) -> tuple[Array, Array]:
    """Return reconstructed energies in keVee and the efficiency there, to the last bin of energy.

    Above the table it is flat, as section 2.2.6 of the release says; below its first point, where
    it is zero, it stays zero.

    Raises
    ------
    DataError
        If energies do not increase, or an efficiency is not between 0 and 1.
    """
    table = _read_table(raw, EFFICIENCY, columns=3)
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


def _read_table(raw: RawFolder, relative: str, *, columns: int) -> Array:
    """Return rows of finite numbers, shape (rows, columns)."""
    lines = raw.read_text(relative, group=relative).splitlines()
    try:
        table = np.array([[float(cell) for cell in line.split()] for line in lines if line.strip()])
    except ValueError as error:
        raise raw.error(relative, f"expected rows of {columns} numbers ({error})") from None
    if table.ndim != 2 or table.shape[1] != columns or not np.all(np.isfinite(table)):
        raise raw.error(relative, f"expected rows of {columns} finite numbers")
    return table
