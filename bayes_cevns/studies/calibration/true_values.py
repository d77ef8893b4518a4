"""Truths of coverage studies as they are given: by name, finite."""

from __future__ import annotations

import math
from collections.abc import Callable

from bayes_cevns.arguments import mapping
from bayes_cevns.bounds import within
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.checks import real


def truths_by_name[T](
    value: object, read: Callable[[object, str], T], *, what: str
) -> dict[str, T]:
    """Return truths by their names.

    Parameters
    ----------
    value
        What was given; no truths for ``None``.
    read
        Returns a truth, of what was given for it and what it is called in errors.
    what
        What was expected, for errors.

    Raises
    ------
    ArgumentError
        If it is no mapping, a name is none, or there are too many.
    """
    given = mapping(value, what=what)
    within("truths", max(len(given), 1))
    found = {}
    for name, each in given.items():
        if not isinstance(name, str) or not name:
            raise ArgumentError(f"expected the name of a truth, got {shown(name)}")
        found[name] = read(each, f"truth {shown(name)}")
    return found


def true_value(value: object, what: str) -> float:
    """Return a finite number.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    found = real(value, what=what)
    if not math.isfinite(found):
        raise ArgumentError(f"{what} must be finite, got {found:g}")
    return found
