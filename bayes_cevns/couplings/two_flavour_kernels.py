"""Two flavours in the limit of large dm31 for Numba, and the adjoint.

The formulas are those of `bayes_cevns.physics.oscillation.survival`, with any Hermitian couplings,
at a fixed mixing. A density matrix is rho_0 + C rho_1: two parts, as `propagation_kernels` has ten.
"""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.propagation_kernels import sum_parts, sum_parts_adjoint
from bayes_cevns.couplings.state_sizes import COMMON_OF_TWO, MAPPED, MATTER_OF_TWO, RHO
from bayes_cevns.couplings.state_sizes import PARTS_OF_TWO as PARTS
from bayes_cevns.couplings.zone_kernels import add_terms_adjoint, terms
from bayes_cevns.physics.oscillation.sun import TWO_POTENTIALS
from bayes_cevns.tables.compiled import kernel, open_kernel
from bayes_cevns.tables.views import matrix


@kernel
def parts_of(state: Array, count: int) -> tuple[Array, Array]:
    """Return the coefficients of the parts at all energies, (n, PARTS), and these, (PARTS, 9)."""
    return matrix(state, COMMON_OF_TWO, count, PARTS), matrix(state, 0, PARTS, 9)


@kernel
def _of_all(state: Array) -> tuple[Array, Array, Array, Array]:
    """Return parts of a state: potential and cotangent, and what they add to X, Re S and Im S."""
    first, second = RHO + 2 * MATTER_OF_TWO, RHO + 2 * MATTER_OF_TWO + MAPPED
    return (
        matrix(state, RHO, 2, 9),
        matrix(state, RHO + MATTER_OF_TWO, 2, 9),
        matrix(state, first, 2, 3),
        matrix(state, second, 2, 3),
    )


@kernel
def propagate(
    matter: Array,
    _mixing: Array,
    energy: Array,
    nodes: Array,
    maps: Array,
    rho: Array,
    numbers: Array,
    state: Array,
) -> None:
    """Fill in a state, `state_size` numbers; `parts_of` it are the parts of the density matrices.

    Nothing is allocated.
    """
    both, _, add, _ = _of_all(state)
    v, parts = parts_of(state, energy.size)
    terms(matter, both)
    for part in range(2):
        for k in range(3):
            add[part, k] = 0.0
            for i in range(9):
                add[part, k] += maps[k, i] * both[part, i]
        for i in range(9):
            parts[part, i] = rho[part, i]
    for e in range(energy.size):
        mean = 0.0
        for r in range(nodes.shape[0]):
            scale = 2.0 * TWO_POTENTIALS * energy[e] * nodes[r, 0]
            x = numbers[0] + scale * (add[0, 0] + nodes[r, 1] * add[1, 0])
            s = numbers[1] + scale * (add[0, 1] + nodes[r, 1] * add[1, 1])
            t = scale * (add[0, 2] + nodes[r, 1] * add[1, 2])
            mean += nodes[r, 2] * x / np.sqrt(x * x + s * s + t * t)
        v[e, 0], v[e, 1] = 1.0, mean


@kernel
def add_propagate_adjoint(
    energy: Array,
    nodes: Array,
    maps: Array,
    numbers: Array,
    state: Array,
    to_v: Array,
    to_matter: Array,
) -> None:
    """Add the cotangent of the matter couplings, (27,), for that of the coefficients, (n, PARTS).

    With a state from `propagate`.
    """
    _, to_both, add, to_add = _of_all(state)
    to_add[:] = 0.0
    for e in range(energy.size):
        for r in range(nodes.shape[0]):
            scale = 2.0 * TWO_POTENTIALS * energy[e] * nodes[r, 0]
            x = numbers[0] + scale * (add[0, 0] + nodes[r, 1] * add[1, 0])
            s = numbers[1] + scale * (add[0, 1] + nodes[r, 1] * add[1, 1])
            t = scale * (add[0, 2] + nodes[r, 1] * add[1, 2])
            across2 = s * s + t * t
            size2 = x * x + across2
            common = to_v[e, 1] * nodes[r, 2] * scale / (size2 * np.sqrt(size2))
            slopes = (common * across2, -common * x * s, -common * x * t)
            for k in range(3):
                to_add[0, k] += slopes[k]
                to_add[1, k] += nodes[r, 1] * slopes[k]
    to_both[:] = 0.0
    for part in range(2):
        for k in range(3):
            for i in range(9):
                to_both[part, i] += to_add[part, k] * maps[k, i]
    add_terms_adjoint(to_both, to_matter)


@open_kernel
def density(
    matter: Array,
    mixing: Array,
    energy: Array,
    nodes: Array,
    maps: Array,
    rho: Array,
    numbers: Array,
) -> tuple[Array, Array]:
    """Return rho_0 + C rho_1 at all energies, shape (9 n,), and a state."""
    state = np.empty(COMMON_OF_TWO + PARTS * energy.size)
    propagate(matter, mixing, energy, nodes, maps, rho, numbers, state)
    out = np.empty(9 * energy.size)
    v, parts = parts_of(state, energy.size)
    sum_parts(v, parts, out)
    return out, state


@open_kernel
def density_adjoint(
    _matter: Array,
    _mixing: Array,
    energy: Array,
    nodes: Array,
    maps: Array,
    _rho: Array,
    numbers: Array,
    state: Array,
    cotangent: Array,
) -> tuple[Array, Array]:
    """Return the cotangents of the matter couplings, (27,), and of the mixing, which is fixed."""
    to_matter, to_v, room = np.zeros(27), np.empty((energy.size, PARTS)), state.copy()
    sum_parts_adjoint(parts_of(room, energy.size)[1], cotangent, to_v)
    add_propagate_adjoint(energy, nodes, maps, numbers, room, to_v, to_matter)
    return to_matter, np.zeros(2)
