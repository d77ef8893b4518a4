"""Laplace's approximation of the integral over the nuisances, at one value of the coupling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
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


def integrated(densities: Densities, share: float, start: Array) -> Node:
    """Return the log-density integrated over all coordinates but the first.

    Parameters
    ----------
    densities
        Log-density and gradient, whose first coordinate is the logit of the share.
    share
        In (0, 1).
    start
        Where the maximum over the other coordinates is looked for, shape (d - 1,).

    Notes
    -----
    Around the maximum the log-density is f - (1/2) z^T H z, whose integral is
    exp(f) (2 pi)^((d-1)/2) / sqrt(det H) (Laplace's method; Tierney and Kadane, J. Am. Stat. Assoc.
    81 (1986) 82). The coordinates are those of the sampler, in which every nuisance is unbounded;
    their Jacobians are part of the density. The maximum is found by Newton's method.
    """
    at = np.array(start, dtype=float)
    value, slope, curvature = _expanded(densities, share, at)
    for left in reversed(range(_STEPS)):
        scale, axes = np.linalg.eigh(curvature)
        sizes = np.maximum(np.abs(scale), _LEAST_CURVATURE)
        along = axes.T @ slope / sizes
        gain = 0.5 * float(along**2 @ sizes)
        if not (left and gain > _GAIN):
            break
        step = axes @ along * min(1.0, _LONGEST / float(np.max(np.abs(along) * np.sqrt(sizes))))
        found = _raised(densities, share, at, step, value)
        if found is None:
            break
        at, (value, slope, curvature) = found
    peaked = bool(np.isfinite(value) and np.all(scale > 0.0))
    width = -0.5 * float(np.log(sizes).sum())
    return Node(share, at, value + min(gain, _GAIN) + width, width, peaked)


def second_derivatives(densities: Densities, node: Node) -> Array:
    """Return minus the second derivatives in the other coordinates, shape (d - 1, d - 1)."""
    return _expanded(densities, node.share, node.others)[2]


type _Expansion = tuple[float, Array, Array]


def _raised(
    densities: Densities, share: float, at: Array, step: Array, value: float
) -> tuple[Array, _Expansion] | None:
    """Return a higher point along a step, with its expansion, or ``None``."""
    for _ in range(4):
        there = at + step
        found = _expanded(densities, share, there)
        if found[0] > value:
            return there, found
        step = 0.25 * step
    return None


def _expanded(densities: Densities, share: float, at: Array) -> _Expansion:
    """Return the log-density with respect to share, its gradient and minus its second derivatives.

    All in one call, since many points cost little more than one.
    """
    size = at.size
    moved = at + _DISTANCE * np.concatenate([np.zeros((1, size)), np.eye(size), -np.eye(size)])
    first = np.full((moved.shape[0], 1), logit(share))
    values, gradients = densities(np.concatenate([first, moved], axis=1))
    value = float(values[0]) - float(np.log(share * (1.0 - share)))
    slopes = gradients[:, 1:]
    if not (np.isfinite(value) and np.all(np.isfinite(slopes))):
        return -np.inf, np.zeros(size), np.eye(size)
    half = (slopes[1 + size :] - slopes[1 : 1 + size]) / (2.0 * _DISTANCE)
    return value, slopes[0], 0.5 * (half + half.T)
