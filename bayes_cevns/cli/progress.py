"""The progress of a study, on stderr."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining

if TYPE_CHECKING:
    from bayes_cevns.studies.study import Study


class StudyProgress:
    """A bar of the points of a study, from the first moment that takes time: nothing is wrong then.

    Parameters
    ----------
    study
        The study.
    """

    def __init__(self, study: Study[Any, Any, Any]) -> None:
        self._study = study
        self._bar = Progress(
            TextColumn("{task.description:<44}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            Remaining(),
            console=Console(stderr=True),
            refresh_per_second=4,
        )
        self._task = self._bar.add_task(study.kind, total=study.size())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar.live.is_started:  # or else it prints an empty line
            self._bar.stop()

    def compiling(self) -> None:
        """Say that the model is compiled."""
        self._bar.start()
        self._bar.update(self._task, description="compiling the model")

    def point(self, point: Any) -> None:
        """Count one finished point, and say what there is to say of it."""
        text = self._study.said(point) or self._study.kind
        self._bar.update(self._task, advance=1, description=text)
