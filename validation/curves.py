"""Curves on a grid of energies: where they cross."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]


def crossing_kev(energy_kev: Array, one: Array, other: Array) -> list[float]:
    """Return where two curves cross, from interpolation of their logarithms; zeros are tiny."""
    tiny = np.finfo(float).tiny
    ratio = np.log(np.maximum(one, tiny)) - np.log(np.maximum(other, tiny))
    at = np.flatnonzero(np.sign(ratio[:-1]) * np.sign(ratio[1:]) < 0)
    part = ratio[at] / (ratio[at] - ratio[at + 1])
    log_energy = np.log(energy_kev)
    found = np.exp(log_energy[at] + part * (log_energy[at + 1] - log_energy[at]))
    return [float(energy) for energy in found]
