"""Tables that are products: of one table in some bins and axes, and one in the others.

The bins of an experiment are often a grid, such as energy and time, and what happens in energy does
not know the time: with nodes a of some shape axes, nodes d of the others, rows e and columns t,

    values[a, d, m, (e, t)] = first[a, m, e] second[d, t].

Interpolation on shape axes keeps this, since its weights are products too. A call then reads two
small tables in place of one that is larger by far. Whether a table is such a product is found from
its numbers; if it is not, it stays as it is, without the bins in which it is zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.tables.bins import add_bins

#: Largest difference between a table and its product, relative to each entry: that of rounding in
#: double precision. A product that was rounded to single precision stays whole, so that the density
#: is that of the table to nine digits.
TOLERANCE = 1e-9

#: Entries smaller than this, relative to the largest, may be any number as small.
_ROUNDING = 1e-13

#: The same in the sums over recoil energies from which grids and axes are guessed.
_GUESS = 1e-3

#: Basis splines that are not zero at a point, for each axis.
_SUPPORT = 4

#: Components of a signal at most, by which the cost of a layout is judged; a background is one.
_COMPONENTS = 3

#: The square of a smaller number loses digits, or is zero.
_TINY = 1e-140


@dataclass(frozen=True, eq=False, repr=False)
class Separated(Displayed):
    """A table as a product.

    Attributes
    ----------
    first_axes, second_axes
        Numbers of the axes of the two factors, each increasing.
    first
        Shape (*first_axes, m, rows).
    second
        Shape (*second_axes, columns).
    bins
        Number of the bin to which each row and column belong, shape (rows, columns). Several may
        belong to one, where they are added up. In all other bins the table is zero.
    """

    first_axes: tuple[int, ...]
    second_axes: tuple[int, ...]
    first: Array
    second: Array
    bins: NDArray[np.int64]

    def whole(self, bins: int) -> Array:
        """Return the table itself, shape (*axes, m, bins)."""
        own, other = len(self.first_axes), len(self.second_axes)
        left = self.first.reshape(*self.first.shape[:own], *[1] * other, *self.first.shape[own:], 1)
        right = self.second.reshape(*[1] * own, *self.second.shape[:other], 1, 1, -1)
        grid = np.moveaxis(left * right, range(own + other), (*self.first_axes, *self.second_axes))
        return add_bins(grid.reshape(*grid.shape[:-2], -1), self.bins.ravel(), bins)


@dataclass(frozen=True)
class _Layout:
    """Which bins and axes belong to the first factor: rows and columns of a grid of bins."""

    grid: NDArray[np.int64]
    first_axes: tuple[int, ...]
    second_axes: tuple[int, ...]

    def cost(self, components: int) -> int:
        """Return the multiplications of a call for so many components."""
        rows, columns = self.grid.shape
        first: int = _SUPPORT ** len(self.first_axes) * components * rows
        second: int = _SUPPORT ** len(self.second_axes) * columns
        return first if columns == 1 else first + second + 2 * rows * columns


def separate(values: Array, axes: int, merged: NDArray[np.int64] | None = None) -> Separated:
    """Return a table as the product that takes the least work, or without its empty bins.

    Parameters
    ----------
    values
        Values at the nodes of the axes, >= 0, shape (n_1, ..., n_N, m, bins).
    axes
        Number of axes N.
    merged
        Number of the bin into which each bin is merged, shape (bins,); by default its own. A grid
        is that of the bins before they are merged.

    Returns
    -------
    Separated
        Each entry right to `TOLERANCE`, and to 1e-13 of the largest one.
    """
    merged = np.arange(values.shape[-1]) if merged is None else merged
    profile = values.sum(axis=axes)
    live = profile.reshape(-1, profile.shape[-1]).any(axis=0)
    bins = np.unique(merged[live])
    whole = _Layout(bins[:, None], tuple(range(axes)), ())
    found = [each for grid in _grids(profile) for each in _layouts(profile, grid)]
    components = min(values.shape[axes], _COMPONENTS)
    for layout in sorted(found, key=lambda each: each.cost(components)):
        if layout.cost(components) < whole.cost(components):
            rough = _fitted(profile[..., None, :], axes, layout)
            product = rough and _fitted(values, axes, layout, rough.second)
            if product is not None:
                return replace(product, bins=merged[product.bins])
    first = add_bins(values, merged).take(bins, axis=-1)
    return Separated(whole.first_axes, (), first, np.ones(1), whole.grid)


def _grids(profile: Array) -> Iterator[NDArray[np.int64]]:
    """Yield ways of numbering the bins by row and column, without rows and columns of zeros."""
    count = profile.shape[-1]
    numbers = np.arange(count)
    live = profile.reshape(-1, count).any(axis=0)
    for rows in range(2, count):
        if count % rows == 0:
            grid = numbers.reshape(rows, -1)
            seen = live[grid]
            grid = grid[seen.any(axis=1)][:, seen.any(axis=0)]
            yield grid
            yield grid.T
    yield numbers[live][None, :]


def _layouts(profile: Array, grid: NDArray[np.int64]) -> Iterator[_Layout]:
    """Yield the layout of a grid that the neighbourhood of the largest entry allows, if any."""
    axes = profile.ndim - 1
    total = profile.sum(axis=-1)
    if not grid.size:
        return
    peak = np.unravel_index(int(np.argmax(total)), total.shape)
    if not _is_product(profile[peak][grid]):
        return
    first, second = [], []
    for axis in range(axes):
        line = np.moveaxis(profile, axis, 0)[(slice(None), *np.delete(peak, axis))]
        here = line[:, grid]  # nodes, rows, columns
        if _is_product(np.moveaxis(here, 0, 1).reshape(grid.shape[0], -1)):
            second.append(axis)
        elif _is_product(here.reshape(-1, grid.shape[1])):
            first.append(axis)
        else:
            return
    yield _Layout(grid, tuple(first), tuple(second))


def _is_product(matrix: Array) -> bool:
    """Whether a matrix is nearly one of rank one, and large enough to tell."""
    if matrix.max() < _TINY:
        return False
    left, right = _factors(matrix)
    return float(np.abs(np.outer(left, right) - matrix).max()) <= _GUESS * float(matrix.max())


def _factors(matrix: Array, second: Array | None = None) -> tuple[Array, Array]:
    """Return the vectors of the nearest matrix of rank one, if the matrix is close to it."""
    if second is None:
        right = matrix[np.argmax(np.einsum("ij,ij->i", matrix, matrix))]
        for _ in range(2):
            left = matrix @ right / (right @ right)
            right = left @ matrix / (left @ left)
    else:
        right = second.ravel()
    return matrix @ right / (right @ right), right


def _fitted(
    values: Array, axes: int, layout: _Layout, second: Array | None = None
) -> Separated | None:
    """Return a table as a product, or nothing if it differs by more than the tolerance.

    The second factor may be known already.
    """
    own, other = layout.first_axes, layout.second_axes
    cells = values[..., layout.grid]  # (*axes, m, rows, columns)
    order = (*own, axes, axes + 1, *other, axes + 2)
    moved = np.transpose(cells, order)
    split = len(own) + 2
    matrix = moved.reshape(int(np.prod(moved.shape[:split])), -1)
    if matrix.max() < _TINY:
        return None
    left, right = _factors(matrix, second)
    wrong = np.abs(np.outer(left, right) - matrix)
    if np.any(wrong > TOLERANCE * matrix + _ROUNDING * matrix.max()):
        return None
    first, second = left.reshape(moved.shape[:split]), right.reshape(moved.shape[split:])
    return Separated(own, other, first, second, layout.grid)
