"""Branches of the posterior of one coupling: intervals that are sampled separately."""

from __future__ import annotations

from collections.abc import Callable
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
from bayes_cevns.density.chart import Chart
from bayes_cevns.display import Displayed
from bayes_cevns.inference.modes.chart import ridge_chart
from bayes_cevns.inference.modes.ridge import Density, Ridge, find_ridge, shares_around

#: A sign that has a smaller share of its branch than this is sampled separately.
_LEAST_OF_SIGN = 0.1

#: Minima of this depth, as log-densities, are cut; NUTS crosses shallower ones often enough.
DEPTH = 1.0

#: Over this part of the width of the posterior, at either end of a branch, the coordinate of the
#: sampler is not linear. With a whole width the posterior would have an exponential tail there.
_WALLS = 0.25

#: A posterior fills its branch if the branch is no longer than this many of its widths.
_FILLED = 1.05

#: The grid of the ridge over the range of the coordinate: number of even points; finest step and
#: number of points around x = 0, the x of least signal, and the mirror image of x = 0.
_EVEN, _FINEST, _DISTANCES = 41, 1e-4, 16


@dataclass(frozen=True, eq=False, repr=False)
class CouplingBranch(Displayed):
    """An interval of the coordinate of a coupling that is sampled separately.

    Attributes
    ----------
    low, high
        Its ends.
    length
        The R of `bayes_cevns.couplings.stretched`: its length over the distance from its ends in
        which the coordinate of the sampler is not linear; zero for the logit.
    start
        The maximum of its ridge, in the coordinates of the model, shape (d,).
    chart
        Coordinates of the sampler in which it is close to standard normal; ``None`` if the ridge
        does not show any.
    """

    low: float
    high: float
    length: float
    start: Array
    chart: Chart | None


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
        Possible starting points of the sampler, shape (m, d).

    Returns
    -------
    tuple of CouplingBranch
        Together they cover the range of the coordinate. Where the sign has no meaning and the
        posterior is not one mode at zero, they cover the positive half.

    Notes
    -----
    The ridge is cut at deep minima between modes that matter for the limit of one sign or the
    other; at x = 0, if a sign would have too few draws for its limit; and where a narrow mode
    stands beside a plateau that is far below it, but wide enough to matter
    (`bayes_cevns.couplings.valleys`).
    """
    span = prior.upper - prior.lower
    even = _is_even(prior)
    ridge, group = posterior_ridge(density, prior, starts)
    cuts = _cuts(ridge, group(ridge.share))
    if even and len(cuts) == 2 and ridge.value[0] > ridge.value.max() - DEPTH:
        start = np.concatenate([[0.0], ridge.others[0]])
        length = _length(0.5 / ridge.width)
        chart = ridge_chart(density, ridge.mirrored, (0.0, 1.0), length)
        return (CouplingBranch(prior.lower, prior.upper, length, start, chart),)
    ends = prior.lower + span * ridge.share[cuts]
    ends[0], ends[-1] = 0.0 if even else prior.lower, prior.upper
    return tuple(
        _branch(density, ridge.between(*part), prior, float(low), float(high))
        for part, low, high in zip(pairwise(cuts), ends, ends[1:], strict=False)
    )


def posterior_ridge(
    density: Density, prior: CouplingPrior, starts: Array, *, even: int = _EVEN
) -> tuple[Ridge, Callable[[Array], NDArray[np.int64]]]:
    """Return the ridge over the whole range of a prior, and the function that groups its shares.

    Parameters
    ----------
    density, prior, starts
        As for `coupling_branches`.
    even
        Number of even points of the grid; there are more around x = 0 and the x of least signal,
        and where the posterior has its modes.

    Returns
    -------
    Ridge
        Of the positive half alone, where the sign has no meaning and both are sampled.
    Callable
        Shares -> 1 where x is negative, else 0: each sign has a limit of its own.
    """
    span = prior.upper - prior.lower

    def group(shares: Array) -> NDArray[np.int64]:
        x = prior.product(prior.lower + span * shares)
        return np.asarray(x < 0, dtype=np.int64)

    centres = [(float(t) - prior.lower) / span for t in _centres(prior)]
    shares = shares_around(centres, even=even, finest=_FINEST, distances=_DISTANCES)
    ridge = find_ridge(
        density,
        shares[shares >= 0.5] if _is_even(prior) else shares,
        starts[:, 1:],
        begin=centres[0],
        negligible=NEGLIGIBLE,
        group=group,
    )
    return ridge, group


def _is_even(prior: CouplingPrior) -> bool:
    """Return whether both signs are sampled, though they mean the same."""
    return not prior.signed and prior.lower == -prior.upper


def _cuts(ridge: Ridge, group: NDArray[np.int64]) -> list[int]:
    """Return the points of the ridge at which it is cut, both ends included."""
    peaks = peaks_that_matter(ridge.value, group, DEPTH)
    cuts = {0, *lowest_between(ridge.value, peaks), ridge.share.size - 1}
    cuts |= set(_between_signs(ridge, group, sorted(cuts)))
    for low, high in pairwise(sorted(cuts)):
        part = ridge.between(low, high)
        cuts |= {low + foot for foot in shelves(part.share, part.value)}
    return sorted(cuts)


def _between_signs(ridge: Ridge, group: NDArray[np.int64], cuts: list[int]) -> list[int]:
    """Return the point x = 0 if one sign would have too few draws in the part around it.

    This matters if most of the probability of this sign is in that part: its limit is conditional
    on the sign, for which a few draws in the tail of the other sign are not enough.
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


def _branch(
    density: Density, ridge: Ridge, prior: CouplingPrior, low: float, high: float
) -> CouplingBranch:
    span = prior.upper - prior.lower
    length = _length((high - low) / (ridge.width * span))
    top = int(np.argmax(ridge.value))
    share = (prior.lower + span * ridge.share[top] - low) / (high - low)
    # If the maximum is at an end, the middle of the posterior is half a width inside.
    inside = 0.5 * min(1.0, ridge.width * span / (high - low))
    begin = unbounded(np.clip(share, inside, 1.0 - inside), length)
    ends = (low - prior.lower) / span, (high - prior.lower) / span
    chart = ridge_chart(density, ridge, ends, length)
    return CouplingBranch(low, high, length, np.concatenate([[begin], ridge.others[top]]), chart)


def _length(widths: float) -> float:
    """Return the length of a branch that is so many widths of the posterior long.

    Zero, which stands for the logit, where the posterior fills the branch, as on the plateau of a
    log prior.
    """
    return (widths - 1.0) / _WALLS if widths > _FILLED else 0.0


def _centres(prior: CouplingPrior) -> Array:
    """Return coordinates of x = 0, of the least signal and of the mirror image of x = 0."""
    centres = [float(prior.coordinate(0.0))]
    if prior.split is not None:
        least = float(prior.product(prior.split))
        centres += [float(t) for t in prior.coordinate([least, 2.0 * least])]
    return np.clip(centres, prior.lower, prior.upper)
