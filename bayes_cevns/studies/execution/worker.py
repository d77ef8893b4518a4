"""What a worker does with a point: make the study once, compute the point, send it back."""

from __future__ import annotations

import pickle
import threading
import traceback
import warnings
from typing import Any

from bayes_cevns.errors import BayesCevnsError, BayesCevnsWarning
from bayes_cevns.studies.execution.task import Failure, Outcome, Task, Unit
from bayes_cevns.studies.study import Study

#: A study compiles once and swaps data: one point at a time in a process.
_ONE = threading.Lock()

#: The study that this process has made last, by the key of its task.
_MADE: dict[str, Study[Any, Any, Any]] = {}


def answer(task: Task, unit: Unit) -> Outcome | Failure:
    """Return a point, or the error that it has raised."""
    try:
        with _ONE, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", BayesCevnsWarning)
            study = _study(task)
            study.take_beside(unit.number, unit.beside)
            content = study.compute(unit.number)
            beside = study.beside(unit.number)
    except BayesCevnsError as error:
        return Failure(error, "")
    except Exception as error:  # whatever it is, the process that asked for the point raises it
        text = traceback.format_exc()
        return Failure(error if _travels(error) else RuntimeError(str(error)), text)
    said = tuple(
        (one.category, str(one.message))
        for one in caught
        if issubclass(one.category, BayesCevnsWarning)
    )
    return Outcome(unit.number, content, beside, said)


def _study(task: Task) -> Study[Any, Any, Any]:
    """Return the study of a task, with its model compiled."""
    if task.key not in _MADE:
        _MADE.clear()
        study = task.study()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BayesCevnsWarning)  # the one who asks has seen them
            study.store(None)
        study.take_common(task.common)
        study.prepare()
        _MADE[task.key] = study
    return _MADE[task.key]


def _travels(error: BaseException) -> bool:
    """Return whether an error can be sent to another process."""
    try:
        return isinstance(pickle.loads(pickle.dumps(error)), type(error))
    except Exception:  # whatever its class does
        return False
