"""Progress as plain lines, for logs of batch jobs: few of them, however many points there are."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from bayes_cevns.progress.standing import PREPARING, Standing

#: A line is said when so much of the whole was done and so many seconds have passed since the last
#: one; and in any case after the longer time.
_STEP, _LEAST_SECONDS, _MOST_SECONDS = 0.1, 10.0, 300.0


#: Points of a run each of which has a line of its own.
_FEW = 20


class LogLines:
    """A listener that prints lines on stderr: at the beginning, now and then, and at the end.

    Each point has a line of its own where there are few.

    Parameters
    ----------
    every_point
        Whether each point has a line of its own, however many there are.
    clock
        Seconds that never go back.
    """

    def __init__(
        self, *, every_point: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._every_point, self._clock = every_point, clock
        self._said_at, self._said = -float("inf"), Standing("", "", 0, 0, 0, 0, 0, "", 0.0)
        self._heard = 0

    def __call__(self, standing: Standing) -> None:
        """Print a line, if it is time to."""
        each = self._every_point or standing.total <= _FEW
        if each and standing.done > self._heard and standing.last:
            _print(f"{standing.what}: {standing.last}")
        self._heard = standing.done
        if self._is_due(standing):
            self._said_at, self._said = self._clock(), standing
            _print(f"{standing.what}: {standing.text}")

    def _is_due(self, standing: Standing) -> bool:
        if standing.ended or standing.state == PREPARING:
            return (standing.state, standing.what) != (self._said.state, self._said.what)
        passed = self._clock() - self._said_at
        more = standing.done - self._said.done
        if more <= 0 or standing.done == standing.total:  # the end says it
            return False
        return passed >= _MOST_SECONDS or (
            passed >= _LEAST_SECONDS and more >= _STEP * standing.total
        )


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
