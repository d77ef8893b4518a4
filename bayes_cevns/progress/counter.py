"""Counts the points of a run, and tells whoever listens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import overload

from bayes_cevns.progress.standing import PREPARING, RUNNING, Standing

#: What is told how far a run is, each time that it has changed. The last one has ended.
type Listener = Callable[[Standing], None]


class Counter:
    """Counts the points of a run.

    It never changes what is computed. Listeners hear nothing of a run that has nothing to compute.

    Parameters
    ----------
    what
        The run, in a few words.
    total
        Points that are asked for.
    kept, failed
        Points that are finished before it begins, and those of them that failed.
    listeners
        What is told.
    clock
        Seconds that never go back.

    Attributes
    ----------
    computed
        Points that were finished since.
    point_seconds
        Seconds that these took, added up: more than have passed where several are computed at once.
    first_seconds
        Those of the first one among them, in which compiled code may have been loaded.
    preparing_seconds
        Seconds from the beginning to the first point.
    """

    def __init__(
        self,
        what: str,
        total: int,
        *,
        kept: int = 0,
        failed: int = 0,
        listeners: Sequence[Listener] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what, self._total, self._kept = what, total, kept
        self._failed, self._last = failed, ""
        self._listeners, self._clock = tuple(listeners), clock
        self._state = PREPARING
        self._began = self._latest = clock()
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self._first: float | None = None
        self._running: dict[int, float] = {}
        self._heard = False
        self.computed, self.preparing_seconds = 0, 0.0
        self.point_seconds = self.first_seconds = 0.0

    def preparing(self) -> None:
        """Say that something is missing, and that what takes time before the first point begins."""
        self._heard = True
        self._tell()

    def announcing(self, numbers: Sequence[int]) -> Sequence[int]:
        """Return some points that begin when they are taken from it, one after the other."""
        return _Announcing(numbers, self.begins)

    def begins(self, number: int) -> None:
        """Say that a point is computed from now on."""
        now = self._clock()
        if self._first is None:
            self._first, self.preparing_seconds = now, now - self._began
        self._state = RUNNING
        self._running[number] = now
        self._tell()

    def finished(self, number: int, said: str, *, failed: bool) -> None:
        """Say that a point is finished, what there is to say of it, and whether it failed.

        Of a point that did not say when it began, it is taken that it did when the last one ended.
        """
        now = self._clock()
        if self._first is None:
            self._first = self._latest
        seconds = now - self._running.pop(number, self._latest)
        if not self.computed:
            self.first_seconds = seconds
        self.point_seconds += seconds
        self._latest = now
        self._state = RUNNING
        self.computed += 1
        self._failed += failed
        self._last = said
        self._tell()

    def end(self, state: str) -> None:
        """Say that nothing more comes, and how it ended."""
        self._state = state
        self._running.clear()
        if self._heard:
            self._tell()

    def standing(self) -> Standing:
        """Return how far it is."""
        now = self._clock()
        passed = 0.0 if self._first is None else now - self._first
        rate = self.computed / passed if self.computed and passed > 0.0 else None
        done = self._kept + self.computed
        left = (self._total - done) / rate if rate else None
        return Standing(
            self._what,
            self._state,
            self._total,
            self._kept,
            done,
            self._failed,
            len(self._running),
            self._started,
            now - self._began,
            rate,
            left,
            self._last,
        )

    def _tell(self) -> None:
        standing = self.standing()
        for listener in self._listeners:
            listener(standing)


class _Announcing(Sequence[int]):
    """Numbers of points, of which each is said to begin when it is taken."""

    def __init__(self, numbers: Sequence[int], begins: Callable[[int], None]) -> None:
        self._numbers, self._begins = numbers, begins

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...

    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        return self._numbers[place]

    def __iter__(self) -> Iterator[int]:
        for number in self._numbers:
            self._begins(number)
            yield number
