"""A part of the box of the couplings, between planes that are no walls.

A plane shares the posterior out between its two sides: with z the distance from it in units of its
width, one side gets the share s(z) = 1 / (1 + exp(-(3 z + z^3))), the other one s(-z) = 1 - s(z).
Parts of parts multiply their shares. All parts of a box together have one at every point, so that
posteriors of parts, weighed by their evidence, add up to the posterior whatever the planes are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.display import Displayed

type Array = NDArray[np.float64]

#: The most planes that bound a part.
MOST_PLANES = 6

#: What is so many widths behind a plane has a share of e^-23.
FAR = 2.5

#: Of planes that are not there: their share is one everywhere.
_ABSENT = 10.0


@dataclass(frozen=True, eq=False, repr=False)
class BoxPart(Displayed):
    """A part of a box.

    Attributes
    ----------
    lower, upper
        Corners of the box, shape (k,).
    planes
        Shape (p, k + 1): a row is a normal and a number that is added, so that z = normal .
        couplings + number is the distance from the plane in its width, above zero inside.
    """

    lower: Array
    upper: Array
    planes: Array

    @classmethod
    def box(cls, lower: ArrayLike, upper: ArrayLike) -> BoxPart:
        """Return a whole box."""
        low, high = (np.atleast_1d(np.asarray(end, dtype=float)) for end in (lower, upper))
        return cls(low, high, np.zeros((0, low.size + 1)))

    @property
    def span(self) -> Array:
        """Widths of the box, shape (k,)."""
        return self.upper - self.lower

    def cut(
        self, normal: Array, places: Sequence[float], widths: Sequence[float]
    ) -> tuple[BoxPart, ...]:
        """Return the parts between parallel planes, in increasing order along their normal.

        Parameters
        ----------
        normal
            Shape (k,).
        places, widths
            Where the planes lie along it, increasing, and how wide they are.
        """
        below = [
            np.append(-normal, place) / width for place, width in zip(places, widths, strict=True)
        ]
        parts, inside = [], self.planes
        for row in below:
            parts.append(replace(self, planes=np.vstack([inside, row])))
            inside = np.vstack([inside, -row])
        return (*parts, replace(self, planes=inside))

    def log_share(self, couplings: ArrayLike) -> Array:
        """Return the log of the share that this part has, from shape (..., k) to (...)."""
        at = np.asarray(couplings, dtype=float)
        z = at @ self.planes[:, :-1].T + self.planes[:, -1]
        return np.asarray(-np.logaddexp(0.0, -(3.0 * z + z**3)).sum(axis=-1))

    @property
    def rows(self) -> Array:
        """The planes in places from 0 to 1 in the box, shape (`MOST_PLANES`, k + 1)."""
        found = np.zeros((MOST_PLANES, self.lower.size + 1))
        found[:, -1] = _ABSENT
        count = len(self.planes)
        found[:count, :-1] = self.planes[:, :-1] * self.span
        found[:count, -1] = self.planes[:, -1] + self.planes[:, :-1] @ self.lower
        return found

    def padded(self, count: int) -> dict[str, Array]:
        """Return normals, shape (count, k), and numbers of the planes; those absent say so."""
        absent = count - len(self.planes)
        normals = np.pad(self.planes[:, :-1], ((0, absent), (0, 0)))
        numbers = np.pad(self.planes[:, -1], (0, absent), constant_values=_ABSENT)
        return {"plane_normal": normals, "plane_number": numbers}
