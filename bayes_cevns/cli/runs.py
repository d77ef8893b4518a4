"""Commands of analysis files and of folders: run, plot, status."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayes_cevns.cli.execution import OPTIONS, Computing
from bayes_cevns.cli.grids import run_grid
from bayes_cevns.cli.studies import QUIET, VERBOSE, progress_of


def run(
    file: Annotated[
        Path,
        typer.Argument(
            help="An analysis file, such as the analysis.toml of a results folder; with lists of "
            "alternatives it is a grid of studies."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder for the results; the one of the file if it is that of a run."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print studies, points and time, and do nothing.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Run also a plan of more than 10,000 points.")
    ] = False,
    quiet: Annotated[bool, QUIET] = False,
    verbose: Annotated[bool, VERBOSE] = False,
    workers: Annotated[int | None, typer.Option(help=OPTIONS["workers"][1])] = None,
    scheduler: Annotated[str | None, typer.Option(help=OPTIONS["scheduler"][1])] = None,
    shard: Annotated[str | None, typer.Option(help=OPTIONS["shard"][1])] = None,
) -> None:
    """Run what an analysis file asks for, or go on with it."""
    from bayes_cevns.cli.studies import run_shard_of, run_study
    from bayes_cevns.storage.record import RUN_FILE
    from bayes_cevns.studies.grids.plan import read_plan

    progress = progress_of(quiet=quiet, verbose=verbose)
    plan = read_plan(file, yes=yes)
    if dry_run:
        for line in plan.lines():
            typer.echo(line)
        return
    plan.check_size(yes=yes)
    computing = Computing(workers, scheduler, shard)
    if computing.shard is not None:
        run_shard_of(plan.only(), computing, out, progress)
        return
    folder = file if file.is_dir() else file.parent
    if out is None and (folder / RUN_FILE).is_file():
        out = folder
    if plan.is_grid:
        run_grid(plan, out, progress, **computing.words)
    else:
        run_study(plan.only(), out, progress, **computing.words)


def plot(
    folders: Annotated[
        list[Path],
        typer.Argument(help="Folders of runs or of grids: of one its figures, of several one."),
    ],
    level: Annotated[
        float | None, typer.Option(help="Another credible level, for scans, from the same draws.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Where to, instead of into the folder of the run: a folder, or of one figure a "
            "file that ends with .pdf, .png or .svg.",
        ),
    ] = None,
    published: Annotated[
        str | None,
        typer.Option(
            help="Limits of others to draw with those of runs: names of `list published`, comma "
            "list, or all that can be converted exactly."
        ),
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="What the runs are called in the figure, comma list.")
    ] = None,
    width: Annotated[
        str | None, typer.Option(help="Width of the figure: column (3.4 in) or page (7 in).")
    ] = None,
    mixed: Annotated[
        bool,
        typer.Option(
            "--mixed",
            help="Draw runs together that differ in coupling, kind, level, prior or kind of data.",
        ),
    ] = False,
) -> None:
    """Draw the figures of a run again, or several runs in one; nothing is computed."""
    from bayes_cevns.cli.figures import draw_each, draw_together

    every = [each for folder in folders for each in studies_in(folder)]
    if len(folders) > 1 or published or labels or mixed:
        draw_together(every, out, level, published, labels, width, mixed=mixed)
    else:
        draw_each(every, out, level, width)


def studies_in(folder: Path) -> list[Path]:
    """Return the folders of the studies of a grid that have anything; of another run its own."""
    from bayes_cevns.storage.names import PLAN_FILE
    from bayes_cevns.studies.load import load

    if not (folder / PLAN_FILE).is_file():
        return [folder]
    return [folder / one.name for one in load(folder).studies if one.finished]


def status(
    folders: Annotated[list[Path], typer.Argument(help="Folders of runs or of grids.")],
) -> None:
    """Say how far runs are, also while other processes work on them."""
    from bayes_cevns.progress.file import read_progress

    for folder in folders:
        found = read_progress(folder)
        typer.echo(f"{folder}: {found.what}: {found.text}")
