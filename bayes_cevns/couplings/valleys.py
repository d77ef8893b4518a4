"""Minima of a log-density along a line, at which a posterior is cut into branches.

NUTS does not move reliably between modes with a deep minimum between them. They are sampled
separately, and weighted by their evidences. Shallow minima are no obstacle to NUTS, and a mode with
negligible probability need not be sampled at all. The position of a cut does not change the
posterior, only how well it is sampled.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array

#: A mode this far below the highest, as log-densities, is negligible: e^-20 = 2e-9.
NEGLIGIBLE = 20.0

#: A shelf lies this far below its mode (as log-densities), holds this share of the posterior or
#: more, and extends over more than this many widths of the mode.
CLIFF, SHELF_LEAST, SHELF_LONG = 3.0, 1e-3, 8.0


def deep_minima(values: Array, depth: float) -> list[int]:
    """Return the places of the local minima that are `depth` below the highest on both sides.

    Of several minima between the same two maxima the lowest is kept.

    Parameters
    ----------
    values
        Log-density on a grid, shape (n,); minus infinity where it is zero.
    depth
        Least depth, as a difference of log-densities.
    """
    found: list[int] = []
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return found
    top, bottom, place = -np.inf, np.inf, 0
    # Where the density is zero, take a value below all others.
    for i, value in enumerate(np.maximum(values, finite.min() - 2.0 * depth)):
        if value < bottom:
            bottom, place = value, i
        if top - bottom >= depth and value - bottom >= depth:
            # Risen again after a deep minimum: a cut, and the next maximum begins.
            found.append(place)
            top, bottom, place = value, value, i
        elif value > top and top - bottom < depth:
            top, bottom, place = value, value, i
    return found


def peaks_that_matter(values: Array, group: NDArray[np.int64], depth: float) -> list[int]:
    """Return the places of the maxima between deep minima, without negligible ones.

    Parameters
    ----------
    values
        Log-density on a grid, shape (n,).
    group
        A number for each point, shape (n,): whether a maximum is negligible is decided within its
        group. Each sign of a coupling is a group, since it has a limit of its own, however
        improbable the sign.
    depth
        Least depth of a minimum, as a difference of log-densities.
    """
    edges = [0, *deep_minima(values, depth), len(values) - 1]
    peaks = [low + int(np.argmax(values[low : high + 1])) for low, high in pairwise(edges)]
    return [
        peak for peak in peaks if values[peak] >= values[group == group[peak]].max() - NEGLIGIBLE
    ]


def lowest_between(values: Array, peaks: list[int]) -> list[int]:
    """Return the place of the lowest value between each two neighbouring peaks."""
    return [low + int(np.argmin(values[low : high + 1])) for low, high in pairwise(peaks)]


def cells(share: Array, values: Array) -> Array:
    """Return the integral of density / highest density over each cell of a grid."""
    height = np.exp(values - values.max())
    return np.asarray(0.5 * (height[1:] + height[:-1]) * np.diff(share))


def shelves(share: Array, values: Array) -> list[int]:
    """Return the places where a mode ends and a shelf begins: a plateau that is low, but wide.

    Example: a narrow mode beside the plateau of a log prior. There is no minimum between them, but
    NUTS moves up and down the cliff between them too rarely.

    Parameters
    ----------
    share, values
        Places and log-density on a grid, shape (n,).

    Returns
    -------
    list of int
        One on either side of the mode, or none. A shelf begins where the log-density is `CLIFF` or
        more below the highest, if more than `SHELF_LEAST` of all probability lies beyond, and more
        than a tail would hold: the density at this place times `SHELF_LONG` widths of the mode. Of
        several such places it is the one with most probability beyond, relative to the density.
    """
    part = cells(share, values)
    total = float(part.sum())
    height = np.exp(values - values.max())
    top = int(np.argmax(values))
    near = np.minimum(values[1:], values[:-1]) > values.max() - CLIFF
    width = float(part[near].sum())
    after = np.concatenate([np.cumsum(part[::-1])[::-1], [0.0]])
    beyond = np.where(np.arange(values.size) < top, total - after, after)
    low = (values < values.max() - CLIFF) & (beyond > SHELF_LEAST * total)
    long = low & (beyond > SHELF_LONG * width * height)
    found = []
    for side in (slice(0, top), slice(top, None)):
        ratio = np.where(long[side], beyond[side] / np.maximum(height[side], 1e-300), -np.inf)
        if np.any(long[side]):
            found.append((side.start or 0) + int(np.argmax(ratio)))
    return found
