"""States in which solar neutrinos arrive, for the couplings of a model, for Numba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings import propagation_kernels, two_flavour_kernels
from bayes_cevns.density import layout
from bayes_cevns.density.kinds import THREE
from bayes_cevns.density.layout import WAY
from bayes_cevns.tables.compiled import kernel
from bayes_cevns.tables.views import matrix, solid4, view

type Indices = NDArray[np.int64]

#: Numbers of couplings in matter: to u, d and e, nine of flavour each.
_MATTER = 27

_three, _three_adjoint = propagation_kernels.density, propagation_kernels.density_adjoint
_two, _two_adjoint = two_flavour_kernels.density, two_flavour_kernels.density_adjoint
_STATE = propagation_kernels.STATE


@kernel
def table(ints: Indices, floats: Array, way: Indices, number: int) -> Array:
    """Return a table of a way, flat (`bayes_cevns.couplings.propagation_tables.tables`)."""
    record = view(ints, way[layout.TABLES_AT] + 5 * number, 5)
    return view(floats, record[0], record[1] * record[2] * record[3] * record[4])


@kernel
def shaped(ints: Indices, floats: Array, way: Indices, number: int) -> Array:
    """Return a table of two dimensions."""
    record = view(ints, way[layout.TABLES_AT] + 5 * number, 5)
    return matrix(floats, record[0], record[1], record[2])


@kernel
def deep(ints: Indices, floats: Array, way: Indices, number: int) -> Array:
    """Return a table of four dimensions."""
    record = view(ints, way[layout.TABLES_AT] + 5 * number, 5)
    return solid4(floats, record[0], record[1], record[2], record[3], record[4])


@kernel
def order(ints: Indices, floats: Array, way: Indices, number: int) -> Indices:
    """Return a table of whole numbers."""
    found = np.empty(4, np.int64)
    for i in range(4):
        found[i] = np.int64(table(ints, floats, way, number)[i])
    return found


@kernel
def mixing_at(way: Indices, floats: Array, values: Array) -> tuple[Array, float]:
    """Return sin^2 theta_12 and dm21 of a way; and the derivative of the first by its parameter."""
    fixed = view(floats, way[layout.FIXED_AT], 3)
    mixing, turn = np.array([fixed[0], fixed[1]]), 1.0
    if way[layout.SINE] >= 0:
        sine = values[way[layout.SINE]]
        octant = floats[way[layout.OCTANT_AT]] if way[layout.OCTANT_AT] >= 0 else 0.0
        mixing[0] = sine + octant * (1.0 - 2.0 * sine)
        turn = 1.0 - 2.0 * octant
    if way[layout.DM21] >= 0:
        mixing[1] = fixed[2] * values[way[layout.DM21]]
    return mixing, turn


@kernel
def matter_at(ints: Indices, floats: Array, couplings: Array) -> Array:
    """Return what the couplings add to those in matter, shape (27,)."""
    found, at = np.zeros(_MATTER), ints[layout.MATTER_AT]
    for i in range(couplings.size):
        for j in range(_MATTER):
            found[j] += couplings[i] * floats[at + i * _MATTER + j]
    return found


@kernel
def states_at(
    ints: Indices, floats: Array, values: Array, couplings: Array, states: Array, kept: Array
) -> None:
    """Fill in the states of all ways, one after the other, and what their adjoint needs."""
    matter, first, used = matter_at(ints, floats, couplings), 0, 0
    for number in range(ints[layout.WAYS]):
        at = ints[layout.WAYS_AT] + number * WAY
        way = view(ints, at, WAY)
        mixing, _ = mixing_at(way, floats, values)
        size = 9 * way[layout.ENERGIES]
        if way[layout.FLAVOURS] == THREE:
            found, more = _three(
                matter,
                mixing,
                table(ints, floats, way, 0),
                shaped(ints, floats, way, 1),
                shaped(ints, floats, way, 2),
                shaped(ints, floats, way, 3),
                shaped(ints, floats, way, 4),
                shaped(ints, floats, way, 5),
                shaped(ints, floats, way, 6),
                table(ints, floats, way, 7),
                order(ints, floats, way, 8),
                table(ints, floats, way, 9),
                table(ints, floats, way, 10),
                deep(ints, floats, way, 11),
                deep(ints, floats, way, 12),
            )
            for i in range(more.size):
                kept[used + i] = more[i]
            used += more.size
        else:
            found, _ = _two(
                matter,
                mixing,
                table(ints, floats, way, 0),
                shaped(ints, floats, way, 1),
                shaped(ints, floats, way, 2),
                shaped(ints, floats, way, 3),
                table(ints, floats, way, 4),
            )
        for i in range(size):
            states[first + i] = found[i]
        first += size


@kernel
def add_states_adjoint(
    ints: Indices,
    floats: Array,
    values: Array,
    couplings: Array,
    kept: Array,
    to_states: Array,
    to_values: Array,
    to_couplings: Array,
) -> None:
    """Add the cotangents of couplings and of the mixing for those of the states."""
    matter, to_matter = matter_at(ints, floats, couplings), np.zeros(_MATTER)
    first, used = 0, 0
    for number in range(ints[layout.WAYS]):
        at = ints[layout.WAYS_AT] + number * WAY
        way = view(ints, at, WAY)
        mixing, turn = mixing_at(way, floats, values)
        size = 9 * way[layout.ENERGIES]
        to_found = view(to_states, first, size)
        if way[layout.FLAVOURS] == THREE:
            more = view(kept, used, _STATE * way[layout.ENERGIES])
            used += more.size
            to_this, to_mixing = _three_adjoint(
                matter,
                mixing,
                table(ints, floats, way, 0),
                shaped(ints, floats, way, 1),
                shaped(ints, floats, way, 2),
                shaped(ints, floats, way, 3),
                shaped(ints, floats, way, 4),
                shaped(ints, floats, way, 5),
                shaped(ints, floats, way, 6),
                table(ints, floats, way, 7),
                order(ints, floats, way, 8),
                table(ints, floats, way, 9),
                table(ints, floats, way, 10),
                deep(ints, floats, way, 11),
                deep(ints, floats, way, 12),
                more,
                to_found,
            )
            if way[layout.SINE] >= 0:
                to_values[way[layout.SINE]] += turn * to_mixing[0]
            if way[layout.DM21] >= 0:
                unit = floats[way[layout.FIXED_AT] + 2]
                to_values[way[layout.DM21]] += unit * to_mixing[1]
        else:
            to_this, _ = _two_adjoint(
                matter,
                mixing,
                table(ints, floats, way, 0),
                shaped(ints, floats, way, 1),
                shaped(ints, floats, way, 2),
                shaped(ints, floats, way, 3),
                table(ints, floats, way, 4),
                view(kept, 0, 0),
                to_found,
            )
        for j in range(_MATTER):
            to_matter[j] += to_this[j]
        first += size
    at = ints[layout.MATTER_AT]
    for i in range(couplings.size):
        for j in range(_MATTER):
            to_couplings[i] += to_matter[j] * floats[at + i * _MATTER + j]
