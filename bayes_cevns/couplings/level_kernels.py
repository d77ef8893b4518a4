"""Levels of many Hermitian 3 x 3 matrices for Numba, and their adjoint.

The formulas are those of `bayes_cevns.physics.oscillation.levels`, for matrices

    H = V + f C + g N,   f = scale, g = scale ratio,

of which only the four numbers of `invariant_kernels` matter: they are polynomials in f and g. The
loops over matrices have no branches and no calls, so that the compiler takes several at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

from bayes_cevns.arrays import Array
from bayes_cevns.physics.oscillation.levels import LEAST_GAP
from bayes_cevns.tables.compiled import kernel

type Eight = tuple[float, float, float, float, float, float, float, float]


def _apart(u: Array) -> Array:
    """Return (2 - t) / u for the root t of `levels` at s = 1 - u: t = 2 cos(arccos(s) / 3)."""
    return np.asarray(4.0 * np.sin(np.arccos(1.0 - u) / 6.0) ** 2 / u)


#: That, as a polynomial in u from 0 to 1: right to 5e-8, and after one step of Newton's to 1e-15.
_L0, _L1, _L2, _L3, _L4, _L5, _L6, _L7 = (
    Chebyshev.interpolate(_apart, 7, domain=[0.0, 1.0]).convert(kind=Polynomial).coef
)


@kernel
def shares_and_gaps(
    c: Array, scale: Array, ratio: Array, pair: int, shares: Array, gaps: Array, kept: Array
) -> None:
    """Fill in the shares of nu_e in the levels, from the lowest, and one gap.

    Parameters
    ----------
    c
        Coefficients of `invariant_kernels.coefficients`, shape (25,).
    scale, ratio
        Shape (n,) each.
    pair
        The gap is that of the levels `pair` and `pair` + 1, from the lowest, 0 or 1.
    shares, gaps
        Shapes (3, n) and (n,).
    kept
        What the adjoint needs, shape (`bayes_cevns.couplings.state_sizes.KEPT`, n).
    """
    a0, a1, a2, q0, q1, q2, q3, q4, q5 = c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8]
    p0, p1, p2, p3, p4, p5 = c[9], c[10], c[11], c[12], c[13], c[14]
    d0, d1, d2, d3, d4, d5 = c[15], c[16], c[17], c[18], c[19], c[20]
    d6, d7, d8, d9 = c[21], c[22], c[23], c[24]
    low, middle, top = shares[0], shares[1], shares[2]
    k0, k1, k2, k3 = kept[0], kept[1], kept[2], kept[3]
    k4, k5, k6, k7 = kept[4], kept[5], kept[6], kept[7]
    for k in range(scale.size):
        f, y = scale[k], ratio[k]
        a = a0 + f * (a1 + y * a2)
        square = q0 + f * (q1 + y * q2 + f * (q3 + y * (q4 + y * q5)))
        p_2 = p0 + f * (p1 + y * p2 + f * (p3 + y * (p4 + y * p5)))
        cubic = d6 + y * (d7 + y * (d8 + y * d9))
        det = d0 + f * (d1 + y * d2 + f * (d3 + y * (d4 + y * d5) + f * cubic))
        p = np.sqrt(p_2)
        by_p = 1.0 / p
        s = min(0.5 * abs(det) * (by_p * by_p * by_p), 1.0)
        u = 1.0 - s
        below = _L4 + u * (_L5 + u * (_L6 + u * _L7))
        t = 2.0 - u * (_L0 + u * (_L1 + u * (_L2 + u * (_L3 + u * below))))
        slope = 1.0 / (3.0 * (t * t - 1.0))
        step = (t * (t * t - 3.0) - 2.0 * s) * slope
        by_t = slope + 6.0 * t * step * (slope * slope)
        t = min(t - step, 2.0)
        is_high = det >= 0.0
        signed = p if is_high else -p
        apart = signed * t
        root = max(np.sqrt(0.75 * (2.0 - t) * (2.0 + t)), LEAST_GAP)
        by_root = 1.0 / root
        share = (square + apart * a + apart * apart - 3.0 * p_2) * (by_t * by_p * by_p)
        difference = (a + 0.5 * apart - 1.5 * apart * share) * (by_p * by_root)
        lower, upper = 0.5 * (1.0 - share - difference), 0.5 * (1.0 - share + difference)
        low[k] = lower if is_high else share
        middle[k] = upper if is_high else lower
        top[k] = share if is_high else upper
        gaps[k] = 2.0 * p * root if is_high == (pair == 0) else p * (1.5 * t - root)
        k0[k], k1[k], k2[k], k3[k] = a, signed, by_p, s
        k4[k], k5[k], k6[k], k7[k] = t, by_t, by_root, share


@kernel
def squared_gaps(c: Array, scale: Array, ratio: Array, pair: int, out: Array) -> None:
    """Fill in the squares of one gap alone, right to 5e-8, shape (n,)."""
    p0, p1, p2, p3, p4, p5 = c[9], c[10], c[11], c[12], c[13], c[14]
    d0, d1, d2, d3, d4, d5 = c[15], c[16], c[17], c[18], c[19], c[20]
    d6, d7, d8, d9 = c[21], c[22], c[23], c[24]
    for k in range(scale.size):
        f, y = scale[k], ratio[k]
        p_2 = p0 + f * (p1 + y * p2 + f * (p3 + y * (p4 + y * p5)))
        cubic = d6 + y * (d7 + y * (d8 + y * d9))
        det = d0 + f * (d1 + y * d2 + f * (d3 + y * (d4 + y * d5) + f * cubic))
        u = max(1.0 - 0.5 * abs(det) / (p_2 * np.sqrt(p_2)), 0.0)
        below = _L4 + u * (_L5 + u * (_L6 + u * _L7))
        less = u * (_L0 + u * (_L1 + u * (_L2 + u * (_L3 + u * below))))
        near2 = 0.75 * less * (4.0 - less)
        far = 1.5 * (2.0 - less) - np.sqrt(near2)
        out[k] = p_2 * (4.0 * near2 if (det >= 0.0) == (pair == 0) else far * far)


@kernel
def fill_powers(scale: Array, ratio: Array, out: Array) -> None:
    """Fill in the powers of f and g of each matrix, shape (n, 10)."""
    for k in range(scale.size):
        f, g = scale[k], scale[k] * ratio[k]
        ff, gg = f * f, g * g
        out[k, 0], out[k, 1], out[k, 2] = 1.0, f, g
        out[k, 3], out[k, 4], out[k, 5] = ff, f * g, gg
        out[k, 6], out[k, 7], out[k, 8], out[k, 9] = f * ff, g * ff, f * gg, g * gg


@kernel
def add_adjoint(
    powers: Array,
    pair: int,
    kept: Array,
    to_shares: Array,
    to_gaps: Array,
    work: Array,
    out: Array,
) -> None:
    """Add the cotangents of the coefficients to `out`, (25,), for those of shares and gaps.

    Shapes (3, n) and (n,); `powers` are those of `fill_powers`, `work` has shape (4, n).
    """
    low, middle, top = to_shares[0], to_shares[1], to_shares[2]
    k0, k1, k2, k3 = kept[0], kept[1], kept[2], kept[3]
    k4, k5, k6, k7 = kept[4], kept[5], kept[6], kept[7]
    w0, w1, w2, w3 = work[0], work[1], work[2], work[3]
    for k in range(w0.size):
        a, signed, by_p, s = k0[k], k1[k], k2[k], k3[k]
        t, by_t, by_root, share = k4[k], k5[k], k6[k], k7[k]
        is_high = signed > 0.0
        sign = 1.0 if is_high else -1.0
        p, apart = abs(signed), signed * t
        p_2, root = p * p, 1.0 / by_root
        by_half = by_p * by_root
        difference = (a + 0.5 * apart - 1.5 * apart * share) * by_half
        to_share = top[k] if is_high else low[k]
        to_lower = low[k] if is_high else middle[k]
        to_upper = middle[k] if is_high else top[k]
        near = is_high == (pair == 0)
        to_difference = 0.5 * (to_upper - to_lower) * by_half
        to_share = to_share - 0.5 * (to_lower + to_upper) - 1.5 * apart * to_difference
        to_half = (2.0 if near else -1.0) * to_gaps[k] - difference * to_difference
        to_top = to_share * (by_t * by_p * by_p)
        # Of p t, the distance of the level that stands apart from the middle.
        to_pt = sign * ((0.5 - 1.5 * share) * to_difference + (a + 2.0 * apart) * to_top)
        to_pt += 0.0 if near else 1.5 * to_gaps[k]
        to_t = p * to_pt - 6.0 * p_2 * t * share * to_top - 0.75 * p * t * by_root * to_half
        to_s = 2.0 * to_t * by_t
        to_p2 = -3.0 * to_top * (1.0 + (t * t - 1.0) * share) - 1.5 * s * by_p * by_p * to_s
        w0[k] = to_difference + apart * to_top
        w1[k] = to_top
        w2[k] = to_p2 + 0.5 * (root * to_half + t * to_pt) * by_p
        w3[k] = sign * 0.5 * to_s * (by_p * by_p * by_p)
    _add_sums(work, powers, out)


@kernel
def _more(sums: Eight, value: float, powers: Array, k: int) -> Eight:
    """Return sums with a number times the first eight powers of a matrix added."""
    return (
        sums[0] + value * powers[k, 0],
        sums[1] + value * powers[k, 1],
        sums[2] + value * powers[k, 2],
        sums[3] + value * powers[k, 3],
        sums[4] + value * powers[k, 4],
        sums[5] + value * powers[k, 5],
        sums[6] + value * powers[k, 6],
        sums[7] + value * powers[k, 7],
    )


@kernel
def _add_sums(work: Array, powers: Array, out: Array) -> None:
    """Add the sums over matrices of four cotangents times the powers of f and g, (25,).

    Eight at a time, each in the order of the matrices.
    """
    zero = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    a, square, p_2, det, eighth, ninth = zero, zero, zero, zero, 0.0, 0.0
    for k in range(powers.shape[0]):
        a, square = _more(a, work[0, k], powers, k), _more(square, work[1, k], powers, k)
        p_2, det = _more(p_2, work[2, k], powers, k), _more(det, work[3, k], powers, k)
        eighth, ninth = eighth + work[3, k] * powers[k, 8], ninth + work[3, k] * powers[k, 9]
    for i in range(3):
        out[i] += a[i]
    for i in range(6):
        out[3 + i] += square[i]
        out[9 + i] += p_2[i]
    for i in range(8):
        out[15 + i] += det[i]
    out[23] += eighth
    out[24] += ninth
