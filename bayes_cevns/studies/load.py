"""Results read back from the folder of a run, without computing anything."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bayes_cevns.arguments import path_of
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.given import several_experiments
from bayes_cevns.errors import DataError, UnfinishedWarning
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.names import PLAN_FILE, WEIGHTS_FILE
from bayes_cevns.storage.record import COMPLETE, RUN_FILE, read_run, used_checksums
from bayes_cevns.storage.resources import sha256
from bayes_cevns.storage.values import plain
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, read_analysis
from bayes_cevns.studies.study import Result, Study


def load(path: Path | str, *, experiments: Sequence[Experiment] | None = None) -> Any:
    """Read the result of a run, whatever study it is of.

    Parameters
    ----------
    path
        Its folder.
    experiments
        The experiments of the run, where they were changed in Python and cannot be made again from
        its ``analysis.toml``.

    Returns
    -------
    Result
        What the function of the study returned, such as `Scan`; of a run that was interrupted, what
        it has. Of the folder of a grid a `Grid`.

    Raises
    ------
    DataError
        If there is no run, its files were altered, or its data, its cards or the package have
        changed since.

    Warns
    -----
    UnfinishedWarning
        If the run was interrupted.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> scan = bc.scan(
    ...     "xenonnt_2024_s2", interaction="b-l", masses_mev=[10.0], out="loaded", seed=1
    ... )
    >>> bc.load("loaded").points[0].limits[0].value == scan.points[0].limits[0].value
    True
    """
    folder = path_of(path, what="the folder of a run")
    if (folder / PLAN_FILE).is_file():
        from bayes_cevns.studies.grids.load import load_grid

        return load_grid(folder)
    return load_study(folder, experiments=experiments)[1]


def load_study(
    path: Path | str, *, experiments: Sequence[Experiment] | None = None
) -> tuple[Study[Any, Any, Any], Result]:
    """Return the study of a run with its result; see `load`."""
    folder = path_of(path, what="the folder of a run")
    if experiments is not None:
        experiments = several_experiments(experiments)
    if (folder / WEIGHTS_FILE).is_file() and not (folder / RUN_FILE).exists():
        raise DataError(
            f"{folder} holds tables of bayes-cevns reweight, which are not read back: read the run "
            "that was reweighted, and call bayes_cevns.reweighted"
        )
    record = read_run(folder)
    study = read_kept_study(folder, record, experiments)
    kept = KeptRun(folder, study.request())
    store, size = study.store(kept), study.size()
    store.look(size)
    known = study.usable(store.contents)
    points = {number: study.point(number, content) for number, content in known.items()}
    if not points:
        raise DataError(f"{folder} holds no finished point: run it again, or remove it")
    if record["status"] == COMPLETE and len(points) < size:
        raise DataError(
            f"{folder} holds {len(points)} of the {size} points of a complete run: what is missing "
            f"was altered or removed; bayes-cevns run {folder / ANALYSIS_FILE} computes it again"
        )
    if record["status"] != COMPLETE:
        warnings.warn(
            f"{folder} is not complete, {len(points)} of {size} points are finished: bayes-cevns "
            f"run {folder / ANALYSIS_FILE} goes on",
            UnfinishedWarning,
            stacklevel=3,
        )
    return study, study.result(points)


def read_kept_study(
    folder: Path, record: dict[str, Any], experiments: Sequence[Experiment] | None
) -> Study[Any, Any, Any]:
    """Return the study of a run, as its analysis file says.

    Raises
    ------
    DataError
        If the file was altered, or its data, its cards or the package have changed since.
    """
    study = checked_analysis(folder, record, experiments)
    if KeptRun(folder, study.request()).identity != record["identity"]:
        raise DataError(
            f"{folder} cannot be read: {_difference(record, study)} since it was written; run it "
            f"again: bayes-cevns run {folder / ANALYSIS_FILE} --out NEW"
        )
    return study


def checked_analysis(
    folder: Path, record: dict[str, Any], experiments: Sequence[Experiment] | None
) -> Study[Any, Any, Any]:
    """Return the study that the analysis file of a run asks for, whatever has changed since.

    Raises
    ------
    DataError
        If the file is missing, or was altered.
    """
    file = folder / ANALYSIS_FILE
    digest = record.get("products", {}).get(ANALYSIS_FILE)
    if digest is None:
        raise DataError(
            f"{folder} holds no {ANALYSIS_FILE}: it is of an older version, or was interrupted "
            "before anything was computed; give the command of the run again, which goes on"
        )
    if not file.is_file() or sha256(file) != digest:
        raise DataError(
            f"{file} is missing, or not as it was written: restore it, or give the command of the "
            "run again, which writes it anew"
        )
    return read_analysis(file, experiments=experiments)


def _difference(record: dict[str, Any], study: Study[Any, Any, Any]) -> str:
    """Return what has changed since a run was written, in words."""
    from bayes_cevns import __version__

    written = record.get("versions", {}).get("bayes_cevns")
    if written != __version__:
        return f"the package is version {__version__}, not {written} as then,"
    then, now = record.get("request", {}), plain(study.request())
    asked = [name for name in now if name != "content" and then.get(name) != now[name]]
    if asked:
        return f"{', '.join(asked)} ({ANALYSIS_FILE}, or a default) changed"
    old, new = then.get("content", {}), now.get("content", {})
    changed = [name for name in new if old.get(name) != new[name]]
    if changed:
        return f"{', '.join(changed)} (card, table or source) changed"
    listed = used_checksums()
    data = [name for name, digest in record.get("data", {}).items() if listed.get(name) != digest]
    if data:
        return f"{', '.join(data)} (data of the package) changed"
    return "the data of the package or the interaction changed"
