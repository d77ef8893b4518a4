"""Merging of bins without events, which does not change the likelihood."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array


def merge_empty_bins(observed: ArrayLike) -> Array:
    """Return the matrix that adds all bins without events into one.

    Parameters
    ----------
    observed
        Observed counts, any shape; bins are numbered in C order.

    Returns
    -------
    ndarray
        Zeros and ones, shape (bins, merged): ``values @ matrix`` keeps each bin that has
        events and puts the sum of the others last.

    Notes
    -----
    Poisson probabilities of zero counts multiply to that of the sum,
    prod_b exp(-mu_b) = exp(-sum_b mu_b), so that merging them is exact for the data at hand,
    and the cost of a sparse data set grows with its number of events, not of bins. Other data,
    such as replicas, have events in other bins, and need the bins unmerged.
    """
    flat = np.asarray(observed).ravel()
    occupied = np.flatnonzero(flat)
    empty = np.flatnonzero(flat == 0)
    matrix = np.zeros((flat.size, occupied.size + (empty.size > 0)))
    matrix[occupied, np.arange(occupied.size)] = 1.0
    if empty.size:
        matrix[empty, -1] = 1.0
    return matrix
