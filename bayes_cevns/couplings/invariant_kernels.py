"""What the levels of Hermitian 3 x 3 matrices V + f C + g N depend on, for Numba, and the adjoint.

Less a third of its trace, such a matrix H enters the levels and the shares of nu_e in them by

    a = H_ee,   q = (H^2)_ee,   p^2 = Tr[H^2] / 6   and   det H

alone. These are polynomials in f and g, of 3, 6, 6 and 10 terms in the order 1, f, g, f^2, f g,
g^2, f^3, f^2 g, f g^2, g^3, so that their 25 coefficients serve any number of matrices. The
determinant's come from its second derivative P(A, B), symmetric and bilinear: P(H, H) H = 6 det H.
"""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.tables.compiled import kernel

#: Weights of the entries in a square's ee entry, and in a sixth of its trace.
_SQUARE = np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0])
_SIXTH = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]) / 6.0


@kernel
def _second(u: Array, v: Array, factor: float, out: Array) -> None:
    """Fill in `factor` P(u, v), the gradient of the determinant as a bilinear form."""
    a, b, c, xr, yr, zr, xi, yi, zi = u
    d, e, f, pr, qr, rr, pi, qi, ri = v
    out[0] = factor * (b * f + c * e - 2.0 * (zr * rr + zi * ri))
    out[1] = factor * (a * f + c * d - 2.0 * (yr * qr + yi * qi))
    out[2] = factor * (a * e + b * d - 2.0 * (xr * pr + xi * pi))
    twice = 2.0 * factor
    out[3] = twice * (zr * qr + yr * rr + zi * qi + yi * ri - c * pr - f * xr)
    out[4] = twice * (xr * rr + zr * pr - xi * ri - zi * pi - b * qr - e * yr)
    out[5] = twice * (xr * qr + yr * pr + xi * qi + yi * pi - a * rr - d * zr)
    out[6] = twice * (zr * qi + yi * rr - zi * qr - yr * ri - c * pi - f * xi)
    out[7] = twice * (xr * ri + zi * pr + xi * rr + zr * pi - b * qi - e * yi)
    out[8] = twice * (xr * qi + yi * pr - xi * qr - yr * pi - a * ri - d * zi)


@kernel
def _dot(u: Array, v: Array) -> float:
    total = 0.0
    for i in range(9):
        total += u[i] * v[i]
    return total


@kernel
def coefficients(vacuum: Array, matter: Array, forms: Array, out: Array) -> None:
    """Fill in the coefficients, shape (25,).

    Parameters
    ----------
    vacuum, matter
        Entries of V, shape (9,), and of C and N, shape (2, 9), in the layout of
        `bayes_cevns.physics.oscillation.hermitian`.
    forms
        For the adjoint: V, C and N less their traces, and P of VV/2, CC/2, NN/2, VC, VN and CN,
        shape (9, 9).
    """
    for k in range(9):
        forms[0, k], forms[1, k], forms[2, k] = vacuum[k], matter[0, k], matter[1, k]
    for row in range(3):
        third = (forms[row, 0] + forms[row, 1] + forms[row, 2]) / 3.0
        for k in range(3):
            forms[row, k] -= third
    v, c, n = forms[0], forms[1], forms[2]
    vv, cc, nn, vc, vn, cn = forms[3], forms[4], forms[5], forms[6], forms[7], forms[8]
    _second(v, v, 0.5, vv)
    _second(c, c, 0.5, cc)
    _second(n, n, 0.5, nn)
    _second(v, c, 1.0, vc)
    _second(v, n, 1.0, vn)
    _second(c, n, 1.0, cn)
    out[0], out[1], out[2] = v[0], c[0], n[0]
    for i in range(3, 15):
        out[i] = 0.0
    for first, weights in ((3, _SQUARE), (9, _SIXTH)):
        for k in range(9):
            w = weights[k]
            out[first] += w * v[k] * v[k]
            out[first + 1] += 2.0 * w * v[k] * c[k]
            out[first + 2] += 2.0 * w * v[k] * n[k]
            out[first + 3] += w * c[k] * c[k]
            out[first + 4] += 2.0 * w * c[k] * n[k]
            out[first + 5] += w * n[k] * n[k]
    out[15], out[16], out[17] = _dot(vv, v) / 3.0, _dot(vv, c), _dot(vv, n)
    out[18], out[19], out[20] = _dot(cc, v), _dot(cn, v), _dot(nn, v)
    out[21], out[22], out[23], out[24] = (
        *(_dot(cc, c) / 3.0, _dot(cc, n)),
        *(_dot(nn, c), _dot(nn, n) / 3.0),
    )


@kernel
def add_coefficients_adjoint(forms: Array, to: Array, out: Array) -> None:
    """Add the cotangents of C, N and V to `out`, shape (3, 9), for that of the coefficients."""
    v, c, n = forms[0], forms[1], forms[2]
    vv, cc, nn, vc, vn, cn = forms[3], forms[4], forms[5], forms[6], forms[7], forms[8]
    mean_c = mean_n = mean_v = 0.0
    for k in range(9):
        s, w = _SQUARE[k], _SIXTH[k]
        g0, g1, g2 = s * to[3] + w * to[9], s * to[4] + w * to[10], s * to[5] + w * to[11]
        g3, g4, g5 = s * to[6] + w * to[12], s * to[7] + w * to[13], s * to[8] + w * to[14]
        to_v = 2.0 * (g0 * v[k] + g1 * c[k] + g2 * n[k])
        to_c = 2.0 * (g1 * v[k] + g3 * c[k] + g4 * n[k])
        to_n = 2.0 * (g2 * v[k] + g4 * c[k] + g5 * n[k])
        to_v += to[15] * vv[k] + to[16] * vc[k] + to[17] * vn[k]
        to_v += to[18] * cc[k] + to[19] * cn[k] + to[20] * nn[k]
        to_c += to[16] * vv[k] + to[18] * vc[k] + to[19] * vn[k]
        to_c += to[21] * cc[k] + to[22] * cn[k] + to[23] * nn[k]
        to_n += to[17] * vv[k] + to[19] * vc[k] + to[20] * vn[k]
        to_n += to[22] * cc[k] + to[23] * cn[k] + to[24] * nn[k]
        if k == 0:
            to_v, to_c, to_n = to_v + to[0], to_c + to[1], to_n + to[2]
        if k < 3:
            mean_v, mean_c, mean_n = mean_v + to_v, mean_c + to_c, mean_n + to_n
        out[0, k] += to_c
        out[1, k] += to_n
        out[2, k] += to_v
    for k in range(3):
        out[0, k] -= mean_c / 3.0
        out[1, k] -= mean_n / 3.0
        out[2, k] -= mean_v / 3.0
