"""Couplings from the first parameters of a model, for Numba."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.maps import Flat, FlatRate, Log
from bayes_cevns.density import layout, scalars
from bayes_cevns.density.kinds import AMPLITUDE, BY_VALUE, IN_PART
from bayes_cevns.density.scalars import sigmoid, softplus
from bayes_cevns.tables.compiled import kernel
from bayes_cevns.tables.views import copy_to, matrix, view

type Indices = NDArray[np.int64]

_flat, _flat_rise = kernel(Flat.offset_of(scalars)), kernel(Flat.rise_of(scalars))
_rate, _rate_rise = kernel(FlatRate.offset_of(scalars)), kernel(FlatRate.rise_of(scalars))
_log, _log_rise = kernel(Log.offset_of(scalars)), kernel(Log.rise_of(scalars))


@kernel
def couplings_at(ints: Indices, floats: Array, values: Array, couplings: Array) -> float:
    """Fill in the couplings, as differences from the Standard Model; return a part of the prior.

    That is the logarithm of the share of a part of a box, with its Jacobian.
    """
    kind, count = ints[layout.COUPLING_KIND], couplings.size
    numbers = view(floats, ints[layout.COUPLING_NUMBERS_AT], 0)
    if kind == AMPLITUDE:
        couplings[0] = amplitude(ints[layout.PRIOR_MAP], numbers, values[0])
        if ints[layout.SIGNED] == 0:
            couplings[0] = math.fabs(couplings[0])
    elif kind == IN_PART:
        ends, planes, standard = part(numbers, count, ints[layout.PLANES])
        total = place(values, numbers, ends, couplings)
        for p in range(planes.shape[0]):
            z = planes[p, count]
            for i in range(count):
                z += planes[p, i] * couplings[i]
            total -= softplus(-(3.0 * z + z * z * z))
        for i in range(count):
            couplings[i] -= standard[i]
        return total
    elif kind == BY_VALUE:
        for i in range(count):
            couplings[i] = values[i] - numbers[i]
    return 0.0


@kernel
def amplitude(prior: int, numbers: Array, t: float) -> float:
    """Return centre + scale offset(t); `numbers` are lower, upper, centre, scale, length."""
    offset = _flat(t) if prior == 0 else (_rate(t) if prior == 1 else _log(t))
    return numbers[2] + numbers[3] * offset


@kernel
def part(numbers: Array, count: int, planes: int) -> tuple[Array, Array, Array]:
    """Return the ends of a slab, its soft planes, and the couplings of the Standard Model."""
    at = 3 * count
    soft = matrix(numbers, at + 2, planes, count + 1)
    end = at + 2 + planes * (count + 1)
    return view(numbers, at, 2), soft, view(numbers, end, count)


@kernel
def place(places: Array, numbers: Array, ends: Array, out: Array) -> float:
    """Fill in the couplings of a slab for places in the unit cube (`bayes_cevns.couplings.slab`).

    Parameters
    ----------
    places
        The first of them, shape (k,) or more.
    numbers, ends
        `Slab.numbers`, flat, and `Slab.ends`.
    out
        Couplings in the order of the numbers, shape (k,).

    Returns
    -------
    float
        The logarithm of the Jacobian.
    """
    count, reached, rest, total = out.size, 0.0, rest_of_slab(numbers, out.size), 0.0
    for i in range(count):
        slope = numbers[2 * count + i]
        rest -= slope
        low, high = possible_share(ends, reached, rest, slope)
        share = low + places[i] * (high - low)
        out[i] = numbers[i] + numbers[count + i] * share
        total += math.log(high - low)
        reached += slope * share
    return total


@kernel
def rest_of_slab(numbers: Array, count: int) -> float:
    """Return how far all couplings together reach along the normal of a slab."""
    rest = 0.0
    for i in range(count):
        rest += numbers[2 * count + i]
    return rest


@kernel
def possible_share(ends: Array, reached: float, rest: float, slope: float) -> tuple[float, float]:
    """Return the ends of the interval that is possible for the share of a coupling.

    Parameters
    ----------
    ends
        Of the slab.
    reached, rest
        Along its normal: where the couplings before are, and how far those after can reach.
    slope
        How far this one can reach.
    """
    return max(0.0, (ends[0] - reached - rest) / slope), min(1.0, (ends[1] - reached) / slope)


@kernel
def add_coupling_adjoint(
    ints: Indices,
    floats: Array,
    values: Array,
    couplings: Array,
    to_couplings: Array,
    to_values: Array,
    room: Array,
) -> None:
    """Add the cotangents of the parameters for those of the couplings, and of the prior's part.

    `room` is work space for `layout.ROOM_OF_COUPLING` numbers for each coupling.
    """
    kind, count = ints[layout.COUPLING_KIND], couplings.size
    numbers = view(floats, ints[layout.COUPLING_NUMBERS_AT], 0)
    if kind == AMPLITUDE:
        prior = ints[layout.PRIOR_MAP]
        t = values[0]
        rise = _flat_rise(t) if prior == 0 else (_rate_rise(t) if prior == 1 else _log_rise(t))
        if ints[layout.SIGNED] == 0 and amplitude(prior, numbers, t) < 0.0:
            rise = -rise
        to_values[0] += to_couplings[0] * numbers[3] * rise
    elif kind == IN_PART:
        ends, planes, standard = part(numbers, count, ints[layout.PLANES])
        to_out = view(room, 2 * count, count)
        copy_to(to_out, to_couplings)
        for p in range(planes.shape[0]):
            z = planes[p, count]
            for i in range(count):
                z += planes[p, i] * (couplings[i] + standard[i])
            to_z = sigmoid(-(3.0 * z + z * z * z)) * (3.0 + 3.0 * z * z)
            for i in range(count):
                to_out[i] += to_z * planes[p, i]
        add_place_adjoint(values, numbers, ends, to_out, 1.0, to_values, room)
    elif kind == BY_VALUE:
        for i in range(count):
            to_values[i] += to_couplings[i]


@kernel
def add_place_adjoint(
    places: Array,
    numbers: Array,
    ends: Array,
    to_out: Array,
    to_log_rise: float,
    to_places: Array,
    room: Array,
) -> None:
    """Add the cotangents of the places for those of the couplings and of the log Jacobian.

    `room` is work space for two numbers for each coupling.
    """
    count, reached, rest = to_out.size, 0.0, rest_of_slab(numbers, to_out.size)
    low, high = view(room, 0, count), view(room, count, count)
    for i in range(count):
        slope = numbers[2 * count + i]
        rest -= slope
        low[i], high[i] = possible_share(ends, reached, rest, slope)
        reached += slope * (low[i] + places[i] * (high[i] - low[i]))
    to_reached = 0.0
    for i in range(count - 1, -1, -1):
        slope, width = numbers[2 * count + i], high[i] - low[i]
        to_share = to_out[i] * numbers[count + i] + to_reached * slope
        to_places[i] += to_share * width
        if low[i] > 0.0:
            to_reached -= (to_share * (1.0 - places[i]) - to_log_rise / width) / slope
        if high[i] < 1.0:
            to_reached -= (to_share * places[i] + to_log_rise / width) / slope
