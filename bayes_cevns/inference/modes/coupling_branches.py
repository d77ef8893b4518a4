"""Branches of the posterior of a coupling: what is sampled apart, where, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.couplings.stretched import unbounded
from bayes_cevns.couplings.valleys import (
    NEGLIGIBLE,
    cells,
    lowest_between,
    peaks_that_matter,
    shelves,
)
from bayes_cevns.display import Displayed
from bayes_cevns.inference.modes.ridge import Density, Ridge, find_ridge, shares_around

#: A sign with less than this of a branch is sampled apart.
_LEAST_OF_SIGN = 0.1

#: Valleys of this depth are cut: NUTS crosses what is less often enough.
DEPTH = 1.0

#: The walls at the ends of a branch, in widths of the posterior: as thick as the posterior they
#: would leave it an exponential tail.
_WALLS = 0.25

#: A branch this many widths of the posterior long is filled by it.
_FILLED = 1.05

#: The grid of the ridge, over the range of the coordinate: even points, and around x = 0, where the
#: signal is least, and the mirror image of x = 0.
_EVEN, _FINEST, _DISTANCES = 41, 1e-4, 16


@dataclass(frozen=True, eq=False, repr=False)
class CouplingBranch(Displayed):
    """An interval of the coordinate of a coupling that is sampled by itself.

    Attributes
    ----------
    low, high
        Its ends.
    length
        The R of `bayes_cevns.couplings.stretched`: how many times the posterior, or the walls that
        suit it, would fit in between.
    start
        The top of its ridge, in the coordinates of the sampler, shape (d,).
    """

    low: float
    high: float
    length: float
    start: Array


def coupling_branches(
    density: Density, prior: CouplingPrior, starts: Array
) -> tuple[CouplingBranch, ...]:
    """Return the branches of a posterior, in increasing order of the coupling.

    Parameters
    ----------
    density
        Log-density and gradient at one point, whose first coordinate is the logit of the share of
        the coupling in the whole range of its coordinate.
    prior
        Prior of the coupling.
    starts
        Points where the sampler may begin, shape (m, d).

    Returns
    -------
    tuple of CouplingBranch
        They fill the range of the coordinate, or of its positive half where the sign has no
        meaning and more than one mode or one away from zero matters.

    Notes
    -----
    The ridge is cut where its valleys are deep, between modes that matter to the limit of one sign
    or the other; at x = 0 where a sign would have too few draws for its limit; and where a mode
    falls to a shelf that is low, but wide enough to matter (`bayes_cevns.couplings.valleys`).
    """
    span = prior.upper - prior.lower
    even = not prior.signed and prior.lower == -prior.upper

    def share_of(coordinate: float) -> float:
        return (coordinate - prior.lower) / span

    def group(shares: Array) -> NDArray[np.int64]:
        x = prior.product(prior.lower + span * shares)
        return np.asarray(x < 0, dtype=np.int64)

    centres = [share_of(float(t)) for t in _centres(prior)]
    shares = shares_around(centres, even=_EVEN, finest=_FINEST, distances=_DISTANCES)
    ridge = find_ridge(
        density,
        shares[shares >= 0.5] if even else shares,
        starts[:, 1:],
        begin=centres[0],
        negligible=NEGLIGIBLE,
        group=group,
    )
    cuts = _cuts(ridge, group(ridge.share))
    if even and len(cuts) == 2 and ridge.value[0] > ridge.value.max() - DEPTH:
        start = np.concatenate([[0.0], ridge.others[0]])
        return (CouplingBranch(prior.lower, prior.upper, _length(0.5 / ridge.width), start),)
    ends = prior.lower + span * ridge.share[cuts]
    ends[0], ends[-1] = 0.0 if even else prior.lower, prior.upper
    return tuple(
        _branch(ridge.between(*part), prior, float(low), float(high))
        for part, low, high in zip(pairwise(cuts), ends, ends[1:], strict=False)
    )


def _cuts(ridge: Ridge, group: NDArray[np.int64]) -> list[int]:
    """Return the places on the ridge between which it is sampled apart, both ends included."""
    peaks = peaks_that_matter(ridge.value, group, DEPTH)
    cuts = {0, *lowest_between(ridge.value, peaks), ridge.share.size - 1}
    cuts |= set(_between_signs(ridge, group, sorted(cuts)))
    for low, high in pairwise(sorted(cuts)):
        part = ridge.between(low, high)
        cuts |= {low + foot for foot in shelves(part.share, part.value)}
    return sorted(cuts)


def _between_signs(ridge: Ridge, group: NDArray[np.int64], cuts: list[int]) -> list[int]:
    """Return the place of x = 0 if the part around it has too little of a sign that is only there.

    The limit of a sign is conditional on it: a few draws in the tail of the other are not enough.
    """
    zero = int(np.argmax(group != group[0]))
    if zero == 0:  # one sign alone
        return []
    around = cells(ridge.share, ridge.value)
    low, high = next((low, high) for low, high in pairwise(cuts) if low <= zero <= high)
    here = np.array([around[low:zero].sum(), around[zero:high].sum()])
    whole = np.array([around[:zero].sum(), around[zero:].sum()])
    few = here < _LEAST_OF_SIGN * here.sum()
    return [zero] if np.any(few & (here > 0.5 * whole)) else []


def _branch(ridge: Ridge, prior: CouplingPrior, low: float, high: float) -> CouplingBranch:
    span = prior.upper - prior.lower
    length = _length((high - low) / (ridge.width * span))
    top = int(np.argmax(ridge.value))
    share = (prior.lower + span * ridge.share[top] - low) / (high - low)
    # At an end the top is a wall: the middle of the posterior lies half a width inside.
    inside = 0.5 * min(1.0, ridge.width * span / (high - low))
    begin = unbounded(np.clip(share, inside, 1.0 - inside), length)
    return CouplingBranch(low, high, length, np.concatenate([[begin], ridge.others[top]]))


def _length(widths: float) -> float:
    """Return the length of a branch that is so many widths of the posterior long.

    Where the posterior fills it, as on the plateau of a log prior, the logit is best: zero.
    """
    return (widths - 1.0) / _WALLS if widths > _FILLED else 0.0


def _centres(prior: CouplingPrior) -> Array:
    """Return coordinates of x = 0, of the least signal and of the mirror image of x = 0."""
    centres = [float(prior.coordinate(0.0))]
    if prior.split is not None:
        least = float(prior.product(prior.split))
        centres += [float(t) for t in prior.coordinate([least, 2.0 * least])]
    return np.clip(centres, prior.lower, prior.upper)
