"""The application: its commands, and errors as one line with exit status 2."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from bayes_cevns import __version__
from bayes_cevns.cli import (
    calibration,
    comparison,
    data,
    inference,
    inspect,
    nsi,
    profile,
    sensitivity,
)
from bayes_cevns.errors import BayesCevnsError, ConvergenceError, PrecisionWarning, RepairWarning

_OWN_WARNINGS = (PrecisionWarning, RepairWarning)

_EXIT_USAGE = 2
_EXIT_NOT_CONVERGED = 3
_EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="bayes-cevns",
    help="Credible exclusions of new neutrino interactions from public CEvNS data.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("list")(inspect.list_names)
app.command("rates")(inspect.rates)
app.command("spectrum")(inspect.spectrum)
app.command("sample")(inference.sample)
app.command("scan")(inference.scan)
app.command("profile")(profile.profile)
app.command("sensitivity")(sensitivity.sensitivity)
app.command("calibrate")(calibration.calibrate)
app.command("coverage")(calibration.coverage)
app.command("compare")(comparison.compare)
app.command("prior-sensitivity")(comparison.prior_sensitivity)
app.command("nsi", cls=nsi.NsiCommand)(nsi.nsi)
app.add_typer(data.app, name="data")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Credible exclusions of new neutrino interactions from public CEvNS data."""


def main() -> None:
    """Run the command line; every expected error or warning is one line on stderr."""
    try:
        with _warnings_as_lines():
            status = app(standalone_mode=False)
    except BayesCevnsError as error:
        _fail(
            str(error), _EXIT_NOT_CONVERGED if isinstance(error, ConvergenceError) else _EXIT_USAGE
        )
    except typer.TyperException as error:
        _fail(error.format_message(), _EXIT_USAGE)
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted", _EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output left, as head does; nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(status if isinstance(status, int) else 0)


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Print the warnings of this package as lines, each of them, and leave others as they are."""
    with warnings.catch_warnings():
        shown = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, _OWN_WARNINGS):
                line = " ".join(str(message).split())
                typer.echo(f"bayes-cevns: warning: {line}", err=True)
            else:
                shown(message, category, *rest, **more)

        for category in _OWN_WARNINGS:
            warnings.simplefilter("always", category)
        warnings.showwarning = show
        yield


def _fail(message: str, status: int) -> None:
    line = " ".join(message.split())
    typer.echo(f"bayes-cevns: {line}", err=True)
    sys.exit(status)
