"""How far a run is at one moment, and its words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from bayes_cevns.display import Displayed

PREPARING, RUNNING = "preparing", "running"
COMPLETE, INTERRUPTED, FAILED = "complete", "interrupted", "failed"
#: Of a process that ended without a word, as whoever reads its file notices.
KILLED = "killed"

#: Seconds of a minute, an hour, a day.
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, repr=False)
class Standing(Displayed):
    """How far a run is.

    Attributes
    ----------
    what
        The run, in a few words, such as ``"scan"``.
    state
        `PREPARING` or `RUNNING`, or how it ended: `COMPLETE`, `INTERRUPTED`, `FAILED`, `KILLED`.
    total
        Points that were asked for.
    kept
        Those of them that earlier runs have left.
    done, failed
        Points that are finished, those that are kept among them, and those of `done` that failed.
    running
        Points that are computed at this moment.
    started
        When this process began, in UTC (ISO 8601).
    seconds
        Seconds since then.
    rate
        Points per second that this process has computed, since its first one began; ``None``
        before it has finished one. Points that were kept do not count.
    left_seconds
        Seconds that the rest takes at this rate; ``None`` where it is not known.
    last
        What is said of the point that was finished last.
    """

    what: str
    state: str
    total: int
    kept: int
    done: int
    failed: int
    running: int
    started: str
    seconds: float
    rate: float | None = None
    left_seconds: float | None = None
    last: str = ""

    def _title(self) -> str:
        return f"{self.what}: {self.text}"

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.state not in (PREPARING, RUNNING)

    @property
    def text(self) -> str:
        """What there is to say in a line: points, failures, rate and time left."""
        found = [f"{self.done:,} of {self.total:,} points"]
        if self.failed:
            found.append(f"{self.failed:,} failed")
        if self.state == PREPARING and self.rate is None:
            found.append("preparing the model")
        if self.running > 1:
            found.append(f"{self.running} running")
        if self.rate is not None:
            found.append(rate_text(self.rate))
        if self.ended:
            found.append(f"{self.state} after {duration_text(self.seconds)}")
        elif self.left_seconds is not None:
            found.append(f"{duration_text(self.left_seconds)} left")
        return ", ".join(found)

    def later(self, seconds: float) -> Self:
        """Return the same some seconds later, if nothing has been finished since."""
        left = self.left_seconds
        return replace(
            self,
            seconds=self.seconds + seconds,
            left_seconds=None if left is None else max(0.0, left - seconds),
        )


def rate_text(rate: float) -> str:
    """Return a rate in points per second, or the seconds of a point where these are more.

    Examples
    --------
    >>> rate_text(12.3), rate_text(0.04)
    ('12 points/s', '25 s a point')
    """
    return f"{rate:.2g} points/s" if rate >= 1.0 else f"{duration_text(1.0 / rate)} a point"


def duration_text(seconds: float) -> str:
    """Return a duration in its two largest units.

    Examples
    --------
    >>> duration_text(7.3), duration_text(125.0), duration_text(12000.0), duration_text(2e5)
    ('7 s', '2 min 5 s', '3 h 20 min', '2 d 7 h')
    """
    if seconds < 10.0:
        return f"{seconds:.1f} s".replace(".0 s", " s") if seconds < 2.0 else f"{seconds:.0f} s"
    whole = round(seconds)
    for unit, name, part, part_name in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if whole >= unit:
            rest = whole % unit // part
            return f"{whole // unit} {name}" + (f" {rest} {part_name}" if rest else "")
    return f"{whole} s"
