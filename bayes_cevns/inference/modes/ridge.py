"""The ridge of a posterior: its density along the coupling, at the best nuisances for each value.

Where a posterior has its modes, how deep the valleys between them are and how wide it is can be
seen on one line before anything is sampled, if the nuisances follow: at nominal nuisances a valley
lies elsewhere. The density is that of the sampler, in its own coordinates for the nuisances, whose
Jacobians keep them away from ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ConvergenceError

type Density = Callable[[Array], tuple[float, Array]]

#: The first and last share of the range of the coupling.
_END = 1e-12

#: A climb ends when the quadratic form of the steps before promises less than this.
_GAIN = 1e-3
_STEPS, _BACKWARD_STEPS, _LONGEST = 200, 12, 3.0

#: Steps towards the top of a mode, and towards where it has fallen.
_REFINEMENTS = 40

#: The top of a mode is known this well, and its neighbours on the grid lie no deeper than this.
_TOP, _FALL = 0.02, 0.7


@dataclass(frozen=True, eq=False, repr=False)
class Ridge(Displayed):
    """The density along the coupling, but for a constant, maximised over all other coordinates.

    Attributes
    ----------
    share
        Places in the range of the coupling's coordinate, increasing, from 0 to 1, shape (n,).
    value
        Log-density per share: that of the sampler without the Jacobian of the coupling, shape (n,).
    slope
        Its derivative with respect to share, shape (n,).
    others
        The other coordinates at the maxima, shape (n, d - 1).
    """

    share: Array
    value: Array
    slope: Array
    others: Array

    def between(self, low: int, high: int) -> Ridge:
        """Return the part from one point to another, both included."""
        part = slice(low, high + 1)
        return Ridge(self.share[part], self.value[part], self.slope[part], self.others[part])

    @property
    def width(self) -> float:
        """The integral of the density over its maximum: about 2.5 sigma of a normal peak."""
        height = np.exp(self.value - self.value.max())
        return float(np.trapezoid(height, self.share))


def find_ridge(
    density: Density,
    shares: Array,
    starts: Array,
    *,
    begin: float,
    negligible: float,
    group: Callable[[Array], NDArray[np.int64]],
) -> Ridge:
    """Follow the maximum over all other coordinates along the coupling.

    Parameters
    ----------
    density
        Log-density and gradient at one point, shape (d,), whose first coordinate is the logit of
        the share.
    shares
        Grid, in [0, 1], increasing.
    starts
        Values of the other coordinates to begin with, the best of which is taken,
        shape (m, d - 1).
    begin
        The share where it begins: at the nearest of the grid with a finite density. Without a
        coupling there may be none, where a bin has events that the new interaction alone can make.
    negligible
        Modes this far below the highest of their group are not looked at closely.
    group
        A number for each share: modes are compared within one group.

    Raises
    ------
    ConvergenceError
        If the density is not finite anywhere where it may begin.

    Notes
    -----
    The climb is that of Broyden, Fletcher, Goldfarb and Shanno (Nocedal and Wright, Numerical
    Optimization (2006), chapter 6); where it ends at one point of the grid, and what it has learnt
    of the curvature, is where it begins at the next. At a maximum over the others, the derivative
    of the maximum is the partial derivative, so that a mode between two points of the grid shows
    in their slopes; the grid is refined there.
    """
    shares = np.unique(np.clip(shares, _END, 1.0 - _END))
    points: dict[float, _Point] = {}
    middle, nominal = _beginning(density, shares, starts, begin)
    for direction in (shares[middle:], shares[:middle][::-1]):
        last = points.get(shares[middle], nominal)
        for share in direction:
            last = points[share] = _climb(density, share, last, nominal.others)

    def ridge() -> Ridge:
        known = [points[share] for share in sorted(points)]
        return Ridge(
            np.array([point.share for point in known]),
            np.array([point.value for point in known]),
            np.array([point.slope for point in known]),
            np.array([point.others for point in known]),
        )

    for _ in range(_REFINEMENTS):
        wanted = _finer(ridge(), negligible, group)
        for share, neighbour in wanted:
            points[share] = _climb(density, share, points[neighbour], nominal.others)
        if not wanted:
            break
    return ridge()


def _beginning(density: Density, shares: Array, starts: Array, begin: float) -> tuple[int, _Point]:
    """Return the place on the grid where the ridge begins, and the best of the starts there."""
    for place in np.argsort(np.abs(shares - begin), kind="stable"):
        points = [_Point.at(density, shares[place], start) for start in starts]
        best = max(points, key=lambda point: point.value)
        if np.isfinite(best.value):
            return int(place), best
    raise ConvergenceError(
        "the density is not finite at any of the points where the sampler may begin: the data, "
        "a table or a prior of this fit is wrong"
    )


def _finer(
    ridge: Ridge, negligible: float, group: Callable[[Array], NDArray[np.int64]]
) -> list[tuple[float, float]]:
    """Return shares where the grid is too coarse, and the neighbour to climb from."""
    share, value, slope = ridge.share, ridge.value, ridge.slope
    groups = group(share)
    top = {number: value[groups == number].max() for number in np.unique(groups)}
    floor = np.array([top[number] for number in groups]) - negligible
    step = np.diff(share)
    # Of two points with a mode between them, either tangent lies above it, if it is concave.
    with np.errstate(invalid="ignore"):
        promise = np.minimum(value[:-1] + slope[:-1] * step, value[1:] - slope[1:] * step)
        peaked = (slope[:-1] > 0) & (slope[1:] < 0)
        worth = promise >= np.minimum(floor[:-1], floor[1:])
        found = np.maximum(value[:-1], value[1:])
        blunt = peaked & worth & (promise - found > _TOP)
        # What is next to a mode and far below it is no shape.
        is_mode = np.ones(share.size, bool)
        is_mode[1:] &= value[1:] >= value[:-1]
        is_mode[:-1] &= value[:-1] >= value[1:]
        is_mode &= value >= floor
        steep = (is_mode[:-1] | is_mode[1:]) & (np.abs(np.diff(value)) > _FALL) & ~blunt
    wanted = [
        (0.5 * (share[i] + share[i + 1]), share[i] if is_mode[i] else share[i + 1])
        for i in np.flatnonzero(steep)
    ]
    for i in np.flatnonzero(blunt):
        secant = slope[i] / (slope[i] - slope[i + 1])
        at = share[i] + step[i] * float(np.clip(secant, 0.1, 0.9))
        wanted.append((at, share[i] if secant < 0.5 else share[i + 1]))
    return wanted


@dataclass(frozen=True, eq=False)
class _Point:
    """A point, with the log-density per share there and its gradient."""

    share: float
    others: Array
    value: float
    slope: float
    gradient: Array
    inverse: Array

    @classmethod
    def at(
        cls, density: Density, share: float, others: Array, inverse: Array | None = None
    ) -> _Point:
        """Evaluate the density."""
        value, gradient = density(np.concatenate([[logit(share)], others]))
        jacobian = share * (1.0 - share)
        if not (np.isfinite(value) and np.all(np.isfinite(gradient[1:]))):
            value, gradient = -np.inf, np.zeros(others.size + 1)
        elif not np.isfinite(gradient[0]):  # at the centre of a prior that is uniform in counts
            gradient = np.concatenate([[0.0], gradient[1:]])
        return cls(
            share,
            others,
            float(value) - float(np.log(jacobian)),
            (float(gradient[0]) - (1.0 - 2.0 * share)) / jacobian,
            gradient[1:],
            np.eye(others.size) if inverse is None else inverse,
        )


def _climb(density: Density, share: float, last: _Point, nominal: Array) -> _Point:
    """Return the maximum over the other coordinates that is reached from the best of two starts.

    `_Point.inverse` is that of minus the matrix of second derivatives, as far as it is known.
    """
    best = _Point.at(density, share, last.others, last.inverse)
    other = _Point.at(density, share, nominal)
    if other.value > best.value:
        best = other
    restarted = False
    for _ in range(_STEPS):
        step = best.inverse @ best.gradient
        promise = 0.5 * float(step @ best.gradient)
        if promise < _GAIN:
            break
        step *= min(1.0, _LONGEST / float(np.max(np.abs(step))))
        found = _along(density, best, step)
        if found is None:
            if restarted:
                break
            restarted = True
            best = _Point.at(density, share, best.others)
            continue
        best = found
    return best


def _along(density: Density, start: _Point, step: Array) -> _Point | None:
    """Return a higher point along a step, with what it tells of the curvature, if there is one."""
    rise = float(step @ start.gradient)
    for halving in range(_BACKWARD_STEPS):
        scale = 0.4**halving
        found = _Point.at(density, start.share, start.others + scale * step, start.inverse)
        if found.value >= start.value + 1e-4 * scale * rise:
            return _Point(
                found.share,
                found.others,
                found.value,
                found.slope,
                found.gradient,
                _updated(start.inverse, scale * step, start.gradient - found.gradient),
            )
    return None


def _updated(inverse: Array, step: Array, change: Array) -> Array:
    """Return the inverse matrix of second derivatives after one more step along it."""
    curvature = float(step @ change)
    if curvature <= 1e-10 * float(np.linalg.norm(step) * np.linalg.norm(change)):
        return inverse
    weighted = inverse @ change
    cross = np.outer(step, weighted)
    stretch = 1.0 + float(change @ weighted) / curvature
    return np.asarray(
        inverse - (cross + cross.T) / curvature + stretch * np.outer(step, step) / curvature
    )


def shares_around(centres: Sequence[float], *, even: int, finest: float, distances: int) -> Array:
    """Return a grid of shares: even, and closer and closer around some centres."""
    steps = np.geomspace(finest, 0.5, distances)
    around = [centre + side * steps for centre in centres for side in (-1, 1)]
    grid = np.concatenate([np.linspace(0.0, 1.0, even), np.asarray(centres, float), *around])
    return np.unique(grid[(grid >= 0.0) & (grid <= 1.0)])
