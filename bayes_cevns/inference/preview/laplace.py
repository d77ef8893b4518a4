"""Laplace's approximation of the integral over the nuisances, at values of the coupling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed

#: Log-density and gradient at many points, shapes (n, d) -> (n,) and (n, d).
type Densities = Callable[[Array], tuple[Array, Array]]

#: Second derivatives are differences of the gradient over this distance. Coordinates are of order
#: one, the gradient is exact to rounding: the error is far below that of the approximation.
_DISTANCE = 1e-3

#: A maximum is good if a Newton step gains less than this; the step's gain is then added. At most
#: so many steps, none longer than this in standard deviations.
_GAIN, _STEPS, _LONGEST = 1e-3, 12, 2.0

#: Second derivatives that are less, or negative, count as this much: the point is then no maximum.
_LEAST_CURVATURE = 1e-8


@dataclass(frozen=True, eq=False, repr=False)
class Node(Displayed):
    """The nuisances integrated out at one value of the coupling.

    Attributes
    ----------
    share
        The coordinate of the coupling as a share of its range.
    others
        The other coordinates of the sampler at the maximum, shape (d - 1,).
    log_marginal
        Log of the density with respect to share, integrated over the others, up to a constant.
    log_width
        What the integral adds to the log-density at the maximum: -(1/2) log det H, H being minus
        the matrix of second derivatives in the others.
    peaked
        Whether H is positive definite, so that there is a maximum.
    """

    share: float
    others: Array
    log_marginal: float
    log_width: float
    peaked: bool


def integrated(densities: Densities, shares: Array, starts: Array) -> list[Node]:
    """Return the log-density integrated over all coordinates but the first, at some shares.

    Parameters
    ----------
    densities
        Log-density and gradient, whose first coordinate is the logit of the share.
    shares
        In (0, 1), shape (n,).
    starts
        Where the maximum over the other coordinates is looked for, for each, shape (n, d - 1).

    Notes
    -----
    Around the maximum the log-density is f - (1/2) z^T H z, whose integral is
    exp(f) (2 pi)^((d-1)/2) / sqrt(det H) (Laplace's method; Tierney and Kadane, J. Am. Stat. Assoc.
    81 (1986) 82). The coordinates are those of the sampler, in which every nuisance is unbounded;
    their Jacobians are part of the density. The maximum is found by Newton's method, for all shares
    at once, since many points cost little more than one.
    """
    at = np.array(starts, dtype=float)
    found = _expanded(densities, shares, at)
    going = np.ones(len(at), bool)
    for left in reversed(range(_STEPS)):
        scales, axes = np.linalg.eigh(found.curvatures)
        sizes = np.maximum(np.abs(scales), _LEAST_CURVATURE)
        along = np.einsum("nij,ni->nj", axes, found.slopes) / sizes
        gains = 0.5 * (along**2 * sizes).sum(axis=1)
        going &= gains > _GAIN
        if not (left and going.any()):
            break
        some = np.flatnonzero(going)
        lengths = np.abs(along[some] * np.sqrt(sizes[some])).max(axis=1)
        steps = np.einsum("nij,nj->ni", axes[some], along[some])
        steps *= np.minimum(1.0, _LONGEST / lengths)[:, None]
        going[some] = _raise(densities, shares, at, found, some, steps)
    peaked = np.isfinite(found.values) & (scales > 0.0).all(axis=1)
    widths = -0.5 * np.log(sizes).sum(axis=1)
    heights = found.values + np.minimum(gains, _GAIN) + widths
    rows = zip(shares, at, heights, widths, peaked, strict=True)
    return [Node(float(s), o, float(h), float(w), bool(p)) for s, o, h, w, p in rows]


def second_derivatives(densities: Densities, node: Node) -> Array:
    """Return minus the second derivatives in the other coordinates, shape (d - 1, d - 1)."""
    return np.asarray(_expanded(densities, np.array([node.share]), node.others[None]).curvatures[0])


@dataclass(frozen=True, eq=False)
class _Expanded:
    """Log-densities with respect to share, their gradients and minus their second derivatives."""

    values: Array
    slopes: Array
    curvatures: Array

    def put(self, places: NDArray[np.intp], other: _Expanded) -> None:
        """Replace some."""
        self.values[places] = other.values
        self.slopes[places] = other.slopes
        self.curvatures[places] = other.curvatures

    def of(self, which: NDArray[np.bool_]) -> _Expanded:
        """Return some."""
        return _Expanded(self.values[which], self.slopes[which], self.curvatures[which])


def _raise(
    densities: Densities,
    shares: Array,
    at: Array,
    found: _Expanded,
    places: NDArray[np.intp],
    steps: Array,
) -> NDArray[np.bool_]:
    """Move some points to higher ones along their steps, and return which have moved."""
    moved = np.zeros(len(places), bool)
    for _ in range(4):
        left = np.flatnonzero(~moved)
        there = at[places[left]] + steps[left]
        tried = _expanded(densities, shares[places[left]], there)
        higher = tried.values > found.values[places[left]]
        chosen = places[left[higher]]
        at[chosen] = there[higher]
        found.put(chosen, tried.of(higher))
        moved[left[higher]] = True
        if moved.all():
            break
        steps = 0.25 * steps
    return moved


def _expanded(densities: Densities, shares: Array, at: Array) -> _Expanded:
    """Return the expansion of the log-density at each of some points, all in one call."""
    number, size = at.shape
    around = _DISTANCE * np.concatenate([np.zeros((1, size)), np.eye(size), -np.eye(size)])
    points = np.empty((number, len(around), size + 1))
    points[..., 0] = logit(shares)[:, None]
    points[..., 1:] = at[:, None] + around
    values, gradients = densities(points.reshape(-1, size + 1))
    values = values.reshape(number, -1)[:, 0] - np.log(shares * (1.0 - shares))
    slopes = gradients.reshape(number, len(around), -1)[..., 1:]
    with np.errstate(invalid="ignore"):  # where the density is not finite
        half = (slopes[:, 1 + size :] - slopes[:, 1 : 1 + size]) / (2.0 * _DISTANCE)
        curvatures = 0.5 * (half + half.swapaxes(1, 2))
    finite = np.isfinite(values) & np.isfinite(slopes).all(axis=(1, 2))
    return _Expanded(
        np.where(finite, values, -np.inf),
        np.where(finite[:, None], slopes[:, 0], 0.0),
        np.where(finite[:, None, None], curvatures, np.eye(size)),
    )
