"""Progress in a notebook, as HTML that is renewed in place.

Bars of rich and of tqdm need ``ipywidgets`` and an extension of the front end; without them they
warn and print line after line. An output that is updated needs neither, in any front end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape
from typing import Any

from bayes_cevns.progress.standing import Standing

#: Seconds between two renewals: each is a message to the browser, and is kept by some front ends.
_INTERVAL_SECONDS = 0.25


class NotebookBar:
    """A listener that shows a bar below the cell.

    Parameters
    ----------
    clock
        Seconds that never go back.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._shown = clock, -float("inf")
        self._handle: Any = None

    def __call__(self, standing: Standing) -> None:
        """Renew the bar, if it is time to."""
        now = self._clock()
        if not standing.ended and now - self._shown < _INTERVAL_SECONDS:
            return
        self._shown = now
        content = {"text/plain": f"{standing.what}: {standing.text}", "text/html": _html(standing)}
        if self._handle is None:
            from IPython.display import display

            self._handle = display(content, raw=True, display_id=True)  # type: ignore[no-untyped-call]  # of IPython
        else:
            self._handle.update(content, raw=True)


def _html(standing: Standing) -> str:
    bar = f"<progress value='{standing.done}' max='{max(standing.total, 1)}'></progress>"
    words = standing.text if standing.ended else "; ".join(filter(None, _words(standing)))
    return f"<div>{escape(standing.what)} {bar} {escape(words)}</div>"


def _words(standing: Standing) -> tuple[str, str]:
    return standing.text, standing.last


def is_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    import sys

    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and hasattr(shell, "kernel")
