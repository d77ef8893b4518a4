"""Checks of numbers that come from outside."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError, shown

#: Beyond these, squares and fourth powers leave the range of floating-point numbers.
LEAST, LARGEST = 1e-60, 1e60

#: Kinds of NumPy arrays that are no real numbers, even if they can be made to look like some:
#: words, truth values, dates and complex numbers.
_NO_NUMBERS = "USbMmc"


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
        If they are words, truth values, dates, complex, beyond the range of floating-point
        numbers, or rows of different lengths.
    """
    try:
        given = np.asarray(values)
        kinds = {np.asarray(v).dtype.kind for v in given.flat} if given.dtype == object else set()
        if kinds.isdisjoint(_NO_NUMBERS) and given.dtype.kind not in _NO_NUMBERS:
            return np.asarray(values, dtype=float)
        raise TypeError("no numbers, even if they look like some")
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(
            f"{what} must be a real number, or an array of them; got {shown(values)}"
        ) from None


def real(value: object, *, what: str) -> float:
    """Return one real number, finite or not, as a plain float.

    A number of single or half precision stands for the shortest decimal that rounds to it:
    ``np.float32(0.9)`` is 0.9 and not 0.8999999761581421, which nobody means and which would be
    another request than 0.9.

    Raises
    ------
    ArgumentError
        If it is anything else, such as an array.

    Examples
    --------
    >>> real(np.float32(0.9), what="a level")
    0.9
    """
    # Any object may come: that it is a number is what is checked here.
    array = numbers(value, what=what)  # type: ignore[arg-type]
    if array.ndim or value is None:
        raise ArgumentError(f"{what} must be one number, got {shown(value)}")
    return decimal(value).item() if isinstance(value, np.generic | np.ndarray) else float(array)


def decimal(values: ArrayLike) -> Array:
    """Return numbers in double precision, those of less as the shortest decimals; see `number`."""
    given = np.asarray(values)
    if given.dtype.kind == "f" and given.dtype.itemsize < np.dtype(float).itemsize:
        return np.asarray(given.astype(str).astype(float))
    return np.asarray(given, dtype=float)


def between(value: object, low: float, high: float, *, what: str, example: str) -> float:
    """Return one number within an open interval, as a plain float.

    Raises
    ------
    ArgumentError
        If it is not.
    """
    found = real(value, what=what)
    if not low < found < high:
        raise ArgumentError(
            f"{what} must lie in ({low:g}, {high:g}), such as {example}; got {found:g}"
        )
    return found


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


def whole(
    value: object, *, what: str, least: int = 0, most: int | None = None, why: str = ""
) -> int:
    """Return a whole number after checking that it is one, as a plain integer.

    Parameters
    ----------
    value
        The number, of Python or NumPy.
    what
        What it is, with an article, for the message.
    least, most
        Its range, ends included; no upper one by default.
    why
        Reason of the upper end, for the message.

    Raises
    ------
    ArgumentError
        If it is a fraction, a word, a truth value, or out of its range.
    """
    too_large = False
    if isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64):
        found = int(value)
        too_large = most is not None and found > most
        if found >= least and not too_large:
            return found
    upper = f" and <= {most}" if too_large else ""
    reason = f" ({why})" if why and too_large else ""
    raise ArgumentError(
        f"expected {what}, a whole number >= {least}{upper}{reason}, got {shown(value)}"
    )
