"""The PyTensor op that turns matter couplings into density matrices at the detector."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numpy.typing import ArrayLike, NDArray
from pytensor.gradient import grad_not_implemented
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import register_funcify_and_cache_key

from bayes_cevns.couplings import (
    crossing_kernels,
    invariant_kernels,
    level_kernels,
    mixing_kernels,
    night_kernels,
    propagation_kernels,
    state_sizes,
    two_flavour_kernels,
    zone_kernels,
)
from bayes_cevns.couplings.propagation_tables import (
    COUPLINGS,
    MIXING,
    mixing_of,
    tables,
)
from bayes_cevns.couplings.state_sizes import state_size
from bayes_cevns.errors import TableError
from bayes_cevns.physics import constants
from bayes_cevns.physics.oscillation import crossing, levels, matter, night, sun
from bayes_cevns.physics.oscillation.hermitian import SIZE
from bayes_cevns.physics.oscillation.matter import check_energies
from bayes_cevns.physics.oscillation.propagation import Propagation
from bayes_cevns.tables import kernels, views

_KERNELS = {"three": propagation_kernels, "two": two_flavour_kernels}

#: Modules whose text decides what is compiled: kernels, and the constants they use.
_COMPILED = (
    *(propagation_kernels, two_flavour_kernels, crossing_kernels, level_kernels),
    *(invariant_kernels, mixing_kernels, night_kernels, zone_kernels, kernels),
    *(state_sizes, views),
    *(constants, crossing, levels, matter, night, sun),
)


@cache
def _code_version() -> str:
    """Return a salt for PyTensor's compilation cache that changes with the text of the code."""
    digest = hashlib.sha256()
    for file in (*(module.__file__ for module in _COMPILED), __file__):
        digest.update(Path(str(file)).read_bytes())
    return digest.hexdigest()


class PropagationOp(Op):
    """Density matrices of solar neutrinos at the detector, from matter couplings.

    It takes the matter couplings of `bayes_cevns.physics.oscillation.matter_couplings` as a vector
    of 27, and sin^2 theta_12 and dm21 in eV^2 as a vector of two, by default those of the
    propagation (with two flavours they cannot be others). It gives the density matrices at all
    energies as a vector of 9 n, energy by energy, in the layout of
    `bayes_cevns.physics.oscillation.hermitian`.

    Parameters
    ----------
    propagation
        The way of the neutrinos.
    energy_mev
        Energies in MeV, > 0, shape (n,).

    Raises
    ------
    ArgumentError
        If an energy is not positive and finite.

    Notes
    -----
    Whatever depends on energies and on the rest of the mixing is data, in inputs that the op adds
    itself, so that code is compiled once for three flavours and once for two. `Propagation.density`
    is the readable twin. The functions of the Earth are expanded in log dm21 to first order around
    the dm21 of the propagation: 4% off, densities are right to 2e-5.
    A second output, which a call does not return, keeps what the adjoint would compute again.
    """

    __props__ = ("propagation", "energies_mev")
    default_output = 0

    def __init__(self, propagation: Propagation, energy_mev: ArrayLike) -> None:
        self.propagation = propagation
        checked = np.atleast_1d(check_energies(energy_mev))
        self.energies_mev: tuple[float, ...] = tuple(float(e) for e in checked)
        inputs = ",".join(_signatures(tables(propagation, checked)))
        self.gufunc_signature = f"(m),(w),{inputs}->(o),(s)"

    def make_node(self, couplings: Any, mixing: Any = None, *data: Any) -> Apply:
        """Build the node; mixing and tables are added unless they are given."""
        vector = pt.as_tensor(couplings, dtype="float64")
        if vector.type.ndim != 1 or vector.type.shape[0] not in (None, COUPLINGS):
            raise TableError(
                f"expected matter couplings as a vector of {COUPLINGS}, got shape "
                f"{vector.type.shape}"
            )
        if mixing is None:
            mixing = pt.constant(mixing_of(self.propagation))
        if not data:
            arrays = tables(self.propagation, np.array(self.energies_mev))
            data = tuple(pt.constant(np.ascontiguousarray(each)) for each in arrays)
        outputs = [pt.vector(dtype="float64", shape=(size,)) for size in self._sizes]
        return Apply(self, [vector, pt.as_tensor(mixing, dtype="float64"), *data], outputs)

    @property
    def _sizes(self) -> tuple[int, int]:
        """Sizes of the two outputs."""
        count = len(self.energies_mev)
        return SIZE * count, state_size(self.propagation.flavours, count)

    def infer_shape(self, _node: Apply, _shapes: list[Any]) -> list[Any]:
        """Return the shapes of the outputs."""
        return [(size,) for size in self._sizes]

    def perform(self, _node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate the kernel."""
        kernel = _KERNELS[self.propagation.flavours].density
        outputs[0][0], outputs[1][0] = kernel(*inputs)

    def pullback(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        cotangents: Sequence[Variable],
    ) -> list[Variable]:
        """Return the cotangents of couplings and mixing; all others are data."""
        adjoint = PropagationAdjointOp(self.propagation.flavours)
        reason = "what describes the way is data"
        others = [grad_not_implemented(self, i, v, reason) for i, v in enumerate(inputs) if i > 1]
        return [*adjoint(*inputs, outputs[1], cotangents[0]), *others]


class PropagationAdjointOp(Op):
    """The adjoint of `PropagationOp`: the cotangents of its matter couplings and of its mixing."""

    __props__ = ("flavours",)

    def __init__(self, flavours: str) -> None:
        self.flavours = flavours

    def make_node(self, *inputs: Any) -> Apply:
        """Build the node: couplings, mixing, tables, state, cotangent give vectors of 27 and 2."""
        variables = [pt.as_tensor(each) for each in inputs]
        outputs = [pt.vector(dtype="float64", shape=(size,)) for size in (COUPLINGS, MIXING)]
        return Apply(self, variables, outputs)

    def infer_shape(self, _node: Apply, _shapes: list[Any]) -> list[Any]:
        """Return the shapes of the outputs."""
        return [(COUPLINGS,), (MIXING,)]

    def perform(self, _node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate the kernel."""
        outputs[0][0], outputs[1][0] = _KERNELS[self.flavours].density_adjoint(*inputs)


def _signatures(arrays: Sequence[NDArray[Any]]) -> list[str]:
    """Return the core dimensions of each table, each with a name of its own."""
    return [
        f"({','.join(f't{i}d{axis}' for axis in range(array.ndim))})"
        for i, array in enumerate(arrays)
    ]


@register_funcify_and_cache_key(PropagationOp)
def _numba_propagation(op: PropagationOp, **_: Any) -> tuple[Any, str]:
    flavours = op.propagation.flavours
    return _KERNELS[flavours].density, f"PropagationOp-{flavours}-{_code_version()}"


@register_funcify_and_cache_key(PropagationAdjointOp)
def _numba_adjoint(op: PropagationAdjointOp, **_: Any) -> tuple[Any, str]:
    kernel = _KERNELS[op.flavours].density_adjoint
    return kernel, f"PropagationAdjointOp-{op.flavours}-{_code_version()}"
