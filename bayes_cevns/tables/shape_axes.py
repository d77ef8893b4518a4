"""Shape nuisances as axes of a table, interpolated by cubic B-splines of local support."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline

from bayes_cevns.arrays import Array
from bayes_cevns.errors import TableError
from bayes_cevns.tables.separable import Separated, separate

DEGREE = 3


@dataclass(frozen=True)
class ShapeAxis:
    """One shape nuisance with the values at which templates exist.

    Attributes
    ----------
    name
        Name of the nuisance, such as ``"tly"``.
    nodes
        Values of the nuisance, strictly increasing, four or more.
    """

    name: str
    nodes: tuple[float, ...]

    def __post_init__(self) -> None:
        nodes = np.asarray(self.nodes, dtype=float)
        rising = bool(np.all(np.isfinite(nodes)) and np.all(np.diff(nodes) > 0))
        if nodes.ndim != 1 or nodes.size < DEGREE + 1 or not rising:
            raise TableError(
                f"shape axis {self.name!r}: expected {DEGREE + 1} or more increasing nodes, "
                f"got {list(self.nodes)}"
            )

    @cached_property
    def knots(self) -> tuple[float, ...]:
        """Knots of the interpolating cubic spline (not-a-knot), len(nodes) + 4 of them."""
        nodes = np.asarray(self.nodes)
        spline = make_interp_spline(nodes, np.zeros_like(nodes), k=DEGREE)
        return tuple(float(knot) for knot in spline.t)

    def coefficients(self, values: Array, axis: int) -> Array:
        """Return the B-spline coefficients that interpolate `values` along `axis`."""
        spline = make_interp_spline(np.asarray(self.nodes), values, k=DEGREE, axis=axis)
        return np.moveaxis(np.asarray(spline.c), 0, axis)  # SciPy puts the axis first

    def weights_at(self, value: float) -> Array:
        """Return the weights of the nodes in the spline at a value, shape (nodes,).

        Raises
        ------
        TableError
            If the value is outside the nodes.
        """
        if not self.nodes[0] <= value <= self.nodes[-1]:
            raise TableError(
                f"shape axis {self.name!r} reaches from {self.nodes[0]:g} to {self.nodes[-1]:g}, "
                f"got {value:g}"
            )
        return _weights(self.nodes, value)


@lru_cache(maxsize=256)
def _weights(nodes: tuple[float, ...], value: float) -> Array:
    spline = make_interp_spline(np.asarray(nodes), np.eye(len(nodes)), k=DEGREE)
    weights = np.asarray(spline(value))
    weights.flags.writeable = False
    return weights


def spline_coefficients(axes: tuple[ShapeAxis, ...], values: Array) -> Array:
    """Return tensor-product B-spline coefficients of a table.

    Parameters
    ----------
    axes
        Shape axes, in the order of the leading dimensions of `values`.
    values
        Table at the nodes, shape (n_1, ..., n_N, ...).

    Returns
    -------
    ndarray
        Coefficients of the same shape.

    Raises
    ------
    TableError
        If the leading dimensions are not those of the axes.
    """
    expected = tuple(len(axis.nodes) for axis in axes)
    if values.shape[: len(axes)] != expected:
        names = ", ".join(axis.name for axis in axes)
        raise TableError(
            f"table has leading dimensions {values.shape[: len(axes)]}, "
            f"but its shape axes ({names}) have {expected} nodes"
        )
    for position, axis in enumerate(axes):
        values = axis.coefficients(values, position)
    return np.ascontiguousarray(values)


def separated(
    values: Array, axes: tuple[ShapeAxis, ...], merged: NDArray[np.int64] | None = None
) -> Separated:
    """Return tensor-product B-spline coefficients of a table as a product, if it is one.

    Parameters
    ----------
    values, merged
        As of `separate`.
    axes
        Shape axes, in the order of the leading dimensions of `values`.
    """
    found = separate(values, len(axes), merged)
    return replace(
        found,
        first=spline_coefficients(tuple(axes[axis] for axis in found.first_axes), found.first),
        second=spline_coefficients(tuple(axes[axis] for axis in found.second_axes), found.second),
    )
