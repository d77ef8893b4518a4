"""Which figures a result has, and how they are written beside its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from matplotlib.figure import Figure

from bayes_cevns.arguments import of_kind
from bayes_cevns.errors import ArgumentError, OutputError
from bayes_cevns.plots.style import applied
from bayes_cevns.storage import atomic
from bayes_cevns.studies.load import load
from bayes_cevns.studies.study import Result

#: Class of a result -> the module that draws it, with a function ``figures``.
_DRAWN_BY = {
    "ModelRun": "posterior",
    "ProfileScan": "exclusion",
    "CouplingFits": "coupling_regions",
    "Scan": "exclusion",
    "Preview": "exclusion",
    "Reweighted": "exclusion",
    "Comparison": "models",
    "PriorSensitivity": "prior_posterior",
    "Sensitivity": "expected_limits",
    "RankResult": "calibration",
    "CoverageResult": "calibration",
}


#: What is drawn when asked for alone: to draw it takes longer than a fit.
_ON_DEMAND = ("ModelRun",)

#: Files of each figure, and those that may be asked for.
_KINDS = ("png", "pdf")
_SUFFIXES = (".pdf", ".png", ".svg")


def figures_of(result: Result, *, width_in: float | None = None) -> Mapping[str, Figure]:
    """Return the figures of a result by their names; none where it has none."""
    module = _DRAWN_BY.get(type(result).__name__)
    if module is None:
        return {}
    figures = import_module(f"bayes_cevns.figures.{module}").figures
    found: Mapping[str, Figure] = figures(result, width_in=width_in)
    return found


def plot(result: Result | Path | str) -> Mapping[str, Figure]:
    """Return the figures of a result, or of the run in a folder, which is read and not repeated.

    Parameters
    ----------
    result
        What the function of a study has returned, or the folder of a run.

    Returns
    -------
    dict
        Name -> figure; none where a study has none.

    Raises
    ------
    ArgumentError, DataError
        If it is neither, or the folder holds no run.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> scan = bc.scan("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], seed=1)
    >>> sorted(bc.plot(scan))
    ['exclusion']
    """
    if isinstance(result, str | Path):
        result = load(result)
    return figures_of(of_kind(result, Result, what="the result of a study, or its folder"))


def save_figures(result: Result, folder: Path) -> list[Path]:
    """Write the figures of a result as PNG and PDF, each whole or not at all.

    Those of a single posterior are drawn by `plot` and in reports alone.

    Parameters
    ----------
    result
        What a study has returned.
    folder
        Where to.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    return [] if type(result).__name__ in _ON_DEMAND else save_all(figures_of(result), folder)


def save_all(figures: Mapping[str, Figure], place: Path) -> list[Path]:
    """Write figures by their names into a folder, or the only one to a file; as `save_figure`.

    Raises
    ------
    ArgumentError
        If it is a file, and there are several figures.
    OutputError
        If the folder cannot be written.
    """
    if not is_file(place):
        return [p for name, figure in figures.items() for p in save_figure(figure, place, name)]
    if len(figures) > 1:
        names = ", ".join(figures)
        raise ArgumentError(f"{place} takes one figure, there are {names}: --out a folder")
    kind = place.suffix.removeprefix(".")
    return [
        path
        for figure in figures.values()
        for path in save_figure(figure, place.parent, place.stem, (kind,))
    ]


def is_file(place: Path) -> bool:
    """Return whether a path is that of a figure, by its suffix, and no folder."""
    return place.suffix in _SUFFIXES and not place.is_dir()


def save_figure(
    figure: Figure, folder: Path, name: str, kinds: Sequence[str] = _KINDS
) -> list[Path]:
    """Write a figure as PNG and PDF, or as other files, each whole or not at all.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    paths = [folder / f"{name}.{kind}" for kind in kinds]
    engine = figure.get_layout_engine()
    try:
        for path in paths:
            with atomic.path(path) as temporary, applied():
                figure.savefig(temporary, format=path.suffix.removeprefix("."))
            figure.set_layout_engine("none")  # the places of the first file are those of both
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}") from None
    finally:
        figure.set_layout_engine(engine)
    return paths
