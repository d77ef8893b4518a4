"""Levels of Hermitian 3 x 3 matrices for Numba, and their adjoint.

The formulas are those of `bayes_cevns.physics.oscillation.levels`, one matrix at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pytensor.link.numba.dispatch.basic import numba_njit

from bayes_cevns.physics.oscillation.levels import GUESS, LEAST_GAP

type Array = NDArray[np.float64]

_G0, _G1, _G2 = GUESS


@numba_njit
def invariants(h: Array) -> tuple[float, float, float, float]:
    """Return p, |s| = |det|/(2 p^3), the root t and the sign of the determinant."""
    third = (h[0] + h[1] + h[2]) / 3.0
    a, b, c = h[0] - third, h[1] - third, h[2] - third
    x2, y2, z2 = h[3] * h[3] + h[6] * h[6], h[4] * h[4] + h[7] * h[7], h[5] * h[5] + h[8] * h[8]
    p2 = (a * a + b * b + c * c) / 6.0 + (x2 + y2 + z2) / 3.0
    cycle = (h[3] * h[5] - h[6] * h[8]) * h[4] + (h[3] * h[8] + h[6] * h[5]) * h[7]
    det = a * b * c + 2.0 * cycle - a * z2 - b * y2 - c * x2
    p = np.sqrt(p2)
    s = min(0.5 * abs(det) / (p2 * p), 1.0)
    t = _G0 + s * (_G1 + s * _G2)
    t = (2.0 * t * t * t + 2.0 * s) / (3.0 * (t * t - 1.0))
    t = (2.0 * t * t * t + 2.0 * s) / (3.0 * (t * t - 1.0))
    t = (2.0 * t * t * t + 2.0 * s) / (3.0 * (t * t - 1.0))
    return p, s, min(t, 2.0), -1.0 if det < 0.0 else 1.0


@numba_njit
def pair_gap(h: Array, pair: int) -> float:
    """Return the gap of levels `pair` and `pair` + 1, from the lowest, 0 or 1."""
    p, _, t, sign = invariants(h)
    half = p * max(np.sqrt(0.75 * (2.0 - t) * (2.0 + t)), LEAST_GAP)
    near = 2.0 * half
    wide = 1.5 * p * t - half
    return near if (sign > 0.0) == (pair == 0) else wide


@numba_njit
def shares(h: Array, out: Array) -> None:
    """Fill in the shares of nu_e in the levels, from the lowest."""
    p, _, t, sign = invariants(h)
    a = h[0] - (h[0] + h[1] + h[2]) / 3.0
    square = a * a + h[3] * h[3] + h[6] * h[6] + h[4] * h[4] + h[7] * h[7]
    apart = sign * p * t
    half = p * max(np.sqrt(0.75 * (2.0 - t) * (2.0 + t)), LEAST_GAP)
    share = (square + apart * a + apart * apart - 3.0 * p * p) / (3.0 * p * p * (t * t - 1.0))
    difference = (a + 0.5 * apart - 1.5 * apart * share) / half
    lower, upper = 0.5 * (1.0 - share - difference), 0.5 * (1.0 - share + difference)
    if sign > 0.0:
        out[0], out[1], out[2] = lower, upper, share
    else:
        out[0], out[1], out[2] = share, lower, upper


@numba_njit
def add_adjoint(h: Array, weight: Array, to_gap: float, pair: int, out: Array) -> None:
    """Add what shares and a gap of weights give, as cotangent of the nine entries.

    Parameters
    ----------
    h
        The matrix, shape (9,).
    weight
        Cotangents of the shares, shape (3,).
    to_gap, pair
        Cotangent of the gap of two levels, see `pair_gap`.
    out
        Cotangents of the entries, shape (9,), that are added to.
    """
    p, s, t, sign = invariants(h)
    third = (h[0] + h[1] + h[2]) / 3.0
    a, b, c = h[0] - third, h[1] - third, h[2] - third
    x2, y2, z2 = h[3] * h[3] + h[6] * h[6], h[4] * h[4] + h[7] * h[7], h[5] * h[5] + h[8] * h[8]
    p2 = p * p
    apart = sign * p * t
    root = max(np.sqrt(0.75 * (2.0 - t) * (2.0 + t)), LEAST_GAP)
    half = p * root
    below = 3.0 * p2 * (t * t - 1.0)
    share = (a * a + x2 + y2 + apart * a + apart * apart - 3.0 * p2) / below
    difference = (a + 0.5 * apart - 1.5 * apart * share) / half
    if sign > 0.0:
        to_lower, to_upper, to_share = weight[0], weight[1], weight[2]
    else:
        to_share, to_lower, to_upper = weight[0], weight[1], weight[2]
    to_difference = 0.5 * (to_upper - to_lower) / half
    to_share = to_share - 0.5 * (to_lower + to_upper) - 1.5 * apart * to_difference
    to_half = -difference * to_difference
    to_pt = 0.0  # cotangent of p t, the distance of the level apart from the middle
    if (sign > 0.0) == (pair == 0):
        to_half += 2.0 * to_gap
    else:
        to_half -= to_gap
        to_pt += 1.5 * to_gap
    to_top = to_share / below
    to_pt += sign * ((0.5 - 1.5 * share) * to_difference + (a + 2.0 * apart) * to_top)
    to_t = p * to_pt - 6.0 * p2 * t * share * to_top - 0.75 * p * t / root * to_half
    to_s = to_t * 2.0 / (3.0 * (t * t - 1.0))
    to_det = sign * 0.5 * to_s / (p2 * p)
    to_p2 = -3.0 * to_top - 3.0 * (t * t - 1.0) * share * to_top - 1.5 * s / p2 * to_s
    to_p2 += 0.5 * (root * to_half + t * to_pt) / p
    to_a = to_difference + (2.0 * a + apart) * to_top + a * to_p2 / 3.0 + to_det * (b * c - z2)
    to_b = b * to_p2 / 3.0 + to_det * (a * c - y2)
    to_c = c * to_p2 / 3.0 + to_det * (a * b - x2)
    to_x2 = to_top + to_p2 / 3.0 - to_det * c
    to_y2 = to_top + to_p2 / 3.0 - to_det * b
    to_z2 = to_p2 / 3.0 - to_det * a
    mean = (to_a + to_b + to_c) / 3.0
    out[0] += to_a - mean
    out[1] += to_b - mean
    out[2] += to_c - mean
    out[3] += 2.0 * (h[3] * to_x2 + to_det * (h[5] * h[4] + h[8] * h[7]))
    out[4] += 2.0 * (h[4] * to_y2 + to_det * (h[3] * h[5] - h[6] * h[8]))
    out[5] += 2.0 * (h[5] * to_z2 + to_det * (h[3] * h[4] + h[6] * h[7]))
    out[6] += 2.0 * (h[6] * to_x2 + to_det * (h[5] * h[7] - h[8] * h[4]))
    out[7] += 2.0 * (h[7] * to_y2 + to_det * (h[3] * h[8] + h[6] * h[5]))
    out[8] += 2.0 * (h[8] * to_z2 + to_det * (h[3] * h[7] - h[6] * h[4]))
