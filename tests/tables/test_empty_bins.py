"""Merging the bins without events leaves the likelihood of the data as it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from bayes_cevns.tables.bins import add_bins, merge_empty_bins


def matrix_of(places: np.ndarray, count: int) -> np.ndarray:
    """Return the zeros and ones by which bins are added up, shape (bins, count)."""
    matrix = np.zeros((places.size, count))
    for number, place in enumerate(places):
        matrix[number, place] = 1.0
    return matrix


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    observed=st.lists(st.sampled_from([0, 0, 0, 1, 2, 7, 100]), min_size=1, max_size=40),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_poisson_likelihood_is_unchanged(observed, seed):
    observed = np.array(observed)
    mean = np.random.default_rng(seed).gamma(0.5, 2.0, observed.size) + 1e-6
    places = merge_empty_bins(observed)
    before = poisson.logpmf(observed, mean).sum()
    after = poisson.logpmf(add_bins(observed, places), add_bins(mean, places)).sum()
    assert after == pytest.approx(before, rel=1e-12, abs=1e-11)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(observed=st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_every_bin_goes_to_exactly_one_place(observed):
    places = merge_empty_bins(observed)
    occupied = np.count_nonzero(observed)
    assert places.shape == (len(observed),)
    together = np.bincount(places)
    assert together.size == occupied + (occupied < len(observed))
    np.testing.assert_array_equal(together[:occupied], 1)
    # Occupied bins keep their order; the last place has no events.
    merged = add_bins(observed, places)
    np.testing.assert_array_equal(merged[:occupied], [n for n in observed if n])
    assert not merged[occupied:].any()


def test_worked_example_in_two_dimensions():
    places = merge_empty_bins([[0, 2], [1, 0]])
    np.testing.assert_array_equal(add_bins([10.0, 20.0, 30.0, 40.0], places), [20.0, 30.0, 50.0])


@pytest.mark.parametrize(
    ("observed", "expected"), [([], []), ([0, 0], [0, 0]), ([3, 1], [0, 1]), (0, [0])]
)
def test_corner_cases(observed, expected):
    places = merge_empty_bins(observed)
    np.testing.assert_array_equal(places, expected)
    values = np.arange(2.0 * places.size).reshape(2, -1)
    assert add_bins(values, places).shape == (2, len(set(expected)))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    places=st.lists(st.integers(0, 12), max_size=60),
    more=st.integers(0, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_bins_are_added_up_as_by_a_matrix_of_zeros_and_ones(places, more, seed):
    places = np.array(places, dtype=int)
    count = int(places.max(initial=-1)) + 1 + more
    values = np.random.default_rng(seed).gamma(0.5, 2.0, (3, 2, places.size))
    found = add_bins(values, places, count)
    assert found.flags.c_contiguous
    np.testing.assert_allclose(found, values @ matrix_of(places, count), rtol=2e-15, atol=0)
    alone = np.flatnonzero(np.bincount(places, minlength=13)[places] == 1)
    np.testing.assert_array_equal(found[..., places[alone]], values[..., alone])


def test_the_sum_of_many_bins_is_right_to_the_last_digits():
    """Pairwise sums: adding up 243 to 100,000 bins one after the other loses more digits."""
    values = np.random.default_rng(1).gamma(0.5, 2.0, 100_000)
    (found,) = add_bins(values, np.zeros(values.size, int))
    assert found == pytest.approx(math.fsum(values), rel=1e-15)


def test_the_real_data(xenonnt):
    """62 events in 53 of 243 bins, with the expectation of the Standard Model."""
    observed = xenonnt.observed.values.ravel()
    places = merge_empty_bins(xenonnt.observed.values)
    assert np.unique(places).size == 54
    mean = np.linspace(0.01, 2.0, observed.size)
    before = poisson.logpmf(observed, mean).sum()
    after = poisson.logpmf(add_bins(observed, places), add_bins(mean, places)).sum()
    assert after == pytest.approx(before, rel=1e-13)
