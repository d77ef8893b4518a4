"""Checks of what callers pass that is no number: one function for each kind of argument.

Numbers have theirs in `bayes_cevns.physics.checks`. Each function returns the plain value that the
rest of the package goes on with, or raises an `ArgumentError` that shows what came. The Python API
and the command line run through the same ones, so that their texts are the same.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Mapping, Set
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from bayes_cevns.errors import ArgumentError, OutputError, UnknownNameError, shown


def named(value: object, kind: str, known: Iterable[str]) -> str:
    """Return a name that is one of those that are known.

    Raises
    ------
    UnknownNameError
        If it is not, or is no name at all.
    """
    known = tuple(known)
    if not isinstance(value, str) or value not in known:
        raise UnknownNameError(kind, value, known)
    return str(value)


def names(values: object, *, what: str) -> tuple[str, ...]:
    """Return a list of names; one alone stands for a list of one.

    Parameters
    ----------
    values
        Names in an order of their own: no set.
    what
        What is expected, such as ``"a list of interactions, such as ['b-l']"``.

    Raises
    ------
    ArgumentError
        If it is no list of names.
    """
    if isinstance(values, str):
        return (values,)
    found = listed(values, what=what)
    if not all(isinstance(name, str) for name in found):
        raise ArgumentError(f"expected {what}, got {shown(values)}")
    return found


def listed(values: object, *, what: str, ordered: bool = True) -> tuple[Any, ...]:
    """Return a list of anything but letters.

    Parameters
    ----------
    values
        Anything that can be gone through, once.
    what
        What is expected, such as ``"a list of runs"``.
    ordered
        Whether it must have an order of its own: no set, no dictionary.

    Raises
    ------
    ArgumentError
        If it is no list.
    """
    is_one = isinstance(values, str | bytes | PathLike)
    if is_one or (ordered and isinstance(values, Mapping | Set)):
        raise ArgumentError(f"expected {what}, got {shown(values)}")
    try:
        # An array of NumPy without dimensions has all that makes an Iterable, and is none.
        return tuple(values)  # type: ignore[arg-type]  # whether it is one, is found out here
    except TypeError:
        raise ArgumentError(f"expected {what}, got {shown(values)}") from None


def flag(value: object, *, what: str) -> bool:
    """Return a truth value.

    Raises
    ------
    ArgumentError
        If it is anything but True or False: a word such as ``"no"`` would count as true.
    """
    if not isinstance(value, bool | np.bool_):
        raise ArgumentError(f"{what} must be True or False, got {shown(value)}")
    return bool(value)


def path_of(value: object, *, what: str) -> Path:
    """Return a path.

    Raises
    ------
    ArgumentError
        If it is no path, or an empty one, which would be the folder at hand.
    """
    text = fspath(value) if isinstance(value, str | PathLike) else None
    if not isinstance(text, str) or not text or "\0" in text:
        raise ArgumentError(f"{what} must be a path, such as 'results/scan', got {shown(value)}")
    try:
        os.lstat(text)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise ArgumentError(f"{what}: {error.strerror}: {shown(value)}") from None
    except ValueError:  # half a character, which no name of a file has
        raise ArgumentError(f"{what} must be a path, got {shown(value)}") from None
    return Path(text)


def out_folder(value: object, *, what: str = "out (--out)") -> Path | None:
    """Return the folder of the results, or nothing where none is wanted.

    Raises
    ------
    ArgumentError
        If it is no path.
    OutputError
        If there is a file of its name, or in its place as a folder.
    """
    if value is None:
        return None
    path = path_of(value, what=what)
    try:
        there = next((p for p in (path, *path.parents) if p.exists()), None)
    except OSError as error:
        text = error.strerror or error
        raise OutputError(f"cannot write to {shown(str(path))}: {text}") from None
    if there is not None and not there.is_dir():
        raise OutputError(f"cannot write to {path}: {there} is a file, expected a folder")
    return path


def mapping(value: object, *, what: str) -> dict[object, object]:
    """Return a dictionary; an empty one for ``None``.

    Parameters
    ----------
    value
        The mapping.
    what
        What is expected, with an example.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ArgumentError(f"expected {what}, got {shown(value)}")
    return dict(value)


def callbacks(**functions: Callable[..., object] | None) -> None:
    """Check functions that will be called, by the names of their arguments: before time is spent.

    Raises
    ------
    ArgumentError
        If one is neither a function nor ``None``.
    """
    for name, function in functions.items():
        if function is not None and not callable(function):
            raise ArgumentError(f"{name} must be a function or None, got {shown(function)}")


def of_kind[T](value: object, kind: type[T], *, what: str) -> T:
    """Return an object after checking its class.

    Parameters
    ----------
    value
        The object.
    kind
        Its class.
    what
        What is expected, such as ``"what bayes_cevns.scan returns"``.

    Raises
    ------
    ArgumentError
        If it is of another class.
    """
    if not isinstance(value, kind):
        raise ArgumentError(f"expected {what}, got {shown(value)}")
    return value
