"""A part of the box of the couplings: a slab, and in it planes that are no walls.

A plane shares the posterior out between its two sides: with z the distance from it in units of its
width, one side gets the share s(z) = 1 / (1 + exp(-(3 z + z^3))), the other one s(-z) = 1 - s(z).
Parts of parts multiply their shares. All parts of a box together have one at every point, so that
posteriors of parts, weighed by their evidence, add up to the posterior whatever the planes are. The
walls of a slab do the same in one direction alone, and its coordinates go along them, in which NUTS
walks a thin band between them in fewer steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.slab import Slab
from bayes_cevns.display import Displayed

#: The most planes that bound a part, besides the walls of its slab.
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
    slab
        What it is cut from.
    planes
        Shape (p, k + 1): a row is a normal and a number that is added, so that z = normal .
        couplings + number is the distance from the plane in its width, above zero inside.
    """

    slab: Slab
    planes: Array

    @classmethod
    def of(cls, slab: Slab) -> BoxPart:
        """Return a whole slab."""
        return cls(slab, np.zeros((0, slab.lower.size + 1)))

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
        shares = -np.logaddexp(0.0, -(3.0 * z + z**3)).sum(axis=-1)
        return np.asarray(np.where(self.slab.contains(at), shares, -np.inf))

    def share(self, couplings: ArrayLike) -> Array:
        """Return the share that this part has, from shape (..., k) to (...)."""
        return np.asarray(np.exp(self.log_share(couplings)))

    @property
    def rows(self) -> Array:
        """The planes, couplings in the order of the slab, shape (`MOST_PLANES`, k + 1)."""
        padded = self.padded(MOST_PLANES)
        normals = padded["plane_normal"][:, self.slab.order]
        return np.column_stack([normals, padded["plane_number"]])

    def padded(self, count: int) -> dict[str, Array]:
        """Return normals, shape (count, k), and numbers of the planes; those absent say so."""
        absent = count - len(self.planes)
        normals = np.pad(self.planes[:, :-1], ((0, absent), (0, 0)))
        numbers = np.pad(self.planes[:, -1], (0, absent), constant_values=_ABSENT)
        return {"plane_normal": normals, "plane_number": numbers}
