"""Fits of which the next are begun before the last is finished: order, errors, what is stopped."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

import pytest

from bayes_cevns.studies.ahead import overlapping


@dataclass
class Fits:
    """Fits of numbers, whose result is ten times the number; what has happened to them, in order.

    Those that cannot be begun, or have no result, are named.
    """

    cannot: tuple[int, ...] = ()
    fails: tuple[int, ...] = ()
    said: list[str] = field(default_factory=list)

    def begin(self, number: int, cores: int) -> Fit:
        if number in self.cannot:
            raise ValueError(f"cannot {number}")
        self.said.append(f"begin {number} with {cores}")
        return Fit(self, number)

    def finish(self, number: int, fit: Fit) -> int:
        self.said.append(f"finish {number}")
        return fit.result()

    def computed(self, numbers: list[int], cores: int) -> Generator[int]:
        return overlapping(numbers, self.begin, self.finish, cores=cores)


@dataclass
class Fit:
    """One of them."""

    fits: Fits
    number: int

    def result(self) -> int:
        if self.number in self.fits.fails:
            raise KeyboardInterrupt
        return 10 * self.number

    def stop(self) -> None:
        self.fits.said.append(f"stop {self.number}")


@pytest.mark.parametrize("cores", [1, 2, 3, 8])
def test_all_points_come_in_their_order(cores: int) -> None:
    fits = Fits()
    assert list(fits.computed([3, 1, 4, 5, 9], cores)) == [30, 10, 40, 50, 90]
    assert len([one for one in fits.said if one.startswith("begin")]) == 5
    assert not [one for one in fits.said if one.startswith("stop")]
    assert list(fits.computed([], cores)) == []


def test_as_many_as_there_are_cores_are_computed_at_once() -> None:
    fits = Fits()
    points = fits.computed([1, 2, 3, 4], 2)
    assert (next(points), next(points)) == (10, 20)
    begun = [f"begin {number} with 1" for number in (1, 2, 3)]
    assert fits.said == [*begun[:2], "finish 1", begun[2], "finish 2"]


def test_the_last_ones_have_the_cores_of_those_that_are_finished() -> None:
    fits = Fits()
    assert list(fits.computed([1, 2, 3, 4, 5, 6], 4)) == [10, 20, 30, 40, 50, 60]
    assert [said for said in fits.said if said.startswith("begin")] == [
        f"begin {number} with {cores}"
        for number, cores in zip([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 2, 4], strict=True)
    ]
    alone = Fits()
    assert list(alone.computed([7], 2)) == [70]
    assert alone.said == ["begin 7 with 2", "finish 7"]


def test_an_error_is_raised_in_its_turn() -> None:
    """What came before it is handed over, what was begun after it is stopped."""
    fits = Fits(cannot=(3,))
    points = fits.computed([1, 2, 3, 4], 2)
    assert (next(points), next(points)) == (10, 20)
    with pytest.raises(ValueError, match="cannot 3"):
        next(points)
    assert fits.said[-2:] == ["begin 4 with 2", "stop 4"]

    with pytest.raises(ValueError, match="cannot 1"):
        next(Fits(cannot=(1,)).computed([1, 2], 2))


def test_what_is_interrupted_or_not_wanted_any_more_is_stopped() -> None:
    fits = Fits(fails=(2,))
    points = fits.computed([1, 2, 3, 4], 2)
    assert next(points) == 10
    with pytest.raises(KeyboardInterrupt):
        next(points)
    assert fits.said[-2:] == ["stop 2", "stop 3"]

    fits = Fits()
    points = fits.computed([1, 2, 3, 4], 2)
    next(points)
    points.close()
    assert fits.said[-2:] == ["finish 1", "stop 2"]
