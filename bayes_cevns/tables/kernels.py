"""The arithmetic of the rate op for Numba: spline bases, contraction and its adjoint.

A table is a list of rows of bins: nodes of the shape axes in C order, then components. The
4^N corners of the local support are 4^(N-1) quartets that are neighbours along the last axis;
both kernels go through four rows at a time, so that the result (or the cotangent) is read
once for four multiplications. They write into arrays of the caller and allocate nothing.
`bayes_cevns.tables.rate_op` has the readable NumPy twin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.errors import TableError
from bayes_cevns.tables.compiled import sum_kernel
from bayes_cevns.tables.views import fill

type Indices = NDArray[np.int64]


@sum_kernel
def cubic_basis(knots: Array, size: int, x: float, value: Array, slope: Array) -> int:
    """Fill the four non-zero cubic B-splines at `x` and their slopes; return the first index.

    De Boor's recurrence written out (C. de Boor, A Practical Guide to Splines, ch. X).
    Outside the knots everything is NaN: a table is never extrapolated.
    """
    if not (knots[3] <= x <= knots[size]):
        fill(value, np.nan)
        fill(slope, np.nan)
        return 0
    i = 3
    while i < size - 1 and x >= knots[i + 1]:
        i += 1
    left1, left2, left3 = x - knots[i], x - knots[i - 1], x - knots[i - 2]
    right1, right2, right3 = knots[i + 1] - x, knots[i + 2] - x, knots[i + 3] - x
    width = right1 + left1
    b0, b1 = right1 / width, left1 / width
    width0, width1 = right1 + left2, right2 + left1
    c0 = right1 * b0 / width0
    c1 = left2 * b0 / width0 + right2 * b1 / width1
    c2 = left1 * b1 / width1
    d0, d1, d2 = c0 / (right1 + left3), c1 / (right2 + left2), c2 / (right3 + left1)
    value[0] = right1 * d0
    value[1] = left3 * d0 + right2 * d1
    value[2] = left2 * d1 + right3 * d2
    value[3] = left1 * d2
    slope[0] = -3.0 * d0
    slope[1] = 3.0 * (d0 - d1)
    slope[2] = 3.0 * (d1 - d2)
    slope[3] = 3.0 * d2
    return i - 3


@sum_kernel
def local_support(
    knots: Array,
    sizes: Indices,
    shape: Array,
    value: Array,
    slope: Array,
    node: Indices,
    weight: Array,
) -> None:
    """Fill in the basis at a point and the quartets of nodes on which it is not zero.

    Parameters
    ----------
    knots, sizes, shape
        Knots of each axis, filled up, (N, most); number of nodes, and the point, (N,).
    value, slope
        Basis splines and slopes of each axis, shape (N, 4).
    node
        Flat index of the first node of each quartet, shape (4^(N-1),).
    weight
        Product of the basis values of the axes before the last, same shape.
    """
    axes = sizes.size
    quartets = node.size
    node[0], weight[0] = 0, 1.0
    count = 1
    for axis in range(axes - 1):
        start = cubic_basis(knots[axis], sizes[axis], shape[axis], value[axis], slope[axis])
        # Each earlier node splits into four, in C order, from the back so as not to overwrite.
        for q in range(count - 1, -1, -1):
            base, shared = node[q] * sizes[axis] + start, weight[q]
            for k in range(4):
                node[4 * q + k] = base + k
                weight[4 * q + k] = shared * value[axis, k]
        count *= 4
    last = axes - 1
    start = cubic_basis(knots[last], sizes[last], shape[last], value[last], slope[last])
    for q in range(quartets):
        node[q] = node[q] * sizes[last] + start


@sum_kernel
def as_rows(coefficients: Array, sizes: Indices, couplings: Array, shape: Array) -> Array:
    """Return a table as rows of bins, (nodes x components, bins), after checking that it fits."""
    if shape.size != sizes.size or coefficients.shape[sizes.size] != couplings.size:
        raise TableError("rate table, couplings and shape nuisances do not fit together")
    for axis in range(sizes.size):
        if coefficients.shape[axis] != sizes[axis]:
            raise TableError("rate table does not fit the shape axes of its op")
    bins = coefficients.shape[coefficients.ndim - 1]
    return np.ascontiguousarray(coefficients).reshape((-1, bins))


@sum_kernel
def check_bins(rows: Array, cotangent: Array) -> None:
    """Raise an error if a cotangent does not have one number for each bin."""
    if cotangent.size != rows.shape[1]:
        raise TableError("the cotangent does not fit the bins of the rate table")


@sum_kernel
def add_contraction(
    rows: Array, couplings: Array, value: Array, node: Indices, weight: Array, out: Array
) -> None:
    """Add the sum over nodes and components of basis x coupling x row, shape (bins,)."""
    components = couplings.size
    last = value.shape[0] - 1
    bins = rows.shape[1]
    for q in range(node.size):
        for k in range(components):
            factor = weight[q] * couplings[k]
            w0, w1 = factor * value[last, 0], factor * value[last, 1]
            w2, w3 = factor * value[last, 2], factor * value[last, 3]
            i0 = node[q] * components + k
            i1, i2, i3 = i0 + components, i0 + 2 * components, i0 + 3 * components
            for b in range(bins):
                out[b] += w0 * rows[i0, b] + w1 * rows[i1, b] + w2 * rows[i2, b] + w3 * rows[i3, b]


@sum_kernel
def add_contraction_adjoint(
    rows: Array,
    couplings: Array,
    value: Array,
    slope: Array,
    node: Indices,
    weight: Array,
    cotangent: Array,
    to_couplings: Array,
    to_shape: Array,
) -> None:
    """Add the cotangents of the couplings (K,) and of the shape nuisances (N,)."""
    components = couplings.size
    axes = value.shape[0]
    last = axes - 1
    bins = rows.shape[1]
    for q in range(node.size):
        across = 0.0  # sum over k of coupling x (row . cotangent), along the last axis
        along = 0.0
        for k in range(components):
            i0 = node[q] * components + k
            i1, i2, i3 = i0 + components, i0 + 2 * components, i0 + 3 * components
            d0, d1, d2, d3 = 0.0, 0.0, 0.0, 0.0
            for b in range(bins):
                c = cotangent[b]
                d0 += c * rows[i0, b]
                d1 += c * rows[i1, b]
                d2 += c * rows[i2, b]
                d3 += c * rows[i3, b]
            dot = (
                d0 * value[last, 0]
                + d1 * value[last, 1]
                + d2 * value[last, 2]
                + d3 * value[last, 3]
            )
            to_couplings[k] += weight[q] * dot
            across += couplings[k] * dot
            along += couplings[k] * (
                d0 * slope[last, 0]
                + d1 * slope[last, 1]
                + d2 * slope[last, 2]
                + d3 * slope[last, 3]
            )
        to_shape[last] += weight[q] * along
        for axis in range(last):
            sloped = 1.0
            digits = q
            for other in range(last - 1, -1, -1):
                digit = digits % 4
                sloped *= slope[other, digit] if other == axis else value[other, digit]
                digits //= 4
            to_shape[axis] += sloped * across


@sum_kernel
def add_plain(rows: Array, couplings: Array, out: Array) -> None:
    """Add couplings @ rows: a table without shape axes."""
    for k in range(couplings.size):
        for b in range(out.size):
            out[b] += couplings[k] * rows[k, b]


@sum_kernel
def add_plain_adjoint(rows: Array, cotangent: Array, out: Array) -> None:
    """Add rows @ cotangent, shape (K,): the adjoint of `add_plain`."""
    for k in range(out.size):
        for b in range(cotangent.size):
            out[k] += rows[k, b] * cotangent[b]
