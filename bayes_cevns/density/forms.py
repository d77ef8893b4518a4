"""Quadratic forms of couplings in the arrays of a model, of which most coefficients are zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.sparse_form import SparseForm
from bayes_cevns.density import layout

type Indices = NDArray[np.int64]


def write_form(ints: Indices, floats: Array, at: int, coefficients: Array, couplings: int) -> None:
    """Write coefficients, (monomials, components), where a form begins in the integers."""
    form = SparseForm.of(coefficients, couplings)
    values_at, columns_at = ints[at + layout.VALUES_AT], ints[at + layout.COLUMNS_AT]
    floats[values_at : values_at + form.values.size] = form.values
    ints[columns_at : columns_at + form.columns.size] = form.columns
    ints[at + layout.ROWS] = len(form.monomials)
    first = at + layout.FORM
    ints[first : first + form.monomials.size] = form.monomials.ravel()
