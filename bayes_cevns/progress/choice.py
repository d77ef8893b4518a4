"""Who is told how far a run is, by ``progress`` of a function or options of a command."""

from __future__ import annotations

import sys

from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.progress.counter import Listener
from bayes_cevns.progress.log import LogLines
from bayes_cevns.progress.notebook import NotebookBar, is_notebook
from bayes_cevns.progress.terminal import LiveLine

#: What ``progress`` is of functions: whether it is shown, or what is told instead.
type Progress = bool | Listener | None


def listeners_of(progress: Progress) -> tuple[Listener, ...]:
    """Return who is told, by what a function was asked for.

    Parameters
    ----------
    progress
        ``True`` to show it: as a bar in a notebook, as one line of a terminal, as lines of a log
        elsewhere. ``None`` to show it in notebooks and at a prompt alone, so that scripts say
        nothing. ``False`` never. Or a function, which is called with a `Standing`.

    Raises
    ------
    ArgumentError
        If it is anything else.
    """
    progress = checked_progress(progress)
    if progress is None:
        return (shown_progress(),) if is_interactive() else ()
    if callable(progress):
        return (progress,)
    return (shown_progress(),) if progress else ()


def checked_progress(progress: Progress) -> Progress:
    """Return what a function was asked for, after checking that it is something.

    Raises
    ------
    ArgumentError
        If it is anything but True, False, ``None`` or a function.
    """
    if progress is None or isinstance(progress, bool) or callable(progress):
        return progress
    raise ArgumentError(f"progress must be True, False, None or a function, got {shown(progress)}")


def shown_progress(*, every_point: bool = False) -> Listener:
    """Return what shows it where this process runs.

    Parameters
    ----------
    every_point
        Whether each point has a line of its own besides, on terminals and in logs.
    """
    if is_notebook():
        return NotebookBar()
    if sys.stderr.isatty():
        return LiveLine(every_point=every_point)
    return LogLines(every_point=every_point)


def is_interactive() -> bool:
    """Return whether somebody waits at a prompt or in a notebook."""
    return is_notebook() or (hasattr(sys, "ps1") and sys.stderr.isatty())
