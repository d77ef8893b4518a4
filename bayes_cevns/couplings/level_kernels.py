"""Levels of many Hermitian 3 x 3 matrices for Numba, and their adjoint.

The formulas are those of `bayes_cevns.physics.oscillation.levels`. The matrices are
vacuum + scale (matter_0 + ratio matter_1), one for each pair of scale and ratio. The loops have no
branches and no calls, so that the compiler takes several matrices at a time.
"""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.physics.oscillation.levels import GUESS, LEAST_GAP
from bayes_cevns.tables.compiled import kernel

_G0, _G1, _G2 = GUESS


@kernel
def shares_and_gaps(
    vacuum: Array, matter: Array, scale: Array, ratio: Array, pair: int, shares: Array, gaps: Array
) -> None:
    """Fill in the shares of nu_e in the levels, from the lowest, and one gap.

    Parameters
    ----------
    vacuum, matter
        Entries of the matrices, shapes (9,) and (2, 9).
    scale, ratio
        Shape (n,) each.
    pair
        The gap is that of the levels `pair` and `pair` + 1, from the lowest, 0 or 1.
    shares, gaps
        Shapes (3, n) and (n,).
    """
    v0, v1, v2, v3, v4, v5, v6, v7, v8 = vacuum
    m0, m1, m2, m3, m4, m5, m6, m7, m8 = matter[0]
    n0, n1, n2, n3, n4, n5, n6, n7, n8 = matter[1]
    low, middle, top = shares[0], shares[1], shares[2]
    for k in range(scale.size):
        f, g = scale[k], scale[k] * ratio[k]
        a, b, c = v0 + f * m0 + g * n0, v1 + f * m1 + g * n1, v2 + f * m2 + g * n2
        xr, yr, zr = v3 + f * m3 + g * n3, v4 + f * m4 + g * n4, v5 + f * m5 + g * n5
        xi, yi, zi = v6 + f * m6 + g * n6, v7 + f * m7 + g * n7, v8 + f * m8 + g * n8
        third = (a + b + c) / 3.0
        a, b, c = a - third, b - third, c - third
        x2, y2, z2 = xr * xr + xi * xi, yr * yr + yi * yi, zr * zr + zi * zi
        p2 = (a * a + b * b + c * c) / 6.0 + (x2 + y2 + z2) / 3.0
        cycle = (xr * zr - xi * zi) * yr + (xr * zi + xi * zr) * yi
        det = a * b * c + 2.0 * cycle - a * z2 - b * y2 - c * x2
        p = np.sqrt(p2)
        s = min(0.5 * abs(det) / (p2 * p), 1.0)
        t = _G0 + s * (_G1 + s * _G2)
        t = (2.0 * t * t * t + 2.0 * s) / (3.0 * (t * t - 1.0))
        t = (2.0 * t * t * t + 2.0 * s) / (3.0 * (t * t - 1.0))
        t = min((2.0 * t * t * t + 2.0 * s) / (3.0 * (t * t - 1.0)), 2.0)
        is_high = det >= 0.0
        apart = p * t if is_high else -p * t
        half = p * max(np.sqrt(0.75 * (2.0 - t) * (2.0 + t)), LEAST_GAP)
        top_ = a * a + x2 + y2 + apart * a + apart * apart - 3.0 * p2
        share = top_ / (3.0 * p2 * (t * t - 1.0))
        difference = (a + 0.5 * apart - 1.5 * apart * share) / half
        lower, upper = 0.5 * (1.0 - share - difference), 0.5 * (1.0 - share + difference)
        low[k] = lower if is_high else share
        middle[k] = upper if is_high else lower
        top[k] = share if is_high else upper
        gaps[k] = 2.0 * half if is_high == (pair == 0) else 1.5 * p * t - half


@kernel
def add_adjoint(
    vacuum: Array,
    matter: Array,
    scale: Array,
    ratio: Array,
    pair: int,
    to_shares: Array,
    to_gaps: Array,
    out: Array,
) -> None:
    """Add the cotangents of `matter` and `vacuum` to `out`, (3, 9), for those of shares and gaps.

    Shapes (3, n) and (n,).
    """
    v0, v1, v2, v3, v4, v5, v6, v7, v8 = vacuum
    m0, m1, m2, m3, m4, m5, m6, m7, m8 = matter[0]
    n0, n1, n2, n3, n4, n5, n6, n7, n8 = matter[1]
    low, middle, top = to_shares[0], to_shares[1], to_shares[2]
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = s8 = 0.0
    r0 = r1 = r2 = r3 = r4 = r5 = r6 = r7 = r8 = 0.0
    w0 = w1 = w2 = w3 = w4 = w5 = w6 = w7 = w8 = 0.0
    for k in range(scale.size):
        f, g = scale[k], scale[k] * ratio[k]
        a, b, c = v0 + f * m0 + g * n0, v1 + f * m1 + g * n1, v2 + f * m2 + g * n2
        xr, yr, zr = v3 + f * m3 + g * n3, v4 + f * m4 + g * n4, v5 + f * m5 + g * n5
        xi, yi, zi = v6 + f * m6 + g * n6, v7 + f * m7 + g * n7, v8 + f * m8 + g * n8
        third = (a + b + c) / 3.0
        a, b, c = a - third, b - third, c - third
        x2, y2, z2 = xr * xr + xi * xi, yr * yr + yi * yi, zr * zr + zi * zi
        p2 = (a * a + b * b + c * c) / 6.0 + (x2 + y2 + z2) / 3.0
        cycle = (xr * zr - xi * zi) * yr + (xr * zi + xi * zr) * yi
        det = a * b * c + 2.0 * cycle - a * z2 - b * y2 - c * x2
        p = np.sqrt(p2)
        by_p = 1.0 / p
        by_p3 = by_p * by_p * by_p
        s = min(0.5 * abs(det) * by_p3, 1.0)
        t = _G0 + s * (_G1 + s * _G2)
        t = (2.0 * t * t * t + 2.0 * s) / (3.0 * (t * t - 1.0))
        t = (2.0 * t * t * t + 2.0 * s) / (3.0 * (t * t - 1.0))
        t = min((2.0 * t * t * t + 2.0 * s) / (3.0 * (t * t - 1.0)), 2.0)
        is_high = det >= 0.0
        sign = 1.0 if is_high else -1.0
        apart = sign * p * t
        root = max(np.sqrt(0.75 * (2.0 - t) * (2.0 + t)), LEAST_GAP)
        by_root = 1.0 / root
        by_t = 1.0 / (3.0 * (t * t - 1.0))
        below = by_t * by_p * by_p
        share = (a * a + x2 + y2 + apart * a + apart * apart - 3.0 * p2) * below
        difference = (a + 0.5 * apart - 1.5 * apart * share) * by_p * by_root
        to_share = top[k] if is_high else low[k]
        to_lower = low[k] if is_high else middle[k]
        to_upper = middle[k] if is_high else top[k]
        near = is_high == (pair == 0)
        to_difference = 0.5 * (to_upper - to_lower) * by_p * by_root
        to_share = to_share - 0.5 * (to_lower + to_upper) - 1.5 * apart * to_difference
        to_half = (2.0 if near else -1.0) * to_gaps[k] - difference * to_difference
        to_top = to_share * below
        # Of p t, the distance of the level that stands apart from the middle.
        to_pt = sign * ((0.5 - 1.5 * share) * to_difference + (a + 2.0 * apart) * to_top)
        to_pt += 0.0 if near else 1.5 * to_gaps[k]
        to_t = p * to_pt - 6.0 * p2 * t * share * to_top - 0.75 * p * t * by_root * to_half
        to_s = 2.0 * to_t * by_t
        to_det = sign * 0.5 * to_s * by_p3
        to_p2 = -3.0 * to_top * (1.0 + (t * t - 1.0) * share) - 1.5 * s * by_p * by_p * to_s
        to_p2 += 0.5 * (root * to_half + t * to_pt) * by_p
        to_third = to_p2 / 3.0
        to_a = to_difference + (2.0 * a + apart) * to_top + a * to_third + to_det * (b * c - z2)
        to_b = b * to_third + to_det * (a * c - y2)
        to_c = c * to_third + to_det * (a * b - x2)
        to_x2, to_y2 = to_top + to_third - to_det * c, to_top + to_third - to_det * b
        to_z2 = to_third - to_det * a
        mean = (to_a + to_b + to_c) / 3.0
        q0, q1, q2 = to_a - mean, to_b - mean, to_c - mean
        q3 = 2.0 * (xr * to_x2 + to_det * (zr * yr + zi * yi))
        q4 = 2.0 * (yr * to_y2 + to_det * (xr * zr - xi * zi))
        q5 = 2.0 * (zr * to_z2 + to_det * (xr * yr + xi * yi))
        q6 = 2.0 * (xi * to_x2 + to_det * (zr * yi - zi * yr))
        q7 = 2.0 * (yi * to_y2 + to_det * (xr * zi + xi * zr))
        q8 = 2.0 * (zi * to_z2 + to_det * (xr * yi - xi * yr))
        s0, s1, s2, s3, s4 = s0 + f * q0, s1 + f * q1, s2 + f * q2, s3 + f * q3, s4 + f * q4
        s5, s6, s7, s8 = s5 + f * q5, s6 + f * q6, s7 + f * q7, s8 + f * q8
        r0, r1, r2, r3, r4 = r0 + g * q0, r1 + g * q1, r2 + g * q2, r3 + g * q3, r4 + g * q4
        r5, r6, r7, r8 = r5 + g * q5, r6 + g * q6, r7 + g * q7, r8 + g * q8
        w0, w1, w2, w3, w4 = w0 + q0, w1 + q1, w2 + q2, w3 + q3, w4 + q4
        w5, w6, w7, w8 = w5 + q5, w6 + q6, w7 + q7, w8 + q8
    for i, value in enumerate((s0, s1, s2, s3, s4, s5, s6, s7, s8)):
        out[0, i] += value
    for i, value in enumerate((r0, r1, r2, r3, r4, r5, r6, r7, r8)):
        out[1, i] += value
    for i, value in enumerate((w0, w1, w2, w3, w4, w5, w6, w7, w8)):
        out[2, i] += value
