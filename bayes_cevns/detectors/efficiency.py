"""Efficiency curves, as functions of an energy or of an observed signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.checks import check_outside, curve, interpolate, positive
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, TableError
from bayes_cevns.physics.checks import numbers


@dataclass(frozen=True, eq=False, repr=False)
class TabulatedEfficiency(Displayed):
    """An efficiency, linear between the points of a table.

    Attributes
    ----------
    at, efficiency
        Energies or signals, increasing, and the efficiency there, between 0 and 1, shape (n,).
    outside
        ``"error"`` (default), or ``"zero"``: nothing is detected outside the table.
    """

    at: Array
    efficiency: Array
    outside: str = "error"

    def __post_init__(self) -> None:
        at, efficiency = curve(self.at, self.efficiency, "efficiency table")
        if np.any(efficiency > 1):
            raise TableError(f"an efficiency is at most 1, got {efficiency.max():g}")
        object.__setattr__(self, "at", at)
        object.__setattr__(self, "efficiency", efficiency)
        check_outside(self.outside)

    def __call__(self, value: ArrayLike) -> Array:
        """Return the efficiency, shape of `value`.

        Raises
        ------
        ArgumentError
            If a value is not finite.
        TableError
            If a value is outside the table and `outside` is ``"error"``.
        """
        asked = _finite(value)
        table = self.at, self.efficiency
        return interpolate(asked, *table, outside=self.outside, what="efficiency table")


@dataclass(frozen=True)
class LogisticEfficiency:
    """a / (1 + exp(-b (x - c))) + d, floored at zero.

    Attributes
    ----------
    a, b, c, d
        Height, steepness (> 0), position and offset; a > 0 and a + d at most 1.

    References
    ----------
    COHERENT CsI of 2021 (arXiv:2110.07730): a 1.32045, b 0.285979, c 10.8646, d -0.333322, with x
    in photoelectrons.
    """

    a: float
    b: float
    c: float
    d: float = 0.0

    def __post_init__(self) -> None:
        positive(self.a, "the height of an efficiency")
        positive(self.b, "the steepness of an efficiency")
        if not (np.isfinite(self.c) and np.isfinite(self.d) and self.a + self.d <= 1):
            raise ArgumentError(
                "expected finite c and d with a + d at most 1, got "
                f"a {self.a}, c {self.c}, d {self.d}"
            )

    def __call__(self, value: ArrayLike) -> Array:
        """Return the efficiency, shape of `value`.

        Raises
        ------
        ArgumentError
            If a value is not finite.
        """
        # The logistic function as a tanh does not overflow.
        logistic = 0.5 * (1.0 + np.tanh(0.5 * self.b * (_finite(value) - self.c)))
        return np.asarray(np.maximum(self.a * logistic + self.d, 0.0))


def _finite(value: ArrayLike) -> Array:
    asked = numbers(value, what="a value at which an efficiency is asked")
    if not np.all(np.isfinite(asked)):
        raise ArgumentError("an efficiency was asked at a value that is not finite")
    return asked
