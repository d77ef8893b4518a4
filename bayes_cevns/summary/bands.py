"""Allowed bands: the highest-density region of a coupling, which may have several pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arguments import of_kind
from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.ends import BOTH_CROSSINGS, Ends
from bayes_cevns.errors import ArgumentError
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.summary.bounds import whole_ends
from bayes_cevns.summary.density import grid_density
from bayes_cevns.summary.draws import WeightedDraws, check_level
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.highest import highest
from bayes_cevns.summary.limits import side_of

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
        Of which kind each end is: decided by the data, the end of the prior, or physical.
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
        Gaps that are noise of the draws are filled (`summary.highest`). Densities are compared
        in the coordinate in which the prior is uniform, so that the region holds the
        couplings of highest marginal likelihood. The lowest or highest end is marked as that of the
        prior if the density does not vanish at the bound (`summary.bounds`).

    Raises
    ------
    ArgumentError
        If the fit has no coupling, or the level is not in (0, 1).

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> fit = bc.sample("xenonnt_2024_s2", interaction="b-l", mass_mev=10.0, seed=1)
    >>> [band.low < band.high for band in bc.bands(fit, level=0.9)]
    [True]
    """
    prior = _prior(fit, level)
    coordinate, _ = _coordinate(fit, prior)
    bounds = prior.lowest, prior.upper
    pieces = highest_density(coordinate, level, bounds, zero=float(prior.coordinate(0.0)))
    whole = whole_ends(coordinate, pieces, bounds, prior.ends)
    return tuple(
        _band(prior, piece, coordinate.probability(*piece), ends)
        for piece, ends in zip(pieces, whole.shared(len(pieces)), strict=True)
    )


def bands_of_sides(fit: Fit, level: float) -> dict[str, tuple[Band, ...]]:
    """Return the highest-density region of the coupling for each sign by itself.

    Parameters
    ----------
    fit
        A fit with a coupling.
    level
        Credible level in (0, 1).

    Returns
    -------
    dict
        Side of a limit -> bands: ``"upper"`` has those of `bands`. Where the sign is observable,
        ``"positive"`` and ``"negative"`` have the region of the posterior conditional on that sign,
        for models that fix the sign; limits and probabilities are conditional in the same way.
        Bands are in order from zero outwards; there are none if a sign has too few draws. The end
        furthest from zero is marked as that of the prior if the density of this sign does not
        vanish there.

    Raises
    ------
    ArgumentError
        As `bands`.

    Notes
    -----
    Densities are compared in the coordinate in which the prior is uniform. A region of one piece
    that reaches zero is [0, limit]: its upper edge is the limit of that sign.
    """
    prior = _prior(fit, level)
    if not prior.signed:
        return {"upper": bands(fit, level)}
    coordinate, product = _coordinate(fit, prior)
    zero = float(prior.coordinate(0.0))
    found = {}
    for side, sign in (("positive", 1.0), ("negative", -1.0)):
        # The negative sign is mirrored, so that zero is the lower end for both.
        own = coordinate.mapped(sign * coordinate.values).where(sign * product > 0)
        end = prior.upper if sign > 0 else -prior.lower
        bounds = sign * zero, end
        pieces = highest_density(own, level, bounds, zero=sign * zero)
        whole = whole_ends(own, pieces, bounds, side_of(prior, side)[1]) if pieces else Ends()
        found[side] = tuple(
            _band(
                prior,
                piece if sign > 0 else (-piece[1], -piece[0]),
                own.probability(*piece),
                ends if sign > 0 else ends.mirrored,
            )
            for piece, ends in zip(pieces, whole.shared(len(pieces)), strict=True)
        )
    return found


def excludes_zero(found: Sequence[Band]) -> bool:
    """Tell whether zero coupling lies outside of a region: whether no band reaches it.

    An upper limit alone would hide that such data prefer a coupling. A gap at zero counts only if
    it is larger than the noise of the draws (`summary.highest`). A log prior has no density at
    zero; for it, zero stands for the lower end of its range.
    """
    return bool(found) and not any(band.low <= 0.0 <= band.high for band in found)


def _prior(fit: Fit, level: float) -> CouplingPrior:
    check_level(level)
    of_kind(fit, Fit, what="a fit, as bayes_cevns.sample returns it")
    if fit.prior is None:
        raise ArgumentError("the Standard Model has no coupling")
    return fit.prior


def _coordinate(fit: Fit, prior: CouplingPrior) -> tuple[WeightedDraws, Array]:
    """Return draws of the coordinate of the prior, and those of x."""
    product = WeightedDraws.of(PRODUCT, fit.posterior, fit.quality)
    return product.mapped(prior.coordinate(product.values)), product.values


def _band(
    prior: CouplingPrior,
    piece: tuple[float, float],
    probability: float,
    ends: Ends = BOTH_CROSSINGS,
) -> Band:
    at = np.array(piece)
    product = np.where(at == prior.coordinate(0.0), 0.0, prior.product(at))  # without rounding
    low, high = prior.quoted(product)
    return Band(float(low), float(high), probability, ends)


def highest_density(
    draws: WeightedDraws,
    level: float,
    domain: tuple[float, float],
    *,
    zero: float | None = None,
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
    zero
        Where the coupling is zero. If this is the low end of the domain, the region reaches it
        unless the gap there is larger than noise.

    Returns
    -------
    list of tuple
        Ends of the pieces; none without draws.
    """
    if not draws.weight.size:
        return []
    found = grid_density([draws], [domain], _CELLS)
    (edges,) = found.edges
    from_zero = bool(edges[0] == zero)
    region = highest(found, level, from_zero=from_zero)
    mask = _trimmed(region.mask, region.density, found.probability, level, from_zero)
    return [(float(edges[start]), float(edges[stop])) for start, stop in _pieces(mask)]


def _pieces(mask: Mask) -> list[tuple[int, int]]:
    """Return where the pieces of a mask start, and where they have stopped."""
    change = np.diff(np.concatenate([[0], mask.astype(int), [0]]))
    starts, stops = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    return list(zip(starts.tolist(), stops.tolist(), strict=True))


def _trimmed(mask: Mask, density: Array, probability: Array, level: float, from_zero: bool) -> Mask:
    """Remove end cells of lowest density as long as the probability is at least the level.

    A region that contains minima too shallow to be significant has more probability than that.
    """
    kept = mask.copy()
    total = float(probability[kept].sum())
    while True:
        ends = [end for start, stop in _pieces(kept) for end in (start, stop - 1)]
        if from_zero and kept[0]:
            ends.remove(0)
        lowest = min(ends, key=lambda end: float(density[end]))
        total -= float(probability[lowest])
        if total < level:
            return kept
        kept[lowest] = False
