"""The progress of a grid: that of its studies, added up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bayes_cevns.progress.counter import Listener
from bayes_cevns.progress.standing import PREPARING, RUNNING, Standing
from bayes_cevns.studies.grids.plan import PlannedStudy


class GridWatch:
    """Adds up how far the studies of a grid are.

    Parameters
    ----------
    studies
        The studies, in the order in which they run.
    listeners
        What is told.
    clock
        Seconds that never go back.
    """

    def __init__(
        self,
        studies: Sequence[PlannedStudy],
        listeners: Sequence[Listener],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._studies, self._listeners, self._clock = studies, listeners, clock
        self._total = sum(one.points for one in studies)
        self._cost_of_all = sum(one.points * one.cost.point_seconds for one in studies)
        self._began = clock()
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self._working: float | None = None
        # Of studies that are behind: points that were kept, computed and failed, and what their
        # points were expected to cost, of all of them and of those that were computed.
        self._kept = self._computed = self._failed = 0
        self._over = self._worked = 0.0
        self._place, self._now = 0, _NOTHING

    def kept(self, place: int, *, points: int, failed: int) -> None:
        """Take that a study was complete before."""
        self._kept += points
        self._failed += failed
        self._over += self._cost(place) * self._studies[place].points

    def of(self, place: int) -> Listener:
        """Return what listens to one study, from now on."""
        if self._working is None:
            self._working = self._clock()
        self._close()
        self._place = place
        return self._hear

    def finished(self, place: int, *, points: int, failed: int) -> None:
        """Take that a study has ended; one of which nothing was heard had nothing to compute."""
        if self._now is _NOTHING:
            self.kept(place, points=points, failed=failed)

    def end(self, state: str) -> None:
        """Say that nothing more comes, unless nothing has begun."""
        if self._working is not None:
            self._close()
            self._tell("grid", state, "")

    def _hear(self, now: Standing) -> None:
        self._now = now
        study = self._studies[self._place]
        first = now.state == PREPARING and self._computed + now.done == now.kept
        self._tell(
            f"grid, study {self._place + 1} of {len(self._studies)}",
            PREPARING if first else RUNNING,
            f"{study.name}: {now.last}" if now.last else study.name,
        )

    def _close(self) -> None:
        """Take that the study that was heard last is behind."""
        now, cost = self._now, self._cost(self._place)
        if now is not _NOTHING:
            self._kept += now.kept
            self._computed += now.done - now.kept
            self._failed += now.failed
            self._over += self._studies[self._place].points * cost
            self._worked += (now.done - now.kept) * cost
        self._now = _NOTHING

    def _cost(self, place: int) -> float:
        return self._studies[place].cost.point_seconds

    def _tell(self, what: str, state: str, said: str) -> None:
        clock, now, cost = self._clock(), self._now, self._cost(self._place)
        working = 0.0 if self._working is None else clock - self._working
        computed = self._computed + now.done - now.kept
        worked = self._worked + (now.done - now.kept) * cost
        rest = max(self._cost_of_all - self._over - now.done * cost, 0.0)
        kept = self._kept + now.kept
        standing = Standing(
            what,
            state,
            self._total,
            kept,
            kept + computed,
            self._failed + now.failed,
            now.running,
            self._started,
            clock - self._began,
            computed / working if computed and working > 0.0 else None,
            # What is left costs as expected, but for how much longer all took until now.
            rest * working / worked if worked > 0.0 else None,
            said,
        )
        for listener in self._listeners:
            listener(standing)


#: Before a study has said anything.
_NOTHING = Standing("", PREPARING, 0, 0, 0, 0, 0, "", 0.0)
