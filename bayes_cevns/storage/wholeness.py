"""Whether the folder of a complete run needs its command once more, told from files alone."""

from __future__ import annotations

from pathlib import Path

from bayes_cevns.storage import atomic, points
from bayes_cevns.storage.kept_run import POSTERIOR_FILE
from bayes_cevns.storage.lock import LOCK_FILE
from bayes_cevns.storage.record import RUN_FILE
from bayes_cevns.storage.seal import read_sealed


def has_leftovers(folder: Path) -> bool:
    """Return whether a process that was stopped has left files in a folder or below it.

    They are a lock, temporary files, or points beside a posterior that was made of them.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    return any(
        path.name.startswith(LOCK_FILE)
        or atomic.is_temporary(path)
        or (path.name == POSTERIOR_FILE and points.has_points(path.parent))
        for path in folder.rglob("*")
    )


def has_posterior(folder: Path) -> bool:
    """Return whether a folder has a posterior of all points of its run, as it was written.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    file = folder / POSTERIOR_FILE
    sealed = read_sealed(file) if file.is_file() else None
    return sealed is not None and sealed.complete


def lacks_fits(folder: Path) -> bool:
    """Return whether a run in a folder below, such as a model of a comparison, lost its posterior.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    below = [record.parent for record in folder.glob(f"*/**/{RUN_FILE}")]
    return not all(has_posterior(each) for each in below)
