"""Levels from invariants, for Numba, beside those of the physics; adjoints by differences."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from bayes_cevns.couplings import invariant_kernels, level_kernels
from bayes_cevns.physics.oscillation.levels import levels

type Array = np.ndarray

coefficients = invariant_kernels.coefficients
add_coefficients_adjoint = invariant_kernels.add_coefficients_adjoint
shares_and_gaps, squared_gaps = level_kernels.shares_and_gaps, level_kernels.squared_gaps
add_adjoint = level_kernels.add_adjoint


@njit
def found_at(
    vacuum: Array,
    matter: Array,
    scale: Array,
    ratio: Array,
    powers: Array,
    pair: int,
    to_shares: Array,
    to_gaps: Array,
) -> tuple[Array, Array, Array, Array]:
    """Return shares, gaps, squared gaps and the cotangents of C, N and V."""
    size = scale.size
    forms, c, to_c = np.empty((9, 9)), np.empty(25), np.zeros(25)
    shares, gaps, kept = np.empty((3, size)), np.empty(size), np.empty((8, size))
    squared, to_matrices = np.empty(size), np.zeros((3, 9))
    coefficients(vacuum, matter, forms, c)
    shares_and_gaps(c, scale, ratio, pair, shares, gaps, kept)
    squared_gaps(c, scale, ratio, pair, squared)
    add_adjoint(powers, pair, kept, to_shares, to_gaps, np.empty((4, size)), to_c)
    add_coefficients_adjoint(forms, to_c, to_matrices)
    return shares, gaps, squared, to_matrices


def powers_of(f: Array, g: Array) -> Array:
    exponents = [(degree - n, n) for degree in range(4) for n in range(degree + 1)]
    return np.stack([f**m * g**n for m, n in exponents], axis=1)


def twin(vacuum: Array, matter: Array, scale: Array, ratio: Array, pair: int) -> tuple:
    entries = [
        vacuum[i] + scale * (matter[0, i] + ratio * matter[1, i]) for i in range(vacuum.size)
    ]
    found = levels(entries)
    return found.shares, found.gaps[pair]


@pytest.mark.parametrize("pair", [0, 1])
def test_levels_are_those_of_the_physics(pair: int) -> None:
    rng = np.random.default_rng(pair)
    for _ in range(50):
        vacuum, matter, direction = rng.normal(size=9), rng.normal(size=(2, 9)), rng.normal(size=27)
        scale, ratio = rng.uniform(0, 1, 19) * 10 ** rng.uniform(-2, 0), rng.uniform(0, 1, 19)
        to_shares, to_gaps = rng.normal(size=(3, 19)), rng.normal(size=19)
        powers = powers_of(scale, scale * ratio)
        shares, gaps, squared, slopes = found_at(
            vacuum, matter, scale, ratio, powers, pair, to_shares, to_gaps
        )
        expected, gap = twin(vacuum, matter, scale, ratio, pair)
        np.testing.assert_allclose(shares, expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(gaps, gap, rtol=0, atol=1e-12)
        np.testing.assert_allclose(squared, gap**2, rtol=1e-7)
        step, ends = 1e-6, []
        for sign in (1.0, -1.0):
            moved = sign * step * direction.reshape(3, 9)
            values, gap = twin(vacuum + moved[2], matter + moved[:2], scale, ratio, pair)
            ends.append((values * to_shares).sum() + (gap * to_gaps).sum())
        slope = (ends[0] - ends[1]) / (2 * step)
        assert slopes.ravel() @ direction == pytest.approx(slope, rel=2e-6, abs=2e-6)
