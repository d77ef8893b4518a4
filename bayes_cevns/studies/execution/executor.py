"""Executors: where the points of a study are computed. No number depends on it."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from types import TracebackType
from typing import Any, Self, override

from bayes_cevns.errors import WorkerError
from bayes_cevns.studies.execution.task import Outcome, Task, Unit
from bayes_cevns.studies.study import Study

#: So many workers may die at one point, as dask's ``allowed-failures``; then it is the point.
MOST_DEATHS = 3


class Executor:
    """Computes points of studies; to be used in a ``with`` block, or closed, if it has workers."""

    #: Whether it computes; if not, the time that it takes says nothing of what points cost.
    computes: bool = True

    @abstractmethod
    def contents(
        self, study: Study[Any, Any, Any], numbers: Sequence[int]
    ) -> Generator[tuple[int, Any]]:
        """Compute points, and yield each with its number as it is finished.

        Parameters
        ----------
        study
            The study, whose store is there.
        numbers
            Of the points.
        """

    def close(self) -> None:
        """End the workers, if there are any."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Serial(Executor):
    """Computes one point after the other in this process, in the order of their numbers."""

    def contents(
        self, study: Study[Any, Any, Any], numbers: Sequence[int]
    ) -> Generator[tuple[int, Any]]:
        """Compute points; see `Executor.contents`."""
        study.prepare()
        with closing(study.computed(numbers[:])) as found:
            yield from zip(numbers, found, strict=True)


class Known(Executor):
    """Hands out points that were computed before.

    Parameters
    ----------
    known
        Content by number.
    """

    computes = False

    def __init__(self, known: Mapping[int, Any]) -> None:
        self.known = known

    def contents(
        self,
        study: Study[Any, Any, Any],  # noqa: ARG002  # it is not asked for anything
        numbers: Sequence[int],
    ) -> Generator[tuple[int, Any]]:
        """Return what is known."""
        for number in numbers:
            yield number, self.known[number]


class Pool(Executor):
    """Computes points in other processes, in the order in which they finish."""

    #: Whether a study without words may be sent as it is.
    pickles: bool = False

    @override
    def contents(
        self, study: Study[Any, Any, Any], numbers: Sequence[int]
    ) -> Generator[tuple[int, Any]]:
        """Compute points; see `Executor.contents`."""
        task = Task.of(study, cores=self.cores(), pickles=self.pickles)
        units = (Unit(number, study.beside(number)) for number in numbers)
        with closing(self.outcomes(task, units, len(numbers))) as found:
            for one in found:
                for category, text in one.warned:
                    warnings.warn(text, category, stacklevel=2)
                study.take_beside(one.number, one.beside)
                yield one.number, one.content

    @abstractmethod
    def cores(self) -> int | None:
        """Return how many chains a worker may sample at the same time; ``None`` if not known."""

    @abstractmethod
    def outcomes(self, task: Task, units: Iterator[Unit], number: int) -> Generator[Outcome]:
        """Compute so many points of a task, and yield each as it is finished."""


class Deaths:
    """Counts the workers that died at each point."""

    def __init__(self) -> None:
        self._number: Counter[int] = Counter()

    def count(self, unit: Unit, how: str) -> None:
        """Count one.

        Raises
        ------
        WorkerError
            If there were too many at the same point.
        """
        self._number[unit.number] += 1
        if self._number[unit.number] >= MOST_DEATHS:
            raise WorkerError(
                f"{MOST_DEATHS} workers died one after the other at point {unit.number} ({how}): "
                "is there memory enough for each of them? What is finished is kept, the same call "
                "goes on"
            )
