"""What the germanium ionisation detectors at reactors have in common."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.detectors import GaussianResolution
from bayes_cevns.releases import columns as col
from bayes_cevns.releases.columns import Column
from bayes_cevns.tables.shape_axes import ShapeAxis

#: Mean energy of an electron-hole pair in keV, and Fano factor: arXiv:2202.09672, supplement.
PAIR_ENERGY_KEV = 2.96e-3
FANO = 0.11
#: Lindhard's k of germanium, a nuisance that experiments share: five standard deviations of 0.004
#: about the measured 0.162 (arXiv:2202.03754), and the 0.157 of arXiv:2406.13806.
LINDHARD_AXIS = ShapeAxis(
    "lindhard_k_ge", (0.142, 0.147, 0.152, 0.157, 0.162, 0.167, 0.172, 0.177, 0.182)
)


def lindhard_column() -> Column:
    """Return the nodes of `LINDHARD_AXIS` as a coordinate of a table."""
    return col.axis(LINDHARD_AXIS.nodes, "Lindhard's k")


def sigma_kev(energy_kev: Array, noise_kev: float) -> Array:
    """Return the standard deviation of an ionisation energy.

    sigma^2 = noise^2 + F eta E, with the Fano factor F and the energy eta of a pair; the noise is a
    standard deviation. Shape of `energy_kev`.
    """
    return np.sqrt(noise_kev**2 + FANO * PAIR_ENERGY_KEV * energy_kev)


def resolution(noise_kev: float) -> GaussianResolution:
    """Return the Gaussian resolution of a detector with this noise.

    A signal below zero stays below zero: noise on a small ionisation is not folded to positive
    energies, as it is where the Gaussian is normalised above zero (arXiv:2202.10829).
    """
    return GaussianResolution(lambda energy: sigma_kev(energy, noise_kev))
