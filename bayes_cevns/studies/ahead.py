"""Fits one after the other, of which the next are begun before the last is finished.

The sampler has threads of its own. What Python has to do with a fit that is sampled, such as the
ratios of priors, takes about as long as the sampling of the next one meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from itertools import islice
from typing import Protocol


class Begun(Protocol):
    """What is being computed."""

    def result(self) -> object:
        """Wait until it has been computed."""

    def stop(self) -> None:
        """Stop, if it is not wanted any more."""


def overlapping[One: Begun, Content](
    numbers: Sequence[int],
    begin: Callable[[int, int], One],
    finish: Callable[[int, One], Content],
    *,
    cores: int,
) -> Generator[Content]:
    """Yield points in their order.

    Parameters
    ----------
    numbers
        Of the points.
    begin
        Begins to compute a point, with so many cores.
    finish
        Makes the content of a point of what has been computed.
    cores
        So many points are computed at once, each with one core; of the last ones each has more, as
        fewer remain. An error of one is raised in its turn: those before it are handed over.
    """
    left = range(len(numbers), 0, -1)
    begun = (
        _begun(begin, number, cores // min(cores, remaining))
        for number, remaining in zip(numbers, left, strict=True)
    )
    waiting: deque[One | _Failed] = deque()
    try:
        waiting.extend(islice(begun, cores))
        for number in numbers:
            waiting[0].result()  # what is interrupted is stopped below
            one = waiting.popleft()
            assert not isinstance(one, _Failed), "its result is an error"
            yield finish(number, one)
            waiting.extend(islice(begun, 1))
    finally:
        for other in waiting:
            other.stop()


class _Failed:
    """A point that could not be begun."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def result(self) -> object:
        raise self._error

    def stop(self) -> None:
        pass


def _begun[One: Begun](begin: Callable[[int, int], One], number: int, cores: int) -> One | _Failed:
    try:
        return begin(number, cores)
    except Exception as error:  # whatever it is, it is raised in its turn
        return _Failed(error)
