"""Whether the density of a posterior vanishes at the bounds of its prior.

If it does not, an interval or limit is determined by the bounds rather than by the data: wider
bounds would change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.ends import CROSSING, End, Ends
from bayes_cevns.summary.draws import WeightedDraws

type Mask = NDArray[np.bool_]
type Bounds = tuple[float, float]

#: A density vanishes at a bound if it is less than this share of its maximum there. If the bound
#: cuts off an exponential tail at this height, 1% of the probability is missing and a 90% limit is
#: 4% too low; with a normal tail it is 0.1%, and less than 1%.
VANISHING = 0.01

#: Densities are compared in strips; this many cover the range of the draws.
_STRIPS = 25

#: An end is attributed to the bound of another quantity if, with this bound one strip further out,
#: the probability beyond the end would be larger by this factor, and by so many standard errors.
_MORE, _SIGMAS = 1.05, 5.0


def density_at_bounds(
    draws: WeightedDraws, bounds: Bounds, where: Mask | None = None
) -> tuple[float, float]:
    """Return the density at each bound over its maximum.

    Parameters
    ----------
    draws
        Of a quantity in which the prior is uniform, so that the density is the marginal likelihood.
    bounds
        Ends of its prior.
    where
        Condition, shape of the values: the density of the draws that fulfil it.

    Returns
    -------
    tuple of float
        Probability of the strip at the bound over that of the fullest strip, with strips of 1/25 of
        the range of the draws. Zero without draws.
    """
    values, weights = _flat(draws, where)
    if values.size == 0 or weights.sum() <= 0:
        return 0.0, 0.0
    width = max(float(np.ptp(values)), 1e-9 * (bounds[1] - bounds[0])) / _STRIPS
    edges = float(values.min()) + width * np.arange(_STRIPS + 1)
    edges[-1] = max(float(values.max()), edges[-1])
    largest = float(np.histogram(values, edges, weights=weights)[0].max())
    low = float(weights[values < bounds[0] + width].sum())
    high = float(weights[values > bounds[1] - width].sum())
    return min(low / largest, 1.0), min(high / largest, 1.0)


def open_bounds(
    draws: WeightedDraws, bounds: Bounds, where: Mask | None = None
) -> tuple[bool, bool]:
    """Tell for each bound whether the density there is `VANISHING` of its maximum or more."""
    low, high = density_at_bounds(draws, bounds, where)
    return low >= VANISHING, high >= VANISHING


def whole_ends(draws: WeightedDraws, pieces: Sequence[Bounds], bounds: Bounds, ends: Ends) -> Ends:
    """Return of which kind the ends of a whole region are: of its lowest and its highest value.

    Parameters
    ----------
    draws
        As in `density_at_bounds`.
    pieces
        Intervals of the region, in increasing order.
    bounds, ends
        Bounds of the prior, and their kinds. The bound of a range counts as the end if the density
        does not vanish there, even if the region ends before it; a physical bound counts only if
        the region reaches it.
    """
    is_open = open_bounds(draws, bounds)

    def end(value: float, bound: float, what: End, cut: bool) -> End:
        reached = value == bound or (cut and what.kind == "range")
        return what if reached else CROSSING

    return Ends(
        end(pieces[0][0], bounds[0], ends.low, is_open[0]),
        end(pieces[-1][1], bounds[1], ends.high, is_open[1]),
    )


def or_of_another(
    ends: Ends,
    piece: Bounds,
    draws: WeightedDraws,
    others: Mapping[str, WeightedDraws],
    bounds: Mapping[str, Bounds],
) -> Ends:
    """Return the ends of a whole region, attributed to bounds of other quantities where due.

    Along a degenerate band, the marginal density of one coupling ends where the band leaves the box
    of the priors, which may be at the bound of another coupling. An end that does not reach its own
    bound is attributed to that of another, if any.

    Parameters
    ----------
    ends, piece
        Kinds of the ends without other quantities; and the lowest and highest value of the region.
    draws
        Of the quantity.
    others, bounds
        Draws of the other quantities and the bounds of their priors, by name.

    Notes
    -----
    To see what a wider bound of the other quantity would do, the draws in the strip at this bound
    are counted twice, as if the density went on beyond. The end is attributed to the bound if this
    adds a twentieth or more to the probability beyond the end, and more than the noise of the
    draws. It adds nothing if the two quantities are independent, and next to nothing if the density
    of the other one vanishes at its bound.
    """

    def end(value: float, what: End, beyond: Mask) -> End:
        if value == what.bound:  # its own bound, reached
            return what
        other = _of_another(beyond, draws, others, bounds)
        return what if other.kind == "crossing" else other

    return Ends(
        end(piece[0], ends.low, draws.values < piece[0]),
        end(piece[1], ends.high, draws.values > piece[1]),
    )


def _of_another(
    beyond: Mask,
    draws: WeightedDraws,
    others: Mapping[str, WeightedDraws],
    bounds: Mapping[str, Bounds],
) -> End:
    """Return the bound of another quantity that adds most to the probability beyond an end."""
    weights = _weights(draws)
    share = float(weights[beyond].sum())
    found, most = CROSSING, _MORE
    for name, other in others.items():
        width = float(np.ptp(other.values)) / _STRIPS
        low, high = bounds[name]
        strips = (low, other.values < low + width), (high, other.values > high - width)
        for bound, strip in strips:
            added, more = float(weights[strip].sum()), float(weights[strip & beyond].sum())
            raised = (share + more) / (1.0 + added)
            noise = _SIGMAS * np.sqrt(share * added / beyond.size)
            if raised > most * share > 0 and more - share * added > noise:
                found, most = End("range", name, bound), raised / share
    return found


def _weights(draws: WeightedDraws) -> Array:
    per_draw = (draws.weight / draws.values[0].size)[:, None, None]
    return np.broadcast_to(per_draw, draws.values.shape)


def _flat(draws: WeightedDraws, where: Mask | None) -> tuple[Array, Array]:
    inside = np.ones(draws.values.shape, dtype=bool) if where is None else where
    return draws.values[inside], _weights(draws)[inside]
