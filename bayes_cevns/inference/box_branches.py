"""Where the posterior of several couplings falls apart: parts of their box, sampled one by one.

The expected counts are a quadratic form in the couplings, with a least value between two that are
alike: charges of the opposite sign scatter as much. On the way across, through the Standard Model
along the direction in which the nominal signal curves most, the posterior is followed with the
nuisances at their best; planes through its minima cut the box. Where they lie decides how well NUTS
gets on, not what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from bayes_cevns.couplings.slab import Slab
from bayes_cevns.couplings.valleys import NEGLIGIBLE, deep_minima
from bayes_cevns.inference.ridge import Density, find_ridge, shares_around

type Array = NDArray[np.float64]

#: A minimum is a border between branches if the log-density is lower by this than on both sides;
#: over less NUTS walks as if it were not there.
DEPTH = 0.1

#: The grid along the line: even points, and closer and closer around the Standard Model.
_EVEN, _FINEST, _DISTANCES = 161, 1e-3, 12

#: Step of second derivatives, in units of the box.
_STEP = 2e-3

#: Couplings at a wall of the box are taken this far inside of it, as a share of its width.
_INSIDE = 1e-9


def box_branches(
    signal: Callable[[Array], float],
    density: Density,
    box: Slab,
    standard: Array,
    starts: Array,
) -> tuple[Slab, ...]:
    """Return the branches of a posterior, one if it does not fall apart.

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
    tuple of Slab
        They fill the box without overlap, in increasing order along their common normal.

    Raises
    ------
    ConvergenceError
        If the density is not finite anywhere where the sampler may begin.
    """
    span = box.upper - box.lower
    middle = np.clip(standard, box.lower + 0.01 * span, box.upper - 0.01 * span)
    direction = steepest(signal, middle, span)
    line = _Line.through(box, middle, direction * span)
    begin = line.share_of(middle)
    grid = shares_around([begin], even=_EVEN, finest=_FINEST, distances=_DISTANCES)
    ridge = find_ridge(
        line.along(density),
        grid,
        starts[:, span.size :],
        begin=begin,
        negligible=NEGLIGIBLE,
        group=lambda shares: np.zeros(shares.size, dtype=np.int64),
    )
    normal = direction / span
    places = [line.at(float(ridge.share[i])) @ normal for i in deep_minima(ridge.value, DEPTH)]
    return box.cut(normal, places)


class _Line:
    """A straight way through a box, from wall to wall."""

    def __init__(self, box: Slab, start: Array, end: Array) -> None:
        self._box, self._start, self._way = box, start, end - start

    @classmethod
    def through(cls, box: Slab, point: Array, step: Array) -> _Line:
        """Return the line through a point along a step."""
        with np.errstate(divide="ignore"):
            to_walls = np.stack([(box.lower - point) / step, (box.upper - point) / step])
        low, high = to_walls.min(axis=0).max(), to_walls.max(axis=0).min()
        return cls(box, point + low * step, point + high * step)

    def at(self, share: float) -> Array:
        """Return the couplings at a share of the way."""
        return np.asarray(self._start + share * self._way)

    def share_of(self, point: Array) -> float:
        """Return the share of the way of a point on it."""
        return float((point - self._start) @ self._way / (self._way @ self._way))

    def along(self, density: Density) -> Density:
        """Return a density as a function of the logit of the share and of the other coordinates.

        Its gradient with respect to the share is that of the density of the couplings, without the
        Jacobian of their places.
        """
        start, span, _ = self._box.numbers
        order = self._box.order
        way = self._way[order] / span

        def value(point: Array) -> tuple[float, Array]:
            share = float(expit(point[0]))
            places = np.clip((self.at(share)[order] - start) / span, _INSIDE, 1.0 - _INSIDE)
            at = np.concatenate([logit(places), point[1:]])
            found, gradient = density(at)
            slopes = places * (1.0 - places)
            per_place = (gradient[: span.size] - (1.0 - 2.0 * places)) / slopes
            jacobian = share * (1.0 - share)
            along = jacobian * float(per_place @ way) + (1.0 - 2.0 * share)
            total = found - float(np.log(slopes).sum()) + float(np.log(jacobian))
            return total, np.concatenate([[along], gradient[span.size :]])

        return value


def steepest(signal: Callable[[Array], float], point: Array, span: Array) -> Array:
    """Return the direction in which a signal curves up most, in units of a span.

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
    ndarray
        Eigenvector of the largest eigenvalue, of unit length; its largest component is positive.
    """
    steps = _STEP * np.diag(span)
    signs: Sequence[tuple[int, int]] = [(s, t) for s in (1, -1) for t in (1, -1)]
    hessian = np.empty((span.size, span.size))
    for i, one in enumerate(steps):
        for j, two in enumerate(steps[: i + 1]):
            corners = [s * t * signal(point + s * one + t * two) for s, t in signs]
            hessian[i, j] = hessian[j, i] = sum(corners) / (4.0 * _STEP**2)
    direction = np.asarray(np.linalg.eigh(hessian)[1][:, -1])
    return np.asarray(direction * np.sign(direction[np.argmax(np.abs(direction))]))
