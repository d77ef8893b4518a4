"""Closed-form levels and the layout of Hermitian matrices, against a library."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.oscillation.hermitian import (
    ENTRIES,
    SIZE,
    to_matrix,
    to_vector,
    trace_product,
)
from bayes_cevns.physics.oscillation.levels import levels


def vectors(count: int) -> np.ndarray:
    return np.random.default_rng(2).normal(size=(count, SIZE))


def test_layout():
    assert len(ENTRIES) == SIZE
    vector = vectors(1)[0]
    matrix = to_matrix(vector)
    assert matrix[0, 1] == vector[3] + 1j * vector[6]
    assert matrix[2, 1] == vector[5] - 1j * vector[8]
    np.testing.assert_array_equal(matrix, matrix.conj().T)
    np.testing.assert_array_equal(to_vector(to_matrix(vectors(20))), vectors(20))


def test_metric():
    first, second = vectors(10)[:5], vectors(10)[5:]
    expected = np.trace(to_matrix(first) @ to_matrix(second), axis1=1, axis2=2)
    np.testing.assert_allclose(trace_product(first, second), expected.real, rtol=1e-12)


def test_layout_refuses_other_shapes():
    with pytest.raises(ArgumentError, match="9"):
        to_matrix(np.zeros(6))
    with pytest.raises(ArgumentError, match="3, 3"):
        to_vector(np.zeros((2, 2)))


def test_random_matrices():
    given = vectors(5000)
    values, states = np.linalg.eigh(to_matrix(given))
    found = levels(given.T)
    np.testing.assert_allclose(found.shares.T, np.abs(states[:, 0]) ** 2, atol=1e-9)
    np.testing.assert_allclose(found.gaps.T, np.diff(values), atol=1e-9)


@pytest.mark.parametrize("gap", [1e-1, 1e-2, 1e-3, 1e-4, 1e-5])
@pytest.mark.parametrize("third", [1.0, -1.0])
def test_close_levels(gap, third):
    """Two levels close to each other, far from the third: their shares are those of eigh."""
    unitary = np.linalg.qr(to_matrix(vectors(1)[0]))[0]
    vector = to_vector((unitary * [0.0, gap, third]) @ unitary.conj().T)
    order = np.argsort([0.0, gap, third])
    found = levels(vector)
    tolerance = 1e-13 + 1e-14 / gap**2  # the square of the gap is a difference
    expected = np.abs(unitary[0, order]) ** 2
    np.testing.assert_allclose(found.shares, expected, atol=tolerance)
    assert found.gaps[0 if third > 0 else 1] == pytest.approx(gap, rel=tolerance)
