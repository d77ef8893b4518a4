"""A slab: the part of a box of couplings between two parallel planes, mapped to the unit cube.

The couplings are set one after the other. Each coordinate of the cube is the position of one
coupling in the interval that is still possible: for which the couplings to come can bring the point
between the planes. The product of the widths of these intervals is the Jacobian, with which the
prior stays uniform in the box.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError

#: Least slope of the planes along a coupling, relative to the largest, since it is divided by: that
#: of a plane parallel to the coupling would be zero.
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
        """Tell which points, shape (..., k), lie between the planes, inside the box or not."""
        place = np.asarray(couplings, float) @ self.normal
        return np.asarray((place >= self.low) & (place < self.high))

    @property
    def order(self) -> NDArray[np.intp]:
        """The order in which the couplings are set: by how much normal . couplings changes on them.

        The one with the largest change is last, since its range is narrowed most by the others.
        """
        return np.argsort(np.abs(self.normal) * (self.upper - self.lower), kind="stable")

    @property
    def numbers(self) -> Array:
        """The numbers of the box for `coupling_values.place`, shape (3, k), couplings in `order`.

        For each coupling: the bound at which normal . couplings is least, the distance to the other
        bound (with its sign), and the increase of normal . couplings from the one to the other.
        """
        order = self.order
        rising = self.normal[order] >= 0
        start = np.where(rising, self.lower[order], self.upper[order])
        span = np.where(rising, 1.0, -1.0) * (self.upper - self.lower)[order]
        slope = np.abs(self.normal[order] * span)
        return np.stack([start, span, np.maximum(slope, _FLAT * slope.max())])

    @property
    def ends(self) -> Array:
        """The planes along the normal, from the corner where that is least, shape (2,)."""
        least, most = self.extent
        return np.array([max(self.low, least) - least, min(self.high, most) - least])

    def coordinates(self, couplings: ArrayLike) -> Array:
        """Return the places in the unit cube of couplings, shape (..., k).

        The inverse of `coupling_values.place` of `density`, in `order`. Couplings outside the slab
        are moved to its edge.
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
