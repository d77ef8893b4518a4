"""Quadratic forms in the arrays of a model (`bayes_cevns.density.forms`), for Numba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.sparse_kernels import add_sparse_quadratic_adjoint, sparse_quadratic
from bayes_cevns.density import layout
from bayes_cevns.tables.compiled import kernel
from bayes_cevns.tables.views import matrix, view

type Indices = NDArray[np.int64]


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
