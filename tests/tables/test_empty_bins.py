"""Merging the bins without events leaves the likelihood of the data as it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from bayes_cevns.tables.bins import merge_empty_bins


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    observed=st.lists(st.sampled_from([0, 0, 0, 1, 2, 7, 100]), min_size=1, max_size=40),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_poisson_likelihood_is_unchanged(observed, seed):
    observed = np.array(observed)
    mean = np.random.default_rng(seed).gamma(0.5, 2.0, observed.size) + 1e-6
    matrix = merge_empty_bins(observed)
    before = poisson.logpmf(observed, mean).sum()
    after = poisson.logpmf(observed @ matrix, mean @ matrix).sum()
    assert after == pytest.approx(before, rel=1e-12, abs=1e-11)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(observed=st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_every_bin_goes_to_exactly_one_place(observed):
    matrix = merge_empty_bins(observed)
    occupied = np.count_nonzero(observed)
    assert matrix.shape == (len(observed), occupied + (occupied < len(observed)))
    assert set(np.unique(matrix)) <= {0.0, 1.0}
    np.testing.assert_array_equal(matrix.sum(axis=1), 1.0)
    np.testing.assert_array_equal(matrix.sum(axis=0)[:occupied], 1.0)
    # Occupied bins keep their order; the last place has no events.
    merged = np.array(observed) @ matrix
    np.testing.assert_array_equal(merged[:occupied], [n for n in observed if n])
    assert not merged[occupied:].any()


def test_worked_example_in_two_dimensions():
    matrix = merge_empty_bins([[0, 2], [1, 0]])
    np.testing.assert_array_equal(np.array([10.0, 20.0, 30.0, 40.0]) @ matrix, [20.0, 30.0, 50.0])


@pytest.mark.parametrize(
    ("observed", "shape"), [([], (0, 0)), ([0, 0], (2, 1)), ([3, 1], (2, 2)), (0, (1, 1))]
)
def test_corner_cases(observed, shape):
    assert merge_empty_bins(observed).shape == shape


def test_the_real_data(xenonnt):
    """62 events in 53 of 243 bins, with the expectation of the Standard Model."""
    observed = xenonnt.observed.values.ravel()
    matrix = merge_empty_bins(xenonnt.observed.values)
    assert matrix.shape == (243, 54)
    mean = np.linspace(0.01, 2.0, observed.size)
    before = poisson.logpmf(observed, mean).sum()
    assert poisson.logpmf(observed @ matrix, mean @ matrix).sum() == pytest.approx(
        before, rel=1e-13
    )
