"""Allowed bands: the highest-density region of a coupling, which may fall into pieces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arguments import of_kind
from bayes_cevns.ends import BOTH_CROSSINGS, Ends
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.fit import Fit
from bayes_cevns.model import PRODUCT
from bayes_cevns.summary.bounds import whole_ends
from bayes_cevns.summary.density import grid_density
from bayes_cevns.summary.draws import WeightedDraws, check_level
from bayes_cevns.summary.highest import highest

type Array = NDArray[np.float64]
type Mask = NDArray[np.bool_]

#: Cells of the grid on which densities are compared.
_CELLS = 1000


@dataclass(frozen=True)
class Band:
    """One piece of the highest-density region.

    Attributes
    ----------
    low, high
        Ends, as the quoted coupling with the sign of x: sign(x) |x|^power.
    probability
        Posterior probability of the band.
    ends
        Whether each end is one of the data, of the prior, or physical.
    """

    low: float
    high: float
    probability: float
    ends: Ends = BOTH_CROSSINGS


def bands(fit: Fit, level: float) -> tuple[Band, ...]:
    """Return the highest-density region of the coupling, in increasing order.

    Parameters
    ----------
    fit
        A fit with a coupling.
    level
        Credible level in (0, 1); the bands together have this probability.

    Returns
    -------
    tuple of Band
        Without gaps that are noise of the draws (`summary.highest`). Densities are compared
        in the coordinate in which the prior is uniform, so that the region holds the
        couplings of highest marginal likelihood. The lowest or highest end is that of the prior if
        the density does not vanish there (`summary.bounds`).

    Raises
    ------
    ArgumentError
        If the fit has no coupling, or the level is not in (0, 1).
    """
    level = check_level(level)
    of_kind(fit, Fit, what="a fit, as bayes_cevns.sample returns it")
    if fit.prior is None:
        raise ArgumentError("the Standard Model has no coupling")
    prior = fit.prior
    product = WeightedDraws.of(PRODUCT, fit.posterior, fit.quality)
    coordinate = product.mapped(prior.coordinate(product.values))
    bounds = prior.lowest, prior.upper
    pieces = highest_density(coordinate, level, bounds)
    whole = whole_ends(coordinate, pieces, bounds, prior.ends)
    found = []
    for (low, high), ends in zip(pieces, whole.shared(len(pieces)), strict=True):
        g_low, g_high = prior.quoted(prior.product([low, high]))
        found.append(Band(float(g_low), float(g_high), coordinate.probability(low, high), ends))
    return tuple(found)


def highest_density(
    draws: WeightedDraws, level: float, domain: tuple[float, float]
) -> list[tuple[float, float]]:
    """Return the pieces of the highest-density region of some draws, in increasing order.

    Parameters
    ----------
    draws
        Of the quantity in which densities are compared.
    level
        Credible level in (0, 1).
    domain
        Ends of the support of the prior.
    """
    found = grid_density([draws], [domain], _CELLS)
    region = highest(found, level)
    mask = _trimmed(region.mask, region.density, found.probability, level)
    (edges,) = found.edges
    return [(float(edges[start]), float(edges[stop])) for start, stop in _pieces(mask)]


def _pieces(mask: Mask) -> list[tuple[int, int]]:
    """Return where the pieces of a mask start, and where they have stopped."""
    change = np.diff(np.concatenate([[0], mask.astype(int), [0]]))
    starts, stops = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    return list(zip(starts.tolist(), stops.tolist(), strict=True))


def _trimmed(mask: Mask, density: Array, probability: Array, level: float) -> Mask:
    """Take cells off the lowest ends of the pieces until no more is left than the level.

    A valley that is too shallow for the draws to tell whether it is one is in the region, which
    may then have too much.
    """
    kept = mask.copy()
    total = float(probability[kept].sum())
    while True:
        ends = [end for start, stop in _pieces(kept) for end in (start, stop - 1)]
        lowest = min(ends, key=lambda end: float(density[end]))
        total -= float(probability[lowest])
        if total < level:
            return kept
        kept[lowest] = False
