"""A part of the box of the couplings: a slab with hard walls, cut further by soft planes.

A soft plane divides the posterior density between its two sides. With z the distance from the plane
in units of its width, one side has the factor s(z) = 1 / (1 + exp(-(3 z + z^3))), the other one
s(-z) = 1 - s(z). Each further cut multiplies by another such factor. At every point the factors of
all parts add up to one, so that the posteriors of the parts, weighted by their evidences, add up to
the whole posterior wherever the planes are. Hard walls do the same in one direction only; the
coordinates of their slab are aligned with them, so that NUTS samples a thin band between them in
fewer steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.slab import Slab
from bayes_cevns.display import Displayed

#: The most soft planes of a part, besides the walls of its slab.
MOST_PLANES = 6

#: At this many widths behind a plane, its factor is e^-23.
FAR = 2.5

#: The z of planes that are absent: their factor is one everywhere.
_ABSENT = 10.0


@dataclass(frozen=True, eq=False, repr=False)
class BoxPart(Displayed):
    """A part of a box.

    Attributes
    ----------
    slab
        The slab that it is cut from.
    planes
        Shape (p, k + 1). Each row is a normal and a number, so that z = normal . couplings + number
        is the distance from the plane in units of its width, positive inside the part.
    """

    slab: Slab
    planes: Array

    @classmethod
    def of(cls, slab: Slab) -> BoxPart:
        """Return a whole slab as a part."""
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
            Positions of the planes along the normal, increasing, and their widths.
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
        """Return the log of the factor of this part, from shape (..., k) to (...)."""
        at = np.asarray(couplings, dtype=float)
        z = at @ self.planes[:, :-1].T + self.planes[:, -1]
        shares = -np.logaddexp(0.0, -(3.0 * z + z**3)).sum(axis=-1)
        return np.asarray(np.where(self.slab.contains(at), shares, -np.inf))

    def share(self, couplings: ArrayLike) -> Array:
        """Return the factor of this part at some couplings, from shape (..., k) to (...)."""
        return np.asarray(np.exp(self.log_share(couplings)))

    @property
    def rows(self) -> Array:
        """The planes, couplings in the order of the slab, shape (`MOST_PLANES`, k + 1)."""
        padded = self.padded(MOST_PLANES)
        normals = padded["plane_normal"][:, self.slab.order]
        return np.column_stack([normals, padded["plane_number"]])

    def padded(self, count: int) -> dict[str, Array]:
        """Return normals, shape (count, k), and numbers of planes, filled up with absent ones."""
        absent = count - len(self.planes)
        normals = np.pad(self.planes[:, :-1], ((0, absent), (0, 0)))
        numbers = np.pad(self.planes[:, -1], (0, absent), constant_values=_ABSENT)
        return {"plane_normal": normals, "plane_number": numbers}
