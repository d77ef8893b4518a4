"""The application: its commands, and errors as one line with exit status 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Final

import typer

from bayes_cevns import __version__
from bayes_cevns.cli import (
    cluster,
    data,
    execution,
    inspect,
    lists,
    reports,
    reweight,
    runs,
    studies,
)
from bayes_cevns.cli.command import Command
from bayes_cevns.cli.notices import notices
from bayes_cevns.errors import BayesCevnsError, ConvergenceError
from bayes_cevns.shortage import lacking, said
from bayes_cevns.studies.catalogue import STUDIES

NAME = "bayes-cevns"

_EXIT_USAGE = 2
_EXIT_NOT_CONVERGED = 3
_EXIT_INTERRUPTED = 130

#: Commands that are no studies, by where the help has them.
_BEFORE: Final[dict[str, Callable[..., None]]] = {
    "list": lists.list_names,
    "show": reports.show,
    "cite": reports.cite,
    "rates": inspect.rates,
    "spectrum": inspect.spectrum,
}
_AFTER: Final[dict[str, Callable[..., None]]] = {
    "run": runs.run,
    "plot": runs.plot,
    "report": reports.report,
    "export": reports.export,
    "describe": reports.describe,
    "rerun": reports.rerun,
    "reweight": reweight.reweight,
    "status": runs.status,
    "merge": execution.merge,
    "cluster": cluster.cluster,
}


def application(words: Sequence[str]) -> typer.Typer:
    """Return the application for some words of a command line.

    The command that they name has its options, which come from the class of its study; of the
    others there is what ``--help`` says of them, so that it is quick.
    """
    app = typer.Typer(
        name=NAME,
        help="Credible exclusions of new neutrino interactions from public CEvNS data.",
        context_settings={"help_option_names": ["-h", "--help"]},
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_options)
    for name, function in _BEFORE.items():
        app.command(name, cls=Command)(function)
    named = next((word for word in words if not word.startswith("-")), "")
    for kind in STUDIES:
        studies.add_command(app, kind, whole=kind == named)
    for name, function in _AFTER.items():
        app.command(name, cls=Command)(function)
    app.add_typer(data.app, name="data")
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Credible exclusions of new neutrino interactions from public CEvNS data."""


def main() -> None:
    """Run the command line; every expected error or warning is one line on stderr."""
    try:
        with notices():
            status = application(_words())(standalone_mode=False, prog_name=NAME)
            sys.stdout.flush()
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
        _forget_output()
        sys.exit(0)
    except OSError as error:
        # The output itself, on a full disk, or a file that nobody else has spoken for.
        _forget_output()
        where = "the output" if error.filename is None else error.filename
        _fail(f"cannot read or write {where}: {error.strerror or error}", _EXIT_USAGE)
    except Exception as error:
        missing = lacking(error)
        if missing is None:
            raise
        _forget_output()
        _fail(said(missing, error), _EXIT_USAGE)
    sys.exit(status if isinstance(status, int) else 0)


def _words() -> list[str]:
    """Return the words of the command line, or those that a shell wants to complete."""
    typed = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS")
    completing = f"_{NAME.upper().replace('-', '_')}_COMPLETE" in os.environ
    return typed.split()[1:] if completing and typed else sys.argv[1:]


def _forget_output() -> None:
    """Throw away what has not been written, at which Python would fail once more at its end."""
    output = sys.stdout.fileno()
    os.close(output)  # first, for it may be that no more files may be open
    null = os.open(os.devnull, os.O_WRONLY)
    if null != output:
        os.dup2(null, output)


def _fail(message: str, status: int) -> None:
    line = " ".join(message.split())
    typer.echo(f"{NAME}: {line}", err=True)
    sys.exit(status)
