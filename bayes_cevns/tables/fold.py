"""The expected counts of some components as products of small tables, in two arrays for Numba.

A fold is a list of blocks: components whose table is a product (`bayes_cevns.tables.separable`),
or stays as it is. `bayes_cevns.tables.fold_kernels` evaluates it, with its adjoint; the same counts
from the whole table are those of `bayes_cevns.tables.rate_op`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.tables.bins import add_bins
from bayes_cevns.tables.shape_axes import ShapeAxis

#: Where the numbers of axes begin, and how many an axis has.
HEAD, PER_AXIS = 2, 2

#: How many axes a factor of a block may have.
MOST_AXES = 8

#: Where the numbers of the factors begin, among those of a block, and how many a block has.
FIRST = 6
SECOND = FIRST + 5 + MOST_AXES
PER_BLOCK = SECOND + 5 + MOST_AXES

#: Splines and slopes of an axis that are not zero at a point.
LOCAL = 8


@dataclass(frozen=True, eq=False, repr=False)
class Block(Displayed):
    """Components that have one table together.

    Attributes
    ----------
    first
        B-spline coefficients, shape (*first_axes, components, rows).
    second
        B-spline coefficients of the other factor, shape (*second_axes, columns); 1 if there is one
        column.
    first_axes, second_axes
        Numbers of the axes, among those of the fold.
    start
        Number of the first component, among those of the fold.
    bins
        Number of the bin to which row and column belong, shape (rows, columns). Several may go to
        one bin, where they are added up.
    """

    first: Array
    second: Array
    first_axes: tuple[int, ...]
    second_axes: tuple[int, ...]
    start: int
    bins: NDArray[np.int64]

    @property
    def is_whole(self) -> bool:
        """Whether there is no second factor."""
        return self.second.size == 1

    def goes_on_with(self, other: Block) -> bool:
        """Whether the components of another block follow, on the same axes and in the same bins."""
        return (
            self.is_whole
            and other.is_whole
            and self.first_axes == other.first_axes
            and np.array_equal(self.bins, other.bins)
            and self.start + self.first.shape[-2] == other.start
        )


@dataclass(frozen=True, eq=False, repr=False)
class Fold(Displayed):
    """Blocks in two arrays, and how much memory their evaluation takes.

    Attributes
    ----------
    whole
        Whole numbers: of axes and blocks; for each axis its splines and the place of its knots; for
        each block components, rows, columns, first component, where its bins are, where its work
        begins, and its two factors (`fold_kernels`); then the bins of all blocks.
    real
        Knots and coefficients.
    nodes, work
        How many whole and real numbers the evaluation needs for itself.
    """

    whole: NDArray[np.int64]
    real: Array
    nodes: int
    work: int


class _Packing:
    """Arrays one after the other, and the memory that they need."""

    def __init__(self, axes: Sequence[ShapeAxis]) -> None:
        self.axes = axes
        self.real: list[Array] = []
        self.size = 0
        self.nodes, self.work = len(axes), LOCAL * len(axes)

    def place(self, values: ArrayLike) -> int:
        """Append numbers, and return where they begin."""
        begin = self.size
        self.real.append(np.ravel(np.asarray(values, dtype=float)))
        self.size += self.real[-1].size
        return begin

    def factor(self, values: Array, own: Sequence[int]) -> list[int]:
        """Append a factor of a block, and return its numbers."""
        quartets = 4 ** max(len(own) - 1, 0)
        nodes = prod(len(self.axes[axis].nodes) for axis in own)
        numbers = [self.place(values), self.nodes, self.work, nodes, len(own), *own]
        if own:
            self.nodes += quartets
            self.work += (4 * quartets - 1) // 3 + quartets
        return numbers + [0] * (MOST_AXES - len(own))


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """Return fewer blocks: neighbours that differ in nothing but their values become one."""
    found: list[Block] = []
    for block in blocks:
        if found and found[-1].goes_on_with(block):
            both = np.concatenate([found[-1].first, block.first], axis=-2)
            found[-1] = replace(found[-1], first=both)
        else:
            found.append(block)
    return found


def pack(axes: Sequence[ShapeAxis], blocks: Sequence[Block]) -> Fold:
    """Put blocks on shape axes into two arrays.

    Blocks with the same shapes, axes and bins have the same whole numbers, whatever their values.
    """
    packing, blocks = _Packing(axes), _joined(blocks)
    numbers = [len(axes), len(blocks)]
    for axis in axes:
        numbers += [len(axis.nodes), packing.place(axis.knots)]
    bins_at = len(numbers) + PER_BLOCK * len(blocks)
    for block in blocks:
        components, rows = block.first.shape[-2:]
        columns = block.second.shape[-1]
        numbers += [components, rows, columns, block.start, bins_at, packing.work]
        packing.work += 2 * (components * rows + rows + columns)
        numbers += packing.factor(block.first, block.first_axes)
        numbers += packing.factor(block.second, block.second_axes)
        bins_at += block.bins.size
    cells = [np.ravel(block.bins) for block in blocks]
    whole = np.concatenate([np.array(numbers, dtype=np.int64), *cells])
    return Fold(whole, np.concatenate([*packing.real, np.zeros(0)]), packing.nodes, packing.work)


def merge(whole: NDArray[np.int64], real: Array, places: NDArray[np.int64]) -> None:
    """Merge bins of a fold in its own arrays, of which it then needs a part.

    Parameters
    ----------
    whole, real
        Those of a `Fold`.
    places
        Number of the bin into which each bin goes, shape (bins,).
    """
    axes, blocks = whole[0], whole[1]
    for at in range(HEAD + PER_AXIS * axes, HEAD + PER_AXIS * axes + PER_BLOCK * blocks, PER_BLOCK):
        components, rows, columns, _, bins_at = whole[at : at + 5]
        cells = places[whole[bins_at : bins_at + rows * columns]]
        if columns == 1:  # rows of one bin are added up
            bins, cells = np.unique(cells, return_inverse=True)
            begin, nodes = whole[at + FIRST], whole[at + FIRST + 3]
            table = real[begin : begin + nodes * components * rows].reshape(-1, rows)
            added = add_bins(table, cells, bins.size).ravel()
            real[begin : begin + added.size] = added
            whole[at + 1], cells = bins.size, bins
        whole[bins_at : bins_at + cells.size] = cells
