"""Folds against the whole table: counts, adjoint, slopes, the ends of axes."""

from __future__ import annotations

import numpy as np
import pytest
from folding import folded, whole  # beside this file

from bayes_cevns.tables.fold import Block, pack
from bayes_cevns.tables.shape_axes import ShapeAxis

AXES = (
    ShapeAxis("a", (-3.0, -2.0, -0.5, 0.0, 1.0, 3.0)),
    ShapeAxis("b", (0.0, 1.0, 2.5, 4.0)),
    ShapeAxis("c", (0.0, 0.1, 0.4, 1.0, 5.0)),
    ShapeAxis("d", (0.0, 1.0, 2.0, 3.0, 5.0)),
)
BINS = 9
#: Axes of the first and the second factor, components, rows, columns of each block.
LAYOUTS = {
    "plain": [((), (), 3, 9, 1)],
    "one axis": [((0,), (), 3, 7, 1)],
    "four axes": [((0, 1, 2, 3), (), 2, 5, 1)],
    "axes in another order": [((3, 0, 2), (), 2, 5, 1)],
    "product": [((0, 2), (1,), 3, 4, 5)],
    "product with three axes": [((0,), (1, 2, 3), 1, 6, 2)],
    "product without axes": [((), (), 2, 3, 3)],
    "several": [((0, 1), (2,), 2, 4, 6), ((), (), 3, 9, 1), ((3,), (), 1, 1, 1)],
    "joined": [((0, 1), (), 2, 4, 1), ((0, 1), (), 3, 4, 1), ((1, 0), (), 1, 4, 1)],
    "nothing": [((0,), (), 2, 0, 1)],
}


def blocks(layout: str, seed: int = 3) -> list[Block]:
    rng, found, start = np.random.default_rng(seed), [], 0
    for first, second, components, rows, columns in LAYOUTS[layout]:
        nodes = [[len(AXES[axis].nodes) for axis in own] for own in (first, second)]
        left = rng.normal(size=(*nodes[0], components, rows))
        right = rng.normal(size=(*nodes[1], columns)) if columns > 1 else np.ones(1)
        # Several cells may go to the same bin.
        bins = np.random.default_rng(rows).integers(0, BINS, (rows, columns))
        found.append(Block(left, right, first, second, start, bins))
        start += components
    return found


def multiplied(layout: list[Block]) -> np.ndarray:
    """The table with all axes, components and bins, by loops over its entries."""
    size = sum(block.first.shape[-2] for block in layout)
    table = np.zeros((*(len(axis.nodes) for axis in AXES), size, BINS))
    for place in np.ndindex(*table.shape[:4]):
        for block in layout:
            left = block.first[tuple(place[axis] for axis in block.first_axes)]
            right = block.second[tuple(place[axis] for axis in block.second_axes)]
            for k, row in enumerate(left):
                for cell, number in zip(
                    np.outer(row, right).ravel(), block.bins.ravel(), strict=True
                ):
                    table[*place, block.start + k, number] += cell
    return table


def points() -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    low, high = (np.array([axis.nodes[end] for axis in AXES]) for end in (0, -1))
    inside = [low + (high - low) * rng.uniform(size=4) for _ in range(5)]
    return [*inside, low, high, np.array([axis.nodes[1] for axis in AXES])]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_counts_and_adjoint_against_the_whole_table(layout: str) -> None:
    fold, table = pack(AXES, blocks(layout)), multiplied(blocks(layout))
    rng = np.random.default_rng(2)
    for point in points():
        factors, cotangent = rng.normal(size=table.shape[4]), rng.normal(size=BINS)
        counts, to_factors, to_shape = folded(fold, point, factors, cotangent)
        here = whole(table, AXES, point)
        np.testing.assert_allclose(counts, factors @ here, rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(to_factors, here @ cotangent, rtol=1e-11, atol=1e-11)
        slopes = [factors @ whole(table, AXES, point, axis) @ cotangent for axis in range(4)]
        np.testing.assert_allclose(to_shape, slopes, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_slopes_by_differences(layout: str) -> None:
    fold = pack(AXES, blocks(layout))
    rng = np.random.default_rng(4)
    point = points()[0]
    factors = rng.normal(size=sum(block.first.shape[-2] for block in blocks(layout)))
    cotangent, step = rng.normal(size=BINS), 1e-5
    _, to_factors, to_shape = folded(fold, point, factors, cotangent)

    def total(shift_factors: np.ndarray, shift_point: np.ndarray) -> float:
        counts = folded(fold, point + shift_point, factors + shift_factors, cotangent)[0]
        return float(counts @ cotangent)

    still = np.zeros(4), np.zeros(factors.size)
    for axis, found in enumerate(to_shape):
        moved = step * np.eye(4)[axis]
        slope = (total(still[1], moved) - total(still[1], -moved)) / (2 * step)
        assert found == pytest.approx(slope, rel=1e-6, abs=1e-6)
    for number, found in enumerate(to_factors):
        moved = step * np.eye(factors.size)[number]
        slope = (total(moved, still[0]) - total(-moved, still[0])) / (2 * step)
        assert found == pytest.approx(slope, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("axis", range(4))
def test_outside_of_an_axis_the_counts_that_depend_on_it_are_nan(axis: int) -> None:
    fold = pack(AXES, [*blocks("product"), block_on(3, start=3)])
    point = points()[0]
    point[axis] = AXES[axis].nodes[-1] + 1e-9
    counts, *_ = folded(fold, point, np.ones(4), np.zeros(BINS))
    depends = {block.bins.tobytes(): block for block in [*blocks("product"), block_on(3, start=3)]}
    for block in depends.values():
        touched = axis in (*block.first_axes, *block.second_axes)
        if touched:
            assert np.isnan(counts[block.bins]).all()


def block_on(axis: int, start: int) -> Block:
    nodes = len(AXES[axis].nodes)
    return Block(np.ones((nodes, 1, 1)), np.ones(1), (axis,), (), start, np.zeros((1, 1), int))


def test_counts_and_cotangents_are_added_to_what_is_there() -> None:
    """Blocks that go to the same bins, and a fold called after another."""
    fold = pack(AXES, [*blocks("plain"), *(replaced(each, 3) for each in blocks("plain"))])
    once = pack(AXES, blocks("plain"))
    cotangent = np.arange(1.0, 1.0 + BINS)
    twice, to_factors, _ = folded(fold, points()[0], np.tile([1.0, 2.0, -0.5], 2), cotangent)
    counts, to_three, _ = folded(once, points()[0], np.array([1.0, 2.0, -0.5]), cotangent)
    np.testing.assert_allclose(twice, 2 * counts, rtol=1e-13)
    np.testing.assert_allclose(to_factors, np.tile(to_three, 2), rtol=1e-13)


def replaced(block: Block, start: int) -> Block:
    return Block(block.first, block.second, block.first_axes, block.second_axes, start, block.bins)


def test_other_values_have_the_same_whole_numbers() -> None:
    """Another mass swaps real numbers alone."""
    one, two = (pack(AXES, blocks("several", seed)) for seed in (1, 2))
    np.testing.assert_array_equal(one.whole, two.whole)
    assert not np.array_equal(one.real, two.real)
    assert (one.nodes, one.work) == (two.nodes, two.work)


def test_components_with_the_same_bins_are_one_block() -> None:
    assert pack(AXES, blocks("joined")).whole[1] == 2
    assert pack(AXES, blocks("several")).whole[1] == 3
