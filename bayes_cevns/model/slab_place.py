"""The couplings of a slab for their places in the unit cube, as an op of PyTensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType, grad_not_implemented
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import register_funcify_default_op_cache_key

from bayes_cevns.arrays import Array
from bayes_cevns.density import coupling_values
from bayes_cevns.density.llvm_code import stamp
from bayes_cevns.tables.compiled import open_kernel


@open_kernel
def _place(places: Array, numbers: Array, ends: Array) -> tuple[Array, float]:
    count = places.size
    out = np.empty(count)
    flat = np.ascontiguousarray(numbers).ravel()
    return out, coupling_values.place(places, flat, ends, out)


@open_kernel
def _adjoint(
    places: Array, numbers: Array, ends: Array, to_out: Array, to_log_rise: Array
) -> Array:
    found, room = np.zeros(places.size), np.empty(2 * places.size)
    flat = np.ascontiguousarray(numbers).ravel()
    coupling_values.add_place_adjoint(places, flat, ends, to_out, to_log_rise.item(), found, room)
    return found


class PlaceOp(Op):
    """Couplings of a slab in the order of its numbers, and the log of the Jacobian.

    It takes coordinates in the unit cube, shape (k,), and as data `Slab.numbers` and `Slab.ends`.
    The kernel is that of the arrays (`bayes_cevns.density.coupling_values`).
    """

    __props__ = ()

    def make_node(self, places: Any, numbers: Any, ends: Any) -> Apply:
        """Build the node: a vector and a number."""
        inputs = [pt.as_tensor(each, dtype="float64") for each in (places, numbers, ends)]
        outputs = [pt.vector(dtype="float64", shape=inputs[0].type.shape), pt.dscalar()]
        return Apply(self, inputs, outputs)

    def infer_shape(self, _node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shapes of the outputs."""
        return [shapes[0], ()]

    def perform(self, _node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate the kernel."""
        found, log_rise = _place(*inputs)
        outputs[0][0], outputs[1][0] = found, np.asarray(log_rise)

    def pullback(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        cotangents: Sequence[Variable],
    ) -> list[Variable]:
        """Return the cotangent of the coordinates; the slab is data."""
        found = [
            pt.zeros_like(output) if isinstance(given.type, DisconnectedType) else given
            for output, given in zip(outputs, cotangents, strict=True)
        ]
        to_places = PlaceAdjointOp()(*inputs, *found)
        reason = "a slab is data"
        return [to_places, *(grad_not_implemented(self, i, inputs[i], reason) for i in (1, 2))]


class PlaceAdjointOp(Op):
    """The adjoint of `PlaceOp`: the cotangent of its coordinates."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        """Build the node: a vector."""
        variables = [pt.as_tensor(each, dtype="float64") for each in inputs]
        return Apply(self, variables, [pt.vector(dtype="float64", shape=variables[0].type.shape)])

    def infer_shape(self, _node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the output."""
        return [shapes[0]]

    def perform(self, _node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate the kernel."""
        outputs[0][0] = _adjoint(*(np.asarray(each, dtype=float) for each in inputs))


def _code_version() -> int:
    """Return a salt for PyTensor's compilation cache that changes with the text of the code."""
    return int(stamp()[:14], 16)


@register_funcify_default_op_cache_key(PlaceOp)
def _numba_place(_op: PlaceOp, **_: Any) -> tuple[Any, int]:
    return _place, _code_version()


@register_funcify_default_op_cache_key(PlaceAdjointOp)
def _numba_adjoint(_op: PlaceAdjointOp, **_: Any) -> tuple[Any, int]:
    return _adjoint, _code_version()
