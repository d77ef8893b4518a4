"""Quadratic forms of couplings of which most coefficients are zero, for Numba, and the adjoint.

Twelve couplings have 91 monomials, and a product of charges is in few of them. What is not zero is
listed once (`SparseForm`), monomial by monomial.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.channels import monomial_factors
from bayes_cevns.display import Displayed
from bayes_cevns.tables.compiled import kernel

type Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class SparseForm(Displayed):
    """The coefficients of a quadratic form that are not zero.

    Attributes
    ----------
    values, columns
        The coefficients and their components, shape (n,) each, monomial by monomial.
    monomials
        For each monomial that has any: its factors, 0 for one and 1 + i for coupling i, and the
        place in `values` after its last coefficient, shape (m, 3).
    """

    values: Array
    columns: Indices
    monomials: Indices

    @classmethod
    def of(cls, coefficients: Array, count: int) -> SparseForm:
        """Return what is not zero of coefficients, (monomials, components), of some couplings."""
        rows, columns = np.nonzero(coefficients)
        used, sizes = np.unique(rows, return_counts=True)
        factors = np.array(monomial_factors(count), dtype=np.int64)[used]
        monomials = np.column_stack([factors, np.cumsum(sizes)]).astype(np.int64)
        values = np.ascontiguousarray(coefficients[rows, columns])
        return cls(values, columns.astype(np.int64), monomials)


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
