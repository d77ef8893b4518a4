"""The PyTensor ops of couplings: quadratic forms, and traces with states that depend on them.

Both are written out for Numba (`form_kernels`), with adjoints of their own: as expressions they
would be products of matrices, each of which takes seconds to compile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import grad_not_implemented
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import (
    register_funcify_default_op_cache_key,
)

from bayes_cevns.arrays import Array
from bayes_cevns.couplings import form_kernels
from bayes_cevns.couplings.channels import monomials
from bayes_cevns.couplings.form_kernels import (
    add_quadratic_adjoint,
    add_trace,
    add_trace_adjoint,
    quadratic,
)
from bayes_cevns.tables.compiled import kernel


@cache
def _code_version() -> int:
    """Return a salt for PyTensor's compilation cache that changes with the text of the code."""
    text = b"".join(Path(file).read_bytes() for file in (__file__, form_kernels.__file__))
    return int.from_bytes(hashlib.sha256(text).digest()[:7])


class QuadraticOp(Op):
    """Values f_c = sum over a <= b of t_a t_b Q_abc, t = (1, couplings).

    Every call takes the coefficients Q, shape (monomials, components) in the order of
    `monomial_factors`, any data, not differentiated, and couplings, shape (k,); it gives f, shape
    (components,).
    """

    __props__ = ()
    gufunc_signature = "(m,c),(k)->(c)"

    def make_node(self, coefficients: Any, couplings: Any) -> Apply:
        """Build the node: a vector."""
        inputs = [pt.as_tensor(v, dtype="float64") for v in (coefficients, couplings)]
        return Apply(self, inputs, [pt.vector(dtype="float64", shape=inputs[0].type.shape[-1:])])

    def infer_shape(self, _node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the output."""
        return [(shapes[0][1],)]

    def perform(self, _node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate with NumPy."""
        coefficients, couplings = inputs
        outputs[0][0] = monomials(couplings) @ coefficients

    def pullback(
        self,
        inputs: Sequence[Variable],
        _outputs: Sequence[Variable],
        cotangents: Sequence[Variable],
    ) -> list[Variable]:
        """Return the cotangent of the couplings; coefficients are data."""
        coefficients, couplings = inputs
        to_couplings = QuadraticAdjointOp()(coefficients, couplings, cotangents[0])
        return [grad_not_implemented(self, 0, coefficients, "a table is data"), to_couplings]


class QuadraticAdjointOp(Op):
    """The adjoint of `QuadraticOp`: the cotangent of its couplings."""

    __props__ = ()

    def make_node(self, coefficients: Any, couplings: Any, cotangent: Any) -> Apply:
        """Build the node: a vector as long as the couplings."""
        inputs = [pt.as_tensor(v, dtype="float64") for v in (coefficients, couplings, cotangent)]
        return Apply(self, inputs, [pt.vector(dtype="float64", shape=inputs[1].type.shape)])

    def infer_shape(self, _node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the output."""
        return [shapes[1]]

    def perform(self, _node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate with NumPy."""
        coefficients, couplings, cotangent = inputs
        to_monomials = coefficients @ cotangent
        size = couplings.size + 1
        padded = np.concatenate([[1.0], couplings])
        form = np.zeros((size, size))
        form[np.triu_indices(size)] = to_monomials
        outputs[0][0] = ((form + form.T) @ padded)[1:]


class TraceOp(Op):
    """Values f_c = sum over nodes, entries and pairs of rho_ne g_pe M_npc.

    Every call takes states rho, shape (n, 9), products of charges g with `METRIC` in them, shape
    (pairs, 9), and the mixing M, shape (n, pairs, components), data; it gives f.
    """

    __props__ = ()
    gufunc_signature = "(n,e),(p,e),(n,p,c)->(c)"

    def make_node(self, states: Any, products: Any, mixing: Any) -> Apply:
        """Build the node: a vector."""
        inputs = [pt.as_tensor(v, dtype="float64") for v in (states, products, mixing)]
        return Apply(self, inputs, [pt.vector(dtype="float64", shape=inputs[2].type.shape[-1:])])

    def infer_shape(self, _node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the output."""
        return [(shapes[2][2],)]

    def perform(self, _node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate with NumPy."""
        states, products, mixing = inputs
        outputs[0][0] = np.tensordot(states @ products.T, mixing, axes=2)

    def pullback(
        self,
        inputs: Sequence[Variable],
        _outputs: Sequence[Variable],
        cotangents: Sequence[Variable],
    ) -> list[Variable]:
        """Return the cotangents of states and products; the mixing is data."""
        to_states, to_products = TraceAdjointOp()(*inputs, cotangents[0])
        return [to_states, to_products, grad_not_implemented(self, 2, inputs[2], "data")]


class TraceAdjointOp(Op):
    """The adjoint of `TraceOp`: cotangents of its states and products."""

    __props__ = ()

    def make_node(self, states: Any, products: Any, mixing: Any, cotangent: Any) -> Apply:
        """Build the node: two matrices, shaped as states and products."""
        inputs = [pt.as_tensor(v, dtype="float64") for v in (states, products, mixing, cotangent)]
        outputs = [pt.matrix(dtype="float64", shape=v.type.shape) for v in inputs[:2]]
        return Apply(self, inputs, outputs)

    def infer_shape(self, _node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shapes of the outputs."""
        return [shapes[0], shapes[1]]

    def perform(self, _node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate with NumPy."""
        states, products, mixing, cotangent = inputs
        traces = mixing @ cotangent
        outputs[0][0] = traces @ products
        outputs[1][0] = traces.T @ states


@register_funcify_default_op_cache_key(QuadraticOp)
def _numba_quadratic(_op: QuadraticOp, **_: Any) -> tuple[Any, int]:
    @kernel
    def value(coefficients: Array, couplings: Array) -> Array:
        found = np.empty(coefficients.shape[1])
        quadratic(coefficients, couplings, found)
        return found

    return value, _code_version()


@register_funcify_default_op_cache_key(QuadraticAdjointOp)
def _numba_quadratic_adjoint(_op: QuadraticAdjointOp, **_: Any) -> tuple[Any, int]:
    @kernel
    def adjoint(coefficients: Array, couplings: Array, cotangent: Array) -> Array:
        found = np.zeros(couplings.size)
        add_quadratic_adjoint(coefficients, couplings, cotangent, found)
        return found

    return adjoint, _code_version()


@register_funcify_default_op_cache_key(TraceOp)
def _numba_trace(_op: TraceOp, **_: Any) -> tuple[Any, int]:
    @kernel
    def value(states: Array, products: Array, mixing: Array) -> Array:
        found = np.zeros(mixing.shape[2])
        add_trace(states, products, mixing, found)
        return found

    return value, _code_version()


@register_funcify_default_op_cache_key(TraceAdjointOp)
def _numba_trace_adjoint(_op: TraceAdjointOp, **_: Any) -> tuple[Any, int]:
    @kernel
    def adjoint(
        states: Array, products: Array, mixing: Array, cotangent: Array
    ) -> tuple[Array, Array]:
        to_states, to_products = np.zeros(states.shape), np.zeros(products.shape)
        add_trace_adjoint(states, products, mixing, cotangent, to_states, to_products)
        return to_states, to_products

    return adjoint, _code_version()
