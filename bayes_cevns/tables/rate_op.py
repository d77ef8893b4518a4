"""The PyTensor op that turns couplings and shape nuisances into expected counts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache, reduce
from pathlib import Path
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.gradient import grad_not_implemented
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import (
    register_funcify_default_op_cache_key,
)
from scipy.interpolate import BSpline

from bayes_cevns.arrays import Array
from bayes_cevns.errors import TableError
from bayes_cevns.tables import kernels
from bayes_cevns.tables.compiled import sum_kernel
from bayes_cevns.tables.shape_axes import DEGREE, ShapeAxis

type Knots = tuple[tuple[float, ...], ...]


@cache
def _code_version() -> int:
    """Return a salt for PyTensor's compilation cache that changes with the text of the code.

    That of the kernels and of the functions here that call them: both are compiled.
    """
    digest = hashlib.sha256()
    for file in (kernels.__file__, __file__):
        digest.update(Path(file).read_bytes())
    return int.from_bytes(digest.digest()[:7])


class RateOp(Op):
    """Expected counts N_b = sum_k c_k T_kb(nu), exact in c and interpolated in nu.

    Parameters
    ----------
    axes
        Shape axes of the tables, none or more. Every call takes

        - coefficients, shape (n_1, ..., n_N, components, bins): tensor-product B-spline
          coefficients of the tables (`spline_coefficients`), any data, not differentiated;
        - couplings c, shape (components,);
        - shape nuisances nu, shape (N,), within the nodes of their axes: outside, the
          counts are NaN, because a table is never extrapolated;

        and gives the expected counts, shape (bins,).

    Notes
    -----
    It can be used inside any ``pm.Model``. The table is an ordinary input, so that one
    compiled function serves every mediator mass and interaction. Without a Numba
    implementation an op runs in object mode; `bayes_cevns.tables.kernels` has it.
    """

    __props__ = ("knots",)

    def __init__(self, axes: Sequence[ShapeAxis] = ()) -> None:
        self.knots: Knots = tuple(axis.knots for axis in axes)
        table = "".join(f"s{i}," for i in range(len(self.knots)))
        self.gufunc_signature = f"({table}k,b),(k),(n)->(b)"

    def make_node(self, coefficients: Any, couplings: Any, shape: Any) -> Apply:
        """Build the node after checking the number of dimensions of each input."""
        inputs = [pt.as_tensor(v, dtype="float64") for v in (coefficients, couplings, shape)]
        expected = (len(self.knots) + 2, 1, 1)
        found = tuple(v.type.ndim for v in inputs)
        if found != expected:
            raise TableError(
                f"RateOp with {len(self.knots)} shape axes expects coefficients, couplings and "
                f"shape nuisances of {expected} dimensions, got {found}"
            )
        return Apply(self, inputs, [pt.vector(dtype="float64", shape=inputs[0].type.shape[-1:])])

    def infer_shape(self, _node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the output: the bins of the table."""
        return [(shapes[0][-1],)]

    def perform(self, _node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate with NumPy and SciPy."""
        coefficients, couplings, shape = inputs
        check_shapes(self.knots, coefficients, couplings, shape)
        table = coefficients
        for knots, x in zip(self.knots, shape, strict=True):
            table = np.tensordot(basis(knots, x), table, axes=1)
        outputs[0][0] = couplings @ table

    def pullback(
        self,
        inputs: Sequence[Variable],
        _outputs: Sequence[Variable],
        cotangents: Sequence[Variable],
    ) -> list[Variable]:
        """Return the cotangents of couplings and shape nuisances; tables are data."""
        coefficients, couplings, shape = inputs
        (cotangent,) = cotangents
        to_couplings, to_shape = RateAdjointOp(self.knots)(
            coefficients, couplings, shape, cotangent
        )
        reason = "a rate table is data"
        return [grad_not_implemented(self, 0, coefficients, reason), to_couplings, to_shape]


class RateAdjointOp(Op):
    """The adjoint of `RateOp`: cotangents of its couplings and of its shape nuisances."""

    __props__ = ("knots",)

    def __init__(self, knots: Knots) -> None:
        self.knots = knots

    def make_node(self, coefficients: Any, couplings: Any, shape: Any, cotangent: Any) -> Apply:
        """Build the node: two vectors, shaped as the couplings and the shape nuisances."""
        inputs = [
            pt.as_tensor(v, dtype="float64") for v in (coefficients, couplings, shape, cotangent)
        ]
        outputs = [pt.vector(dtype="float64", shape=v.type.shape) for v in inputs[1:3]]
        return Apply(self, inputs, outputs)

    def infer_shape(self, _node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shapes of the outputs."""
        return [shapes[1], shapes[2]]

    def perform(self, _node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate with NumPy and SciPy."""
        coefficients, couplings, shape, cotangent = inputs
        bases = [basis(knots, x) for knots, x in zip(self.knots, shape, strict=True)]
        slopes = [basis(knots, x, 1) for knots, x in zip(self.knots, shape, strict=True)]
        folded = coefficients @ cotangent

        def contract(weights: list[Array]) -> Array:
            return reduce(lambda table, w: np.tensordot(w, table, axes=1), weights, folded)

        outputs[0][0] = contract(bases)
        outputs[1][0] = np.array(
            [
                couplings @ contract([*bases[:i], slopes[i], *bases[i + 1 :]])
                for i in range(len(bases))
            ],
            dtype=float,
        )


def basis(knots: tuple[float, ...], x: float, derivative: int = 0) -> Array:
    """Return all cubic B-splines (or a derivative of them) at one point, NaN outside."""
    count = len(knots) - DEGREE - 1
    spline = BSpline(np.asarray(knots), np.eye(count), DEGREE, extrapolate=False)
    return np.asarray(spline(x, nu=derivative))


def check_shapes(knots: Knots, coefficients: Array, couplings: Array, shape: Array) -> None:
    """Raise a `TableError` if a table does not fit its couplings and shape nuisances."""
    nodes = tuple(len(k) - DEGREE - 1 for k in knots)
    expected = (*nodes, couplings.size)
    if coefficients.shape[:-1] != expected or shape.size != len(nodes):
        raise TableError(
            f"RateOp expected coefficients of shape {expected} + (bins,) and {len(nodes)} shape "
            f"nuisances, got {coefficients.shape} and {shape.size}"
        )


def _padded(knots: Knots) -> tuple[Array, NDArray[np.int64]]:
    """Return the knots of all axes as one array, filled up with NaN, and the spline counts."""
    padded = np.full((len(knots), max((len(k) for k in knots), default=0)), np.nan)
    for row, k in zip(padded, knots, strict=True):
        row[: len(k)] = k
    return padded, np.array([len(k) - DEGREE - 1 for k in knots], dtype=np.int64)


@register_funcify_default_op_cache_key(RateOp)
def _numba_rate(op: RateOp, **_: Any) -> tuple[Any, int]:
    knots, sizes = _padded(op.knots)
    axes, quartets = len(op.knots), 4 ** max(len(op.knots) - 1, 0)

    @sum_kernel
    def plain(coefficients: Array, couplings: Array, shape: Array) -> Array:
        rows = kernels.as_rows(coefficients, sizes, couplings, shape)
        counts = np.zeros(rows.shape[1])
        kernels.add_plain(rows, couplings, counts)
        return counts

    @sum_kernel
    def shaped(coefficients: Array, couplings: Array, shape: Array) -> Array:
        rows = kernels.as_rows(coefficients, sizes, couplings, shape)
        value, slope = np.empty((axes, 4)), np.empty((axes, 4))
        node, weight = np.empty(quartets, dtype=np.int64), np.empty(quartets)
        kernels.local_support(knots, sizes, shape, value, slope, node, weight)
        counts = np.zeros(rows.shape[1])
        kernels.add_contraction(rows, couplings, value, node, weight, counts)
        return counts

    return (shaped if op.knots else plain), _code_version()


@register_funcify_default_op_cache_key(RateAdjointOp)
def _numba_adjoint(op: RateAdjointOp, **_: Any) -> tuple[Any, int]:
    knots, sizes = _padded(op.knots)
    axes, quartets = len(op.knots), 4 ** max(len(op.knots) - 1, 0)

    @sum_kernel
    def plain(
        coefficients: Array, couplings: Array, shape: Array, cotangent: Array
    ) -> tuple[Array, Array]:
        rows = kernels.as_rows(coefficients, sizes, couplings, shape)
        kernels.check_bins(rows, cotangent)
        to_couplings = np.zeros(couplings.size)
        kernels.add_plain_adjoint(rows, cotangent, to_couplings)
        return to_couplings, np.zeros(0)

    @sum_kernel
    def shaped(
        coefficients: Array, couplings: Array, shape: Array, cotangent: Array
    ) -> tuple[Array, Array]:
        rows = kernels.as_rows(coefficients, sizes, couplings, shape)
        kernels.check_bins(rows, cotangent)
        value, slope = np.empty((axes, 4)), np.empty((axes, 4))
        node, weight = np.empty(quartets, dtype=np.int64), np.empty(quartets)
        kernels.local_support(knots, sizes, shape, value, slope, node, weight)
        to_couplings, to_shape = np.zeros(couplings.size), np.zeros(axes)
        kernels.add_contraction_adjoint(
            *(rows, couplings, value, slope, node, weight, cotangent, to_couplings, to_shape)
        )
        return to_couplings, to_shape

    return (shaped if op.knots else plain), _code_version()
