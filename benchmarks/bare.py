"""The likelihood of XENONnT written by hand in Numba: what the package's speed is measured against.

No PyTensor, no PyMC, no generality: two shape nuisances, three signal components and neutrons
that depend on them, accidental coincidences (one component for each of three runs) and
electronic recoils that do not. `problem.py` fills in the numbers.

The tensor-product spline and its two slopes are taken in one pass over the table, so that each
number of it is read once for value and gradient. That was the fastest of the ways tried.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

type Array = NDArray[np.float64]

SHAPED = 4  #: components on the shape axes: Standard Model, interference, new physics, neutrons
PLAIN = 4  #: components without axes: accidental coincidences of three runs, electronic recoils

#: Positions of the parameters: coupling coordinate, then the nuisances, as in the package's model.
COORDINATE, FLUX, TLY, TQY, AC, ER, NEUTRON = 0, 1, 2, 3, 4, 7, 8
DIMENSION = 9

FLAT, FLAT_RATE, LOG = range(3)

# What PyTensor allows its Numba code too.
compiled = njit(fastmath={"arcp", "contract", "afn", "reassoc", "nsz"})


class Problem(NamedTuple):
    """The numbers of one likelihood and its priors, at one mediator mass.

    Attributes
    ----------
    table
        B-spline coefficients of the shaped components, (n_tly, n_tqy, SHAPED x bins).
    plain
        Expected counts of the other components, (PLAIN, bins).
    breaks
        Inner knots of the two axes, (2, pieces - 1).
    pieces
        The four non-zero basis splines in each piece as polynomials in the distance to its
        lower end, (2, pieces, 4 splines, 4 powers), lowest power first.
    ends
        Lower end of each piece, (2, pieces).
    observed
        Observed counts, (bins,).
    lower, upper
        Bounds of the parameters, (DIMENSION,); the upper may be infinite.
    mean, sigma
        Normal priors of the parameters, (DIMENSION,); sigma is infinite for the coordinate.
    centre, scale
        Of the map from the coordinate to x.
    kind
        FLAT, FLAT_RATE or LOG.
    signed
        Whether the sign of x is observable.
    constant
        Logarithms of all normalisations, of the priors and of the Poisson probabilities.
    """

    table: Array
    plain: Array
    breaks: Array
    pieces: Array
    ends: Array
    observed: Array
    lower: Array
    upper: Array
    mean: Array
    sigma: Array
    centre: float
    scale: float
    kind: int
    signed: bool
    constant: float


@compiled
def splines(problem: Problem, axis: int, at: float, value: Array, slope: Array) -> int:
    """Fill the four non-zero basis splines and their slopes; return the index of the first."""
    piece = 0
    while piece < problem.breaks.shape[1] and at >= problem.breaks[axis, piece]:
        piece += 1
    u = at - problem.ends[axis, piece]
    for k in range(4):
        a = problem.pieces[axis, piece, k]
        value[k] = ((a[3] * u + a[2]) * u + a[1]) * u + a[0]
        slope[k] = (3.0 * a[3] * u + 2.0 * a[2]) * u + a[1]
    return piece


@compiled
def interpolate(problem: Problem, tly: float, tqy: float) -> Array:
    """Return the shaped components and their slopes along both axes, (3, SHAPED, bins)."""
    basis = np.empty((4, 4))
    v, dv, w, dw = basis[0], basis[1], basis[2], basis[3]
    i0 = splines(problem, 0, tly, v, dv)
    j0 = splines(problem, 1, tqy, w, dw)
    w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
    d0, d1, d2, d3 = dw[0], dw[1], dw[2], dw[3]
    size = problem.table.shape[2]
    result = np.zeros((3, size))
    total, along_tly, along_tqy = result[0], result[1], result[2]
    for half in range(2):  # 8 of the 16 nodes at a time: more do not fit into registers
        first, second = problem.table[i0 + 2 * half], problem.table[i0 + 2 * half + 1]
        p0, p1, p2, p3 = first[j0], first[j0 + 1], first[j0 + 2], first[j0 + 3]
        q0, q1, q2, q3 = second[j0], second[j0 + 1], second[j0 + 2], second[j0 + 3]
        v0, v1, s0, s1 = v[2 * half], v[2 * half + 1], dv[2 * half], dv[2 * half + 1]
        for b in range(size):
            p = w0 * p0[b] + w1 * p1[b] + w2 * p2[b] + w3 * p3[b]
            q = w0 * q0[b] + w1 * q1[b] + w2 * q2[b] + w3 * q3[b]
            dp = d0 * p0[b] + d1 * p1[b] + d2 * p2[b] + d3 * p3[b]
            dq = d0 * q0[b] + d1 * q1[b] + d2 * q2[b] + d3 * q3[b]
            total[b] += v0 * p + v1 * q
            along_tly[b] += s0 * p + s1 * q
            along_tqy[b] += v0 * dp + v1 * dq
    return result.reshape((3, SHAPED, size // SHAPED))


@compiled
def rates(problem: Problem, shaped: Array, scales: Array, out: Array) -> None:
    """Fill the expected counts; `scales` are those of the SHAPED, then of the PLAIN components."""
    c0, c1, c2, c3, c4, c5, c6, c7 = scales
    s, p = shaped[0], problem.plain
    for b in range(out.size):
        out[b] = c0 * s[0, b] + c1 * s[1, b] + c2 * s[2, b] + c3 * s[3, b]
        out[b] += c4 * p[0, b] + c5 * p[1, b] + c6 * p[2, b] + c7 * p[3, b]


@compiled
def adjoint(
    problem: Problem, shaped: Array, scales: Array, cotangent: Array, gradient: Array
) -> None:
    """Fill the cotangents of the eight scales and of the two shape nuisances, (10,)."""
    to_tly, to_tqy = 0.0, 0.0
    for k in range(SHAPED):
        to_scale, to_plain, along_tly, along_tqy = 0.0, 0.0, 0.0, 0.0
        for b in range(cotangent.size):
            to_scale += cotangent[b] * shaped[0, k, b]
            along_tly += cotangent[b] * shaped[1, k, b]
            along_tqy += cotangent[b] * shaped[2, k, b]
            to_plain += cotangent[b] * problem.plain[k, b]
        gradient[k] = to_scale
        gradient[SHAPED + k] = to_plain
        to_tly += scales[k] * along_tly
        to_tqy += scales[k] * along_tqy
    gradient[SHAPED + PLAIN] = to_tly
    gradient[SHAPED + PLAIN + 1] = to_tqy


@compiled
def rates_and_gradient(
    problem: Problem,
    scales: Array,
    tly: float,
    tqy: float,
    cotangent: Array,
    out: Array,
    gradient: Array,
) -> None:
    """Fill the expected counts and their adjoint: the bare kernel of the table contraction."""
    shaped = interpolate(problem, tly, tqy)
    rates(problem, shaped, scales, out)
    adjoint(problem, shaped, scales, cotangent, gradient)


@compiled
def product(problem: Problem, t: float) -> tuple[float, float]:
    """Return x and dx/dt at a coordinate t of the coupling prior."""
    if problem.kind == FLAT:
        offset, slope = t, 1.0
    elif problem.kind == FLAT_RATE:
        offset = np.sign(t) * np.sqrt(abs(t))
        slope = 0.5 / np.sqrt(abs(t))
    else:
        offset = np.sign(t) * np.exp(2.0 * abs(t))
        slope = 2.0 * np.exp(2.0 * abs(t))
    x, dx = problem.centre + problem.scale * offset, problem.scale * slope
    return (x, dx) if problem.signed or x >= 0.0 else (-x, -dx)


@compiled
def fill_scales(natural: Array, x: float, scales: Array) -> None:
    """Fill what multiplies each component, (8,)."""
    scales[0] = natural[FLUX]
    scales[1] = natural[FLUX] * x
    scales[2] = natural[FLUX] * x * x
    scales[3] = natural[NEUTRON]
    scales[4:7] = natural[AC : AC + 3]
    scales[7] = natural[ER]


@compiled
def poisson(problem: Problem, mean: Array, cotangent: Array) -> float:
    """Return sum_b (n_b log mu_b - mu_b) and fill its derivative by mu."""
    total = 0.0
    for b in range(mean.size):
        total -= mean[b]
        cotangent[b] = -1.0
        if problem.observed[b] > 0.0:
            if mean[b] <= 0.0:
                return -np.inf
            total += problem.observed[b] * np.log(mean[b])
            cotangent[b] += problem.observed[b] / mean[b]
    return total


@compiled
def log_likelihood(natural: Array, problem: Problem) -> float:
    """Return the Poisson log-likelihood up to its constant, at untransformed parameters."""
    scales = np.empty(SHAPED + PLAIN)
    work = np.empty((2, problem.observed.size))
    fill_scales(natural, product(problem, natural[COORDINATE])[0], scales)
    rates(problem, interpolate(problem, natural[TLY], natural[TQY]), scales, work[0])
    return poisson(problem, work[0], work[1])


@compiled
def constrain(point: Array, problem: Problem, natural: Array, slope: Array, grad: Array) -> float:
    """Fill the parameters, their slopes and d(log prior)/d(point); return the log prior.

    The prior is that of the point: Jacobians are in, normalisations are in `Problem.constant`.
    """
    total = 0.0
    for i in range(DIMENSION):
        u = point[i]
        e = np.exp(-abs(u))
        log_sigmoid = min(u, 0.0) - np.log1p(e)
        sigmoid = 1.0 / (1.0 + e) if u >= 0.0 else e / (1.0 + e)
        if np.isinf(problem.upper[i]):  # softplus
            natural[i] = problem.lower[i] + u - log_sigmoid
            slope[i] = sigmoid
            total += log_sigmoid
            grad[i] = 1.0 - sigmoid
        else:  # interval
            width = problem.upper[i] - problem.lower[i]
            natural[i] = problem.lower[i] + width * sigmoid
            slope[i] = width * sigmoid * (1.0 - sigmoid)
            total += np.log(width) + 2.0 * log_sigmoid - u
            grad[i] = 1.0 - 2.0 * sigmoid
        pull = (natural[i] - problem.mean[i]) / problem.sigma[i]
        total -= 0.5 * pull * pull
        grad[i] -= pull / problem.sigma[i] * slope[i]
    return total


@compiled
def log_density_and_gradient(point: Array, problem: Problem, gradient: Array) -> float:
    """Return the log-density of data and priors in the sampler's coordinates, fill its gradient."""
    natural, slope = np.empty(DIMENSION), np.empty(DIMENSION)
    scales, back = np.empty(SHAPED + PLAIN), np.empty(SHAPED + PLAIN + 2)
    work = np.empty((2, problem.observed.size))
    total = problem.constant + constrain(point, problem, natural, slope, gradient)

    x, dx = product(problem, natural[COORDINATE])
    fill_scales(natural, x, scales)
    shaped = interpolate(problem, natural[TLY], natural[TQY])
    rates(problem, shaped, scales, work[0])
    total += poisson(problem, work[0], work[1])
    adjoint(problem, shaped, scales, work[1], back)

    gradient[COORDINATE] += natural[FLUX] * dx * (back[1] + 2.0 * x * back[2]) * slope[COORDINATE]
    gradient[FLUX] += (back[0] + x * back[1] + x * x * back[2]) * slope[FLUX]
    gradient[NEUTRON] += back[3] * slope[NEUTRON]
    for run in range(3):
        gradient[AC + run] += back[4 + run] * slope[AC + run]
    gradient[ER] += back[7] * slope[ER]
    gradient[TLY] += back[8] * slope[TLY]
    gradient[TQY] += back[9] * slope[TQY]
    return total


@compiled
def log_densities(points: Array, problem: Problem) -> Array:
    """Return the log-densities at many points, (n,): what emcee asks for."""
    gradient = np.empty(DIMENSION)
    result = np.empty(points.shape[0])
    for i in range(points.shape[0]):
        result[i] = log_density_and_gradient(points[i], problem, gradient)
    return result


@compiled
def log_likelihoods(naturals: Array, problem: Problem) -> Array:
    """Return `log_likelihood` at many points, (n,)."""
    result = np.empty(naturals.shape[0])
    for i in range(naturals.shape[0]):
        result[i] = log_likelihood(naturals[i], problem)
    return result
