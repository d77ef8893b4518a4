"""Expected counts and likelihood of one experiment, and their adjoint, for Numba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.form_kernels import add_trace, add_trace_adjoint
from bayes_cevns.density import layout
from bayes_cevns.density.counts import log_likelihood
from bayes_cevns.density.form_kernels import add_form_adjoint, form_at
from bayes_cevns.tables.compiled import kernel
from bayes_cevns.tables.fold_kernels import fold_adjoint, fold_counts
from bayes_cevns.tables.views import fill, matrix, solid, total_of, view

type Indices = NDArray[np.int64]


@kernel
def counts_at(
    ints: Indices,
    floats: Array,
    experiment: Indices,
    values: Array,
    couplings: Array,
    states: Array,
    to_values: Array,
    to_couplings: Array,
    to_states: Array,
    work: Array,
    nodes: Indices,
    counts: Array,
) -> tuple[float, float]:
    """Return the log-likelihood of one experiment, and add its derivatives.

    Where there is space for the expected counts, they are filled in, and the expected counts of
    the signals alone are returned as well.
    """
    bins, folds, width = (
        experiment[layout.BINS],
        experiment[layout.FOLDS],
        experiment[layout.WIDTH],
    )
    components = components_of(ints, experiment)
    mean, slope = view(work, 0, bins), view(work, bins, bins)
    used = 2 * bins
    bare, to_bare = view(work, used, width), view(work, used + width, width)
    used += 2 * width
    factors = view(work, used, components)
    to_factors = view(work, used + components, components)
    used += 2 * components
    own_work = work_of(ints, experiment)
    packed = view(work, used, own_work)
    used += own_work
    free = view(work, used, work.size - used)

    signals_at(ints, floats, experiment, couplings, states, bare, free)
    signal = 0.0
    if counts.size > 0:
        fill_mean(ints, floats, experiment, values, bare, factors, mean, packed, nodes, True)
        signal = total_of(mean)
    fill_mean(ints, floats, experiment, values, bare, factors, mean, packed, nodes, False)
    for b in range(counts.size):
        counts[b] = mean[b]
    total = log_likelihood(
        experiment[layout.LIKELIHOOD],
        view(floats, experiment[layout.OBSERVED_AT], bins),
        view(floats, experiment[layout.BIN_NUMBERS_AT], 0),
        floats[experiment[layout.CONSTANT_AT]],
        mean,
        slope,
    )
    if not total > -np.inf:
        return total, signal
    fill(to_factors, 0.0)
    first, node, used = 0, 0, 0
    for f in range(folds):
        fold = view(ints, experiment[layout.FOLDS_AT] + f * layout.FOLD, layout.FOLD)
        count, axes = fold[layout.COMPONENTS], fold[layout.AXES]
        to_own, to_shape = view(to_factors, first, count), view(packed, used, axes)
        fill(to_shape, 0.0)
        fold_adjoint(
            view(ints, fold[layout.WHOLE_AT], fold[layout.WHOLE_SIZE]),
            view(floats, fold[layout.REAL_AT], fold[layout.REAL_SIZE]),
            view(factors, first, count),
            view(nodes, node, fold[layout.OWN_NODES]),
            view(packed, used + axes, fold[layout.OWN_WORK]),
            slope,
            to_own,
            to_shape,
        )
        for axis in range(axes):
            to_values[ints[fold[layout.PLACES_AT] + axis]] += to_shape[axis]
        node += fold[layout.OWN_NODES]
        used += axes + fold[layout.OWN_WORK]
        signals = experiment[layout.SIGNALS] if f == 0 else 0
        add_factors_adjoint(ints, fold, values, bare, to_bare, signals, to_own, to_values)
        first += count
    for k in range(experiment[layout.SIGNALS], width):
        to_bare[k] = 0.0
    add_signals_adjoint(
        ints, floats, experiment, couplings, states, to_bare, to_couplings, to_states, free
    )
    return total, signal


@kernel
def components_of(ints: Indices, experiment: Indices) -> int:
    """Return how many components all folds of an experiment have."""
    found = 0
    for f in range(experiment[layout.FOLDS]):
        found += ints[experiment[layout.FOLDS_AT] + f * layout.FOLD + layout.COMPONENTS]
    return found


@kernel
def work_of(ints: Indices, experiment: Indices) -> int:
    """Return how many numbers the folds of an experiment need for themselves."""
    found = 0
    for f in range(experiment[layout.FOLDS]):
        fold = experiment[layout.FOLDS_AT] + f * layout.FOLD
        found += ints[fold + layout.AXES] + ints[fold + layout.OWN_WORK]
    return found


@kernel
def fill_mean(
    ints: Indices,
    floats: Array,
    experiment: Indices,
    values: Array,
    bare: Array,
    factors: Array,
    mean: Array,
    packed: Array,
    nodes: Indices,
    signals_alone: bool,
) -> None:
    """Fill in the expected counts of an experiment.

    Parameters
    ----------
    bare
        What `signals_at` fills in.
    factors
        Filled in: of the components of all folds, one fold after the other.
    packed, nodes
        Filled in: for each fold its place on the axes, and what the adjoint reads.
    signals_alone
        Leave out all backgrounds.
    """
    fill(mean, 0.0)
    first, node, used = 0, 0, 0
    for f in range(1 if signals_alone else experiment[layout.FOLDS]):
        fold = view(ints, experiment[layout.FOLDS_AT] + f * layout.FOLD, layout.FOLD)
        count, axes = fold[layout.COMPONENTS], fold[layout.AXES]
        own = view(factors, first, count)
        signals = experiment[layout.SIGNALS] if f == 0 else 0
        at = fold[layout.FACTORS_AT]
        for k in range(count):
            factor = bare[k] if k < signals else (0.0 if signals_alone else 1.0)
            for j in range(ints[at + k], ints[at + k + 1]):
                factor *= values[ints[j]]
            own[k] = factor
        place = view(packed, used, axes)
        for axis in range(axes):
            place[axis] = values[ints[fold[layout.PLACES_AT] + axis]]
        fold_counts(
            view(ints, fold[layout.WHOLE_AT], fold[layout.WHOLE_SIZE]),
            view(floats, fold[layout.REAL_AT], fold[layout.REAL_SIZE]),
            place,
            own,
            view(nodes, node, fold[layout.OWN_NODES]),
            view(packed, used + axes, fold[layout.OWN_WORK]),
            mean,
        )
        node += fold[layout.OWN_NODES]
        used += axes + fold[layout.OWN_WORK]
        first += count


@kernel
def add_factors_adjoint(
    ints: Indices,
    fold: Indices,
    values: Array,
    bare: Array,
    to_bare: Array,
    signals: int,
    to_factors: Array,
    to_values: Array,
) -> None:
    """Add the cotangents of the nuisances that scale components, and fill in those of `bare`."""
    at = fold[layout.FACTORS_AT]
    for k in range(fold[layout.COMPONENTS]):
        start, end = ints[at + k], ints[at + k + 1]
        first = bare[k] if k < signals else 1.0
        for j in range(start, end):
            product = first * to_factors[k]
            for other in range(start, end):
                if other != j:
                    product *= values[ints[other]]
            to_values[ints[j]] += product
        if k < signals:
            product = to_factors[k]
            for j in range(start, end):
                product *= values[ints[j]]
            to_bare[k] = product


@kernel
def signals_at(
    ints: Indices,
    floats: Array,
    experiment: Indices,
    couplings: Array,
    states: Array,
    out: Array,
    work: Array,
) -> None:
    """Fill in what multiplies the components of the signals, by couplings and states alone.

    Of all components of the first fold; zero for its backgrounds.
    """
    form_at(ints, floats, experiment[layout.FORM_AT], couplings, out)
    for number in range(experiment[layout.ARRIVING]):
        part = view(ints, experiment[layout.ARRIVING_AT] + number * layout.PART, layout.PART)
        v, parts, mixing = arriving(ints, floats, experiment, part, states)
        pairs, width = part[layout.PAIRS], parts.shape[0]
        products, charges = matrix(work, 0, pairs, 9), matrix(work, pairs * 9, pairs, width)
        form_at(ints, floats, part[layout.PRODUCTS_AT], couplings, view(work, 0, pairs * 9))
        charges_of(products, parts, charges)
        add_trace(v, charges, mixing, out)


@kernel
def add_signals_adjoint(
    ints: Indices,
    floats: Array,
    experiment: Indices,
    couplings: Array,
    states: Array,
    to_out: Array,
    to_couplings: Array,
    to_states: Array,
    work: Array,
) -> None:
    """Add the cotangents of couplings and states for that of `signals_at`."""
    add_form_adjoint(ints, floats, experiment[layout.FORM_AT], couplings, to_out, to_couplings)
    for number in range(experiment[layout.ARRIVING]):
        part = view(ints, experiment[layout.ARRIVING_AT] + number * layout.PART, layout.PART)
        v, parts, mixing = arriving(ints, floats, experiment, part, states)
        to_v, _, _ = arriving(ints, floats, experiment, part, to_states)
        pairs, width = part[layout.PAIRS], parts.shape[0]
        products, charges = matrix(work, 0, pairs, 9), matrix(work, pairs * 9, pairs, width)
        form_at(ints, floats, part[layout.PRODUCTS_AT], couplings, view(work, 0, pairs * 9))
        charges_of(products, parts, charges)
        to_charges = matrix(work, pairs * (9 + width), pairs, width)
        for p in range(pairs):
            for k in range(width):
                to_charges[p, k] = 0.0
        add_trace_adjoint(v, charges, mixing, to_out, to_v, to_charges)
        charges_adjoint(to_charges, parts, products)
        at = part[layout.PRODUCTS_AT]
        add_form_adjoint(ints, floats, at, couplings, view(work, 0, pairs * 9), to_couplings)


@kernel
def charges_of(products: Array, parts: Array, out: Array) -> None:
    """Fill in the traces of products of charges, (pairs, 9), with parts of a density matrix."""
    for p in range(out.shape[0]):
        for k in range(out.shape[1]):
            total = 0.0
            for i in range(9):
                total += products[p, i] * parts[k, i]
            out[p, k] = total


@kernel
def charges_adjoint(to_charges: Array, parts: Array, out: Array) -> None:
    """Fill in the cotangent of the products for that of `charges_of`."""
    for p in range(to_charges.shape[0]):
        for i in range(9):
            total = 0.0
            for k in range(to_charges.shape[1]):
                total += to_charges[p, k] * parts[k, i]
            out[p, i] = total


@kernel
def arriving(
    ints: Indices, floats: Array, experiment: Indices, part: Indices, states: Array
) -> tuple[Array, Array, Array]:
    """Return of a part of the signals: coefficients, (n, parts), parts, (parts, 9), and mixing."""
    first = 0
    for number in range(part[layout.WAY_OF]):
        at = ints[layout.WAYS_AT] + number * layout.WAY
        first += (ints[at + layout.ENERGIES] + 9) * ints[at + layout.PARTS]
    at = ints[layout.WAYS_AT] + part[layout.WAY_OF] * layout.WAY
    nodes, width = ints[at + layout.ENERGIES], ints[at + layout.PARTS]
    return (
        matrix(states, first, nodes, width),
        matrix(states, first + nodes * width, width, 9),
        solid(floats, part[layout.MIXING_AT], nodes, part[layout.PAIRS], experiment[layout.WIDTH]),
    )
