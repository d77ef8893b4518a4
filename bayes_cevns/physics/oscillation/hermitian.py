"""Hermitian matrices in flavour as nine real numbers.

The layout, used for matter couplings, Hamiltonians and density matrices alike: the real parts of
the six entries of `PAIRS` (ee, mumu, tautau, emu, etau, mutau), then the imaginary parts of the
last three. The entry of the row e and the column mu is re + i im, that of the transposed place its
complex conjugate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array, ComplexArray
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.oscillation.couplings import PAIRS

#: Real numbers in a Hermitian 3 x 3 matrix.
SIZE = 9

#: Names of the entries, in order.
ENTRIES = (*PAIRS, *(f"im_{pair}" for pair in list(PAIRS)[3:]))

_ROWS, _COLUMNS = np.array(list(PAIRS.values())).T

#: Tr[A B] = sum_i METRIC_i a_i b_i: every entry off the diagonal is there twice.
METRIC = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0])
METRIC.flags.writeable = False


def to_vector(matrix: ArrayLike) -> Array:
    """Return Hermitian matrices as vectors, from shape (..., 3, 3) to (..., 9).

    Only the diagonal and the upper triangle are read.

    Raises
    ------
    ArgumentError
        If the last two axes do not have three entries each.
    """
    entries = np.asarray(matrix)
    if entries.shape[-2:] != (3, 3):
        raise ArgumentError(f"expected matrices of shape (..., 3, 3), got {entries.shape}")
    upper = entries[..., _ROWS, _COLUMNS]
    return np.concatenate([upper.real, upper[..., 3:].imag], axis=-1).astype(float)


def to_matrix(vector: ArrayLike) -> ComplexArray:
    """Return the matrices of vectors, from shape (..., 9) to (..., 3, 3).

    Raises
    ------
    ArgumentError
        If the last axis does not have nine entries.
    """
    entries = np.asarray(vector, dtype=float)
    if entries.shape[-1:] != (SIZE,):
        raise ArgumentError(f"expected vectors of shape (..., 9), got {entries.shape}")
    upper = entries[..., :6].astype(complex)
    upper[..., 3:] += 1j * entries[..., 6:]
    matrix = np.zeros((*entries.shape[:-1], 3, 3), dtype=complex)
    matrix[..., _COLUMNS, _ROWS] = upper.conj()
    matrix[..., _ROWS, _COLUMNS] = upper
    return matrix


def trace_product(first: ArrayLike, second: ArrayLike) -> Array:
    """Return Tr[A B] of two vectors, shape of their leading axes."""
    return np.asarray((np.asarray(first) * np.asarray(second)) @ METRIC)
