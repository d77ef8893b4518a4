"""The arrays of a model with the bins without events merged: for data that are fitted once.

`bayes_cevns.cards.rate_table` merges the bins of its tables, for data that are fitted at many
masses. Simulated data have other bins without events each time. Their arrays are those of all bins,
changed here, which takes a millisecond; to make them from tables would take longer than a fit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.density import layout
from bayes_cevns.density.kinds import LIKELIHOODS
from bayes_cevns.density.model_arrays import ModelArrays
from bayes_cevns.tables import fold
from bayes_cevns.tables.bins import add_bins, merge_empty_bins

type Indices = NDArray[np.int64]

#: Kinds of likelihoods of which merged bins have that of their sum.
_MERGING = {number for kind, number in LIKELIHOODS.items() if kind.merges}


def without_empty_bins(arrays: ModelArrays) -> ModelArrays:
    """Return the same model with the bins without events merged, where that is exact.

    Parameters
    ----------
    arrays
        A model with its data.

    Returns
    -------
    ModelArrays
        With the same log-density (`bayes_cevns.tables.bins.merge_empty_bins`). The counts and the
        rate tables of the experiments whose bins are merged cannot be swapped any more.

    Notes
    -----
    A spline may expect fewer than no events between its nodes. In a bin without events the model
    with all bins is impossible there, this one is not, as with merged tables. None of 6000 draws
    from posteriors of XENONnT and COHERENT, with a scalar and a vector, was at such a place.
    """
    ints, floats = arrays.ints.copy(), arrays.floats.copy()
    changed: set[int] = set()
    first, size = ints[layout.EXPERIMENTS_AT], layout.EXPERIMENT
    for at in range(first, first + size * ints[layout.EXPERIMENTS], size):
        record = ints[at : at + size]
        if record[layout.LIKELIHOOD] in _MERGING:
            changed |= _merge(ints, floats, record)
    ints[layout.BINS_OF_ALL] = sum(
        ints[first + size * number + layout.BINS] for number in range(ints[layout.EXPERIMENTS])
    )
    slots = {name: slot for name, slot in arrays.slots.items() if slot.at not in changed}
    return replace(arrays, ints=ints, floats=floats, slots=slots)


def _merge(ints: Indices, floats: Array, record: Indices) -> set[int]:
    """Merge the empty bins of one experiment; return where the numbers begin that changed."""
    observed_at, bins = record[layout.OBSERVED_AT], record[layout.BINS]
    observed = floats[observed_at : observed_at + bins]
    places = merge_empty_bins(observed)
    merged = add_bins(observed, places)
    if merged.size == bins:
        return set()
    floats[observed_at : observed_at + merged.size] = merged
    record[layout.BINS] = merged.size
    changed = {int(observed_at)}
    first = record[layout.FOLDS_AT]
    for at in range(first, first + layout.FOLD * record[layout.FOLDS], layout.FOLD):
        whole_at, real_at = ints[at + layout.WHOLE_AT], ints[at + layout.REAL_AT]
        whole = ints[whole_at : whole_at + ints[at + layout.WHOLE_SIZE]]
        real = floats[real_at : real_at + ints[at + layout.REAL_SIZE]]
        fold.merge(whole, real, places)
        changed.add(int(real_at))
    return changed
