"""Which executor is meant by what was asked for."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from bayes_cevns.bounds import within
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.studies.execution.executor import Executor, Serial

#: What names an executor: a word, an address, an executor, or a client of dask.
type Where = str | Executor | Any | None

SERIAL, PROCESSES, LOCAL_CLUSTER = "serial", "processes", "dask"
_WORDS = (SERIAL, PROCESSES, LOCAL_CLUSTER)


def executor(where: Where = None, *, workers: int | None = None) -> Executor:
    """Return what computes the points of studies; it may serve one study after the other.

    Parameters
    ----------
    where
        ``"serial"``: one point after the other in this process. ``"processes"``: processes of this
        machine, which is also what `workers` alone means. ``"dask"``: a dask cluster on this
        machine. An address, such as ``"tcp://10.0.0.1:8786"``: the dask scheduler that listens
        there. A `distributed.Client`: the cluster that it is connected to, such as one of
        dask-jobqueue. With dask it needs ``pip install 'bayes-cevns[cluster]'``.
    workers
        How many processes; as many as there are processors by default. A scheduler has workers of
        its own.

    Returns
    -------
    Executor
        For the argument `executor` of studies. It keeps its workers, and what they have compiled,
        until the end of its ``with`` block.

    Raises
    ------
    ArgumentError
        If it is nothing of this.
    WorkerError
        If the scheduler cannot be reached, or dask is not installed.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> with bc.executor(workers=2) as two:
    ...     found = bc.preview(
    ...         "xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], executor=two
    ...     )
    >>> len(found.points)
    2
    """
    number = check_where(where, workers)
    if isinstance(where, Executor):
        if number is not None:
            raise ArgumentError("workers: an executor has its own, leave their number out")
        return where
    if where is None:
        where = SERIAL if number is None else PROCESSES
    if where == SERIAL:
        if number is not None:
            raise ArgumentError(f"workers: 'serial' has none, got {number}")
        return Serial()
    if where == PROCESSES:
        from bayes_cevns.studies.execution.processes import Processes

        return Processes(number or processors())
    return _of_dask(where, number)


def check_where(where: object, workers: object) -> int | None:
    """Return a number of workers after checking it, and that an executor can be meant.

    Raises
    ------
    ArgumentError
        If not: before anything else is looked at.
    """
    number = None if workers is None else within("workers", workers)
    words = isinstance(where, str) and (where in _WORDS or ":" in where)
    client = type(where).__module__.partition(".")[0] == "distributed"
    if where is None or words or client or isinstance(where, Executor):
        return number
    raise ArgumentError(
        f"executor (--scheduler): expected one of {', '.join(_WORDS)}, the address of a dask "
        f"scheduler such as tcp://10.0.0.1:8786, or a distributed.Client, got {shown(where)}"
    )


def _of_dask(where: object, workers: int | None) -> Executor:
    from bayes_cevns.studies.execution import cluster

    if where == LOCAL_CLUSTER:
        return cluster.local(workers or processors())
    if workers is not None:
        raise ArgumentError("workers: a scheduler has workers of its own, leave their number out")
    return cluster.at(where) if isinstance(where, str) else cluster.of(where)


def executor_of(where: Where, workers: int | None) -> AbstractContextManager[Executor]:
    """Return the executor of one study; one that was given stays open behind it."""
    found = executor(where, workers=workers)
    return nullcontext(found) if found is where else found


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cores_of_each(workers: int) -> int:
    """Return how many chains each of some workers may sample at once on this machine."""
    return max(1, processors() // workers)
