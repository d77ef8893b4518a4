"""What the ends of an interval are: of the data, of a range that was looked at, or of physics.

An interval ends where the likelihood or the density falls below what its level asks for, or where
something else ends first: the table, the prior, the range that was scanned. Then a wider range
would give another interval, and the end is not one of the data. Zero is an end of another kind,
where the parameter itself ends, as that of a coupling without a sign or of a flux.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

#: In columns ``at_bound`` and ``at_physical``: neither end, one of them, or both.
WORDS = {(False, False): "", (True, False): "low", (False, True): "high", (True, True): "both"}

#: The same in texts.
END_TEXTS = {"low": "lower end", "high": "upper end", "both": "both ends"}


@dataclass(frozen=True)
class End:
    """One end.

    Attributes
    ----------
    kind
        ``"crossing"``: where the likelihood or the density crosses its threshold, so that the data
        decide; ``"range"``: at the end of a range, or so that the end of a range shows in it;
        ``"physical"``: where the parameter itself ends.
    of
        Whose range or boundary it is, such as ``"eps_ee_d"``.
    bound
        Where that ends.
    """

    kind: Literal["crossing", "range", "physical"] = "crossing"
    of: str = ""
    bound: float = math.nan


CROSSING = End()


@dataclass(frozen=True)
class Ends:
    """Both ends of an interval, or of a range."""

    low: End = CROSSING
    high: End = CROSSING

    @classmethod
    def of_range(cls, at_bound: str, of: str) -> Ends:
        """Return ends of which it is known which are those of a range, but not where that ends.

        Parameters
        ----------
        at_bound
            In the words of `at_bound`.
        of
            Whose range it is.

        Raises
        ------
        KeyError
            If it is none of these words.
        """
        is_range = {word: sides for sides, word in WORDS.items()}[at_bound]
        return cls(*(End("range", of) if each else CROSSING for each in is_range))

    @classmethod
    def around(cls, pieces: Sequence[Ends]) -> Ends:
        """Return the ends of several pieces together, from the lowest to the highest."""
        return cls(pieces[0].low, pieces[-1].high)

    @property
    def at_bound(self) -> str:
        """Which ends are those of a range: ``""``, ``"low"``, ``"high"`` or ``"both"``."""
        return self._which("range")

    @property
    def at_physical(self) -> str:
        """Which ends are physical boundaries, in the same words."""
        return self._which("physical")

    @property
    def bound_of(self) -> str:
        """Whose ranges these are, each with its bound, such as ``"eps_ee_d=1"``."""
        found = [f"{e.of}={e.bound:.4g}" for e in (self.low, self.high) if e.kind == "range"]
        return " ".join(dict.fromkeys(found))

    @property
    def mirrored(self) -> Ends:
        """The ends of the same interval of the negative of the parameter."""
        low, high = (
            end if end.kind == "crossing" else replace(end, bound=-end.bound)
            for end in (self.low, self.high)
        )
        return Ends(high, low)

    def shared(self, pieces: int) -> list[Ends]:
        """Return the ends of each piece of a region of which these are the outermost ends."""
        last = pieces - 1
        return [
            Ends(self.low if i == 0 else CROSSING, self.high if i == last else CROSSING)
            for i in range(pieces)
        ]

    def _which(self, kind: str) -> str:
        return WORDS[self.low.kind == kind, self.high.kind == kind]

    def notes(self) -> list[str]:
        """Return what is to be said of ends that are those of a range."""
        return [
            f"the {side} end is open: it is that of the range of {end.of}, {end.bound:.4g}"
            for side, end in (("lower", self.low), ("upper", self.high))
            if end.kind == "range"
        ]


#: Of an interval of which nothing else is known.
BOTH_CROSSINGS = Ends()
