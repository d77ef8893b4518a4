"""Quadratic forms of couplings of which most coefficients are zero, for Numba, and the adjoint.

The arrays are those of a `bayes_cevns.couplings.sparse_form.SparseForm`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.tables.compiled import kernel

type Indices = NDArray[np.int64]


@kernel
def _factor(place: int, couplings: Array) -> float:
    return couplings[place - 1] if place > 0 else 1.0


@kernel
def sparse_quadratic(
    values: Array, columns: Indices, monomials: Indices, couplings: Array, out: Array
) -> None:
    """Fill in the components of a form, with the arrays of a `SparseForm`."""
    for c in range(out.size):
        out[c] = 0.0
    k = 0
    for row in range(monomials.shape[0]):
        first, second = monomials[row, 0], monomials[row, 1]
        factor = _factor(first, couplings) * _factor(second, couplings)
        while k < monomials[row, 2]:
            out[columns[k]] += factor * values[k]
            k += 1


@kernel
def add_sparse_quadratic_adjoint(
    values: Array,
    columns: Indices,
    monomials: Indices,
    couplings: Array,
    cotangent: Array,
    out: Array,
) -> None:
    """Add the cotangent of the couplings, (k,), for that of the components."""
    k = 0
    for row in range(monomials.shape[0]):
        first, second = monomials[row, 0], monomials[row, 1]
        slope = 0.0
        while k < monomials[row, 2]:
            slope += values[k] * cotangent[columns[k]]
            k += 1
        if first > 0:
            out[first - 1] += slope * _factor(second, couplings)
        if second > 0:
            out[second - 1] += slope * _factor(first, couplings)
