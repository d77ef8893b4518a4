"""The functions of C that others call by their addresses, for Numba: the same for all models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types

from bayes_cevns.density import layout
from bayes_cevns.density.names import (
    COPY,
    DONE,
    LOG_DENSITY,
    LOG_DENSITY_WITH_STATES,
    NO_MEMORY,
    NOT_FINITE,
)
from bayes_cevns.density.states import add_states_adjoint, states_at
from bayes_cevns.density.walk import log_density_of, no_states, no_states_adjoint
from bayes_cevns.tables.views import allocate, integers_at, numbers_at, release, view

# What a call gets as its data: the addresses and sizes of both arrays, how many points there are,
# which stand one after the other, and address and number of outputs of each.
_INTS, _INTS_SIZE, _FLOATS, _FLOATS_SIZE, _POINTS, _OUTPUTS, _OUTPUTS_SIZE = range(7)
_USER_DATA = 7

#: Bytes of a number, and of an integer.
_BYTES = 8

#: All arguments are integers: sizes, and addresses.
_SIGNATURE = types.int64(*[types.int64] * 5)


def _log_density(log_density: Any) -> Callable[..., int]:
    """Return ``(size, points, gradients, values, data) -> code``.

    It fills in log-densities and gradients, and the outputs, if there is space for them. A point
    that cannot be evaluated has minus infinity, and the code is not zero.
    """

    def called(size: int, points: int, gradients: int, values: int, data: int) -> int:
        user = integers_at(data, _USER_DATA)
        ints = integers_at(user[_INTS], user[_INTS_SIZE])
        floats = numbers_at(user[_FLOATS], user[_FLOATS_SIZE])
        count, wide = user[_POINTS], user[_OUTPUTS_SIZE]
        outputs = numbers_at(user[_OUTPUTS], count * wide)
        at = numbers_at(points, count * size)
        slopes, found = numbers_at(gradients, count * size), numbers_at(values, count)
        works, marks = ints[layout.WORK], ints[layout.NODES]
        room = allocate(_BYTES * (works + marks))
        if room == 0:
            for i in range(count):
                found[i] = -np.inf
            return NO_MEMORY
        work, nodes = numbers_at(room, works), integers_at(room + _BYTES * works, marks)
        code = DONE
        for i in range(count):
            own = view(slopes, i * size, size)
            value = log_density(
                ints,
                floats,
                view(at, i * size, size),
                own,
                work,
                nodes,
                view(outputs, i * wide, wide),
            )
            finite = np.isfinite(value)
            for j in range(size):
                finite = finite and np.isfinite(own[j])
            found[i] = value
            if not finite:
                found[i] = -np.inf
                code = NOT_FINITE
        release(room)
        return code

    return called


def _copy(size: int, _outputs: int, points: int, found: int, _data: int) -> int:
    """Copy a point: all that nutpie is to keep of it."""
    source, target = numbers_at(points, size), numbers_at(found, size)
    for i in range(size):
        target[i] = source[i]
    return DONE


def entry(name: str) -> tuple[Callable[..., int], Any]:
    """Return a function by its name, and its signature."""
    if name == COPY:
        return _copy, _SIGNATURE
    if name == LOG_DENSITY:
        return _log_density(log_density_of(no_states, no_states_adjoint)), _SIGNATURE
    if name != LOG_DENSITY_WITH_STATES:
        raise ValueError(f"no function is called {name}")
    return _log_density(log_density_of(states_at, add_states_adjoint)), _SIGNATURE
