"""Adding up of bins, and which of them are merged without a change of the likelihood.

Which bins are added up is said by one number for each bin, not by a matrix of zeros and ones: its
size is that of the table, while a matrix grows with the square of the number of bins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.arrays import Array


def merge_empty_bins(observed: ArrayLike) -> NDArray[np.int64]:
    """Return the number of the merged bin into which each bin goes.

    Parameters
    ----------
    observed
        Observed counts, any shape; bins are numbered in C order.

    Returns
    -------
    ndarray
        Shape (bins,), for `add_bins`: bins that have events keep their order from 0 on, the others
        have one number, which is the last.

    Notes
    -----
    Poisson probabilities of zero counts multiply to that of the sum,
    prod_b exp(-mu_b) = exp(-sum_b mu_b), so that merging them is exact for the data at hand,
    and the cost of a sparse data set grows with its number of events, not of bins. Other data,
    such as replicas, have events in other bins, and need the bins unmerged.
    """
    occupied = np.asarray(observed).ravel() != 0
    return np.where(occupied, np.cumsum(occupied) - 1, np.count_nonzero(occupied))


def add_bins(values: ArrayLike, places: NDArray[np.int64], count: int | None = None) -> Array:
    """Return values with bins of the same number added up.

    Parameters
    ----------
    values
        Values, shape (..., bins).
    places
        Number of each bin among those returned, shape (bins,).
    count
        How many are returned, by default up to the largest number.

    Returns
    -------
    ndarray
        Shape (..., count); zero where no bin goes. A bin that is added to no other keeps its value
        to the last digit.
    """
    if count is None:
        count = int(places.max(initial=-1)) + 1
    values = np.asarray(values, dtype=float)
    added = np.zeros((*values.shape[:-1], count))
    order = np.argsort(places, kind="stable")
    found, starts = np.unique(places[order], return_index=True)
    if starts.size:
        added[..., found] = np.add.reduceat(values.take(order, axis=-1), starts, axis=-1)
    return added
