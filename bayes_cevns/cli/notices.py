"""Warnings of the package on the command line: one line each, each once."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import typer

from bayes_cevns.errors import BayesCevnsWarning


@contextmanager
def notices() -> Iterator[None]:
    """Print the package's own warnings as lines on stderr, those of others as they come."""
    said: set[str] = set()
    with warnings.catch_warnings():
        others = warnings.showwarning
        warnings.simplefilter("always", BayesCevnsWarning)

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if not issubclass(category, BayesCevnsWarning):
                others(message, category, filename, lineno, file, line)
            elif str(message) not in said:
                said.add(str(message))
                typer.echo(f"bayes-cevns: warning: {message}", err=True)

        warnings.showwarning = show
        yield
