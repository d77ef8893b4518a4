"""Two flavours in the limit of large dm31 for Numba, and the adjoint.

The formulas are those of `bayes_cevns.physics.oscillation.survival`, with any Hermitian couplings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pytensor.link.numba.dispatch.basic import numba_njit

from bayes_cevns.couplings.propagation_kernels import terms, terms_adjoint
from bayes_cevns.physics.oscillation.sun import TWO_POTENTIALS

type Array = NDArray[np.float64]


@numba_njit(error_model="numpy")
def _hamiltonian(both: Array, ratio: float, scale: float, maps: Array, numbers: Array) -> Array:
    """Return X, Re S and Im S."""
    out = np.array([numbers[0], numbers[1], 0.0])
    for k in range(3):
        for i in range(9):
            out[k] += scale * maps[k, i] * (both[0, i] + ratio * both[1, i])
    return out


@numba_njit(error_model="numpy")
def density(
    matter: Array, energy: Array, nodes: Array, maps: Array, rho: Array, numbers: Array
) -> tuple[Array, Array]:
    """Return rho_0 + C rho_1 at all energies, shape (9 n,), and nothing for the adjoint."""
    both = terms(matter)
    out = np.empty(9 * energy.size)
    for e in range(energy.size):
        mean = 0.0
        for r in range(nodes.shape[0]):
            scale = 2.0 * TWO_POTENTIALS * energy[e] * nodes[r, 0]
            h = _hamiltonian(both, nodes[r, 1], scale, maps, numbers)
            mean += nodes[r, 2] * h[0] / np.sqrt(h[0] * h[0] + h[1] * h[1] + h[2] * h[2])
        for i in range(9):
            out[9 * e + i] = rho[0, i] + mean * rho[1, i]
    return out, np.zeros(0)


@numba_njit(error_model="numpy")
def density_adjoint(
    matter: Array,
    energy: Array,
    nodes: Array,
    maps: Array,
    rho: Array,
    numbers: Array,
    _state: Array,
    cotangent: Array,
) -> Array:
    """Return the cotangent of the matter couplings, shape (27,)."""
    both = terms(matter)
    to_both = np.zeros((2, 9))
    for e in range(energy.size):
        to_mean = 0.0
        for i in range(9):
            to_mean += rho[1, i] * cotangent[9 * e + i]
        for r in range(nodes.shape[0]):
            scale = 2.0 * TWO_POTENTIALS * energy[e] * nodes[r, 0]
            h = _hamiltonian(both, nodes[r, 1], scale, maps, numbers)
            size2 = h[0] * h[0] + h[1] * h[1] + h[2] * h[2]
            common = to_mean * nodes[r, 2] * scale / (size2 * np.sqrt(size2))
            for i in range(9):
                slope = (size2 - h[0] * h[0]) * maps[0, i]
                slope -= h[0] * (h[1] * maps[1, i] + h[2] * maps[2, i])
                to_both[0, i] += common * slope
                to_both[1, i] += common * slope * nodes[r, 1]
    return terms_adjoint(to_both)
