"""Coordinates in which the posterior of a branch is close to a standard normal density.

A sampler takes steps that suit the steepest direction of a density, and needs many of them along
the flattest one. The ridge of a posterior (`bayes_cevns.inference.modes.ridge`) shows both before
anything is sampled: how probable each coupling is, and where the nuisances are for it. The sampler
therefore works in coordinates z, from which those of the model follow as

    u = c(z_1) + L z.

The first component of the curve c makes the coupling normal: u_1 = F^-1(Phi(z_1)), with Phi the
normal distribution function and F that of the coupling along the ridge. The others follow the
ridge, and the lower triangular L has the Cholesky factor of their covariance at a given coupling.
Wherever the ridge is wrong, the draws are right none the less: the map has its Jacobian, and only
the number of steps depends on it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.special import expit, logit, ndtri

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.stretched import unbounded
from bayes_cevns.density.chart import Chart
from bayes_cevns.inference.modes.ridge import Density, Ridge

#: Knots of the curve reach this far on either side, in standard deviations; beyond, it is straight.
_REACH, _KNOTS = 5.0, 41

#: Where F is evaluated: so many points between two points of the ridge, and beyond its ends as far
#: as this, at this distance, in the coordinate of the sampler.
_BETWEEN, _TAIL, _TAIL_POINTS = 40, 40.0, 160

#: Quantiles of the coupling at which the covariance of the nuisances is taken.
_PLACES = (-1.5, -0.75, 0.0, 0.75, 1.5)

#: Weights with which neighbouring knots are averaged: the ridge itself is known to a few per cent
#: of a standard deviation.
_SMOOTHING = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0

#: Second derivatives: the first step, the largest and the usual one in units of the standard
#: deviation that they give, and how often steps are made smaller.
_STEP, _LARGEST, _USUAL, _ROUNDS = 1e-4, 0.2, 0.02, 4

#: Shares keep this distance from 0 and 1 where they have an unbounded coordinate.
_END = 1e-12

#: The least share of a probability that counts.
_TINY = 1e-300


def ridge_chart(
    density: Density, ridge: Ridge, ends: tuple[float, float], length: float
) -> Chart | None:
    """Return the chart of a branch.

    Parameters
    ----------
    density
        Log-density and gradient at one point, whose first coordinate is the logit of the share of
        the coupling in its whole range.
    ridge
        Its ridge over the branch.
    ends
        Ends of the branch, as shares of the whole range.
    length
        The R of `bayes_cevns.couplings.stretched`: u_1 is the coordinate that it gives to the share
        of the branch.

    Returns
    -------
    Chart or None
        ``None`` where the ridge does not have a maximum over the nuisances at any of the places
        where their covariance is taken.
    """
    known = np.isfinite(ridge.value)
    share = np.clip((ridge.share[known] - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0)
    share, first = np.unique(share, return_index=True)
    if share.size < 2:
        return None
    value, others = ridge.value[known][first], ridge.others[known][first]
    knots, coupling = _standardised(share, value, length)
    where = _share(coupling, length)
    path = np.empty((knots.size, others.shape[1]))
    for i, other in enumerate(others.T):
        padded = np.pad(np.interp(where, share, other), 2, mode="edge")
        path[:, i] = np.convolve(padded, _SMOOTHING, "valid")

    found = []
    for place in _PLACES:
        s = np.interp(place, knots, where)
        begin = logit(np.clip(ends[0] + (ends[1] - ends[0]) * s, _END, 1.0 - _END))
        at = np.array([np.interp(s, share, other) for other in others.T])
        covariance = _covariance(density, float(begin), at)
        if covariance is not None:
            found.append(covariance)
    if not found:
        return None
    size = others.shape[1] + 1
    factor = np.zeros((size, size))
    factor[1:, 1:] = np.linalg.cholesky(np.mean(found, axis=0))
    spline = CubicSpline(knots, np.column_stack([coupling, path]), bc_type="natural")
    curve = np.ascontiguousarray(np.moveaxis(spline.c[::-1], (0, 1, 2), (2, 1, 0)))
    return Chart(float(knots[0]), float(knots[1] - knots[0]), curve, factor)


def _standardised(share: Array, value: Array, length: float) -> tuple[Array, Array]:
    """Return knots of z_1, and u_1 at them.

    Minima of the density are filled up from the side of the lower mode, so that the map is smooth
    also where next to nothing of the posterior lies.
    """
    edge = 0.5 * length
    at = unbounded(np.clip(share, _END, 1.0 - _END), length)
    between = [np.linspace(a, b, _BETWEEN) for a, b in pairwise(at)]
    tail = np.linspace(0.0, _TAIL, _TAIL_POINTS)[1:]
    u = np.unique(np.concatenate([*between, -edge - tail, edge + tail]))
    inside = np.clip(_share(u, length), share[0], share[-1])
    log_density = PchipInterpolator(share, value)(inside) + _log_slope(u, length)
    top = int(np.argmax(log_density))
    rising = np.maximum.accumulate(log_density[:top])
    falling = np.maximum.accumulate(log_density[top:][::-1])[::-1]
    height = np.exp(np.concatenate([rising, falling]) - log_density[top])
    cells = 0.5 * (height[1:] + height[:-1]) * np.diff(u)
    below = np.concatenate([[0.0], np.cumsum(cells)])
    above = np.concatenate([np.cumsum(cells[::-1])[::-1], [0.0]])
    low, high = (np.maximum(part / below[-1], _TINY) for part in (below, above))
    z = np.where(below < above, ndtri(low), -ndtri(high))
    kept = np.abs(z) < _REACH + 2.0
    z, u = z[kept], u[kept]
    apart = np.concatenate([[True], np.diff(z) > 1e-9])
    z, u = z[apart], u[apart]
    knots = np.linspace(max(-_REACH, z[0]), min(_REACH, z[-1]), _KNOTS)
    return knots, PchipInterpolator(z, u)(knots)


def _share(at: Array, length: float) -> Array:
    """Return the share of a branch, the inverse of `unbounded`."""
    if length == 0.0:
        return np.asarray(expit(at))
    edge = 0.5 * length
    return np.asarray((np.logaddexp(0.0, at + edge) - np.logaddexp(0.0, at - edge)) / length)


def _log_slope(at: Array, length: float) -> Array:
    """Return the logarithm of the derivative of `_share`, up to a constant."""
    edge = 0.5 * length
    return np.asarray(-np.logaddexp(0.0, -at - edge) - np.logaddexp(0.0, at - edge))


def _covariance(density: Density, begin: float, others: Array) -> Array | None:
    """Return the inverse of minus the second derivatives with respect to the other coordinates.

    ``None`` if that is not positive definite.
    """
    if others.size == 0:
        return np.empty((0, 0))
    steps = np.full(others.size, _STEP)
    for _ in range(_ROUNDS):
        hessian = np.empty((others.size, others.size))
        for i, step in enumerate(steps):
            moved = np.repeat(np.concatenate([[begin], others])[None], 2, axis=0)
            moved[:, i + 1] += step, -step
            hessian[i] = (density(moved[1])[1][1:] - density(moved[0])[1][1:]) / (2.0 * step)
        hessian = 0.5 * (hessian + hessian.T)
        if not np.all(np.isfinite(hessian)) or np.linalg.eigvalsh(hessian).min() <= 0.0:
            return None
        spread = 1.0 / np.sqrt(hessian.diagonal())
        if np.all(steps <= _LARGEST * spread):
            break
        steps = np.minimum(steps, _USUAL * spread)
    return np.asarray(np.linalg.inv(hessian))
