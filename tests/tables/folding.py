"""Folds called from Python, and their slow twin: the whole table, contracted by NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bayes_cevns.tables.fold import Fold
from bayes_cevns.tables.fold_kernels import fold_adjoint, fold_counts
from bayes_cevns.tables.rate_op import basis
from bayes_cevns.tables.shape_axes import ShapeAxis

type Array = NDArray[np.float64]


@njit
def _both(whole, real, shape, factors, nodes, work, cotangent, counts, to_factors, to_shape):  # type: ignore[no-untyped-def]  # compiled
    fold_counts(whole, real, shape, factors, nodes, work, counts)
    fold_adjoint(whole, real, factors, nodes, work, cotangent, to_factors, to_shape)


def folded(
    fold: Fold, shape: Array, factors: Array, cotangent: Array
) -> tuple[Array, Array, Array]:
    """Return counts and the cotangents of factors and places."""
    found = np.zeros(cotangent.size), np.zeros(factors.size), np.zeros(shape.size)
    nodes, work = np.full(fold.nodes, -1), np.full(fold.work, np.nan)
    _both(fold.whole, fold.real, shape, factors, nodes, work, cotangent, *found)
    return found


def whole(coefficients: Array, axes: Sequence[ShapeAxis], shape: Array, slope: int = -1) -> Array:
    """Return a table at a point, shape (components, bins), or its slope along one axis."""
    for number, (axis, x) in enumerate(zip(axes, shape, strict=True)):
        coefficients = np.tensordot(basis(axis.knots, x, int(number == slope)), coefficients, 1)
    return coefficients
