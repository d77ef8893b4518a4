"""The marginal likelihood of the coupling by Laplace's approximation along the ridge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.inference.modes.coupling_branches import posterior_ridge
from bayes_cevns.inference.modes.ridge import Density, Ridge
from bayes_cevns.inference.preview.laplace import Densities, Node, integrated
from bayes_cevns.inference.preview.marginal_curve import MarginalCurve

#: Even points of the ridge: not those at which branches are looked for, so that a mode which one
#: of the two grids misses is seen by the other.
_EVEN = 67

#: The nuisances are integrated where the ridge is at most this far below its highest point of the
#: same sign. Below, the width of the next point that is higher is taken.
_DEEP = 12.0

#: An interval of the grid is halved if it has more than this share of the probability of its sign,
#: or the log-density differs by more than this between its ends and it has the least share; at most
#: so many rounds.
_LARGEST_SHARE, _FALL, _LEAST_SHARE, _ROUNDS = 1.0 / 12.0, 0.8, 2e-3, 10

#: Of the probability, this much may come from points without a maximum over the nuisances.
_UNPEAKED = 0.01


def marginal_curve(
    density: Density, densities: Densities, prior: CouplingPrior, starts: Array
) -> MarginalCurve:
    """Return the marginal likelihood of the coupling.

    Parameters
    ----------
    density, densities
        Log-density and gradient at one point and at many, whose first coordinate is the logit of
        the share of the coupling in the whole range of its coordinate.
    prior
        Prior of the coupling.
    starts
        Possible starting points of the sampler, shape (m, d).

    Raises
    ------
    ConvergenceError
        If the density is not finite anywhere where it may begin.
    """
    return _curve(prior, curve_nodes(density, densities, prior, starts))


def curve_nodes(
    density: Density, densities: Densities, prior: CouplingPrior, starts: Array
) -> list[Node]:
    """Return the points of the curve, in increasing order; the parameters of `marginal_curve`."""
    ridge, group = posterior_ridge(density, prior, starts, even=_EVEN)
    nodes = _first_nodes(densities, ridge, group(ridge.share))
    for _ in range(_ROUNDS):
        wanted = _wanted(nodes, group(np.array(sorted(nodes))))
        if not wanted:
            break
        shares, neighbours = zip(*wanted, strict=True)
        starts = np.stack([nodes[neighbour].others for neighbour in neighbours])
        nodes |= _by_share(integrated(densities, np.array(shares), starts))
    return [nodes[share] for share in sorted(nodes)]


def _first_nodes(
    densities: Densities, ridge: Ridge, groups: NDArray[np.int64]
) -> dict[float, Node]:
    """Return the points of the ridge, with the nuisances integrated."""
    deep = _below_top(ridge.value, groups) > _DEEP
    nodes = _by_share(integrated(densities, ridge.share[~deep], ridge.others[~deep]))
    near = np.array(sorted(nodes))
    lowest = ridge.value[np.isfinite(ridge.value)].min()
    for place in np.flatnonzero(deep):
        share, value = float(ridge.share[place]), max(float(ridge.value[place]), lowest)
        like = nodes[float(near[np.argmin(np.abs(near - share))])]
        nodes[share] = replace(
            like,
            share=share,
            others=ridge.others[place],
            log_marginal=value + like.log_width,
        )
    return nodes


def _by_share(nodes: Sequence[Node]) -> dict[float, Node]:
    return {node.share: node for node in nodes}


def _below_top(values: Array, groups: NDArray[np.int64]) -> Array:
    """Return how far values lie below the highest of their group."""
    below = np.empty_like(values)
    for number in np.unique(groups):
        own = groups == number
        below[own] = values[own].max() - values[own]
    return below


def _wanted(nodes: Mapping[float, Node], groups: NDArray[np.int64]) -> list[tuple[float, float]]:
    """Return shares to add, each with the neighbour from which it starts."""
    share = np.array(sorted(nodes))
    log_marginal = np.array([nodes[one].log_marginal for one in share])
    found = []
    for number in np.unique(groups):
        own = np.flatnonzero(groups == number)
        cells = _cells(share[own], log_marginal[own])
        steep = (np.abs(np.diff(log_marginal[own])) > _FALL) & (cells > _LEAST_SHARE)
        for i in own[:-1][(cells > _LARGEST_SHARE) | steep]:
            higher = i if log_marginal[i] > log_marginal[i + 1] else i + 1
            found.append((float(0.5 * (share[i] + share[i + 1])), float(share[higher])))
    return found


def _cells(share: Array, log_marginal: Array) -> Array:
    """Return the probability of each interval."""
    height = np.exp(log_marginal - log_marginal.max())
    cells = 0.5 * (height[1:] + height[:-1]) * np.diff(share)
    return np.asarray(cells / cells.sum())


def _curve(prior: CouplingPrior, nodes: Sequence[Node]) -> MarginalCurve:
    """Return the curve of some points, with what is wrong with it."""
    share = np.array([node.share for node in nodes])
    log_marginal = np.array([node.log_marginal for node in nodes])
    cells = _cells(share, log_marginal)
    ill = np.array([not node.peaked for node in nodes])
    lost = float(cells[ill[1:] | ill[:-1]].sum())
    reason = ""
    if lost > _UNPEAKED:
        reason = f"no maximum over the nuisances for {lost:.0%} of the posterior: sample it"
    return MarginalCurve(prior, share, log_marginal, reason)
