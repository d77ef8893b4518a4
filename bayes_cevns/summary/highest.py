"""Highest-density regions: the smallest region with a given probability, without noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.summary.density import GridDensity

type Mask = NDArray[np.bool_]

#: Cuts that are tried: those above which the density has these shares of the level.
_TRIALS = np.linspace(0.5, 1.0, 101)

#: A gap in a region is kept if the probability that it lacks is so many standard errors.
_SIGMAS = 3.0

#: An island with fewer effective draws than this, and less probability than the tolerance, is
#: noise.
_LEAST_DRAWS = 10.0

#: Tolerance of the probability of a region.
_TOLERANCE = 0.005


@dataclass(frozen=True, eq=False, repr=False)
class Highest(Displayed):
    """A region of highest density.

    Attributes
    ----------
    density
        The density, with false gaps lifted to the cut and false islands lowered to it.
    cut
        The region is where the density is above this.
    mask
        Its cells.
    probability
        Posterior probability of the region. It is the level, or more if the region contains minima
        that are not significant.
    """

    density: Array
    cut: float
    mask: Mask
    probability: float


def highest(found: GridDensity, level: float, *, from_zero: bool = False) -> Highest:
    """Return the region of highest density with a probability.

    Parameters
    ----------
    found
        A density.
    level
        The probability, in (0, 1).
    from_zero
        Whether the low end of a one-dimensional grid is zero coupling. A gap at this end is then
        treated as one inside the region: filled, unless it is significant.

    Notes
    -----
    The cut is the density that the draws exceed with a probability equal to the level, so that the
    region has its probability whatever the smoothing is (Hyndman, Am. Stat. 50 (1996) 120). If it
    has no insignificant gaps and islands, it is the result. On a plateau, noise decides which cells
    are above the cut. Gaps that are not significantly below it are then filled, and the cut rises
    until the region has its probability again.
    """
    order = np.argsort(found.density, axis=None)[::-1]
    cumulative = np.cumsum(found.probability.ravel()[order])
    ranks = np.searchsorted(cumulative, level * _TRIALS)
    cuts = found.density.ravel()[order][np.minimum(ranks, order.size - 1)]
    plain = _region(found, float(cuts[-1]), from_zero)
    if np.array_equal(plain.mask, found.density >= plain.cut):
        return plain
    regions = [_region(found, float(cut), from_zero) for cut in np.unique(cuts)]
    enough = [region for region in regions if region.probability >= level - _TOLERANCE]
    if not enough:
        return max(regions, key=lambda region: region.probability)
    return min(enough, key=lambda region: abs(region.probability - level))


def _region(found: GridDensity, cut: float, from_zero: bool) -> Highest:
    from scipy.ndimage import label

    above = found.density >= cut
    parts, number = label(~above, structure=_neighbours(above))
    expected = cut * found.volume * _sums(np.ones(above.shape), parts, number)
    missing = expected - _sums(found.density * found.volume, parts, number)
    false = missing < _SIGMAS * np.sqrt(expected / found.effective)
    gaps = _chosen(parts, false & ~_at_walls(parts, number, from_zero))
    mask = above | gaps
    parts, number = label(mask, structure=_neighbours(mask))
    share = _sums(found.probability, parts, number)
    few = found.effective * share < _LEAST_DRAWS
    islands = _chosen(parts, few & (share < min(_TOLERANCE, share.max())))
    mask &= ~islands
    density = np.where(gaps, np.maximum(found.density, 1.0001 * cut), found.density)
    density = np.where(islands, np.minimum(density, 0.9999 * cut), density)
    return Highest(density, cut, mask, float(found.probability[mask].sum()))


def _neighbours(mask: Mask) -> Mask:
    from scipy.ndimage import generate_binary_structure

    return np.asarray(generate_binary_structure(mask.ndim, mask.ndim))


def _at_walls(parts: NDArray[np.int32], number: int, from_zero: bool) -> Mask:
    """Tell which parts reach the edge of the grid: they surround the region, and are no gaps."""
    inner = (slice(1, -1),) * parts.ndim
    rim = parts.copy()
    rim[inner] = 0
    if from_zero:
        rim[0] = 0
    return np.asarray(np.isin(np.arange(1, number + 1), rim))


def _sums(values: Array, parts: NDArray[np.int32], number: int) -> Array:
    """Return the sum of values over each part."""
    return np.bincount(parts.ravel(), weights=values.ravel(), minlength=number + 1)[1:]


def _chosen(parts: NDArray[np.int32], which: NDArray[np.bool_]) -> Mask:
    """Return the cells of some parts."""
    return np.asarray(np.concatenate([[False], which])[parts])
