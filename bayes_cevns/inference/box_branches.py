"""Where the posterior of several couplings falls apart: parts of their box, sampled one by one.

The expected counts are a quadratic form in the couplings, with a least value between two that are
alike: charges of the opposite sign scatter as much. There is one such direction for each flavour
and combination of charges that the data tell apart. Along all principal directions of the nominal
signal the posterior is followed with the nuisances at their best, from the highest top of a part;
planes through its minima cut the part, and each part of it is looked at again. Where planes lie
decides how well NUTS gets on, not what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from bayes_cevns.couplings.box_part import FAR, MOST_PLANES, BoxPart
from bayes_cevns.couplings.valleys import NEGLIGIBLE, deep_minima
from bayes_cevns.display import Displayed
from bayes_cevns.inference.climbs import INSIDE, Tops, find_tops
from bayes_cevns.inference.ridge import Density, Ridge, find_ridge, shares_around

type Array = NDArray[np.float64]

#: A minimum is a border between branches if the log-density is lower by this than on both sides;
#: over less NUTS walks as if it were not there.
DEPTH = 0.5

#: No more parts than these: beyond, a posterior is a ring or a shell more than islands.
MOST_PARTS = 8

#: The grid along a line: even points, and closer and closer around the top.
_EVEN, _FINEST, _DISTANCES = 61, 1e-3, 8

#: Step of second derivatives, in units of the box.
_STEP = 2e-3

#: A part ends where its share is lower than this, as a log.
_OUTSIDE = -3.0


@dataclass(frozen=True, eq=False, repr=False)
class BoxBranch(Displayed):
    """A part of the box, and where chains may begin in it.

    Attributes
    ----------
    part
        The part.
    starts
        Points of the sampler, shape (n, d).
    """

    part: BoxPart
    starts: Array


def box_branches(
    signal: Callable[[Array], float],
    density: Density,
    box: BoxPart,
    standard: Array,
    starts: Array,
) -> tuple[BoxBranch, ...]:
    """Return the branches of a posterior, one if it does not fall apart.

    Parameters
    ----------
    signal
        Nominal signal of all experiments, a function of couplings of shape (k,).
    density
        Log-density and gradient at one point of the sampler, on the whole box: the logits of the
        couplings' places in it, then the other coordinates.
    box
        The support of the prior.
    standard
        The couplings of the Standard Model, shape (k,).
    starts
        Points where the sampler may begin, shape (m, d).

    Returns
    -------
    tuple of BoxBranch
        Parts whose shares add up to one everywhere in the box.

    Raises
    ------
    ConvergenceError
        If the density is not finite anywhere where the sampler may begin.
    """
    middle = box.lower + box.span * np.clip((standard - box.lower) / box.span, 0.01, 0.99)
    values = [density(start)[0] for start in starts]
    others = starts[int(np.argmax(values)), middle.size :]
    tops = find_tops(density, (middle - box.lower) / box.span, others, negligible=NEGLIGIBLE)
    ways = principal_directions(signal, middle, box.span)
    parts: list[tuple[BoxPart, NDArray[np.intp]]] = []
    waiting = [(box, 0)]
    while waiting:
        part, done = waiting.pop(0)
        inside = _inside(part, tops)
        cut: tuple[BoxPart, ...] = (part,)
        if inside.size and done < len(ways) and len(part.planes) < MOST_PLANES:
            cut = _cut(density, part, tops, int(inside[0]), ways[done])
        if len(cut) > 1 and len(parts) + len(waiting) + len(cut) > MOST_PARTS:
            cut = (part,)
        if done < len(ways):
            waiting += [(each, done + 1) for each in cut]
        else:
            parts += [(part, inside)]
    return tuple(BoxBranch(part, _starts(part, tops, inside)) for part, inside in parts)


def _inside(part: BoxPart, tops: Tops) -> NDArray[np.intp]:
    """Return the numbers of the tops of which a part has most, the highest first."""
    shares = part.log_share(part.lower + part.span * tops.places)
    return np.flatnonzero(shares > np.log(0.5))


def _starts(part: BoxPart, tops: Tops, inside: NDArray[np.intp]) -> Array:
    """Return the tops in a part; in one without, the point nearest to it."""
    if inside.size == 0:
        shares = part.log_share(part.lower + part.span * tops.places)
        inside = np.array([np.argmax(shares)])
    return tops.points[inside]


def _cut(
    density: Density, part: BoxPart, tops: Tops, top: int, direction: Array
) -> tuple[BoxPart, ...]:
    """Return a part cut where the posterior has minima on the line through one of its tops."""
    line = _Line.through(tops.places[top], direction)
    begin = line.share_of(tops.places[top])
    grid = shares_around([begin], even=_EVEN, finest=_FINEST, distances=_DISTANCES)
    places = part.lower + part.span * np.array([line.at(share) for share in grid])
    grid = grid[part.log_share(places) > _OUTSIDE]
    if grid.size < 3:
        return (part,)
    ridge = find_ridge(
        line.along(density),
        grid,
        tops.others[top][None],
        begin=begin,
        negligible=NEGLIGIBLE,
        group=lambda shares: np.zeros(shares.size, dtype=np.int64),
    )
    found = _minima(ridge)
    if not found:
        return (part,)
    normal = direction / part.span
    at = [float((part.lower + part.span * line.at(share)) @ normal) for share, _ in found]
    widths = [line.length * reach / FAR for _, reach in found]
    spare = MOST_PLANES - len(part.planes)
    return part.cut(normal, at[:spare], widths[:spare])


def _minima(ridge: Ridge) -> list[tuple[float, float]]:
    """Return the shares of the minima between modes that matter, and how near a mode is."""
    value = np.where(ridge.value > ridge.value.max() - NEGLIGIBLE, ridge.value, -np.inf)
    value = np.maximum(value, ridge.value.max() - NEGLIGIBLE - 2.0 * DEPTH)
    minima = deep_minima(value, DEPTH)
    edges = [0, *minima, value.size - 1]
    peaks = [low + int(np.argmax(value[low : high + 1])) for low, high in pairwise(edges)]
    share = ridge.share
    return [
        (float(share[m]), float(min(share[m] - share[low], share[high] - share[m])))
        for m, (low, high) in zip(minima, pairwise(peaks), strict=True)
    ]


class _Line:
    """A straight way through the unit cube, from wall to wall."""

    def __init__(self, start: Array, end: Array) -> None:
        self._start, self._way = start, end - start

    @classmethod
    def through(cls, point: Array, step: Array) -> _Line:
        """Return the line through a point along a step."""
        with np.errstate(divide="ignore", invalid="ignore"):
            to_walls = np.stack([-point / step, (1.0 - point) / step])
        low, high = np.nanmax(to_walls.min(axis=0)), np.nanmin(to_walls.max(axis=0))
        return cls(point + low * step, point + high * step)

    @property
    def length(self) -> float:
        """Its length."""
        return float(np.linalg.norm(self._way))

    def at(self, share: float) -> Array:
        """Return the place at a share of the way."""
        return np.asarray(self._start + share * self._way)

    def share_of(self, point: Array) -> float:
        """Return the share of the way of a point on it."""
        return float((point - self._start) @ self._way / (self._way @ self._way))

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
    """Return the directions in which a signal curves up, in units of a span, the steepest first.

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
