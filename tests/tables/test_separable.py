"""Tables that are products are found, and others are left as they are."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.tables.separable import TOLERANCE, separate

RNG = np.random.default_rng(5)
NODES = (4, 5, 6)
ENERGIES, ROWS, COLUMNS = 7, 6, 8


def factors(first: tuple[int, ...], second: tuple[int, ...]):
    """Random factors on some axes, with a dead row and a dead column."""
    left = RNG.uniform(0.1, 1.0, (*(NODES[axis] for axis in first), ENERGIES, ROWS))
    right = RNG.uniform(0.1, 1.0, (*(NODES[axis] for axis in second), COLUMNS))
    left[..., 2], right[..., 5] = 0.0, 0.0
    return left, right


def product(left, right, first, *, columns_first=False):
    """Multiply the factors out by hand, shape (*axes, energies, bins)."""
    values = np.zeros((*NODES, ENERGIES, ROWS, COLUMNS))
    for place in np.ndindex(*NODES):
        here = left[tuple(place[axis] for axis in first)]
        there = right[tuple(place[axis] for axis in range(3) if axis not in first)]
        values[place] = here[:, :, None] * there
    if columns_first:
        values = np.swapaxes(values, -1, -2)
    return values.reshape(*NODES, ENERGIES, -1)


@pytest.mark.parametrize("columns_first", [False, True])
@pytest.mark.parametrize("first", [(0, 1), (0, 2), (1,), (), (0, 1, 2)])
def test_a_product_is_found(first: tuple[int, ...], columns_first: bool) -> None:
    second = tuple(axis for axis in range(3) if axis not in first)
    left, right = factors(first, second)
    values = product(left, right, first, columns_first=columns_first)
    found = separate(values, 3)
    assert (found.first_axes, found.second_axes) == (first, second)
    assert found.bins.shape == (ROWS - 1, COLUMNS - 1)
    np.testing.assert_allclose(found.whole(ROWS * COLUMNS), values, rtol=1e-12, atol=1e-14)


def test_a_product_in_single_precision_stays_whole() -> None:
    values = product(*factors((0, 1), (2,)), (0, 1)).astype(np.float32).astype(float)
    found = separate(values, 3)
    assert found.second_axes == ()
    np.testing.assert_array_equal(found.whole(ROWS * COLUMNS), values)


@pytest.mark.parametrize("where", [(0, 0, 0, 0, 0), (3, 4, 5, 6, 47), (2, 1, 3, 2, 9)])
def test_one_number_that_is_off_leaves_the_table_whole(where: tuple[int, ...]) -> None:
    values = product(*factors((0, 1), (2,)), (0, 1))
    values[where] *= 1.0 + 10 * TOLERANCE
    found = separate(values, 3)
    assert (found.first_axes, found.second_axes) == ((0, 1, 2), ())
    live = values.any(axis=(0, 1, 2, 3))
    np.testing.assert_array_equal(found.bins[:, 0], np.flatnonzero(live))
    np.testing.assert_array_equal(found.whole(ROWS * COLUMNS), values)


@pytest.mark.parametrize("as_product", [True, False])
def test_merged_bins_are_added_up(as_product: bool) -> None:
    values = product(*factors((0, 1), (2,)), (0, 1))
    if not as_product:
        values += RNG.uniform(size=values.shape)
    merged = np.minimum(RNG.permutation(ROWS * COLUMNS), 30)
    found = separate(values, 3, merged)
    expected = np.zeros((*values.shape[:-1], 31))
    for number, place in enumerate(merged):
        expected[..., place] += values[..., number]
    assert (found.second.size > 1) == as_product
    np.testing.assert_allclose(found.whole(31), expected, rtol=1e-12, atol=1e-14)


def test_where_merging_leaves_few_bins_a_product_is_not_worth_it() -> None:
    values = product(*factors((0, 1), (2,)), (0, 1))
    found = separate(values, 3, np.zeros(ROWS * COLUMNS, dtype=int))
    assert found.bins.shape == (1, 1)
    np.testing.assert_allclose(found.whole(1)[..., 0], values.sum(axis=-1), rtol=1e-12)


def test_a_table_of_zeros_has_no_bins() -> None:
    found = separate(np.zeros((4, 3, 6)), 1)
    assert found.bins.shape == (0, 1)
    assert not found.whole(6).any()


def test_without_axes_rows_and_columns_alone() -> None:
    left, right = RNG.uniform(size=(40, 60)), RNG.uniform(size=50)
    values = (left[:, :, None] * right).reshape(40, -1)
    found = separate(values, 0)
    assert found.first_axes == found.second_axes == ()
    np.testing.assert_allclose(found.whole(3000), values, rtol=1e-12)


def test_a_table_of_numbers_whose_squares_are_zero_stays_whole() -> None:
    values = 1e-320 * np.ceil(product(*factors((0, 1), (2,)), (0, 1)))
    found = separate(values, 3)
    assert (found.first_axes, found.second_axes) == ((0, 1, 2), ())
    np.testing.assert_array_equal(found.whole(ROWS * COLUMNS), values)
