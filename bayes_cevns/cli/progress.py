"""A progress bar for scans."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining

if TYPE_CHECKING:
    from bayes_cevns.inference.scan import ScanPoint


class ScanProgress:
    """Shows how many masses, or fits, are finished and what the last limit is, on stderr."""

    def __init__(self, number: int) -> None:
        self._bar = Progress(
            TextColumn("{task.description:<44}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            Remaining(),
            console=Console(stderr=True),
            refresh_per_second=4,
        )
        self._task = self._bar.add_task("reading tables", total=number)

    def __enter__(self) -> ScanProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def compiling(self) -> None:
        """Start the bar, now that nothing asked for is wrong, with the compilation."""
        self._bar.start()
        self._bar.update(self._task, description="compiling the model")

    def point(self, point: ScanPoint) -> None:
        """Count one finished mass."""
        limits = ", ".join(f"{x.value:.3g}" for x in point.limits)
        verdict = "" if point.fit.passed else " failed"
        text = f"{point.mass_mev:.4g} MeV: g < {limits}{verdict}"
        self._bar.update(self._task, advance=1, description=text)

    def fit(self, done: int, total: int) -> None:
        """Show that so many of all fits are finished."""
        self._bar.update(self._task, completed=done, total=total, description="fitting toys")
