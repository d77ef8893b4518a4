"""What the command `plot` does: figures of one run again, or of several runs in one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bayes_cevns.errors import ArgumentError

if TYPE_CHECKING:
    from bayes_cevns.studies.study import Result


def draw_each(
    folders: Sequence[Path], out: Path | None, level: float | None, width: str | None
) -> None:
    """Draw the figures of each run into its folder, or of one elsewhere."""
    from bayes_cevns.figures.catalogue import save_figures

    if out is not None and len(folders) > 1:
        raise ArgumentError(f"--out takes the figures of one folder, got {len(folders)}")
    for folder in folders:
        result = _loaded(folder, level)
        paths = save_figures(result, _place(out, [folder]) or folder, width_in=_inches(width))
        if not paths:
            typer.echo(f"{folder}: there is no figure of this study", err=True)
        for path in paths:
            typer.echo(path)


def draw_together(
    folders: Sequence[Path],
    out: Path | None,
    level: float | None,
    published: str | None,
    labels: str | None,
    width: str | None,
    *,
    mixed: bool,
) -> None:
    """Draw several runs into one figure, and say what was drawn with them."""
    from bayes_cevns.figures.catalogue import save_all
    from bayes_cevns.figures.overlay import ALL, seen_limits
    from bayes_cevns.figures.together import together
    from bayes_cevns.studies import words

    if out is None:
        raise ArgumentError("a figure of several runs, or with other limits, needs --out FOLDER")
    named = [] if published is None else words.listed(published) or []
    asked: str | list[str] = ALL if named == [ALL] else named
    results = [_loaded(folder, level) for folder in folders]
    given = words.listed(labels)
    found = together(
        results,
        labels=given if given else _labels(folders, results),
        published=asked,
        mixed=mixed,
        width_in=_inches(width),
    )
    place = _place(out, folders)
    assert place is not None
    for path in save_all(found, place):
        typer.echo(path)
    if asked:
        for limit in seen_limits(asked, results):
            typer.echo(f"published: {limit.name}: {limit.reference}")


def _loaded(folder: Path, level: float | None) -> Result:
    from bayes_cevns.studies.load import load
    from bayes_cevns.studies.scan_result import Scan

    result = load(folder)
    if level is None:
        return result
    if not isinstance(result, Scan):
        raise ArgumentError(f"--level is for scans, {folder} holds another study")
    return result.at_level(level)


def _labels(folders: Sequence[Path], results: Sequence[Result]) -> list[str] | None:
    """Return the names of folders where experiments alone do not tell runs apart."""
    names = [getattr(result, "experiment", "") for result in results]
    names = [name or folder.name for name, folder in zip(names, folders, strict=True)]
    return None if len(set(names)) == len(names) else [folder.name for folder in folders]


def _inches(width: str | None) -> float | None:
    from bayes_cevns.arguments import named
    from bayes_cevns.plots.style import WIDTHS

    return None if width is None else WIDTHS[named(width, "width", WIDTHS)]


def _place(out: Path | None, folders: Sequence[Path]) -> Path | None:
    """Return where figures go, made if it does not exist; never the folder of another run."""
    from bayes_cevns.arguments import out_folder
    from bayes_cevns.errors import OutputError
    from bayes_cevns.figures.catalogue import is_file
    from bayes_cevns.storage.record import RUN_FILE

    if out is None:
        return None
    folder = out.parent if is_file(out) else out
    out_folder(folder)
    if (folder / RUN_FILE).exists() and folder.resolve() not in [f.resolve() for f in folders]:
        raise OutputError(
            f"{folder} holds the results of another run than {folders[0]}: choose another --out"
        )
    folder.mkdir(parents=True, exist_ok=True)
    return out
