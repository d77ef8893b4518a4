"""Curves: where they cross on a grid of energies, and limits against the mass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import bayes_cevns as bc

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


def limit_curve(found: bc.Preview | bc.ProfileScan, side: str = "upper") -> tuple[Array, Array]:
    """Return masses in MeV and the limits of one side of a preview or a profile likelihood."""
    if isinstance(found, bc.Preview):
        limits = [(point.mass_mev, point.limits) for point in found.points]
    else:
        limits = [(point.mass_mev, point.result.limits) for point in found.points if point.result]
    curve = [(mass, one.value) for mass, sides in limits for one in sides if one.side == side]
    mass_mev, limit = np.array(curve).T
    return mass_mev, limit
