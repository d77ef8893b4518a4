"""Which figures a result has, and how they are written beside its tables."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from matplotlib.figure import Figure

from bayes_cevns.arguments import of_kind
from bayes_cevns.errors import OutputError
from bayes_cevns.storage import atomic
from bayes_cevns.studies.load import load
from bayes_cevns.studies.study import Result

#: Class of a result -> the module that draws it, with a function ``figures``.
_DRAWN_BY = {
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


def figures_of(result: Result) -> Mapping[str, Figure]:
    """Return the figures of a result by their names; none where it has none."""
    module = _DRAWN_BY.get(type(result).__name__)
    if module is None:
        return {}
    found: Mapping[str, Figure] = import_module(f"bayes_cevns.figures.{module}").figures(result)
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
    """
    if isinstance(result, str | Path):
        result = load(result)
    return figures_of(of_kind(result, Result, what="the result of a study, or its folder"))


def save_figures(result: Result, folder: Path) -> list[Path]:
    """Write the figures of a result as PNG and PDF, each whole or not at all.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    return [
        path
        for name, figure in figures_of(result).items()
        for path in save_figure(figure, folder, name)
    ]


def save_figure(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and PDF, each whole or not at all.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    paths = [folder / f"{name}.{kind}" for kind in ("png", "pdf")]
    engine = figure.get_layout_engine()
    try:
        for path in paths:
            with atomic.path(path) as temporary:
                figure.savefig(temporary)
            figure.set_layout_engine("none")  # the places of the first file are those of both
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}") from None
    finally:
        figure.set_layout_engine(engine)
    return paths
