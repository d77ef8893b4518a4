"""Checks of numbers that come from outside."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.errors import ArgumentError

type Array = NDArray[np.float64]

#: Beyond these, squares and fourth powers leave the range of floating-point numbers.
LEAST, LARGEST = 1e-60, 1e60

#: Characters of a wrong value that a message shows.
_SHOWN = 60


def numbers(values: ArrayLike | None, *, what: str) -> Array:
    """Return numbers as an array, not a number where there is `None`.

    Parameters
    ----------
    values
        Numbers of any shape.
    what
        What they are, with an article, for the message.

    Raises
    ------
    ArgumentError
        If they are words, truth values, complex, or rows of different lengths.
    """
    try:
        if np.asarray(values).dtype.kind not in "USb":
            return np.asarray(values, dtype=float)
        raise TypeError("neither words nor truth values, even if they look like numbers")
    except (TypeError, ValueError):
        raise ArgumentError(
            f"{what} must be a real number, or an array of them; got {shortened(values)}"
        ) from None


def shortened(value: object) -> str:
    """Return the repr of a wrong value, cut where it would be too long for a line."""
    got = repr(value)
    return got if len(got) <= _SHOWN else got[:_SHOWN] + "..."


def positive(values: ArrayLike | None, *, what: str, unit: str) -> Array:
    """Return numbers as an array after checking that they are positive and finite.

    Parameters
    ----------
    values
        Numbers of any shape.
    what, unit
        What they are, with an article, and their unit, for the message.

    Raises
    ------
    ArgumentError
        If one is zero, negative, not finite or no number, or beyond `LEAST` and `LARGEST`,
        naming the first such value.
    """
    array = numbers(values, what=what)
    bad = ~((array >= LEAST) & (array <= LARGEST))  # true for what is not a number
    if np.any(bad):
        raise ArgumentError(
            f"{what} must be positive and finite, in {unit}; got {float(array[bad].flat[0]):g} "
            f"(allowed: {LEAST:g} to {LARGEST:g})"
        )
    return array


def finite(values: ArrayLike, *, what: str) -> Array:
    """Return numbers of either sign as an array after checking that they are finite.

    Raises
    ------
    ArgumentError
        If one is not finite, no number, or larger than `LARGEST`, naming the first such value.
    """
    array = numbers(values, what=what)
    bad = ~(np.abs(array) <= LARGEST)
    if np.any(bad):
        value = float(array[bad].flat[0])
        raise ArgumentError(f"{what} must be finite, got {value:g} (at most {LARGEST:g})")
    return array


def whole(value: object, *, what: str, least: int = 0, most: int | None = None) -> int:
    """Return a whole number after checking that it is one.

    Parameters
    ----------
    value
        The number.
    what
        What it is, with an article, for the message.
    least, most
        Its range, ends included; no upper one by default.

    Raises
    ------
    ArgumentError
        If it is a fraction, a word, a truth value, or out of its range.
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        number = int(value)
        if number >= least and (most is None or number <= most):
            return number
    upper = "" if most is None else f" and <= {most}"
    raise ArgumentError(f"expected {what}, a whole number >= {least}{upper}, got {value!r}")
