"""Commands of analysis files and of folders: run, plot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    file: Annotated[
        Path,
        typer.Argument(help="An analysis file, such as the analysis.toml of a results folder."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder for the results; the one of the file if it is that of a run."
        ),
    ] = None,
) -> None:
    """Run what an analysis file asks for, or go on with it."""
    from bayes_cevns.cli.studies import run_study
    from bayes_cevns.storage.record import RUN_FILE
    from bayes_cevns.studies.analysis_file import read_analysis

    study = read_analysis(file)
    if out is None and (file.parent / RUN_FILE).is_file():
        out = file.parent
    run_study(study, out)


def plot(
    folders: Annotated[list[Path], typer.Argument(help="Folders of runs.")],
    level: Annotated[
        float | None, typer.Option(help="Another credible level, for scans, from the same draws.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to, instead of into each folder.")
    ] = None,
) -> None:
    """Draw the figures of runs again, without computing anything."""
    from bayes_cevns.errors import ArgumentError
    from bayes_cevns.figures.catalogue import save_figures
    from bayes_cevns.studies.load import load
    from bayes_cevns.studies.scan_result import Scan

    if out is not None and len(folders) > 1:
        raise ArgumentError(f"--out takes the figures of one folder, got {len(folders)}")
    for folder in folders:
        result = load(folder)
        if level is not None:
            if not isinstance(result, Scan):
                raise ArgumentError(f"--level is for scans, {folder} holds another study")
            result = result.at_level(level)
        if out is not None:
            _check_free(out, folder)
            out.mkdir(parents=True, exist_ok=True)
        paths = save_figures(result, out or folder)
        if not paths:
            typer.echo(f"{folder}: there is no figure of this study", err=True)
        for path in paths:
            typer.echo(path)


def _check_free(out: Path, folder: Path) -> None:
    """Check that figures of a run do not go into the folder of another one."""
    from bayes_cevns.arguments import out_folder
    from bayes_cevns.errors import OutputError
    from bayes_cevns.storage.record import RUN_FILE

    out_folder(out)
    if (out / RUN_FILE).exists() and out.resolve() != folder.resolve():
        raise OutputError(
            f"{out} holds the results of another run than {folder}: choose another --out"
        )
