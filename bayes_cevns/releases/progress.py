"""A download bar for pooch, drawn by rich."""

from __future__ import annotations

from typing import Self

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn


class Bar:
    """What pooch expects of a progress bar: ``total``, ``update``, ``reset`` and ``close``.

    Used as a context, so that the terminal is restored when a download fails.
    """

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        self._progress = Progress(*columns, TransferSpeedColumn())
        self._task = self._progress.add_task("download", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def total(self) -> float | None:
        """Size of the download in bytes, ``None`` while unknown."""
        return self._progress.tasks[0].total

    @total.setter
    def total(self, size: float) -> None:
        # Set at the start of every attempt; zero where the server does not tell the size.
        self._progress.update(self._task, total=size or None, completed=0)

    def update(self, size: int) -> None:
        """Advance by a number of bytes."""
        self._progress.advance(self._task, size)

    def reset(self) -> None:
        """Start again from zero."""
        self._progress.update(self._task, completed=0)

    def close(self) -> None:
        """Leave the bar as it is."""
        self._progress.stop()
