"""Couplings of neutrinos to the matter that they cross: u quarks, d quarks and electrons."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import numbers
from bayes_cevns.physics.oscillation.couplings import NO_NSI, NsiCouplings
from bayes_cevns.physics.oscillation.hermitian import SIZE, to_vector

#: Rows of an array of matter couplings.
FERMIONS = ("u", "d", "e")

#: Fermions per electron of neutral matter are the first row plus Y_n times the second.
_PER_ELECTRON = np.array([[2.0, 1.0, 1.0], [1.0, 2.0, 0.0]])

_STANDARD = np.eye(SIZE)[0]


def matter_couplings(couplings: NsiCouplings = NO_NSI) -> Array:
    """Return couplings to quarks as matter couplings, shape (3, 9), rows as in `FERMIONS`."""
    return np.stack([to_vector(couplings.up), to_vector(couplings.down), np.zeros(SIZE)])


def checked_matter(matter: ArrayLike) -> Array:
    """Return matter couplings as an array, shape (..., 3, 9).

    Raises
    ------
    ArgumentError
        If the shape is another, or a number is not finite.
    """
    values = numbers(matter, what="matter couplings")
    if values.shape[-2:] != (len(FERMIONS), SIZE):
        raise ArgumentError(
            f"expected matter couplings of shape (..., {len(FERMIONS)}, {SIZE}), rows for "
            f"{', '.join(FERMIONS)}, got {values.shape}"
        )
    if not np.all(np.isfinite(values)):
        raise ArgumentError("matter couplings must be finite")
    return values


def matter_terms(matter: ArrayLike) -> tuple[Array, Array]:
    """Return the two parts of the potential, of shape (..., 9) each.

    The potential of matter with the electron density n_e and Y_n neutrons per electron is

        sqrt2 G_F n_e (diag(1, 0, 0) + eps^e + (2 + Y_n) eps^u + (1 + 2 Y_n) eps^d)
        = sqrt2 G_F n_e (first + Y_n second),

    for the Lagrangian - sqrt2 G_F eps^f_ab (nubar_a gamma^r P_L nu_b)(fbar gamma_r f) and the
    charged currents of the Standard Model. See `matter` for the signs.
    """
    constant, per_neutron = np.moveaxis(_PER_ELECTRON @ np.asarray(matter, dtype=float), -2, 0)
    return constant + _STANDARD, per_neutron
