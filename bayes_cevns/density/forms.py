"""Quadratic forms of couplings in the arrays of a model, of which most coefficients are zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.sparse_kernels import (
    SparseForm,
    add_sparse_quadratic_adjoint,
    sparse_quadratic,
)
from bayes_cevns.density import layout
from bayes_cevns.tables.compiled import kernel
from bayes_cevns.tables.views import matrix, view

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


@kernel
def form_at(ints: Indices, floats: Array, at: int, couplings: Array, out: Array) -> None:
    """Fill in the components of a form."""
    rows = ints[at + layout.ROWS]
    sparse_quadratic(
        view(floats, ints[at + layout.VALUES_AT], 0),
        view(ints, ints[at + layout.COLUMNS_AT], 0),
        matrix(ints, at + layout.FORM, rows, 3),
        couplings,
        out,
    )


@kernel
def add_form_adjoint(
    ints: Indices, floats: Array, at: int, couplings: Array, cotangent: Array, out: Array
) -> None:
    """Add the cotangent of the couplings for that of the components of a form."""
    rows = ints[at + layout.ROWS]
    add_sparse_quadratic_adjoint(
        view(floats, ints[at + layout.VALUES_AT], 0),
        view(ints, ints[at + layout.COLUMNS_AT], 0),
        matrix(ints, at + layout.FORM, rows, 3),
        couplings,
        cotangent,
        out,
    )
