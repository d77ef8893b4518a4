"""Code of others: what is handed to it, and what it may return.

An interaction, a form factor, a quenching, an efficiency or a weight may be a class or a function
of a user or of a plug-in. It is given arrays that it cannot change, and whatever it does against
its contract is one error that names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.errors import BayesCevnsError, PlugInError, shown


def read_only(array: Array) -> Array:
    """Return a view of an array through which it cannot be changed."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view


@contextmanager
def code_of(who: str) -> Iterator[None]:
    """Run code of others; what it raises becomes an error that names it.

    Raises
    ------
    PlugInError
        If anything is raised but an error of this package.
    """
    try:
        yield
    except (BayesCevnsError, MemoryError):
        raise
    except Exception as error:
        changed = isinstance(error, ValueError) and "read-only" in str(error)
        hint = ": it changes an array that it was given, let it change a copy" if changed else ""
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise PlugInError(f"{who} failed ({reason}){hint}") from error


def checked_array(who: str, returned: object, shapes: tuple[tuple[int, ...], ...]) -> Array:
    """Return what code of others returned after checking that it is finite numbers.

    Parameters
    ----------
    who
        Whose code it is, for the message.
    returned
        What it returned.
    shapes
        The shapes that it may have.

    Raises
    ------
    PlugInError
        If it is anything else.
    """
    try:
        found = np.asarray(returned)
        kind = found.dtype.kind
    except ValueError:  # rows of different lengths
        kind = "O"
    if kind not in "iuf":
        raise PlugInError(f"{who} returned {shown(returned)}, expected an array of numbers")
    if found.shape not in shapes:
        expected = " or ".join(map(str, shapes))
        raise PlugInError(f"{who} returned an array of shape {found.shape}, expected {expected}")
    if not np.isfinite(found).all():
        wrong = found[~np.isfinite(found)].flat[0]
        raise PlugInError(f"{who} returned {wrong}, expected finite numbers")
    return np.asarray(found, dtype=float)
