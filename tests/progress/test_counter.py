"""The counter of points, and what is told of them in words."""

from __future__ import annotations

import pytest

from bayes_cevns.progress.counter import Counter
from bayes_cevns.progress.standing import COMPLETE, INTERRUPTED, Standing, duration_text, rate_text


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_points_are_counted_and_the_rest_is_estimated() -> None:
    clock, heard = Clock(), []
    counter = Counter("scan", 10, listeners=[heard.append], clock=clock)
    counter.preparing()
    clock.now += 5.0
    counter.begins(0)
    clock.now += 2.0
    counter.finished(0, "1 MeV", failed=False)
    counter.begins(1)
    clock.now += 4.0
    counter.finished(1, "10 MeV", failed=True)
    last = heard[-1]
    assert (last.done, last.failed, last.running, last.total, last.kept) == (2, 1, 0, 10, 0)
    assert last.rate == pytest.approx(2 / 6.0), "the time until the first point is none of its own"
    assert last.left_seconds == pytest.approx(8 * 3.0)
    assert last.seconds == pytest.approx(11.0)
    assert last.last == "10 MeV"
    assert (counter.computed, counter.point_seconds, counter.preparing_seconds) == (2, 6.0, 5.0)
    assert heard[0].text == "0 of 10 points, preparing the model"
    assert last.text == "2 of 10 points, 1 failed, 3 s a point, 24 s left"


def test_what_was_kept_is_no_part_of_the_rate() -> None:
    clock, heard = Clock(), []
    counter = Counter("scan", 100, kept=90, failed=3, listeners=[heard.append], clock=clock)
    counter.preparing()
    counter.begins(90)
    assert (heard[-1].rate, heard[-1].left_seconds) == (None, None)
    clock.now += 2.0
    counter.finished(90, "", failed=False)
    last = heard[-1]
    assert (last.done, last.kept, last.failed) == (91, 90, 3)
    assert last.rate == pytest.approx(0.5)
    assert last.left_seconds == pytest.approx(9 * 2.0)


def test_points_that_run_at_once_make_one_rate() -> None:
    clock = Clock()
    counter = Counter("scan", 4, clock=clock)
    counter.begins(0)
    counter.begins(1)
    assert counter.standing().running == 2
    clock.now += 4.0
    counter.finished(1, "", failed=False)
    counter.finished(0, "", failed=False)
    assert counter.standing().rate == pytest.approx(0.5)
    assert counter.point_seconds == pytest.approx(8.0), "what they cost, not how long they took"


def test_a_run_without_anything_to_compute_says_nothing() -> None:
    heard: list[Standing] = []
    Counter("scan", 10, kept=10, listeners=[heard.append]).end(COMPLETE)
    assert heard == []


def test_the_end_says_how() -> None:
    clock, heard = Clock(), []
    counter = Counter("scan", 2, listeners=[heard.append], clock=clock)
    counter.preparing()
    counter.begins(0)
    clock.now += 75.0
    counter.end(INTERRUPTED)
    assert heard[-1].ended
    assert heard[-1].running == 0
    assert heard[-1].text == "0 of 2 points, interrupted after 1 min 15 s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (0.3, "0.3 s"),
        (1.96, "2 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3599.9, "1 h"),
        (7260, "2 h 1 min"),
        (86400 * 3 + 3600, "3 d 1 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_rates() -> None:
    assert rate_text(250.0) == "2.5e+02 points/s" or rate_text(250.0) == "250 points/s"
    assert rate_text(0.5) == "2 s a point"


def test_what_is_later_has_less_left() -> None:
    now = Standing("scan", "running", 10, 0, 5, 0, 1, "", 10.0, 0.5, 10.0)
    assert (now.later(4.0).seconds, now.later(4.0).left_seconds) == (14.0, 6.0)
    assert now.later(40.0).left_seconds == 0.0


def test_points_need_not_say_when_they_begin() -> None:
    """Workers elsewhere do not."""
    clock = Clock()
    counter = Counter("scan", 4, clock=clock)
    counter.preparing()
    for seconds in (2.0, 4.0):
        clock.now += seconds
        counter.finished(0, "", failed=False)
    assert (counter.point_seconds, counter.first_seconds) == (pytest.approx(6.0), 2.0)
    assert counter.standing().rate == pytest.approx(2 / 6.0)
