"""How bins of an observable stand on an axis."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array

#: Bins whose widths differ by more than this factor are drawn on a logarithmic axis.
_UNEVEN = 8.0


def are_logarithmic(edges: Array) -> bool:
    """Return whether bins belong on a logarithmic axis: above zero, of very different widths.

    Parameters
    ----------
    edges
        Edges of the bins, increasing, shape (n + 1,).
    """
    return bool(edges[0] > 0 and np.ptp(np.log(np.diff(edges))) > np.log(_UNEVEN))


def centres(edges: Array) -> Array:
    """Return the middle of each bin on its axis, linear or logarithmic, shape (n,)."""
    if are_logarithmic(edges):
        return np.sqrt(edges[1:] * edges[:-1])
    return np.asarray(0.5 * (edges[1:] + edges[:-1]))
