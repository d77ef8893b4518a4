"""What the studies of a grid have left in their folders, read without computing anything."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from bayes_cevns.errors import BayesCevnsError, DataError, UnfinishedWarning
from bayes_cevns.storage.kept_run import KeptRun, place_of
from bayes_cevns.storage.names import PLAN_FILE
from bayes_cevns.storage.record import COMPLETE, INTERRUPTED, difference, identity, read_run
from bayes_cevns.storage.resources import sha256
from bayes_cevns.storage.values import plain
from bayes_cevns.storage.wholeness import has_leftovers, lacks_fits
from bayes_cevns.studies.grids.plan import PlannedStudy, read_plan
from bayes_cevns.studies.grids.result import FAILED, MISSING, Grid, GridStudy, rows_of
from bayes_cevns.studies.kept_fluxes import PREFIX as FLUX_PREFIX
from bayes_cevns.studies.load import load_study


def load_grid(folder: Path) -> Grid:
    """Return what there is of the grid in a folder.

    Raises
    ------
    DataError
        If its plan or its record was altered, or its data, cards or the package have changed.

    Warns
    -----
    UnfinishedWarning
        If studies are missing, or failed before all of their points were computed.
    """
    record, plan = read_run(folder), read_plan(folder)
    request = plain(plan.request())
    if record["identity"] != identity(request):
        raise DataError(
            f"{folder} cannot be read, {difference(record['request'], request)}: its "
            f"{PLAN_FILE}, data, cards or the package have changed since it was written; run it "
            f"again: bayes-cevns run {folder / PLAN_FILE} --out NEW"
        )
    failures = record.get("report", {}).get("failures", {})
    studies = tuple(
        complete_in(folder / one.name, one)
        or incomplete_in(folder / one.name, one, str(failures.get(one.name, "")))
        for one in plan.studies
    )
    found = Grid(folder, plan.varied, studies)
    # A study that stopped is run again, whatever stopped it; one whose points all failed is not.
    if any(one.status not in (COMPLETE, FAILED) or one.finished < one.points for one in studies):
        warnings.warn(
            f"{folder} is not complete, {found.summary}: bayes-cevns run "
            f"{folder / PLAN_FILE} goes on",
            UnfinishedWarning,
            stacklevel=4,
        )
    return found


def complete_in(path: Path, planned: PlannedStudy) -> GridStudy | None:
    """Return what a complete study has left in its folder; ``None`` if it must run.

    Parameters
    ----------
    path
        The folder.
    planned
        The study.
    """
    try:
        record = read_run(path)
    except DataError:
        return None
    if record["status"] != COMPLETE or record["identity"] != identity(planned.request):
        return None
    products = record.get("products", {})
    for name, digest in products.items():
        file = place_of(path, name)
        if not file.is_file() or sha256(file) != digest:
            return None
    return _found(planned, path, record)


def has_nothing_to_do(path: Path, planned: PlannedStudy) -> bool:
    """Return whether the command of a study would change nothing in its folder: it is not run.

    It is complete, all that it keeps is there and intact, and no process that was stopped has left
    files. `complete_in` is enough to read its tables.

    Parameters
    ----------
    path, planned
        Its folder, and the study.
    """
    if complete_in(path, planned) is None:
        return False
    try:
        if has_leftovers(path) or lacks_fits(path):
            return False
        posterior = KeptRun(path, planned.request).sealed_posterior()
        # One that is complete has all points, and takes long to be read.
        if posterior is None or not posterior.complete:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they are given when the study runs, or is read
                load_study(path, experiments=planned.experiments)
    except (OSError, BayesCevnsError):  # the run itself says what is wrong
        return False
    return True


def _found(planned: PlannedStudy, path: Path, record: Mapping[str, Any]) -> GridStudy:
    """Return what the record and the table of a study say."""
    report = record.get("report", {})
    failures = dict(report.get("failures", {}))
    finished = int(report.get("finished", 0))
    status = str(record["status"])
    if status == COMPLETE and failures and len(failures) >= finished:
        status = FAILED
    return GridStudy(
        planned.name,
        planned.combination.kind,
        planned.combination.varied,
        status,
        planned.points,
        finished,
        len(failures),
        next((f"{name}: {text}" for name, text in failures.items()), ""),
        _rows(path, record),
    )


def incomplete_in(path: Path, planned: PlannedStudy, reason: str = "") -> GridStudy:
    """Return what there is of a study that failed, was interrupted, or has not begun.

    Parameters
    ----------
    path, planned
        Its folder, and the study.
    reason
        Why it failed, if it did.
    """
    found = GridStudy(
        planned.name, planned.combination.kind, planned.combination.varied, MISSING, planned.points
    )
    with suppress(DataError):
        record = read_run(path)
        if record["identity"] == identity(planned.request):
            found = _found(planned, path, record)
    if found.status == COMPLETE:  # but a file of it is not as it was written
        found = replace(found, status=INTERRUPTED)
    return replace(found, status=FAILED, reason=reason) if reason else found


def _rows(path: Path, record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the rows of the first table of a study, that of its limits, if it is intact.

    Tables below the folder, and fluxes, are copies of files of a user. There are no rows where a
    product is missing: the record may have another name for it, and the first table be another.
    """
    products = record.get("products", {})
    if not all(place_of(path, name).is_file() for name in products):
        return []
    for name, digest in products.items():
        file = place_of(path, name)
        if file.suffix == ".csv" and file.parent == path and not name.startswith(FLUX_PREFIX):
            intact = file.is_file() and sha256(file) == digest
            return rows_of(file.read_text(encoding="utf-8")) if intact else []
    return []
