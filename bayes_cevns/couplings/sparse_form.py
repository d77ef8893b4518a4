"""Quadratic forms of couplings of which most coefficients are zero.

Twelve couplings have 91 monomials, and a product of charges is in few of them. What is not zero is
listed once, monomial by monomial.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.channels import monomial_factors
from bayes_cevns.display import Displayed

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
