"""Checks and curves that the parts of a detector have in common."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError, TableError
from bayes_cevns.physics.checks import numbers

#: What a table is outside its energies: an error, or zero where the caller says so.
type Outside = Literal["error", "zero"]
OUTSIDE = ("error", "zero")


def energies(energy: ArrayLike, what: str) -> Array:
    """Return energies as an array after checking that they are finite and >= 0.

    Raises
    ------
    ArgumentError
        If one is negative, not finite, or no number.
    """
    values = numbers(energy, what=what)
    bad = ~(np.isfinite(values) & (values >= 0))
    if np.any(bad):
        raise ArgumentError(f"{what} must be finite and >= 0, got {values[bad].flat[0]:g}")
    return values


def positive(value: float, what: str) -> None:
    """Raise an ArgumentError unless a number is finite and > 0."""
    number = numbers(value, what=what)
    if number.ndim or not (np.isfinite(number) and number > 0):
        raise ArgumentError(f"{what} must be finite and > 0, got {value}")


def curve(x: ArrayLike, y: ArrayLike, what: str) -> tuple[Array, Array]:
    """Return a tabulated curve as two read-only vectors after checking it.

    Raises
    ------
    ArgumentError
        If they are no numbers.
    TableError
        If the vectors differ in length or have less than two points, energies do not increase
        or are negative, or values are negative or not finite.
    """
    first, second = (numbers(values, what=what).copy() for values in (x, y))
    if first.ndim != 1 or first.shape != second.shape or first.size < 2:
        raise TableError(
            f"{what}: expected two vectors of the same length (2 or more), got shapes "
            f"{first.shape} and {second.shape}"
        )
    finite = bool(np.all(np.isfinite(first)) and np.all(np.isfinite(second)))
    if not finite or first[0] < 0 or np.any(np.diff(first) <= 0) or np.any(second < 0):
        raise TableError(f"{what}: energies must be >= 0 and increase, values be finite and >= 0")
    first.flags.writeable = second.flags.writeable = False
    return first, second


def interpolate(energy: Array, x: Array, y: Array, *, outside: str, what: str) -> Array:
    """Interpolate a curve linearly; outside its energies as the caller chose.

    Raises
    ------
    TableError
        If an energy is outside and `outside` is ``"error"``.
    """
    beyond = (energy < x[0]) | (energy > x[-1])
    if outside == "error" and np.any(beyond):
        raise TableError(
            f"{what}: {energy[beyond].flat[0]:g} is outside its table ({x[0]:g} to {x[-1]:g}); "
            "ask within it, or say outside='zero' where zero is meant"
        )
    return np.asarray(np.interp(energy, x, y, left=0.0, right=0.0))


def check_outside(outside: str) -> None:
    """Raise an ArgumentError unless a choice is one of `OUTSIDE`."""
    if outside not in OUTSIDE:
        raise ArgumentError(f"outside must be one of {', '.join(OUTSIDE)}, got {outside!r}")
