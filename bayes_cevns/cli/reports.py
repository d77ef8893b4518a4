"""Commands that say what a finished run has found: report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FOLDER = typer.Argument(help="Folder of a run; of a grid, each of its studies.")


def report(
    folder: Annotated[Path, FOLDER],
    out: Annotated[
        Path | None, typer.Option("--out", help="The file; report.html in the folder by default.")
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option(help="Folder of a profile of the same model, to be named beside its limits."),
    ] = None,
) -> None:
    """Write one page of HTML about a run: answer, data, priors, checks, how to run it again."""
    from bayes_cevns.cli.runs import studies_in
    from bayes_cevns.errors import ArgumentError
    from bayes_cevns.reports.page import report as write

    folders = studies_in(folder)
    if len(folders) != 1 and (out is not None or profile is not None):
        raise ArgumentError(
            f"{folder} is a grid of {len(folders)} studies: --out and --profile are for one run"
        )
    for each in folders:
        typer.echo(write(each, out=out, profile=profile))
