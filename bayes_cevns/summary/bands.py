"""Allowed bands: the highest-density region of a coupling, which may fall into pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from arviz_stats.base import array_stats

from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.fit import Fit
from bayes_cevns.model import PRODUCT
from bayes_cevns.summary.draws import WeightedDraws, check_level

_MAX_MODES = 6


@dataclass(frozen=True)
class Band:
    """One piece of the highest-density region.

    Attributes
    ----------
    low, high
        Ends, as the coupling g with the sign of x = g_nu g_q: sign(x) sqrt(|x|).
    probability
        Posterior probability of the band.
    """

    low: float
    high: float
    probability: float


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
        The region of arviz's multimodal HDI without its false gaps. Densities are compared
        in the coordinate in which the prior is uniform, so that the region holds the
        couplings of highest marginal likelihood.

    Raises
    ------
    ArgumentError
        If the fit has no coupling, or the level is not in (0, 1).
    """
    check_level(level)
    if fit.prior is None:
        raise ArgumentError("the Standard Model has no coupling")
    prior = fit.prior
    product = WeightedDraws.of(PRODUCT, fit.posterior, fit.quality)
    coordinate = product.mapped(prior.coordinate(product.values))
    found = []
    for low, high in highest_density(coordinate, level, (prior.lowest, prior.upper)):
        g_low, g_high = prior.quoted(prior.product([low, high]))
        found.append(Band(float(g_low), float(g_high), coordinate.probability(low, high)))
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
    modes = array_stats.hdi(draws.resampled(), level, method="multimodal", max_modes=_MAX_MODES)
    pieces = [(float(low), float(high)) for low, high in np.atleast_2d(modes) if low < high]
    return _without_false_gaps(sorted(pieces), domain, draws.probability)


def _without_false_gaps(
    pieces: list[tuple[float, float]],
    domain: tuple[float, float],
    probability: Callable[[float, float], float],
) -> list[tuple[float, float]]:
    """Close the gaps that are noise of the density estimate.

    A gap between two pieces, or between a piece and the end of the domain, stays only if its
    mean density is less than half of that of the pieces beside it: on a plateau the estimate
    wiggles around the density at which the region is cut.
    """

    def density(low: float, high: float) -> float:
        return probability(low, high) / (high - low) if high > low else np.inf

    def false_gap(low: float, high: float, *beside: tuple[float, float]) -> bool:
        return density(low, high) >= 0.5 * min(density(*piece) for piece in beside)

    closed = pieces[:1]
    for piece in pieces[1:]:
        last = closed[-1]
        if false_gap(last[1], piece[0], last, piece):
            closed[-1] = (last[0], piece[1])
        else:
            closed.append(piece)
    if closed and false_gap(domain[0], closed[0][0], closed[0]):
        closed[0] = (domain[0], closed[0][1])
    if closed and false_gap(closed[-1][1], domain[1], closed[-1]):
        closed[-1] = (closed[-1][0], domain[1])
    return closed
