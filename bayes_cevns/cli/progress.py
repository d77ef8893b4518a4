"""Progress bars, on stderr."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining

if TYPE_CHECKING:
    from bayes_cevns.studies.scan import ScanPoint


class _Bar:
    """A bar that stops with its block."""

    def __init__(self, number: int, description: str) -> None:
        self._bar = Progress(
            TextColumn("{task.description:<44}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            Remaining(),
            console=Console(stderr=True),
            refresh_per_second=4,
        )
        self._task = self._bar.add_task(description, total=number)

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


class FitProgress(_Bar):
    """Shows how many fits of a study are done, from the first one on: nothing is wrong then."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "fits")

    def fit(self, done: int) -> None:
        """Show that so many fits are done."""
        if not self._bar.live.is_started:
            self._bar.start()
        self._bar.update(self._task, completed=done)


class ScanProgress(_Bar):
    """Shows which mass was finished last and what its limit is."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "reading tables")

    def compiling(self) -> None:
        """Start the bar, now that nothing asked for is wrong, with the compilation."""
        self._bar.start()
        self._bar.update(self._task, description="compiling the model")

    def point(self, point: ScanPoint) -> None:
        """Count one finished mass."""
        limits = ", ".join(f"{x.value:.3g}" for x in point.limits)
        symbol = point.fit.prior.coupling.symbol if point.fit.prior else ""
        verdict = "" if point.fit.passed else " failed"
        text = f"{point.mass_mev:.4g} MeV: {symbol} < {limits}{verdict}"
        self._bar.update(self._task, advance=1, description=text)


class SensitivityProgress(ScanProgress):
    """Shows how many fits of data sets are done, at all masses together."""

    def __init__(self) -> None:
        super().__init__(0)

    def fit(self, done: int, total: int) -> None:
        """Show that so many fits of all are done."""
        self._bar.update(self._task, completed=done, total=total, description="fitting toys")
