"""The compiled functions of C, by whose addresses others call them: the same for all models."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import carray, types

from bayes_cevns.density import layout
from bayes_cevns.density.compile_cache import compiled
from bayes_cevns.density.walk import log_density_of, no_states, no_states_adjoint
from bayes_cevns.tables.views import pointer, view

# What a call gets as its data: the addresses and sizes of both arrays, how many points there are,
# which stand one after the other, and address and number of outputs of each.
_INTS, _INTS_SIZE, _FLOATS, _FLOATS_SIZE, _POINTS, _OUTPUTS, _OUTPUTS_SIZE = range(7)
USER_DATA = 7

_NUMBERS = types.CPointer(types.double)


def _entry(log_density: Any) -> Callable[..., int]:
    def called(size: Any, points: Any, gradients: Any, values: Any, data: Any) -> int:
        user = carray(data, USER_DATA, np.int64)
        ints = carray(pointer(user[_INTS]), user[_INTS_SIZE], np.int64)
        floats = carray(pointer(user[_FLOATS]), user[_FLOATS_SIZE], np.float64)
        count, wide = user[_POINTS], user[_OUTPUTS_SIZE]
        outputs = carray(pointer(user[_OUTPUTS]), count * wide, np.float64)
        parameters = np.int64(size)
        at = carray(points, count * parameters)
        slopes, found = carray(gradients, count * parameters), carray(values, count)
        work = np.empty(ints[layout.WORK])
        nodes = np.empty(ints[layout.NODES], np.int64)
        code = 0
        for i in range(count):
            own = view(slopes, i * parameters, parameters)
            value = log_density(
                ints,
                floats,
                view(at, i * parameters, parameters),
                own,
                work,
                nodes,
                view(outputs, i * wide, wide),
            )
            finite = np.isfinite(value)
            for j in range(parameters):
                finite = finite and np.isfinite(own[j])
            found[i] = value
            if not finite:
                found[i] = -np.inf
                code = 3
        return code

    return called


@cache
def log_density_entry(*, states: bool) -> Any:
    """Return the compiled ``(size, points, gradients, values, data) -> code``.

    It fills in log-densities and gradients, and the outputs, if there is space for them. A point
    that cannot be evaluated has minus infinity, and the code is not zero.

    Parameters
    ----------
    states
        Whether neutrinos of the Sun come in states that couplings change.
    """
    if states:
        from bayes_cevns.density.states import add_states_adjoint, states_at

        log_density = log_density_of(states_at, add_states_adjoint)
    else:
        log_density = log_density_of(no_states, no_states_adjoint)
    signature = types.int64(types.uint64, _NUMBERS, _NUMBERS, _NUMBERS, types.voidptr)
    name = "log_density_with_states" if states else "log_density"
    return compiled(_entry(log_density), signature, name)


def _copy(size: Any, _outputs: Any, points: Any, found: Any, _data: Any) -> int:
    for i in range(np.int64(size)):
        found[i] = points[i]
    return 0


@cache
def copy_entry() -> Any:
    """Return the compiled ``(size, outputs, points, found, data) -> code`` that copies a point."""
    signature = types.int64(types.uint64, types.uint64, _NUMBERS, _NUMBERS, types.voidptr)
    return compiled(_copy, signature, "copy")
