"""The log-density of a model and its gradient, for Numba: one function for all models.

A model is two arrays (`bayes_cevns.density.layout`): integers that describe it, and all its
numbers. The function goes through them once forwards and, for the gradient, once backwards. Work
space is divided up by hand: to allocate it would take longer than many a model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.density import layout
from bayes_cevns.density.chart_kernels import chart_gradient, chart_point
from bayes_cevns.density.coupling_values import add_coupling_adjoint, couplings_at
from bayes_cevns.density.experiment import counts_at
from bayes_cevns.density.kinds import BELOW
from bayes_cevns.density.transforms import log_prior, natural
from bayes_cevns.tables.compiled import kernel
from bayes_cevns.tables.views import copy_to, fill, view

type Indices = NDArray[np.int64]


def log_density_of(states_at: Any, add_states_adjoint: Any) -> Callable[..., float]:
    """Return the log-density of all models with, or without, neutrinos of the Sun.

    Most models have none whose states depend on couplings, and what propagates them takes as long
    to compile as everything else.
    """

    @kernel
    def log_density(
        ints: Indices,
        floats: Array,
        point: Array,
        gradient: Array,
        work: Array,
        nodes: Indices,
        outputs: Array,
    ) -> float:
        """Return the log-density at a point, and fill in its gradient.

        Parameters
        ----------
        ints, floats
            The model.
        point, gradient
            In the sampler's coordinates, shape (parameters,).
        work, nodes
            Work space: so many numbers as the model says, and indices.
        outputs
            Filled in, if there is space: parameters and couplings, without a log-likelihood in the
            value that is returned; or these with expected signal, log-likelihood and all expected
            counts.

        Returns
        -------
        float
            Minus infinity or NaN where the model cannot be evaluated; the gradient means nothing
            then.
        """
        size, count = ints[layout.SIZE], ints[layout.COUPLINGS]
        states_size = ints[layout.STATES]
        values, rises = view(work, 0, size), view(work, size, size)
        slopes, u = view(work, 2 * size, size), view(work, 3 * size, size)
        to_values = view(work, 4 * size, size)
        used = 5 * size
        couplings, to_couplings = view(work, used, count), view(work, used + count, count)
        used += 2 * count
        states = view(work, used, states_size)
        to_states = view(work, used + states_size, states_size)
        used += 2 * states_size
        kept = view(work, used, ints[layout.KEPT])
        used += ints[layout.KEPT]
        free = view(work, used, ints[layout.WORK] - used)

        fill(to_couplings, 0.0)
        fill(to_states, 0.0)
        total = coordinates(ints, floats, point, u)
        total += parameters_at(ints, floats, u, values, rises, slopes, to_values)
        total += couplings_at(ints, floats, values, couplings)
        states_at(ints, floats, values, couplings, states, kept)
        after = size + count
        if outputs.size > 0:
            for i in range(size):
                outputs[i] = values[i]
            for i in range(count):
                outputs[size + i] = couplings[i]
            if outputs.size == after:
                fill(gradient, 0.0)
                return total
        wanted = outputs.size > after
        if wanted:
            outputs[after] = outputs[after + 1] = 0.0
            after += 2
        for number in range(ints[layout.EXPERIMENTS]):
            at = ints[layout.EXPERIMENTS_AT] + number * layout.EXPERIMENT
            experiment = view(ints, at, layout.EXPERIMENT)
            bins = experiment[layout.BINS]
            found, signal = counts_at(
                ints,
                floats,
                experiment,
                values,
                couplings,
                states,
                to_values,
                to_couplings,
                to_states,
                free,
                nodes,
                view(outputs, after, bins if wanted else 0),
            )
            total += found
            if wanted:
                outputs[size + count] += signal
                outputs[size + count + 1] += found
                after += bins
            elif not total > -np.inf:
                return total
        add_states_adjoint(
            ints, floats, values, couplings, kept, to_states, to_values, to_couplings
        )
        add_coupling_adjoint(ints, floats, values, couplings, to_couplings, to_values, free)
        for i in range(size):
            slopes[i] += to_values[i] * rises[i]
        to_coordinates(ints, floats, point, slopes, gradient)
        return total

    return log_density


@kernel
def no_states(
    ints: Indices, floats: Array, values: Array, couplings: Array, states: Array, kept: Array
) -> None:
    """Do nothing, in place of `bayes_cevns.density.states.states_at`."""


@kernel
def no_states_adjoint(
    ints: Indices,
    floats: Array,
    values: Array,
    couplings: Array,
    kept: Array,
    to_states: Array,
    to_values: Array,
    to_couplings: Array,
) -> None:
    """Do nothing, in place of `bayes_cevns.density.states.add_states_adjoint`."""


@kernel
def coordinates(ints: Indices, floats: Array, point: Array, u: Array) -> float:
    """Fill in the unconstrained coordinates of the model for those of the sampler.

    Both are the same, or those of the sampler are those of a chart, the logarithm of whose Jacobian
    is returned.
    """
    if ints[layout.CHART_AT] < 0:
        copy_to(u, point)
        return 0.0
    numbers = view(floats, ints[layout.CHART_AT], 0)
    return chart_point(numbers, ints[layout.CHART_PIECES], point, u)


@kernel
def to_coordinates(
    ints: Indices, floats: Array, point: Array, slopes: Array, gradient: Array
) -> None:
    """Fill in the gradient in the sampler's coordinates."""
    if ints[layout.CHART_AT] < 0:
        copy_to(gradient, slopes)
        return
    numbers = view(floats, ints[layout.CHART_AT], 0)
    chart_gradient(numbers, ints[layout.CHART_PIECES], point, slopes, gradient)


@kernel
def parameters_at(
    ints: Indices,
    floats: Array,
    u: Array,
    values: Array,
    rises: Array,
    slopes: Array,
    to_values: Array,
) -> float:
    """Return the logarithm of all priors in the coordinates u, and fill in what follows from these.

    That is the parameters and their derivatives by u, and the derivatives of the logarithm by u of
    the Jacobian, and by the parameters of the priors.
    """
    total = 0.0
    for i in range(u.size):
        record = view(ints, ints[layout.PARAMETERS_AT] + i * layout.PARAMETER, layout.PARAMETER)
        kind = record[layout.TRANSFORM]
        value, log_rise, slope = natural(
            kind, view(floats, record[layout.TRANSFORM_NUMBERS_AT], 5), u[i]
        )
        prior, to_value = log_prior(
            record[layout.PRIOR], view(floats, record[layout.PRIOR_NUMBERS_AT], 4), value
        )
        total += prior + log_rise
        values[i], slopes[i], to_values[i] = value, slope, to_value
        rises[i] = -np.exp(log_rise) if kind == BELOW else np.exp(log_rise)
    return total
