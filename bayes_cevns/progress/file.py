"""The file of a results folder that says how far its run is, ``progress.json``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bayes_cevns.arguments import path_of
from bayes_cevns.errors import DataError
from bayes_cevns.progress.standing import COMPLETE, KILLED, Standing
from bayes_cevns.storage import atomic, record
from bayes_cevns.storage.names import PROGRESS_FILE
from bayes_cevns.storage.owner import Owner
from bayes_cevns.storage.record import read_run

#: Seconds between two versions of the file.
INTERVAL_SECONDS = 1.0


class ProgressFile:
    """A listener that keeps the file of a folder: whole at any moment, renewed once a second.

    Nothing of a run depends on it: where it cannot be written, there is none.

    Parameters
    ----------
    folder
        The results folder, which this process works in.
    clock
        Seconds that never go back.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = folder / PROGRESS_FILE
        self._clock, self._written = clock, -float("inf")
        self._owner = Owner.this_process()

    def __call__(self, standing: Standing) -> None:
        """Write the file, if it is time to."""
        now = self._clock()
        if not standing.ended and now - self._written < INTERVAL_SECONDS:
            return
        self._written = now
        updated = datetime.now(UTC).isoformat(timespec="seconds")
        content = {**asdict(standing), "updated": updated, "process": asdict(self._owner)}
        text = json.dumps(content, indent=1) + "\n"
        with suppress(OSError):
            atomic.replace_text(self._file, text)


def read_progress(folder: Path | str) -> Standing:
    """Return how far the run in a folder is, or how it ended; nothing is written or computed.

    Parameters
    ----------
    folder
        A results folder, of a study or of a grid, also one in which another process works at this
        moment.

    Raises
    ------
    DataError
        If it has no ``progress.json``, or one that cannot be read.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> scan = bc.scan(
    ...     "xenonnt_2024_s2", interaction="b-l", masses_mev=[10.0], out="watched", seed=1
    ... )
    >>> print(bc.read_progress("watched").state)
    complete
    """
    file = path_of(folder, what="the folder of a run") / PROGRESS_FILE
    try:
        content = json.loads(file_text(file))
        owner = Owner.from_text(json.dumps(content["process"]))
        found = _standing(content)
    except OSError as error:
        raise DataError(
            f"{file.parent} holds no readable {PROGRESS_FILE} ({error.strerror or error}): expected"
            " a folder that a command writes with --out, after its first point has begun"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise DataError(
            f"{file} is not as it was written: give the command of the run again, which renews it"
        ) from None
    if found.ended or owner is None or not owner.is_gone():
        return found
    over = replace(found, state=KILLED, running=0, left_seconds=None)
    with suppress(DataError):
        if read_run(file.parent)["status"] == record.COMPLETE:  # by a later process, that only read
            return replace(over, state=COMPLETE, done=found.total)
    return over


def file_text(file: Path) -> str:
    """Return the text of a file."""
    return file.read_text(encoding="utf-8")


def _standing(content: dict[str, Any]) -> Standing:
    """Return what a file says.

    Raises
    ------
    KeyError, TypeError
        If it says something else.
    """
    given = {field.name: content[field.name] for field in fields(Standing)}
    counts = ("total", "kept", "done", "failed", "running")
    texts = ("what", "state", "started", "last")
    if not all(type(given[name]) is int for name in counts):
        raise TypeError("counts are whole numbers")
    if not all(isinstance(given[name], str) for name in texts):
        raise TypeError("words are texts")
    for name in ("seconds", "rate", "left_seconds"):
        given[name] = None if given[name] is None else float(given[name])
    return Standing(**given)
