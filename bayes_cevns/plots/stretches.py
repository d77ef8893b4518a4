"""Regions that fall into pieces, followed over the mediator mass.

At each mass a region is a few pieces, and how many there are may change. What is drawn between two
masses is what they have in common: a piece goes on to the one that it is nearest to, and one that
has no partner ends at its mass, with a straight edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from bayes_cevns.arrays import Array

#: What it costs to leave a piece without a partner, on the side that has fewer pieces and on the
#: other one, and to join one that reaches zero to one that does not, in units of log(coupling).
_ALONE, _LEFT_OVER, _LIFTED = 3.0, 0.02, 1.0


@dataclass(frozen=True)
class Piece:
    """One piece of a region of couplings.

    Attributes
    ----------
    low, high
        Ends in the quoted coupling without its sign; low is 0 where the piece reaches zero.
    is_reversed
        Whether the whole amplitude has the other sign there: new physics has overturned the
        Standard Model.
    is_open
        Whether the low and the high end are those of a range that was looked at: the region may go
        on, and what is beyond is not outside of it.
    """

    low: float
    high: float
    is_reversed: bool = False
    is_open: tuple[bool, bool] = (False, False)


type Region = tuple[Piece, ...]


@dataclass(frozen=True, eq=False)
class Stretch:
    """Pieces that go on over some neighbouring masses.

    Attributes
    ----------
    mass
        Masses, shape (n,).
    low, high
        Ends of the pieces, shape (pieces, n), in increasing order.
    is_reversed, is_open
        Of each piece.
    """

    mass: Array
    low: Array
    high: Array
    is_reversed: tuple[bool, ...]
    is_open: tuple[tuple[bool, bool], ...]

    @property
    def gaps(self) -> list[tuple[Array, Array]]:
        """Ends of what lies outside of the pieces: from 0 or a piece, to a piece or infinity.

        Nothing is known to lie outside beyond an end that is open.
        """
        zero, infinity = np.zeros_like(self.mass), np.full_like(self.mass, np.inf)
        below, above = zip(*self.is_open, strict=True) if self.is_open else ((), ())
        found = zip(
            [zero, *self.high],
            [*self.low, infinity],
            [False, *above],
            [*below, False],
            strict=True,
        )
        return [
            (low, high)
            for low, high, from_open, to_open in found
            if np.any(high > low) and not (from_open or to_open)
        ]


def stretches(
    masses: Array, regions: Sequence[Region | None], scale: Array | None = None
) -> list[Stretch]:
    """Return the stretches of masses over which a region keeps its pieces, and those between.

    Parameters
    ----------
    masses
        Increasing masses.
    regions
        The region at each mass; ``None`` where it is not known.
    scale
        A coupling that makes the same signal at each mass, for the comparison of pieces at two of
        them; by default the same for all.

    Returns
    -------
    list of Stretch
        In the order of the masses; neighbours share a mass.
    """
    unit = np.ones(len(masses)) if scale is None else scale
    found: list[Stretch] = []
    begin = 0
    for i in range(len(masses) + 1):
        here = regions[i] if i < len(masses) else None
        before = regions[i - 1] if i > begin else None
        if here is not None and before is not None and _alike(before, here):
            continue
        if before is not None:
            steady = [r for r in regions[begin:i] if r is not None]
            found.append(_stretch(masses[begin:i], steady))
            if here is not None:
                joined = _joined(before, here, float(np.log(unit[i] / unit[i - 1])))
                if joined[0]:
                    found.append(_stretch(masses[i - 1 : i + 1], joined))
        begin = i
    return found


def ends(one: Stretch, other: Stretch) -> list[tuple[float, float]]:
    """Return where one of two neighbours is in the region at their common mass, and one is not."""
    left = _intervals(one, -1)
    right = _intervals(other, 0)
    edges = sorted({edge for interval in (*left, *right) for edge in interval})
    different = []
    for low, high in pairwise(edges):
        middle = 0.5 * (low + high)
        inside = [any(a < middle < b for a, b in side) for side in (left, right)]
        if inside[0] != inside[1]:
            different.append((low, high))
    return different


def _intervals(found: Stretch, place: int) -> list[tuple[float, float]]:
    return [(float(a[place]), float(b[place])) for a, b in zip(found.low, found.high, strict=True)]


def _stretch(masses: Array, regions: Sequence[Region]) -> Stretch:
    return Stretch(
        np.asarray(masses, dtype=float),
        np.array([[piece.low for piece in region] for region in regions]).T,
        np.array([[piece.high for piece in region] for region in regions]).T,
        tuple(piece.is_reversed for piece in regions[0]),
        tuple(piece.is_open for piece in regions[0]),
    )


def _alike(one: Region, other: Region) -> bool:
    """Return whether two regions have the same pieces, but for where they end."""
    kinds = [
        [(piece.low > 0, piece.is_reversed, piece.is_open) for piece in r] for r in (one, other)
    ]
    return kinds[0] == kinds[1]


def _joined(one: Region, other: Region, shift: float) -> tuple[Region, Region]:
    """Return what two regions have in common: pieces, or groups of them, with a partner each.

    The shift is by how much log(coupling) of the other one is larger for the same signal.
    """
    if len(one) > len(other):
        swapped = _joined(other, one, -shift)
        return swapped[1], swapped[0]
    choices = product(range(-1, len(one)), repeat=len(other))
    allowed = [choice for choice in choices if _in_order(choice)]
    best = min(allowed, key=lambda choice: _cost(one, other, choice, shift))
    pairs = []
    for number, piece in enumerate(one):
        group = [p for p, chosen in zip(other, best, strict=True) if chosen == number]
        if group:
            low = piece.low, group[0].low
            from_zero = min(low) == 0.0
            kind = (
                piece.is_reversed and all(p.is_reversed for p in group),
                (
                    piece.is_open[0] or group[0].is_open[0],
                    piece.is_open[1] or group[-1].is_open[1],
                ),
            )
            pairs.append(
                (
                    Piece(0.0 if from_zero else low[0], piece.high, *kind),
                    Piece(0.0 if from_zero else low[1], group[-1].high, *kind),
                )
            )
    return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


def _in_order(choice: tuple[int, ...]) -> bool:
    """Return whether partners follow one another, each group without another piece in it."""
    chosen = [number for number in choice if number >= 0]
    if chosen != sorted(chosen):
        return False
    places = {n: [i for i, c in enumerate(choice) if c == n] for n in chosen}
    return all(where[-1] - where[0] + 1 == len(where) for where in places.values())


def _cost(one: Region, other: Region, choice: tuple[int, ...], shift: float) -> float:
    """Return how far partners are from each other, with what pieces without partner cost."""
    total = _LEFT_OVER * choice.count(-1)
    for number, piece in enumerate(one):
        group = [p for p, chosen in zip(other, choice, strict=True) if chosen == number]
        if not group:
            total += _ALONE
            continue
        total += abs(np.log(group[-1].high / piece.high) - shift)
        lows = (piece.low, group[0].low)
        if (lows[0] > 0) != (lows[1] > 0):
            total += _LIFTED
        elif lows[0] > 0:
            total += abs(np.log(lows[1] / lows[0]) - shift)
    return float(total)
