"""A branch of the couplings: what lies in a box between two parallel planes.

The couplings of a slab are places in a unit cube: coordinate after coordinate takes a share of what
the planes leave to it when the later ones do what they can. The widths that it chooses from are the
Jacobian, so that the prior stays uniform in the box.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError

#: A plane that runs along a coupling does not bound it: its slope is never below this, relative.
_FLAT = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class Slab(Displayed):
    """The part of a box in which low <= normal . couplings <= high.

    Attributes
    ----------
    lower, upper
        Corners of the box, shape (k,).
    normal
        Normal of the planes, shape (k,).
    low, high
        Where the planes lie along the normal.

    Raises
    ------
    ArgumentError
        If nothing of the box lies between the planes.
    """

    lower: Array
    upper: Array
    normal: Array
    low: float = -np.inf
    high: float = np.inf

    def __post_init__(self) -> None:
        least, most = self.extent
        if not (self.low < self.high and self.low < most and self.high > least):
            raise ArgumentError(
                f"nothing of the box lies between planes at {self.low:g} and {self.high:g}: it "
                f"reaches from {least:g} to {most:g}"
            )

    @classmethod
    def box(cls, lower: ArrayLike, upper: ArrayLike) -> Slab:
        """Return a whole box."""
        corners = np.atleast_1d(np.asarray(lower, float)), np.atleast_1d(np.asarray(upper, float))
        return cls(*corners, np.ones(corners[0].size))

    @property
    def extent(self) -> tuple[float, float]:
        """Least and largest value of normal . couplings in the box."""
        ends = np.sort([self.normal * self.lower, self.normal * self.upper], axis=0).sum(axis=1)
        return float(ends[0]), float(ends[1])

    def cut(self, normal: Array, places: ArrayLike) -> tuple[Slab, ...]:
        """Return the parts between planes at some places along a normal, in increasing order."""
        ends = [-np.inf, *np.atleast_1d(np.asarray(places, float)), np.inf]
        return tuple(
            replace(self, normal=normal, low=float(low), high=float(high))
            for low, high in pairwise(ends)
        )

    def contains(self, couplings: ArrayLike) -> NDArray[np.bool_]:
        """Tell which points, shape (..., k), lie between the planes; the box is not looked at."""
        place = np.asarray(couplings, float) @ self.normal
        return np.asarray((place >= self.low) & (place < self.high))

    @property
    def order(self) -> NDArray[np.intp]:
        """The couplings in the order in which they are placed, the steepest last.

        It is the one whose range the others narrow most.
        """
        return np.argsort(np.abs(self.normal) * (self.upper - self.lower), kind="stable")

    @property
    def numbers(self) -> Array:
        """What `slab_place.place` needs of the box, shape (3, k), couplings in `order`.

        The end of each coupling at which normal . couplings is least, the way from there to the
        other end, and how much normal . couplings rises on it.
        """
        order = self.order
        rising = self.normal[order] >= 0
        start = np.where(rising, self.lower[order], self.upper[order])
        span = np.where(rising, 1.0, -1.0) * (self.upper - self.lower)[order]
        slope = np.abs(self.normal[order] * span)
        return np.stack([start, span, np.maximum(slope, _FLAT * slope.max())])

    @property
    def ends(self) -> Array:
        """The two planes, counted from the corner in which the place is least, shape (2,)."""
        least, most = self.extent
        return np.array([max(self.low, least) - least, min(self.high, most) - least])

    def coordinates(self, couplings: ArrayLike) -> Array:
        """Return the places in the unit cube of couplings, shape (..., k).

        The inverse of `slab_place.place`, in `order`. Couplings that are not in the slab are
        brought to its edge.
        """
        start, span, slope = self.numbers
        shares = (np.asarray(couplings, dtype=float)[..., self.order] - start) / span
        found, reached = np.empty_like(shares), np.zeros(shares.shape[:-1])
        for i in range(slope.size):
            low = np.maximum(0.0, (self.ends[0] - reached - slope[i + 1 :].sum()) / slope[i])
            high = np.minimum(1.0, (self.ends[1] - reached) / slope[i])
            share = np.clip(shares[..., i], low, high)
            found[..., i] = (share - low) / (high - low)
            reached = reached + slope[i] * share
        return np.asarray(found)
