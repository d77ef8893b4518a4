"""From matter couplings to density matrices for Numba, and the adjoint.

The formulas are those of `bayes_cevns.physics.oscillation.propagation`, energy by energy.
`bayes_cevns.couplings.propagation.tables` says what the arrays are. A density matrix is a sum of
ten parts (`MassBasis`) that are the same at all energies: `propagate` gives the parts and their
coefficients, `density` and its adjoint the density matrices. These two can be called from Python
(`open_kernel`): a call of the others would end the interpreter.
"""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.crossing_kernels import (
    add_mean_shares_adjoint,
    least_exponent,
    mean_shares,
)
from bayes_cevns.couplings.invariant_kernels import add_coefficients_adjoint, coefficients
from bayes_cevns.couplings.mixing_kernels import (
    angles,
    parts_in_mass,
    to_angle_of_parts,
    to_angle_of_potential,
    turn_potential,
    turn_potential_back,
    vacuum_adjoint,
    vacuum_at,
)
from bayes_cevns.couplings.night_kernels import nights, nights_adjoint
from bayes_cevns.couplings.state_sizes import (
    AT_MATTER,
    AT_PARTS,
    AT_ROOM,
    COEFFICIENTS,
    COMMON,
    EACH,
    KEPT,
    KEPT_OF_NIGHT,
    SCANNED,
)
from bayes_cevns.couplings.state_sizes import PARTS_OF_THREE as PARTS
from bayes_cevns.couplings.zone_kernels import (
    add_coarse_adjoint,
    add_terms_adjoint,
    coarse_shares,
    terms,
)
from bayes_cevns.physics.oscillation.sun import LARGEST_EXPONENT, SMOOTH
from bayes_cevns.tables.compiled import kernel, open_kernel
from bayes_cevns.tables.views import matrix, view


@kernel
def _potential_in_earth(matter: Array, ratio: float, maps: Array, out: Array) -> None:
    """Fill in m and the entries 13 and 23 of the potential, shape (7,)."""
    for k in range(7):
        total = 0.0
        for i in range(9):
            total += maps[k, i] * (matter[0, i] + ratio * matter[1, i])
        out[k] = total


type Sections = tuple[Array, Array, Array, Array, Array, Array, Array]


@kernel
def _of_all(state: Array) -> Sections:
    """Return parts of a state: coefficients, forms, C and N, V, potential, cotangents of these."""
    start = AT_MATTER
    return (
        view(state, 0, COEFFICIENTS),
        matrix(state, COEFFICIENTS, 9, 9),
        matrix(state, start, 2, 9),
        view(state, start + 18, 9),
        view(state, start + 27, 7),
        matrix(state, start + 34, 3, 9),
        view(state, start + 61, COEFFICIENTS),
    )


@kernel
def _of_each(state: Array, count: int, nodes: int) -> tuple[Array, Array, Array, Array, Array]:
    """Return parts of a state: what nights keep, smoothness, shares; what levels keep, work."""
    first = COMMON + PARTS * count
    second = first + KEPT_OF_NIGHT * count
    third = second + 4 * count
    fourth = third + KEPT * nodes
    return (
        matrix(state, first, count, KEPT_OF_NIGHT),
        view(state, second, count),
        matrix(state, second + count, 3, count),
        matrix(state, third, KEPT, nodes),
        matrix(state, fourth, 8, nodes),
    )


@kernel
def parts_of(state: Array, count: int) -> tuple[Array, Array]:
    """Return the coefficients of the parts at all energies, (n, PARTS), and these, (PARTS, 9)."""
    return matrix(state, COMMON, count, PARTS), matrix(state, AT_PARTS, PARTS, 9)


@kernel
def sum_parts(v: Array, parts: Array, out: Array) -> None:
    """Fill in the density matrices of all energies, (9 n,), from coefficients and parts."""
    for e in range(v.shape[0]):
        for i in range(9):
            total = 0.0
            for k in range(parts.shape[0]):
                total += v[e, k] * parts[k, i]
            out[9 * e + i] = total


@kernel
def sum_parts_adjoint(parts: Array, cotangent: Array, out: Array) -> None:
    """Fill in the cotangent of the coefficients, (n, parts), for that of `sum_parts`."""
    for e in range(out.shape[0]):
        for k in range(parts.shape[0]):
            total = 0.0
            for i in range(9):
                total += parts[k, i] * cotangent[9 * e + i]
            out[e, k] = total


@kernel
def propagate(
    matter: Array,
    mixing: Array,
    energy: Array,
    rows: Array,
    nodes: Array,
    _powers: Array,
    coarse: Array,
    radii: Array,
    parts: Array,
    maps: Array,
    numbers: Array,
    layout: Array,
    along: Array,
    across: Array,
    table: Array,
    slopes: Array,
    state: Array,
) -> None:
    """Fill in a state, `state_size` numbers; `parts_of` it are the parts of the density matrices.

    Nothing is allocated unless levels cross.
    """
    count, pair = energy.size, int(layout[3])
    c, forms, both, vacuum, potential, _, _ = _of_all(state)
    of_night, smooth, shares, kept, work = _of_each(state, count, nodes.shape[1])
    v, in_mass = parts_of(state, count)
    turn, dm21, room = angles(mixing[0]), mixing[1], view(state, AT_ROOM, SCANNED)
    terms(matter, both)
    vacuum_at(turn, dm21, rows, vacuum)
    parts_in_mass(parts, turn, in_mass)
    coefficients(vacuum, both, forms, c)
    coarse_shares(c, nodes, coarse, work, kept, shares, smooth)
    least = least_exponent(c, pair, room)
    _potential_in_earth(both, numbers[0], maps, potential)
    turn_potential(potential, turn)
    levels = view(room, 0, 3)
    for e in range(count):
        is_smooth = smooth[e] <= SMOOTH * SMOOTH and least >= LARGEST_EXPONENT * energy[e]
        smooth[e] = 1.0 if is_smooth else 0.0
        for level in range(3):
            levels[level] = shares[level, e]
        if not is_smooth:
            mean_shares(energy[e], c, radii, pair, levels)
        for level in range(3):
            v[e, int(layout[level])] = levels[level]
    if table.shape[1] > 0:
        nights(
            energy,
            dm21,
            potential,
            numbers,
            along,
            across,
            table,
            slopes,
            room,
            of_night,
            v,
        )
    else:
        v[:, 3:] = 0.0


@kernel
def add_propagate_adjoint(
    mixing: Array,
    energy: Array,
    rows: Array,
    nodes: Array,
    powers: Array,
    coarse: Array,
    radii: Array,
    maps: Array,
    numbers: Array,
    layout: Array,
    at_night: bool,
    state: Array,
    to_v: Array,
    to_matter: Array,
    to_mixing: Array,
) -> None:
    """Add the cotangents of the matter couplings, (27,), and of the mixing, (2,).

    For that of the coefficients of the parts, (n, PARTS), with a state from `propagate`.
    """
    count, pair = energy.size, int(layout[3])
    c, forms, _, _, potential, to_both, to_c = _of_all(state)
    of_night, smooth, shares, kept, work = _of_each(state, count, nodes.shape[1])
    v, _ = parts_of(state, count)
    turn, dm21, room = angles(mixing[0]), mixing[1], view(state, AT_ROOM, SCANNED)
    to_potential, to_levels, to_mean = view(room, 0, 7), view(room, 7, 3), shares
    to_p = matrix(work, 0, count, 3)
    to_both[:] = 0.0
    to_c[:] = 0.0
    to_potential[:] = 0.0
    to_angle = to_dm21 = 0.0
    for e in range(count):
        for k in range(3):
            to_p[e, k] = to_v[e, k]
        to_angle += to_angle_of_parts(v, to_v, e)
    if at_night:
        to_dm21 += nights_adjoint(
            energy, dm21, potential, numbers, of_night, v, to_v, to_p, to_potential
        )
    for e in range(count):
        for level in range(3):
            to_levels[level] = to_p[e, int(layout[level])]
            to_mean[level, e] = smooth[e] * to_levels[level]
        if smooth[e] == 0.0:
            add_mean_shares_adjoint(energy[e], c, radii, pair, to_levels, to_c)
    add_coarse_adjoint(powers, coarse, kept, to_mean, work, to_c)
    add_coefficients_adjoint(forms, to_c, to_both)
    to_angle += to_angle_of_potential(potential, to_potential)
    of_angle, of_dm21 = vacuum_adjoint(turn, dm21, rows, to_both[2])
    # d theta / d sin^2 theta = 1 / sin 2 theta.
    to_mixing[0] += (to_angle + of_angle) / turn[1]
    to_mixing[1] += to_dm21 + of_dm21
    turn_potential_back(to_potential, turn)
    for k in range(7):
        for i in range(9):
            to_both[0, i] += to_potential[k] * maps[k, i]
            to_both[1, i] += numbers[0] * to_potential[k] * maps[k, i]
    add_terms_adjoint(to_both, to_matter)


@open_kernel
def density(
    matter: Array,
    mixing: Array,
    energy: Array,
    rows: Array,
    nodes: Array,
    powers: Array,
    coarse: Array,
    radii: Array,
    parts: Array,
    maps: Array,
    numbers: Array,
    layout: Array,
    along: Array,
    across: Array,
    table: Array,
    slopes: Array,
) -> tuple[Array, Array]:
    """Return the density matrices of all energies, (9 n,), and a state."""
    state = np.empty(COMMON + EACH * energy.size + (KEPT + 8) * nodes.shape[1])
    propagate(
        matter,
        mixing,
        energy,
        rows,
        nodes,
        powers,
        coarse,
        radii,
        parts,
        maps,
        numbers,
        layout,
        along,
        across,
        table,
        slopes,
        state,
    )
    out = np.empty(9 * energy.size)
    v, in_mass = parts_of(state, energy.size)
    sum_parts(v, in_mass, out)
    return out, state


@open_kernel
def density_adjoint(
    _matter: Array,
    mixing: Array,
    energy: Array,
    rows: Array,
    nodes: Array,
    powers: Array,
    coarse: Array,
    radii: Array,
    _parts: Array,
    maps: Array,
    numbers: Array,
    layout: Array,
    _along: Array,
    _across: Array,
    table: Array,
    _slopes: Array,
    state: Array,
    cotangent: Array,
) -> tuple[Array, Array]:
    """Return the cotangents of the matter couplings, (27,), and of the mixing, (2,)."""
    to_matter, to_mixing, to_v = np.zeros(27), np.zeros(2), np.empty((energy.size, PARTS))
    room = state.copy()
    sum_parts_adjoint(parts_of(room, energy.size)[1], cotangent, to_v)
    add_propagate_adjoint(
        mixing,
        energy,
        rows,
        nodes,
        powers,
        coarse,
        radii,
        maps,
        numbers,
        layout,
        table.shape[1] > 0,
        room,
        to_v,
        to_matter,
        to_mixing,
    )
    return to_matter, to_mixing
