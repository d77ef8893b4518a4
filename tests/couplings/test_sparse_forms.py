"""Quadratic forms with zeros: values of the dense form, and its adjoint by differences."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from bayes_cevns.couplings import sparse_kernels
from bayes_cevns.couplings.channels import monomial_factors, monomials
from bayes_cevns.couplings.sparse_form import SparseForm

type Array = np.ndarray

sparse_quadratic = sparse_kernels.sparse_quadratic
add_sparse_quadratic_adjoint = sparse_kernels.add_sparse_quadratic_adjoint


@njit
def both(
    values: Array, columns: Array, rows: Array, couplings: Array, cotangent: Array
) -> tuple[Array, Array]:
    out, slopes = np.full(cotangent.size, np.nan), np.zeros(couplings.size)
    sparse_quadratic(values, columns, rows, couplings, out)
    add_sparse_quadratic_adjoint(values, columns, rows, couplings, cotangent, slopes)
    return out, slopes


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_sparse_form_is_the_dense_one(count: int, share: float) -> None:
    rng = np.random.default_rng(count)
    dense = rng.normal(size=(len(monomial_factors(count)), 4))
    dense *= rng.uniform(size=dense.shape) < share
    form = SparseForm.of(dense, count)
    assert form.values.size == np.count_nonzero(dense)
    couplings, cotangent = rng.normal(size=count), rng.normal(size=4)
    found, slopes = both(form.values, form.columns, form.monomials, couplings, cotangent)
    np.testing.assert_allclose(found, monomials(couplings) @ dense, rtol=1e-13, atol=1e-14)
    for i in range(count):
        step = 1e-6 * np.eye(count)[i]
        ends = [monomials(couplings + sign * step) @ dense @ cotangent for sign in (1, -1)]
        assert slopes[i] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-7, abs=1e-8)
