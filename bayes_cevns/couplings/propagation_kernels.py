"""From matter couplings to density matrices for Numba, and the adjoint.

The formulas are those of `bayes_cevns.physics.oscillation.propagation`, energy by energy.
`Tables` of `bayes_cevns.couplings.propagation` says what the arrays are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pytensor.link.numba.dispatch.basic import numba_njit

from bayes_cevns.couplings.crossing_kernels import (
    add_mean_shares_adjoint,
    fill,
    least_exponent,
    mean_shares,
)
from bayes_cevns.couplings.level_kernels import add_adjoint, shares
from bayes_cevns.physics.oscillation.night import LONGEST, SOFTENING
from bayes_cevns.physics.oscillation.sun import LARGEST_EXPONENT, SMOOTH, TWO_POTENTIALS
from bayes_cevns.tables.kernels import cubic_basis

type Array = NDArray[np.float64]
type Indices = NDArray[np.int64]


@numba_njit
def terms(matter: Array) -> Array:
    """Return the constant and the neutron part of the potential, shape (2, 9)."""
    out = np.empty((2, 9))
    for i in range(9):
        u, d, e = matter[i], matter[9 + i], matter[18 + i]
        out[0, i] = 2.0 * u + d + e
        out[1, i] = u + 2.0 * d
    out[0, 0] += 1.0
    return out


@numba_njit
def terms_adjoint(to_terms: Array) -> Array:
    """Return the cotangent of the 27 matter couplings."""
    out = np.empty(27)
    for i in range(9):
        constant, neutron = to_terms[0, i], to_terms[1, i]
        out[i] = 2.0 * constant + neutron
        out[9 + i] = constant + 2.0 * neutron
        out[18 + i] = constant
    return out


@numba_njit
def coarse_shares(
    energy: float, vacuum: Array, matter: Array, coarse: Array, h: Array, one: Array, out: Array
) -> bool:
    """Fill in the shares by level from the Gauss nodes; return whether these are enough."""
    last = np.zeros((2, 3))
    out[:] = 0.0
    for node in range(coarse.shape[0]):
        fill(vacuum, TWO_POTENTIALS * energy * coarse[node, 0], coarse[node, 1], matter, h)
        shares(h, one)
        for level in range(3):
            out[level] += coarse[node, 2] * one[level]
            last[0, level] += coarse[node, 3] * one[level]
            last[1, level] += coarse[node, 4] * one[level]
    for level in range(3):
        if last[0, level] ** 2 + last[1, level] ** 2 > SMOOTH**2:
            return False
    return True


@numba_njit
def add_coarse_adjoint(
    energy: float, vacuum: Array, matter: Array, coarse: Array, h: Array, weight: Array, out: Array
) -> None:
    """Add the cotangent of `matter` for cotangents of the shares by level."""
    to_h = np.empty(9)
    part = np.empty(3)
    for node in range(coarse.shape[0]):
        scale = TWO_POTENTIALS * energy * coarse[node, 0]
        fill(vacuum, scale, coarse[node, 1], matter, h)
        for level in range(3):
            part[level] = coarse[node, 2] * weight[level]
        to_h[:] = 0.0
        add_adjoint(h, part, 0.0, 0, to_h)
        for i in range(9):
            out[0, i] += scale * to_h[i]
            out[1, i] += scale * coarse[node, 1] * to_h[i]


@numba_njit
def potential_in_earth(matter: Array, ratio: float, maps: Array) -> Array:
    """Return m and the entries 13 and 23 of the potential, shape (7,)."""
    out = np.zeros(7)
    for k in range(7):
        for i in range(9):
            out[k] += maps[k, i] * (matter[0, i] + ratio * matter[1, i])
    return out


@numba_njit
def year_functions(
    along: float, across: float, knots: tuple[Array, Array], table: Array, work: Array, f: Array
) -> None:
    """Fill in g0/(x_t^2 + SOFTENING^2), f1, f2 and their slopes along and across, shape (3, 3)."""
    i = cubic_basis(knots[0], table.shape[0], along, work[0], work[1])
    j = cubic_basis(knots[1], table.shape[1], across, work[2], work[3])
    f[:] = 0.0
    for a in range(4):
        for k in range(3):
            value = slope = 0.0
            for b in range(4):
                value += work[2, b] * table[i + a, j + b, k]
                slope += work[3, b] * table[i + a, j + b, k]
            f[0, k] += work[0, a] * value
            f[1, k] += work[1, a] * value
            f[2, k] += work[0, a] * slope


@numba_njit
def shortened(scale: float, m: Array, x: Array) -> float:
    """Fill in x = scale m, no longer than `LONGEST`; return its length before."""
    length = scale * np.sqrt(m[0] * m[0] + m[1] * m[1] + m[2] * m[2])
    factor = scale if length <= LONGEST else scale * LONGEST / length
    for i in range(3):
        x[i] = factor * m[i]
    return length


@numba_njit
def night_change(x: Array, f: Array, out: Array) -> None:
    """Fill in the change of the Bloch vector by a night."""
    out[0] = f[0, 1] * x[0] - f[0, 2] * x[1]
    out[1] = f[0, 1] * x[1] + f[0, 2] * x[0]
    out[2] = -f[0, 0] * (x[0] * x[0] + x[1] * x[1] + SOFTENING * SOFTENING)


@numba_njit
def night_change_adjoint(x: Array, f: Array, to_change: Array, out: Array) -> None:
    """Fill in the cotangent of x."""
    across2 = x[0] * x[0] + x[1] * x[1]
    to_f0 = -to_change[2] * (across2 + SOFTENING * SOFTENING)
    to_f1 = to_change[0] * x[0] + to_change[1] * x[1]
    to_f2 = to_change[1] * x[0] - to_change[0] * x[1]
    to_along = to_f0 * f[1, 0] + to_f1 * f[1, 1] + to_f2 * f[1, 2]
    to_across = to_f0 * f[2, 0] + to_f1 * f[2, 1] + to_f2 * f[2, 2]
    across = np.sqrt(across2)
    both = -2.0 * to_change[2] * f[0, 0]
    if across > 0.0:
        both += to_across / across
    out[0] = to_change[0] * f[0, 1] + to_change[1] * f[0, 2] + both * x[0]
    out[1] = to_change[1] * f[0, 1] - to_change[0] * f[0, 2] + both * x[1]
    out[2] = to_along


@numba_njit
def third_scale(energy: float, j: int, numbers: Array) -> float:
    """Return what half a night's entries 13 and 23 are per P_3 - P_j and entry of M."""
    mass = numbers[1] if j == 1 else 0.0
    return 0.5 * TWO_POTENTIALS * numbers[3] * energy / (numbers[2] - mass)


@numba_njit
def density(
    matter: Array,
    energy: Array,
    vacuum: Array,
    coarse: Array,
    radii: Array,
    parts: Array,
    maps: Array,
    numbers: Array,
    layout: Indices,
    along: Array,
    across: Array,
    table: Array,
) -> Array:
    """Return the density matrices of all energies, shape (9 n,)."""
    both = terms(matter)
    pair, nights = layout[3], table.shape[1] > 0
    least = least_exponent(vacuum, both, pair)
    h, one, levels, p = np.empty(9), np.empty(3), np.empty(3), np.empty(3)
    v, x, change = np.zeros(10), np.empty(3), np.empty(3)
    f, work = np.empty((3, 3)), np.empty((4, 4))
    potential = potential_in_earth(both, numbers[0], maps)
    out = np.zeros(9 * energy.size)
    for e in range(energy.size):
        smooth = coarse_shares(energy[e], vacuum, both, coarse, h, one, levels)
        if not smooth or least < LARGEST_EXPONENT * energy[e]:
            mean_shares(energy[e], vacuum, both, radii, pair, levels)
        for level in range(3):
            p[layout[level]] = levels[level]
        v[:3] = p
        if nights:
            shortened(2.0 * TWO_POTENTIALS / numbers[1] * energy[e], potential, x)
            size = np.sqrt(x[0] * x[0] + x[1] * x[1])
            year_functions(x[2], size, (along, across), table[e], work, f)
            night_change(x, f, change)
            for i in range(3):
                v[3 + i] = 0.25 * (p[0] - p[1]) * change[i]
            for j in range(2):
                factor = third_scale(energy[e], j, numbers) * (p[2] - p[j])
                v[6 + 2 * j] = factor * potential[3 + 2 * j]
                v[7 + 2 * j] = factor * potential[4 + 2 * j]
        for k in range(10 if nights else 3):
            for i in range(9):
                out[9 * e + i] += v[k] * parts[k, i]
    return out


@numba_njit
def density_adjoint(
    matter: Array,
    energy: Array,
    vacuum: Array,
    coarse: Array,
    radii: Array,
    parts: Array,
    maps: Array,
    numbers: Array,
    layout: Indices,
    along: Array,
    across: Array,
    table: Array,
    cotangent: Array,
) -> Array:
    """Return the cotangent of the matter couplings, shape (27,)."""
    both = terms(matter)
    pair, nights = layout[3], table.shape[1] > 0
    least = least_exponent(vacuum, both, pair)
    h, one, levels, p = np.empty(9), np.empty(3), np.empty(3), np.empty(3)
    to_v, x, change = np.zeros(10), np.empty(3), np.empty(3)
    to_p, to_levels, to_change, to_x = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    f, work = np.empty((3, 3)), np.empty((4, 4))
    potential = potential_in_earth(both, numbers[0], maps)
    to_potential, to_both = np.zeros(7), np.zeros((2, 9))
    for e in range(energy.size):
        smooth = coarse_shares(energy[e], vacuum, both, coarse, h, one, levels)
        smooth = smooth and least >= LARGEST_EXPONENT * energy[e]
        if not smooth and nights:
            mean_shares(energy[e], vacuum, both, radii, pair, levels)
        for k in range(10 if nights else 3):
            to_v[k] = 0.0
            for i in range(9):
                to_v[k] += parts[k, i] * cotangent[9 * e + i]
        for level in range(3):
            p[layout[level]] = levels[level]
            to_p[level] = to_v[level]
        if nights:
            scale = 2.0 * TWO_POTENTIALS / numbers[1] * energy[e]
            length = shortened(scale, potential, x)
            size = np.sqrt(x[0] * x[0] + x[1] * x[1])
            year_functions(x[2], size, (along, across), table[e], work, f)
            night_change(x, f, change)
            inner = 0.0
            for i in range(3):
                inner += 0.25 * to_v[3 + i] * change[i]
                to_change[i] = 0.25 * (p[0] - p[1]) * to_v[3 + i]
            to_p[0] += inner
            to_p[1] -= inner
            night_change_adjoint(x, f, to_change, to_x)
            if length > LONGEST:
                along_x = (to_x[0] * x[0] + to_x[1] * x[1] + to_x[2] * x[2]) / (LONGEST * LONGEST)
                for i in range(3):
                    to_x[i] -= along_x * x[i]
                scale *= LONGEST / length
            for i in range(3):
                to_potential[i] += scale * to_x[i]
            for j in range(2):
                factor = third_scale(energy[e], j, numbers)
                inner = 0.0
                for k in range(2):
                    inner += to_v[6 + 2 * j + k] * potential[3 + 2 * j + k]
                    to_potential[3 + 2 * j + k] += factor * (p[2] - p[j]) * to_v[6 + 2 * j + k]
                to_p[2] += factor * inner
                to_p[j] -= factor * inner
        for level in range(3):
            to_levels[level] = to_p[layout[level]]
        if smooth:
            add_coarse_adjoint(energy[e], vacuum, both, coarse, h, to_levels, to_both)
        else:
            add_mean_shares_adjoint(energy[e], vacuum, both, radii, pair, to_levels, to_both)
    for k in range(7):
        for i in range(9):
            to_both[0, i] += to_potential[k] * maps[k, i]
            to_both[1, i] += numbers[0] * to_potential[k] * maps[k, i]
    return terms_adjoint(to_both)
