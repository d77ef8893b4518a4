"""Credible intervals of a coupling: its highest-density region, with the weight of each mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bayes_cevns.ends import BOTH_CROSSINGS, End, Ends
from bayes_cevns.summary.bands import highest_density
from bayes_cevns.summary.bounds import or_of_another, whole_ends
from bayes_cevns.summary.draws import WeightedDraws, check_level
from bayes_cevns.summary.fit import Fit

#: Steps in which the place of least probability between two intervals is searched.
_STEPS = 20


@dataclass(frozen=True)
class Interval:
    """One piece of a highest-density region.

    Attributes
    ----------
    low, high
        Its ends.
    branch_weight
        Posterior probability of the mode of this interval: of everything up to the places of least
        probability between it and its neighbours. The weights of a region sum to one.
    ends
        Of which kind each end is: decided by the data, or the end of the range of a prior, of the
        parameter itself or of another one.
    """

    low: float
    high: float
    branch_weight: float
    ends: Ends = BOTH_CROSSINGS


def intervals(
    fit: Fit,
    parameter: str,
    level: float,
    domain: tuple[float, float],
    others: Mapping[str, tuple[float, float]] | None = None,
    own: Ends | None = None,
) -> tuple[Interval, ...]:
    """Return the highest-density region of one parameter, all others marginalised.

    Parameters
    ----------
    fit
        A fit.
    parameter
        Name of a variable of its posterior, without dimensions of its own.
    level
        Credible level in (0, 1); the intervals together have this probability.
    domain
        Bounds of the prior.
    others
        Other parameters of the posterior, with the bounds of their priors: an end may be at one of
        them (`summary.bounds`).
    own
        Of which kind the bounds of the prior are, by default ends of its range.

    Returns
    -------
    tuple of Interval
        Disjoint, in increasing order.

    Raises
    ------
    ArgumentError
        If the level is not in (0, 1).
    """
    check_level(level)
    draws = WeightedDraws.of(parameter, fit.posterior, fit.quality)
    own = own or Ends(*(End("range", parameter, bound) for bound in domain))
    pieces = highest_density(draws, level, domain)
    middle = [_emptiest(draws, one[1], other[0]) for one, other in pairwise(pieces)]
    sides = pairwise([-np.inf, *middle, np.inf])
    beside = {n: WeightedDraws.of(n, fit.posterior, fit.quality) for n in others or {}}
    ends = whole_ends(draws, pieces, domain, own)
    ends = or_of_another(ends, (pieces[0][0], pieces[-1][1]), draws, beside, others or {})
    return tuple(
        Interval(*piece, draws.probability(*side), both)
        for piece, side, both in zip(pieces, sides, ends.shared(len(pieces)), strict=True)
    )


def _emptiest(draws: WeightedDraws, low: float, high: float) -> float:
    """Return the middle of the steps between two places that have the least probability."""
    edges = np.linspace(low, high, _STEPS + 1)
    found = np.array([draws.probability(*pair) for pair in pairwise(edges)])
    middles = 0.5 * (edges[1:] + edges[:-1])
    return float(middles[found == found.min()].mean())
