"""Branches of a posterior of several couplings: parts of their box that are sampled separately.

The expected counts are a quadratic form in the couplings. Charges of opposite sign scatter alike,
so that along some directions two couplings with the same counts have a minimum of the counts in
between: one direction for each flavour and combination of charges that the data distinguish. The
density is therefore followed along the principal directions of the nominal signal, on a line
through each part, with the nuisances at their best. Planes through its minima cut the part, and the
pieces are examined along the next direction. The position of the planes decides how well NUTS
samples, not the result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.box_part import FAR, MOST_PLANES, BoxPart
from bayes_cevns.couplings.slab import Slab
from bayes_cevns.couplings.valleys import NEGLIGIBLE, deep_minima
from bayes_cevns.display import Displayed
from bayes_cevns.inference.modes.climbs import INSIDE, Tops, find_tops
from bayes_cevns.inference.modes.ridge import Density, Ridge, find_ridge, shares_around

#: A part is cut at a minimum if the log-density is lower by this than at the modes on both sides;
#: NUTS crosses shallower minima without trouble. The depth is less for the first cuts, hard walls
#: along which the coordinates of the sampler are aligned, than for the soft planes after them.
WALL_DEPTH, PLANE_DEPTH = 0.1, 0.5

#: A mode this far below the highest, as log-densities, is not cut off: by a wall, e^-12 = 6e-6; by
#: a plane, e^-8 = 3e-4. Walls cut off lower ones, since they align the coordinates of the sampler.
WALL_FLOOR, PLANE_FLOOR = 12.0, 8.0

#: Chains begin at maxima that are lower than the highest of their part by no more than this, e^-5 =
#: 0.7%. It is less than the floors above: no chain may begin at a mode that was too low to cut off,
#: for it would stay behind the valley.
STARTS_BELOW = 5.0

#: The most parts. A posterior with more is a ring or a shell rather than a set of islands.
MOST_PARTS = 8

#: The grid along a line: number of even points; finest step and number of points around the top.
_EVEN, _FINEST, _DISTANCES = 61, 1e-3, 8

#: Step of second derivatives, in units of the box.
_STEP = 2e-3

#: Lines are drawn through maxima that are below the highest of their part by no more than this.
_MATTERS = 3.0

#: A line ends where the log of the share of its part is lower than this.
_OUTSIDE = -3.0


@dataclass(frozen=True, eq=False, repr=False)
class BoxBranch(Displayed):
    """A part of the box, and where chains may begin in it.

    Attributes
    ----------
    part
        The part.
    starts
        High maxima in this part as points of the sampler, shape (n, d); ``None`` without one.
    height
        Log-density of its highest maximum; minus infinity without one.
    octant
        ``"LMA"`` or ``"LMA-D"`` where it is of one octant of theta_12 (`modes.octants`).
    """

    part: BoxPart
    starts: Array | None
    height: float
    octant: str = ""

    @property
    def slab(self) -> Slab:
        """The slab that it is cut from."""
        return self.part.slab


def box_branches(
    signal: Callable[[Array], float],
    density: Density,
    box: Slab,
    standard: Array,
    starts: Array,
) -> tuple[BoxBranch, ...]:
    """Return the branches of a posterior; a single one if it has no deep minima.

    Parameters
    ----------
    signal
        Nominal signal of all experiments, a function of couplings of shape (k,).
    density
        Log-density and gradient at one point of the sampler, on the whole box: the logits of the
        couplings' places in it, in the order of `Slab.order`, then the other coordinates.
    box
        The support of the prior.
    standard
        The couplings of the Standard Model, shape (k,).
    starts
        Points where the sampler may begin, shape (m, d).

    Returns
    -------
    tuple of BoxBranch
        Parts of the box; their shares of the posterior density add up to one at every point.

    Raises
    ------
    ConvergenceError
        If the density is not finite anywhere where the sampler may begin.
    """
    span = box.upper - box.lower
    origin = np.clip((standard - box.lower) / span, 0.01, 0.99)
    ways = principal_directions(signal, box.lower + span * origin, span)
    others = max((start for start in starts), key=lambda start: density(start)[0])[span.size :]
    natural = _in_natural_order(density, box.order)
    tops = find_tops(natural, origin, others, negligible=NEGLIGIBLE)
    parts, waiting = [], [(BoxPart.of(box), 0)]
    while waiting:
        part, done = waiting.pop(0)
        if done == len(ways):
            parts.append(part)
            continue
        found = _valleys(natural, part, tops, origin, ways[done])
        cut = _cut(part, ways[done] / span, found)
        if len(parts) + len(waiting) + len(cut) > MOST_PARTS:
            cut = (part,)
        waiting += [(each, done + 1) for each in cut]
    return tuple(BoxBranch(part, *_starts(part, tops)) for part in parts)


def _in_natural_order(density: Density, order: NDArray[np.intp]) -> Density:
    """Return a density with the places of the couplings in the order of the box."""

    def value(point: Array) -> tuple[float, Array]:
        permuted = point.copy()
        permuted[: order.size] = point[order]
        found, gradient = density(permuted)
        natural = gradient.copy()
        natural[order] = gradient[: order.size]
        return found, natural

    return value


def _couplings(part: BoxPart, places: Array) -> Array:
    return part.slab.lower + (part.slab.upper - part.slab.lower) * places


def _inside(part: BoxPart, tops: Tops) -> NDArray[np.intp]:
    """Return the indices of the maxima that lie in a part, the highest first."""
    return np.flatnonzero(part.share(_couplings(part, tops.places)) > 0.5)


def _starts(part: BoxPart, tops: Tops) -> tuple[Array | None, float]:
    """Return high maxima in a part as points of its sampler, and the height of the highest."""
    inside = _inside(part, tops)
    if inside.size == 0:
        return None, -np.inf
    inside = inside[tops.values[inside] >= tops.values[inside[0]] - STARTS_BELOW]
    places = part.slab.coordinates(_couplings(part, tops.places[inside]))
    logits = logit(np.clip(places, INSIDE, 1.0 - INSIDE))
    points = np.concatenate([logits, tops.others[inside]], axis=1)
    return points, float(tops.values[inside[0]])


def _is_cut(part: BoxPart) -> bool:
    return len(part.planes) > 0 or np.isfinite(part.slab.low) or np.isfinite(part.slab.high)


def _cut(part: BoxPart, normal: Array, valleys: list[tuple[float, float]]) -> tuple[BoxPart, ...]:
    """Cut a part at minima: the first cuts of a box are hard walls, later ones are soft planes."""
    valleys = valleys[: MOST_PLANES - len(part.planes)]
    if not valleys:
        return (part,)
    places, reaches = zip(*valleys, strict=True)
    if not _is_cut(part):
        return tuple(BoxPart.of(slab) for slab in part.slab.cut(normal, places))
    return part.cut(normal, places, [reach / FAR for reach in reaches])


def _longest(
    part: BoxPart, tops: Tops, inside: NDArray[np.intp], origin: Array, direction: Array
) -> _Line:
    """Return the longest line in a part through one of its high maxima or the Standard Model.

    A line through a maximum in a corner of the box may be too short to show the rest of the part.
    """
    high = inside[tops.values[inside] > tops.values[inside[0]] - _MATTERS]
    points = list(tops.places[high])
    if part.share(_couplings(part, origin)) > 0.5:
        points.insert(0, origin)
    return max((_Line(point, direction) for point in points), key=lambda line: line.length)


def _valleys(
    density: Density, part: BoxPart, tops: Tops, origin: Array, direction: Array
) -> list[tuple[float, float]]:
    """Return the minima of a part along a direction, each with the distance of the nearest mode."""
    inside = _inside(part, tops)
    if inside.size == 0:
        return []
    line = _longest(part, tops, inside, origin, direction)
    grid = shares_around([line.begin], even=_EVEN, finest=_FINEST, distances=_DISTANCES)
    grid = grid[part.log_share(_couplings(part, np.array([line.at(s) for s in grid]))) > _OUTSIDE]
    if grid.size < 3:
        return []
    ridge = find_ridge(
        line.along(density),
        grid,
        tops.others[inside[0]][None],
        begin=line.begin,
        negligible=NEGLIGIBLE,
        group=lambda shares: np.zeros(shares.size, dtype=np.int64),
    )
    depth, floor = (PLANE_DEPTH, PLANE_FLOOR) if _is_cut(part) else (WALL_DEPTH, WALL_FLOOR)
    normal = direction / (part.slab.upper - part.slab.lower)
    return [
        (float(_couplings(part, line.at(share)) @ normal), line.length * reach)
        for share, reach in _minima(ridge, tops.values[0] - floor, depth)
    ]


def _minima(ridge: Ridge, floor: float, depth: float) -> list[tuple[float, float]]:
    """Return the minima between modes above a floor, each with the distance of the nearest mode."""
    high = np.where(ridge.value > floor, ridge.value, floor - 2.0 * depth)
    edges = [0, *deep_minima(high, depth), high.size - 1]
    peaks = [low + int(np.argmax(high[low : up + 1])) for low, up in pairwise(edges)]
    share = ridge.share
    found = []
    for low, up in pairwise(peaks):
        at = share[low + int(np.argmin(ridge.value[low : up + 1]))]
        found.append((float(at), float(min(at - share[low], share[up] - at))))
    return found


class _Line:
    """A straight line through a point of the unit cube, from face to face."""

    def __init__(self, point: Array, direction: Array) -> None:
        with np.errstate(divide="ignore", invalid="ignore"):
            to_walls = np.stack([-point / direction, (1.0 - point) / direction])
        low, high = np.nanmax(to_walls.min(axis=0)), np.nanmin(to_walls.max(axis=0))
        self._start, self._way = point + low * direction, (high - low) * direction
        #: The position of the point, as a share of the length.
        self.begin = float(-low / (high - low))

    @property
    def length(self) -> float:
        """Its length."""
        return float(np.linalg.norm(self._way))

    def at(self, share: float) -> Array:
        """Return the place at a share of the length."""
        return np.asarray(self._start + share * self._way)

    def along(self, density: Density) -> Density:
        """Return a density as a function of the logit of the share and of the other coordinates.

        Its gradient with respect to the share is that of the density of the couplings, without the
        Jacobian of their places.
        """
        way, count = self._way, self._way.size

        def value(point: Array) -> tuple[float, Array]:
            share = float(expit(point[0]))
            places = np.clip(self.at(share), INSIDE, 1.0 - INSIDE)
            found, gradient = density(np.concatenate([logit(places), point[1:]]))
            slopes = places * (1.0 - places)
            per_place = (gradient[:count] - (1.0 - 2.0 * places)) / slopes
            jacobian = share * (1.0 - share)
            along = jacobian * float(per_place @ way) + (1.0 - 2.0 * share)
            total = found - float(np.log(slopes).sum()) + float(np.log(jacobian))
            return total, np.concatenate([[along], gradient[count:]])

        return value


def principal_directions(
    signal: Callable[[Array], float], point: Array, span: Array
) -> tuple[Array, ...]:
    """Return the directions in which a signal is most curved, in units of a span, steepest first.

    Parameters
    ----------
    signal
        Function of couplings, shape (k,).
    point
        Where the second derivatives are taken.
    span
        The unit of each coupling.

    Returns
    -------
    tuple of ndarray
        Eigenvectors of the second derivatives by decreasing eigenvalue, of unit length; the largest
        component of each is positive.
    """
    steps = _STEP * np.diag(span)
    signs: Sequence[tuple[int, int]] = [(s, t) for s in (1, -1) for t in (1, -1)]
    hessian = np.empty((span.size, span.size))
    for i, one in enumerate(steps):
        for j, two in enumerate(steps[: i + 1]):
            corners = [s * t * signal(point + s * one + t * two) for s, t in signs]
            hessian[i, j] = hessian[j, i] = sum(corners) / (4.0 * _STEP**2)
    vectors = np.linalg.eigh(hessian)[1].T[::-1]
    largest = np.take_along_axis(vectors, np.argmax(np.abs(vectors), axis=1)[:, None], axis=1)
    return tuple(vectors * np.sign(largest))
