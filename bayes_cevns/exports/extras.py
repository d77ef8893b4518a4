"""Packages that only exports need, with an error that says how to get them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from bayes_cevns.errors import ArgumentError


@contextmanager
def quiet() -> Iterator[None]:
    """Context without warnings of these packages: they leave files open and use old names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", ResourceWarning)
        yield


def needed(module: str, what: str) -> Any:
    """Return a module of the extra ``export``.

    Raises
    ------
    ArgumentError
        If it is not installed.
    """
    try:
        with quiet():
            return import_module(module)
    except ModuleNotFoundError as error:
        raise ArgumentError(
            f"{what} needs the package {error.name}, which is not installed: pip install "
            "'bayes-cevns[export]'"
        ) from None
