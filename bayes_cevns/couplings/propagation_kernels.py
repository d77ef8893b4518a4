"""From matter couplings to density matrices for Numba, and the adjoint.

The formulas are those of `bayes_cevns.physics.oscillation.propagation`, energy by energy.
`bayes_cevns.couplings.propagation.tables` says what the arrays are. `density` and its adjoint can
be called from Python (`open_kernel`): a call of the others would end the interpreter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.crossing_kernels import (
    add_mean_shares_adjoint,
    least_exponent,
    mean_shares,
)
from bayes_cevns.couplings.level_kernels import add_adjoint, shares_and_gaps
from bayes_cevns.couplings.mixing_kernels import (
    add_vacuum_adjoint,
    angles,
    potential_adjoint,
    to_angle_of_parts,
    to_angle_of_potential,
    to_mass,
    to_propagation,
    turned_potential,
    vacuum_at,
)
from bayes_cevns.physics.oscillation.night import LONGEST, SOFTENING
from bayes_cevns.physics.oscillation.sun import LARGEST_EXPONENT, SMOOTH, TWO_POTENTIALS
from bayes_cevns.tables.compiled import kernel, open_kernel
from bayes_cevns.tables.kernels import cubic_basis

type Indices = NDArray[np.int64]

#: Numbers for each energy that the adjoint takes over.
STATE = 16


@kernel
def terms(matter: Array) -> Array:
    """Return the constant and the neutron part of the potential, shape (2, 9)."""
    out = np.empty((2, 9))
    for i in range(9):
        u, d, e = matter[i], matter[9 + i], matter[18 + i]
        out[0, i] = 2.0 * u + d + e
        out[1, i] = u + 2.0 * d
    out[0, 0] += 1.0
    return out


@kernel
def terms_adjoint(to_terms: Array) -> Array:
    """Return the cotangent of the 27 matter couplings."""
    out = np.empty(27)
    for i in range(9):
        constant, neutron = to_terms[0, i], to_terms[1, i]
        out[i] = 2.0 * constant + neutron
        out[9 + i] = constant + 2.0 * neutron
        out[18 + i] = constant
    return out


@kernel
def coarse_shares(
    vacuum: Array, matter: Array, nodes: Array, coarse: Array, count: int, mean: Array
) -> Array:
    """Fill in the shares by level from the Gauss nodes, (3, n); return how rough they are, (n,).

    That is the largest sum of squares of the last two expansion coefficients.
    """
    size = nodes.shape[1]
    shares, gaps = np.empty((3, size)), np.empty(size)
    shares_and_gaps(vacuum, matter, nodes[0], nodes[1], 0, shares, gaps)
    rough = np.zeros(count)
    mean[:] = 0.0
    first, second = np.empty(count), np.empty(count)
    for level in range(3):
        first[:] = 0.0
        second[:] = 0.0
        for node in range(coarse.shape[1]):
            weight, last, other = coarse[0, node], coarse[1, node], coarse[2, node]
            for e in range(count):
                share = shares[level, node * count + e]
                mean[level, e] += weight * share
                first[e] += last * share
                second[e] += other * share
        for e in range(count):
            rough[e] = max(rough[e], first[e] * first[e] + second[e] * second[e])
    return rough


@kernel
def add_coarse_adjoint(
    vacuum: Array, matter: Array, nodes: Array, coarse: Array, to_mean: Array, out: Array
) -> None:
    """Add the cotangents of `matter` and `vacuum`, for those of the shares by level, (3, n)."""
    count = to_mean.shape[1]
    to_shares = np.empty((3, nodes.shape[1]))
    for level in range(3):
        for node in range(coarse.shape[1]):
            for e in range(count):
                to_shares[level, node * count + e] = coarse[0, node] * to_mean[level, e]
    add_adjoint(vacuum, matter, nodes[0], nodes[1], 0, to_shares, np.zeros(nodes.shape[1]), out)


@kernel
def potential_in_earth(matter: Array, ratio: float, maps: Array) -> Array:
    """Return m and the entries 13 and 23 of the potential, shape (7,)."""
    out = np.zeros(7)
    for k in range(7):
        for i in range(9):
            out[k] += maps[k, i] * (matter[0, i] + ratio * matter[1, i])
    return out


@kernel
def year_functions(
    x_n: float, x_t: float, along: Array, across: Array, table: Array, work: Array, f: Array
) -> None:
    """Fill in g0/(x_t^2 + SOFTENING^2), f1, f2 and their slopes along and across, shape (3, 3)."""
    i = cubic_basis(along, table.shape[0], x_n, work[0], work[1])
    j = cubic_basis(across, table.shape[1], x_t, work[2], work[3])
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


@kernel
def shortened(scale: float, m: Array, x: Array) -> float:
    """Fill in x = scale m, no longer than `LONGEST`; return its length before."""
    length = scale * np.sqrt(m[0] * m[0] + m[1] * m[1] + m[2] * m[2])
    factor = scale if length <= LONGEST else scale * LONGEST / length
    for i in range(3):
        x[i] = factor * m[i]
    return float(length)


@kernel
def night_change(x: Array, f: Array, out: Array) -> None:
    """Fill in the change of the Bloch vector by a night."""
    out[0] = f[0, 1] * x[0] - f[0, 2] * x[1]
    out[1] = f[0, 1] * x[1] + f[0, 2] * x[0]
    out[2] = -f[0, 0] * (x[0] * x[0] + x[1] * x[1] + SOFTENING * SOFTENING)


@kernel
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


@kernel
def third_scale(energy: float, j: int, dm21: float, numbers: Array) -> float:
    """Return what half a night's entries 13 and 23 are per P_3 - P_j and entry of M."""
    mass = dm21 if j == 1 else 0.0
    return float(0.5 * TWO_POTENTIALS * numbers[3] * energy / (numbers[2] - mass))


@open_kernel
def density(
    matter: Array,
    mixing: Array,
    energy: Array,
    rows: Array,
    nodes: Array,
    coarse: Array,
    radii: Array,
    parts: Array,
    maps: Array,
    numbers: Array,
    layout: Indices,
    along: Array,
    across: Array,
    table: Array,
    slopes: Array,
) -> tuple[Array, Array]:
    """Return the density matrices of all energies, (9 n,), and what the adjoint needs, (STATE n,).

    The latter are the shares of mass eigenstates, whether the Gauss nodes are enough for them, the
    functions of the Earth with their slopes along and across, and their slopes in log dm21.
    """
    both, turn, dm21 = terms(matter), angles(mixing[0]), mixing[1]
    vacuum = vacuum_at(turn, dm21, rows)
    count, pair, nights = energy.size, layout[3], table.shape[1] > 0
    least = least_exponent(vacuum, both, pair)
    mean, levels = np.empty((3, count)), np.empty(3)
    rough = coarse_shares(vacuum, both, nodes, coarse, count, mean)
    p, v, x, change = np.empty(3), np.zeros(10), np.empty(3), np.empty(3)
    f, by_dm21, work = np.zeros((3, 3)), np.zeros((3, 3)), np.empty((4, 4))
    potential = turned_potential(potential_in_earth(both, numbers[0], maps), turn)
    shift = np.log(dm21 / numbers[1])
    out, state = np.empty(9 * count), np.empty((count, STATE))
    for e in range(count):
        smooth = rough[e] <= SMOOTH * SMOOTH and least >= LARGEST_EXPONENT * energy[e]
        levels[:] = mean[:, e]
        if not smooth:
            mean_shares(energy[e], vacuum, both, radii, pair, levels)
        for level in range(3):
            p[layout[level]] = levels[level]
        v[:3] = p
        if nights:
            shortened(2.0 * TWO_POTENTIALS / dm21 * energy[e], potential, x)
            size = np.sqrt(x[0] * x[0] + x[1] * x[1])
            year_functions(x[2], size, along, across, table[e], work, f)
            year_functions(x[2], size, along, across, slopes[e], work, by_dm21)
            f += shift * by_dm21
            night_change(x, f, change)
            for i in range(3):
                v[3 + i] = 0.25 * (p[0] - p[1]) * change[i]
            for j in range(2):
                factor = third_scale(energy[e], j, dm21, numbers) * (p[2] - p[j])
                v[6 + 2 * j] = factor * potential[3 + 2 * j]
                v[7 + 2 * j] = factor * potential[4 + 2 * j]
        turned = to_propagation(v, turn)
        for i in range(9):
            total = 0.0
            for k in range(10):
                total += turned[k] * parts[k, i]
            out[9 * e + i] = total
        state[e, :3] = p
        state[e, 3] = 1.0 if smooth else 0.0
        for i in range(9):
            state[e, 4 + i] = f[i // 3, i % 3]
        state[e, 13:] = by_dm21[0]
    return out, state.ravel()


@open_kernel
def density_adjoint(
    matter: Array,
    mixing: Array,
    energy: Array,
    rows: Array,
    nodes: Array,
    coarse: Array,
    radii: Array,
    parts: Array,
    maps: Array,
    numbers: Array,
    layout: Indices,
    _along: Array,
    _across: Array,
    table: Array,
    _slopes: Array,
    state: Array,
    cotangent: Array,
) -> tuple[Array, Array]:
    """Return the cotangents of the matter couplings, (27,), and of the mixing, (2,)."""
    both, turn, dm21 = terms(matter), angles(mixing[0]), mixing[1]
    vacuum = vacuum_at(turn, dm21, rows)
    count, pair, nights = energy.size, layout[3], table.shape[1] > 0
    to_turned, to_p, to_levels = np.zeros(10), np.empty(3), np.empty(3)
    v, x, change, to_mean = np.zeros(10), np.empty(3), np.empty(3), np.zeros((3, count))
    potential = turned_potential(potential_in_earth(both, numbers[0], maps), turn)
    to_potential, to_both, to_mixing = np.zeros(7), np.zeros((3, 9)), np.zeros(2)
    for e in range(count):
        kept = state[STATE * e : STATE * (e + 1)]
        p, f = kept[:3], kept[4:13].reshape((3, 3))
        for k in range(10):
            to_turned[k] = 0.0
            for i in range(9):
                to_turned[k] += parts[k, i] * cotangent[9 * e + i]
        to_v = to_mass(to_turned, turn)
        v[:3] = p
        to_p[:] = to_v[:3]
        if nights:
            length = shortened(2.0 * TWO_POTENTIALS / dm21 * energy[e], potential, x)
            night_change(x, f, change)
            for i in range(3):
                v[3 + i] = 0.25 * (p[0] - p[1]) * change[i]
            for j in range(2):
                factor = third_scale(energy[e], j, dm21, numbers) * (p[2] - p[j])
                v[6 + 2 * j] = factor * potential[3 + 2 * j]
                v[7 + 2 * j] = factor * potential[4 + 2 * j]
            places = (x, change, length)
            to_mixing[1] += add_night_adjoint(
                energy[e], potential, dm21, kept, places, numbers, to_v, to_p, to_potential
            )
        to_mixing[0] += to_angle_of_parts(to_propagation(v, turn), to_turned)
        if kept[3] > 0.0:
            for level in range(3):
                to_mean[level, e] = to_p[layout[level]]
        else:
            for level in range(3):
                to_levels[level] = to_p[layout[level]]
            add_mean_shares_adjoint(energy[e], vacuum, both, radii, pair, to_levels, to_both)
    add_coarse_adjoint(vacuum, both, nodes, coarse, to_mean, to_both)
    to_mixing[0] += to_angle_of_potential(potential, to_potential)
    add_vacuum_adjoint(turn, dm21, rows, to_both[2], to_mixing)
    to_plain = potential_adjoint(to_potential, turn)
    for k in range(7):
        for i in range(9):
            to_both[0, i] += to_plain[k] * maps[k, i]
            to_both[1, i] += numbers[0] * to_plain[k] * maps[k, i]
    # d theta / d sin^2 theta = 1 / sin 2 theta.
    to_mixing[0] /= turn[1]
    return terms_adjoint(to_both), to_mixing


@kernel
def add_night_adjoint(
    energy: float,
    potential: Array,
    dm21: float,
    kept: Array,
    places: tuple[Array, Array, float],
    numbers: Array,
    to_v: Array,
    to_p: Array,
    to_potential: Array,
) -> float:
    """Add what the nights give, as cotangents of shares and of the potential in the Earth.

    `kept` is the state of this energy; `places` are x, the change of the Bloch vector and the
    length of x before it was shortened. Returns the cotangent of dm21.
    """
    p, f, by_dm21 = kept[:3], kept[4:13].reshape((3, 3)), kept[13:]
    x, change, length = places
    to_change, to_x = np.empty(3), np.empty(3)
    scale = 2.0 * TWO_POTENTIALS / dm21 * energy
    inner = 0.0
    for i in range(3):
        inner += 0.25 * to_v[3 + i] * change[i]
        to_change[i] = 0.25 * (p[0] - p[1]) * to_v[3 + i]
    to_p[0] += inner
    to_p[1] -= inner
    night_change_adjoint(x, f, to_change, to_x)
    across2 = x[0] * x[0] + x[1] * x[1] + SOFTENING * SOFTENING
    to_log_dm21 = -to_change[2] * across2 * by_dm21[0]
    to_log_dm21 += (to_change[0] * x[0] + to_change[1] * x[1]) * by_dm21[1]
    to_log_dm21 += (to_change[1] * x[0] - to_change[0] * x[1]) * by_dm21[2]
    outwards = to_x[0] * x[0] + to_x[1] * x[1] + to_x[2] * x[2]
    if length > LONGEST:
        for i in range(3):
            to_x[i] -= outwards / (LONGEST * LONGEST) * x[i]
        scale *= LONGEST / length
    else:
        to_log_dm21 -= outwards
    for i in range(3):
        to_potential[i] += scale * to_x[i]
    to_dm21 = to_log_dm21 / dm21
    for j in range(2):
        factor = third_scale(energy, j, dm21, numbers)
        inner = 0.0
        for k in range(3 + 2 * j, 5 + 2 * j):
            inner += to_v[3 + k] * potential[k]
            to_potential[k] += factor * (p[2] - p[j]) * to_v[3 + k]
        to_p[2] += factor * inner
        to_p[j] -= factor * inner
        if j == 1:
            to_dm21 += factor * (p[2] - p[j]) * inner / (numbers[2] - dm21)
    return float(to_dm21)
