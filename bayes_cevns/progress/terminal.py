"""Progress as one line of a terminal, which is renewed in place."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bayes_cevns.progress.standing import Standing

if TYPE_CHECKING:
    from rich.table import Table

_BAR_WIDTH = 20
_RENEWALS_PER_SECOND = 4


class LiveLine:
    """A listener that keeps one line on stderr; what others print appears above it.

    Parameters
    ----------
    every_point
        Whether a line of its own stays of each point.
    """

    def __init__(self, *, every_point: bool = False) -> None:
        from rich.console import Console
        from rich.live import Live

        self._every_point = every_point
        self._standing: Standing | None = None
        self._heard, self._heard_at = 0, 0.0
        self._console = Console(stderr=True)
        self._live = Live(
            console=self._console,
            get_renderable=self._line,
            refresh_per_second=_RENEWALS_PER_SECOND,
            redirect_stdout=False,
        )

    def __call__(self, standing: Standing) -> None:
        """Renew the line, or leave it as it is at the end."""
        if self._every_point and standing.done > self._heard and standing.last:
            self._console.print(f"{standing.what}: {standing.last}", markup=False, highlight=False)
        self._standing, self._heard, self._heard_at = standing, standing.done, time.monotonic()
        if standing.ended:
            self._live.stop()
        elif not self._live.is_started:
            self._live.start()

    def _line(self) -> Table:
        """Return the line, which is cut where the terminal ends."""
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 1), expand=True)
        if self._standing is None:
            return grid
        now = self._standing
        if not now.ended:
            now = now.later(time.monotonic() - self._heard_at)
        words = now.text if now.ended or not now.last else f"{now.text}; {now.last}"
        grid.add_column(no_wrap=True)
        grid.add_column(width=_BAR_WIDTH)
        grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        bar = ProgressBar(total=max(now.total, 1), completed=now.done, width=_BAR_WIDTH)
        grid.add_row(Text(now.what), bar, Text(words))
        return grid
