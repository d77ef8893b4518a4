"""Grids on the command line: the plan before anything starts, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bayes_cevns.progress.choice import Progress
    from bayes_cevns.studies.execution.choice import Where
    from bayes_cevns.studies.grids.plan import Plan
    from bayes_cevns.studies.grids.result import GridStudy
    from bayes_cevns.studies.study import Result

#: As of a fit that did not converge.
_EXIT_FAILED = 3


def run_grid(
    plan: Plan,
    out: Path | None,
    progress: Progress,
    *,
    executor: Where = None,
    workers: int | None = None,
) -> None:
    """Run a grid with its progress on stderr, draw each study, and say what failed.

    Raises
    ------
    typer.Exit
        If a study failed, with status 3.
    """
    from bayes_cevns.errors import ArgumentError
    from bayes_cevns.figures.catalogue import save_figures
    from bayes_cevns.studies.grids.run import grid

    if out is None:
        raise ArgumentError("a grid keeps its studies in a folder: give --out")
    if progress is not False:
        for line in (*plan.lines(), "all of them are checked before the first one runs"):
            typer.echo(line, err=True)

    def draw(study: GridStudy, result: Result | None) -> None:
        if result is not None:
            save_figures(result, out / study.name)

    try:
        found = grid(
            plan,
            out=out,
            yes=True,
            on_study=draw,
            progress=progress,
            executor=executor,
            workers=workers,
        )
    except KeyboardInterrupt:
        typer.echo(f"what is finished is kept in {out}; the same command goes on", err=True)
        raise
    for name, text in found.tables().items():
        typer.echo(f"{out / name} ({len(text.splitlines()) - 1:,} rows)")
    for name, reason in found.failures().items():
        typer.echo(f"failed: {name}: {reason}", err=True)
    typer.echo(f"{found.summary}, in {out}")
    if found.failures():
        raise typer.Exit(_EXIT_FAILED)
