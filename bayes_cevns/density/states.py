"""States in which solar neutrinos arrive, for the couplings of a model, for Numba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings import propagation_kernels as three
from bayes_cevns.couplings import two_flavour_kernels as two
from bayes_cevns.couplings.state_sizes import KEPT_OF_MATTER, MATTER
from bayes_cevns.density import layout
from bayes_cevns.density.kinds import THREE
from bayes_cevns.density.layout import WAY
from bayes_cevns.tables.compiled import kernel
from bayes_cevns.tables.views import matrix, solid4, view

type Indices = NDArray[np.int64]


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
def mixing_at(way: Indices, floats: Array, values: Array, mixing: Array) -> float:
    """Fill in sin^2 theta_12 and dm21; return the derivative of the first by its parameter."""
    fixed = view(floats, way[layout.FIXED_AT], 3)
    mixing[0], mixing[1], turn = fixed[0], fixed[1], 1.0
    if way[layout.SINE] >= 0:
        sine = values[way[layout.SINE]]
        octant = floats[way[layout.OCTANT_AT]] if way[layout.OCTANT_AT] >= 0 else 0.0
        mixing[0] = sine + octant * (1.0 - 2.0 * sine)
        turn = 1.0 - 2.0 * octant
    if way[layout.DM21] >= 0:
        mixing[1] = fixed[2] * values[way[layout.DM21]]
    return turn


@kernel
def states_at(
    ints: Indices, floats: Array, values: Array, couplings: Array, states: Array, kept: Array
) -> None:
    """Fill in the states of all ways, one after the other, and what their adjoint needs."""
    matter, mixing = view(kept, 0, MATTER), view(kept, MATTER, 2)
    first, used, at = 0, KEPT_OF_MATTER, ints[layout.MATTER_AT]
    for j in range(MATTER):
        matter[j] = 0.0
    for i in range(couplings.size):
        for j in range(MATTER):
            matter[j] += couplings[i] * floats[at + i * MATTER + j]
    for number in range(ints[layout.WAYS]):
        way = view(ints, ints[layout.WAYS_AT] + number * WAY, WAY)
        mixing_at(way, floats, values, mixing)
        count, state = way[layout.ENERGIES], view(kept, used, way[layout.KEPT_OF_WAY])
        if way[layout.FLAVOURS] == THREE:
            three.propagate(
                matter,
                mixing,
                table(ints, floats, way, 0),
                shaped(ints, floats, way, 1),
                shaped(ints, floats, way, 2),
                shaped(ints, floats, way, 3),
                shaped(ints, floats, way, 4),
                shaped(ints, floats, way, 5),
                shaped(ints, floats, way, 6),
                shaped(ints, floats, way, 7),
                table(ints, floats, way, 8),
                table(ints, floats, way, 9),
                table(ints, floats, way, 10),
                table(ints, floats, way, 11),
                deep(ints, floats, way, 12),
                deep(ints, floats, way, 13),
                state,
            )
            v, parts = three.parts_of(state, count)
        else:
            two.propagate(
                matter,
                mixing,
                table(ints, floats, way, 0),
                shaped(ints, floats, way, 1),
                shaped(ints, floats, way, 2),
                shaped(ints, floats, way, 3),
                table(ints, floats, way, 4),
                state,
            )
            v, parts = two.parts_of(state, count)
        for e in range(count):
            for k in range(way[layout.PARTS]):
                states[first] = v[e, k]
                first += 1
        for k in range(way[layout.PARTS]):
            for i in range(9):
                states[first] = parts[k, i]
                first += 1
        used += state.size


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
    """Add the cotangents of couplings and of the mixing for those of the coefficients."""
    mixing, to_mixing = view(kept, MATTER, 2), view(kept, MATTER + 2, 2)
    to_matter = view(kept, MATTER + 4, MATTER)
    first, used = 0, KEPT_OF_MATTER
    for j in range(MATTER):
        to_matter[j] = 0.0
    for number in range(ints[layout.WAYS]):
        way = view(ints, ints[layout.WAYS_AT] + number * WAY, WAY)
        turn = mixing_at(way, floats, values, mixing)
        count, width = way[layout.ENERGIES], way[layout.PARTS]
        state, to_v = (
            view(kept, used, way[layout.KEPT_OF_WAY]),
            matrix(to_states, first, count, width),
        )
        to_mixing[0] = to_mixing[1] = 0.0
        if way[layout.FLAVOURS] == THREE:
            three.add_propagate_adjoint(
                mixing,
                table(ints, floats, way, 0),
                shaped(ints, floats, way, 1),
                shaped(ints, floats, way, 2),
                shaped(ints, floats, way, 3),
                shaped(ints, floats, way, 4),
                shaped(ints, floats, way, 5),
                shaped(ints, floats, way, 7),
                table(ints, floats, way, 8),
                table(ints, floats, way, 9),
                deep(ints, floats, way, 12).shape[1] > 0,
                state,
                to_v,
                to_matter,
                to_mixing,
            )
        else:
            two.add_propagate_adjoint(
                table(ints, floats, way, 0),
                shaped(ints, floats, way, 1),
                shaped(ints, floats, way, 2),
                table(ints, floats, way, 4),
                state,
                to_v,
                to_matter,
            )
        if way[layout.SINE] >= 0:
            to_values[way[layout.SINE]] += turn * to_mixing[0]
        if way[layout.DM21] >= 0:
            to_values[way[layout.DM21]] += floats[way[layout.FIXED_AT] + 2] * to_mixing[1]
        first += (count + 9) * width
        used += state.size
    at = ints[layout.MATTER_AT]
    for i in range(couplings.size):
        total = 0.0
        for j in range(MATTER):
            total += to_matter[j] * floats[at + i * MATTER + j]
        to_couplings[i] += total
