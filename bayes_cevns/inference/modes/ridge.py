"""The ridge of a posterior: its density as a function of the coupling, maximised over nuisances.

It shows, before anything is sampled, where the posterior has its modes, how deep the minima between
them are, and how wide it is. The nuisances must be at their best for each coupling, as in a profile
likelihood: at nominal nuisances the minima lie elsewhere. The density is that of the sampler, in
its own coordinates of the nuisances; their Jacobians keep the maximum away from the bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ConvergenceError

type Density = Callable[[Array], tuple[float, Array]]

#: The first and last points of the ridge keep this distance from the ends, as a share of the range.
_END = 1e-12

#: A maximisation ends when its quadratic approximation expects to gain less than this.
_GAIN = 1e-3
_STEPS, _BACKWARD_STEPS, _LONGEST = 200, 12, 3.0

#: Rounds in which the grid is refined around modes.
_REFINEMENTS = 40

#: The height of a mode is known to this, and its neighbours on the grid are lower by no more than
#: this, both as log-densities.
_TOP, _FALL = 0.02, 0.7


@dataclass(frozen=True, eq=False, repr=False)
class Ridge(Displayed):
    """The density as a function of the coupling, up to a constant, maximised over all nuisances.

    Attributes
    ----------
    share
        The coordinate of the coupling as a share of its range, increasing, from 0 to 1, shape (n,).
    value
        Log-density with respect to share: that of the sampler without the Jacobian of the coupling,
        shape (n,).
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
    def mirrored(self) -> Ridge:
        """The ridge of both halves of the range, which are alike, from that of the upper one."""
        lower = slice(None, 0 if self.share[0] == 0.5 else None, -1)
        return Ridge(
            np.concatenate([1.0 - self.share[lower], self.share]),
            np.concatenate([self.value[lower], self.value]),
            np.concatenate([-self.slope[lower], self.slope]),
            np.concatenate([self.others[lower], self.others]),
        )

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
        Starting values of the other coordinates, shape (m, d - 1); the best of them is used.
    begin
        The share where it begins, or the nearest point of the grid with a finite density. (At zero
        coupling the density is zero if a bin has events that only the new interaction can make.)
    negligible
        The grid is not refined around modes that lie this far below the highest of their group, as
        log-densities.
    group
        Function that gives each share the number of its group; modes are compared within a group.

    Raises
    ------
    ConvergenceError
        If the density is not finite anywhere where it may begin.

    Notes
    -----
    The maximisation is BFGS (Nocedal and Wright, Numerical Optimization (2006), chapter 6). At each
    point of the grid it starts from the result at the point before, with the inverse Hessian found
    there. At a maximum over the other coordinates, the total derivative with respect to the
    coupling is the partial one. A mode between two points of the grid therefore shows in their
    slopes, and the grid is refined there.
    """
    shares = np.unique(np.clip(shares, _END, 1.0 - _END))
    points: dict[float, _Point] = {}
    middle, nominal = _beginning(density, shares, starts, begin)
    for direction in (shares[middle:], shares[:middle][::-1]):
        last = points.get(shares[middle], nominal)
        for share in direction:
            last = points[share] = _climb(density, share, last, nominal)

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
            points[share] = _climb(density, share, points[neighbour], nominal)
        if not wanted:
            break
    return ridge()


def _beginning(density: Density, shares: Array, starts: Array, begin: float) -> tuple[int, _Point]:
    """Return the point of the grid where the ridge begins, and the best starting point there."""
    unit = np.eye(starts.shape[1])
    for place in np.argsort(np.abs(shares - begin), kind="stable"):
        points = [_evaluated(density, shares[place], start, unit) for start in starts]
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
    """Return shares to add to the grid, each with the neighbour whose result it starts from."""
    share, value, slope = ridge.share, ridge.value, ridge.slope
    groups = group(share)
    top = {number: value[groups == number].max() for number in np.unique(groups)}
    floor = np.array([top[number] for number in groups]) - negligible
    step = np.diff(share)
    # If the density is concave between two points, the mode lies below both tangents.
    with np.errstate(invalid="ignore"):
        promise = np.minimum(value[:-1] + slope[:-1] * step, value[1:] - slope[1:] * step)
        peaked = (slope[:-1] > 0) & (slope[1:] < 0)
        worth = promise >= np.minimum(floor[:-1], floor[1:])
        found = np.maximum(value[:-1], value[1:])
        blunt = peaked & worth & (promise - found > _TOP)
        # Neighbours of a mode that are far below it do not show its shape: halve the distance.
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


class _Point(NamedTuple):
    """A point with its log-density with respect to share, and the gradient.

    `inverse` approximates the inverse of minus the matrix of second derivatives.
    """

    share: float
    others: Array
    value: float
    slope: float
    gradient: Array
    inverse: Array


def _evaluated(density: Density, share: float, others: Array, inverse: Array) -> _Point:
    """Evaluate the density: thousands of times a fit, so that every operation counts."""
    point = np.empty(others.size + 1)
    point[0], point[1:] = logit(share), others
    value, gradient = density(point)
    jacobian = share * (1.0 - share)
    along, rest = float(gradient[0]), gradient[1:]
    if not (math.isfinite(value) and np.isfinite(rest).all()):
        value, along, rest = -math.inf, 0.0, np.zeros(others.size)
    elif not math.isfinite(along):  # at the centre of a prior that is uniform in counts
        along = 0.0
    slope = (along - (1.0 - 2.0 * share)) / jacobian
    return _Point(share, others, value - math.log(jacobian), slope, rest, inverse)


def _climb(density: Density, share: float, last: _Point, nominal: _Point) -> _Point:
    """Return the maximum over the other coordinates, from the better of two starting points."""
    best = _evaluated(density, share, last.others, last.inverse)
    other = _evaluated(density, share, nominal.others, nominal.inverse)
    if other.value > best.value:
        best = other
    restarted = False
    for _ in range(_STEPS):
        step = best.inverse @ best.gradient
        rise = float(step @ best.gradient)
        if 0.5 * rise < _GAIN:
            break
        longest = float(abs(step).max())
        if longest > _LONGEST:
            step *= _LONGEST / longest
        found = _along(density, best, step)
        if found is None:
            if restarted:
                break
            restarted = True
            best = best._replace(inverse=nominal.inverse)
            continue
        best = found
    return best


def _along(density: Density, start: _Point, step: Array) -> _Point | None:
    """Return a higher point along a step, with the updated inverse Hessian, or ``None``."""
    rise = float(step @ start.gradient)
    for halving in range(_BACKWARD_STEPS):
        scale = 0.4**halving
        part = scale * step
        found = _evaluated(density, start.share, start.others + part, start.inverse)
        if found.value >= start.value + 1e-4 * scale * rise:
            return found._replace(
                inverse=_updated(start.inverse, part, start.gradient - found.gradient)
            )
    return None


def _updated(inverse: Array, step: Array, change: Array) -> Array:
    """Return the BFGS update of the inverse Hessian after a step and its change of the gradient."""
    curvature = float(step @ change)
    if curvature <= 1e-10 * math.sqrt(float(step @ step) * float(change @ change)):
        return inverse
    weighted = inverse @ change
    stretch = 1.0 + float(change @ weighted) / curvature
    half = np.outer(step, (0.5 * stretch * step - weighted) / curvature)
    return np.asarray(inverse + (half + half.T))


def shares_around(centres: Sequence[float], *, even: int, finest: float, distances: int) -> Array:
    """Return a grid of shares: even, and geometrically finer around some centres."""
    steps = np.geomspace(finest, 0.5, distances)
    around = [centre + side * steps for centre in centres for side in (-1, 1)]
    grid = np.concatenate([np.linspace(0.0, 1.0, even), np.asarray(centres, float), *around])
    return np.unique(grid[(grid >= 0.0) & (grid <= 1.0)])
