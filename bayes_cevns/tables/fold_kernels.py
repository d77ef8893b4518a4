"""The arithmetic of folds for Numba: expected counts, and the adjoint from what they left.

All arrays are given by the caller, so that nothing is allocated. `whole` and `real` are those of a
`bayes_cevns.tables.fold.Fold`; `nodes` and `work` are memory of the sizes that the fold says, in
which the counts leave what their adjoint reads.

The 4^n nodes of n axes that matter at a point are quartets of neighbours along the last axis. The
weights of quartets are a tree: one, times the four splines of the first axis, times those of the
second, and so on; the adjoint goes back along it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.tables.compiled import sum_kernel
from bayes_cevns.tables.fold import FIRST, HEAD, LOCAL, PER_AXIS, PER_BLOCK, SECOND
from bayes_cevns.tables.kernels import cubic_basis
from bayes_cevns.tables.views import matrix, view

type Indices = NDArray[np.int64]


@sum_kernel
def fold_counts(
    whole: Indices,
    real: Array,
    shape: Array,
    factors: Array,
    nodes: Indices,
    work: Array,
    counts: Array,
) -> None:
    """Add the expected counts of a fold to `counts`.

    Parameters
    ----------
    whole, real
        The fold.
    shape
        Place on each axis, shape (N,). Outside of the axis the counts become NaN.
    factors
        What multiplies each component, shape (components,).
    nodes, work
        Memory, shapes (`Fold.nodes`,) and (`Fold.work`,).
    counts
        Expected counts, shape (bins,).
    """
    axes, blocks = whole[0], whole[1]
    for axis in range(axes):
        size, at = whole[HEAD + PER_AXIS * axis], whole[HEAD + PER_AXIS * axis + 1]
        value, slope = view(work, LOCAL * axis, 4), view(work, LOCAL * axis + 4, 4)
        nodes[axis] = cubic_basis(view(real, at, size + 4), size, shape[axis], value, slope)
    for number in range(blocks):
        block = HEAD + PER_AXIS * axes + PER_BLOCK * number
        components, rows, columns = whole[block], whole[block + 1], whole[block + 2]
        begin = whole[block + 5]
        length = components * rows
        table = _table(whole, block, real, work, length)
        left = view(work, begin + 2 * length, rows)
        if whole[block + FIRST + 4] > 0:
            _interpolate(whole, block + FIRST, real, nodes, work, table)
        for r in range(rows):
            left[r] = 0.0
        for k in range(components):
            factor, part = factors[whole[block + 3] + k], view(table, k * rows, rows)
            for r in range(rows):
                left[r] += factor * part[r]
        bins = view(whole, whole[block + 4], rows * columns)
        if columns == 1:
            for r in range(rows):
                counts[bins[r]] += left[r]
        else:
            begin += 2 * (length + rows)
            right = view(work, begin, columns)
            _interpolate(whole, block + SECOND, real, nodes, work, right)
            for r in range(rows):
                value, own = left[r], view(bins, r * columns, columns)
                for c in range(columns):
                    counts[own[c]] += value * right[c]


@sum_kernel
def fold_adjoint(
    whole: Indices,
    real: Array,
    factors: Array,
    nodes: Indices,
    work: Array,
    cotangent: Array,
    to_factors: Array,
    to_shape: Array,
) -> None:
    """Add the cotangents of factors and places that follow from those of the counts.

    Parameters
    ----------
    whole, real, factors, nodes, work
        As `fold_counts` had them, and left them.
    cotangent
        Of the counts, shape (bins,).
    to_factors, to_shape
        Of the factors, shape (components,), and of the places on the axes, shape (N,).
    """
    axes, blocks = whole[0], whole[1]
    for number in range(blocks):
        block = HEAD + PER_AXIS * axes + PER_BLOCK * number
        components, rows, columns = whole[block], whole[block + 1], whole[block + 2]
        length = components * rows
        begin = whole[block + 5]
        table = _table(whole, block, real, work, length)
        weights = view(work, begin + length, length)
        begin += 2 * length
        to_left = view(work, begin + rows, rows)
        bins = view(whole, whole[block + 4], rows * columns)
        if columns == 1:
            for r in range(rows):
                to_left[r] = cotangent[bins[r]]
        else:
            left = view(work, begin, rows)
            begin += 2 * rows
            right, to_right = view(work, begin, columns), view(work, begin + columns, columns)
            for c in range(columns):
                to_right[c] = 0.0
            for r in range(rows):
                value, total, own = left[r], 0.0, view(bins, r * columns, columns)
                for c in range(columns):
                    each = cotangent[own[c]]
                    total += each * right[c]
                    to_right[c] += each * value
                to_left[r] = total
            _to_places(whole, block + SECOND, real, nodes, work, to_right, to_shape)
        for k in range(components):
            total, part = 0.0, view(table, k * rows, rows)
            for r in range(rows):
                total += to_left[r] * part[r]
            to_factors[whole[block + 3] + k] += total
        if whole[block + FIRST + 4] > 0:
            for k in range(components):
                factor, weight = factors[whole[block + 3] + k], view(weights, k * rows, rows)
                for r in range(rows):
                    weight[r] = factor * to_left[r]
            _to_places(whole, block + FIRST, real, nodes, work, weights, to_shape)


@sum_kernel
def _table(whole: Indices, block: int, real: Array, work: Array, length: int) -> Array:
    """Return where the first factor of a block is at the point: in its table if it has no axes."""
    if whole[block + FIRST + 4] == 0:
        return view(real, whole[block + FIRST], length)
    return view(work, whole[block + 5], length)


@sum_kernel
def _interpolate(
    whole: Indices, factor: int, real: Array, nodes: Indices, work: Array, out: Array
) -> None:
    """Fill `out` with a factor of a block, interpolated on its axes.

    The numbers of the factor in `whole` begin at `factor`: place of its table in `real`, of its
    quartets in `nodes` and of its tree in `work`; nodes on all axes; number of axes, axes.
    """
    length, at, axes = out.size, whole[factor], whole[factor + 4]
    if axes == 0:
        for j in range(length):
            out[j] = real[at + j]
        return
    first, tree, count = whole[factor + 1], whole[factor + 2], 1
    nodes[first] = 0
    work[tree] = 1.0
    for i in range(axes - 1):
        axis = whole[factor + 5 + i]
        size, here = whole[HEAD + PER_AXIS * axis], nodes[axis]
        # Each node splits into four, in C order, from the back so as not to overwrite.
        for q in range(count - 1, -1, -1):
            node, weight = nodes[first + q] * size + here, work[tree + q]
            for d in range(4):
                nodes[first + 4 * q + d] = node + d
                work[tree + count + 4 * q + d] = weight * work[LOCAL * axis + d]
        tree += count
        count *= 4
    last = whole[factor + 4 + axes]
    size, here, basis = whole[HEAD + PER_AXIS * last], nodes[last], LOCAL * last
    v0, v1, v2, v3 = work[basis], work[basis + 1], work[basis + 2], work[basis + 3]
    table = matrix(real, at, whole[factor + 3], length)
    for j in range(length):
        out[j] = 0.0
    for q in range(count):
        i = nodes[first + q] * size + here
        nodes[first + q] = i
        weight = work[tree + q]
        w0, w1, w2, w3 = weight * v0, weight * v1, weight * v2, weight * v3
        for j in range(length):
            out[j] += (
                w0 * table[i, j]
                + w1 * table[i + 1, j]
                + w2 * table[i + 2, j]
                + w3 * table[i + 3, j]
            )


@sum_kernel
def _to_places(
    whole: Indices,
    factor: int,
    real: Array,
    nodes: Indices,
    work: Array,
    weights: Array,
    to_shape: Array,
) -> None:
    """Add the derivatives of (interpolated factor . weights) with respect to the places."""
    length, at, axes = weights.size, whole[factor], whole[factor + 4]
    if axes == 0:
        return
    first, count = whole[factor + 1], 1 << (2 * (axes - 1))
    tree = whole[factor + 2] + (count - 1) // 3
    kept = tree + count  # sums of four, which shrink from the back
    last = whole[factor + 4 + axes]
    basis = LOCAL * last
    v0, v1, v2, v3 = work[basis], work[basis + 1], work[basis + 2], work[basis + 3]
    s0, s1, s2, s3 = work[basis + 4], work[basis + 5], work[basis + 6], work[basis + 7]
    table = matrix(real, at, whole[factor + 3], length)
    total = 0.0
    for q in range(count):
        i = nodes[first + q]
        d0, d1, d2, d3 = 0.0, 0.0, 0.0, 0.0
        for j in range(length):
            each = weights[j]
            d0 += each * table[i, j]
            d1 += each * table[i + 1, j]
            d2 += each * table[i + 2, j]
            d3 += each * table[i + 3, j]
        total += work[tree + q] * (s0 * d0 + s1 * d1 + s2 * d2 + s3 * d3)
        work[kept + q] = v0 * d0 + v1 * d1 + v2 * d2 + v3 * d3
    to_shape[last] += total
    for i in range(axes - 2, -1, -1):
        axis = whole[factor + 5 + i]
        basis = LOCAL * axis
        count //= 4
        tree -= count
        total = 0.0
        for q in range(count):
            value, slope = 0.0, 0.0
            for d in range(4):
                each = work[kept + 4 * q + d]
                value += work[basis + d] * each
                slope += work[basis + 4 + d] * each
            total += work[tree + q] * slope
            work[kept + q] = value
        to_shape[axis] += total
