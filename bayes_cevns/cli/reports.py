"""Commands that say what a finished run has found: report, export, describe, rerun, show, cite."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayes_cevns.cli.studies import QUIET, VERBOSE, progress_of

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


def export(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.")],
    hepdata: Annotated[
        bool, typer.Option("--hepdata", help="A submission to HEPData, checked.")
    ] = False,
    latex: Annotated[
        bool, typer.Option("--latex", help="A LaTeX table and a macro for each number.")
    ] = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="The tables, with units in their headers.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Everything, by a schema: docs/export.md.")
    ] = False,
    pyhf: Annotated[
        bool, typer.Option("--pyhf", help="A workspace with the same likelihood, at each mass.")
    ] = False,
    licence: Annotated[
        str, typer.Option(help="Licence of the numbers in HEPData: CC0 or CC-BY-4.0.")
    ] = "CC0",
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to; export in the folder by default.")
    ] = None,
) -> None:
    """Write a run as files for others: HEPData, LaTeX, CSV, JSON, pyhf."""
    from bayes_cevns.exports.export import export as write

    given = {"hepdata": hepdata, "latex": latex, "csv": csv, "json": as_json, "pyhf": pyhf}
    wanted = [name for name, is_wanted in given.items() if is_wanted]
    for path in write(folder, wanted, out=out, licence=licence):
        typer.echo(path)


def describe(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.")],
    latex: Annotated[
        bool, typer.Option("--latex", help="LaTeX, with keys of the run's citations.bib.")
    ] = False,
) -> None:
    """Print what a paper says of the methods of a run: data, model, priors, sampler, checks."""
    from bayes_cevns.reports.methods import describe as text_of

    typer.echo(text_of(folder, latex=latex), nl=False)


#: Exit status of a second run whose digits are not those of the first one.
OTHER_DIGITS = 1


def rerun(
    folder: Annotated[Path, typer.Argument(help="Folder of a complete run.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A new folder for the second run; a temporary one by default."),
    ] = None,
    quiet: Annotated[bool, QUIET] = False,
    verbose: Annotated[bool, VERBOSE] = False,
) -> None:
    """Run an analysis again, and say "same digits" or what differs (exit status 1)."""
    from bayes_cevns.reports.rerun import rerun as again

    found = again(folder, out=out, progress=progress_of(quiet=quiet, verbose=verbose))
    for line in found.lines():
        typer.echo(line)
    if not found.same:
        raise typer.Exit(OTHER_DIGITS)


NAME = typer.Argument(
    help="Name of an experiment, interaction, source or published limit, or the folder of a run."
)


def show(name: Annotated[str, NAME]) -> None:
    """Say what an experiment, interaction, source, published limit or run is."""
    from bayes_cevns.reports.things import show as text_of

    typer.echo(text_of(name), nl=False)


def cite(name: Annotated[str, NAME]) -> None:
    """Print the BibTeX of what to cite for an experiment, interaction, source, limit or run."""
    from bayes_cevns.reports.things import cite as entries_of

    typer.echo(entries_of(name), nl=False)
