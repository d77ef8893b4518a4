"""Two flavours in the limit of large dm31 for Numba, and the adjoint.

The formulas are those of `bayes_cevns.physics.oscillation.survival`, with any Hermitian couplings,
at a fixed mixing.
"""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.propagation_kernels import terms, terms_adjoint
from bayes_cevns.physics.oscillation.sun import TWO_POTENTIALS
from bayes_cevns.tables.compiled import kernel, open_kernel


@kernel
def _mapped(both: Array, maps: Array) -> Array:
    """Return what the two parts of the potential add to X, Re S and Im S, shape (2, 3)."""
    out = np.zeros((2, 3))
    for part in range(2):
        for k in range(3):
            for i in range(9):
                out[part, k] += maps[k, i] * both[part, i]
    return out


@open_kernel
def density(
    matter: Array,
    _mixing: Array,
    energy: Array,
    nodes: Array,
    maps: Array,
    rho: Array,
    numbers: Array,
) -> tuple[Array, Array]:
    """Return rho_0 + C rho_1 at all energies, shape (9 n,), and nothing for the adjoint."""
    add = _mapped(terms(matter), maps)
    out = np.empty(9 * energy.size)
    for e in range(energy.size):
        mean = 0.0
        for r in range(nodes.shape[0]):
            scale = 2.0 * TWO_POTENTIALS * energy[e] * nodes[r, 0]
            x = numbers[0] + scale * (add[0, 0] + nodes[r, 1] * add[1, 0])
            s = numbers[1] + scale * (add[0, 1] + nodes[r, 1] * add[1, 1])
            t = scale * (add[0, 2] + nodes[r, 1] * add[1, 2])
            mean += nodes[r, 2] * x / np.sqrt(x * x + s * s + t * t)
        for i in range(9):
            out[9 * e + i] = rho[0, i] + mean * rho[1, i]
    return out, np.zeros(0)


@open_kernel
def density_adjoint(
    matter: Array,
    _mixing: Array,
    energy: Array,
    nodes: Array,
    maps: Array,
    rho: Array,
    numbers: Array,
    _state: Array,
    cotangent: Array,
) -> tuple[Array, Array]:
    """Return the cotangents of the matter couplings, (27,), and of the mixing, which is fixed."""
    add = _mapped(terms(matter), maps)
    to_add = np.zeros((2, 3))
    for e in range(energy.size):
        to_mean = 0.0
        for i in range(9):
            to_mean += rho[1, i] * cotangent[9 * e + i]
        for r in range(nodes.shape[0]):
            scale = 2.0 * TWO_POTENTIALS * energy[e] * nodes[r, 0]
            x = numbers[0] + scale * (add[0, 0] + nodes[r, 1] * add[1, 0])
            s = numbers[1] + scale * (add[0, 1] + nodes[r, 1] * add[1, 1])
            t = scale * (add[0, 2] + nodes[r, 1] * add[1, 2])
            across2 = s * s + t * t
            size2 = x * x + across2
            common = to_mean * nodes[r, 2] * scale / (size2 * np.sqrt(size2))
            slopes = (common * across2, -common * x * s, -common * x * t)
            for k in range(3):
                to_add[0, k] += slopes[k]
                to_add[1, k] += nodes[r, 1] * slopes[k]
    to_both = np.zeros((2, 9))
    for part in range(2):
        for k in range(3):
            for i in range(9):
                to_both[part, i] += to_add[part, k] * maps[k, i]
    return terms_adjoint(to_both), np.zeros(2)
