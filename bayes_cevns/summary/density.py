"""The posterior density of one or more quantities on a grid, smoothed from weighted draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.summary.diagnostics import ess_bulk
from bayes_cevns.summary.draws import WeightedDraws

#: Weight of a branch, and its draws, shape (dimension, chain, draw).
type Branch = tuple[float, Array]

#: Widths of the kernel from which one is chosen, in units of Scott's rule: n^(-1/(d + 4)) standard
#: deviations of a branch. Scott's rule itself, 1, blurs curved branches, and leaves plateaus rough.
_FACTORS = np.geomspace(0.12, 2.5, 8)

#: A kernel is never narrower than this, in cells.
_LEAST_CELLS = 0.7

#: The widest kernel is taken that predicts the other draws almost as well as the best: their
#: log-likelihood is lower by no more than this.
_WORSE = 1.0

#: The grid ends this far beyond the draws, as a share of their range, or at the walls of the prior.
_MARGIN = 0.1

#: A uniform part that is added to the density for cross-validation, so that no cell is empty.
_FLOOR = 1e-4


@dataclass(frozen=True, eq=False, repr=False)
class GridDensity(Displayed):
    """A density on the cells of a grid in d dimensions.

    Attributes
    ----------
    edges
        Edges of the cells in each dimension.
    density
        Smoothed density in the cells; its integral is one.
    probability
        Share of the draws in each cell.
    effective
        Effective number of draws.
    """

    edges: tuple[Array, ...]
    density: Array
    probability: Array
    effective: float

    @property
    def centres(self) -> tuple[Array, ...]:
        """Centres of the cells in each dimension."""
        return tuple(0.5 * (e[1:] + e[:-1]) for e in self.edges)

    @property
    def volume(self) -> float:
        """Volume of a cell."""
        return float(np.prod([e[1] - e[0] for e in self.edges]))


def grid_density(
    draws: Sequence[WeightedDraws], domains: Sequence[tuple[float, float]], cells: int
) -> GridDensity:
    """Return the joint density of some quantities.

    Parameters
    ----------
    draws
        Of each quantity, from the same branches.
    domains
        Support of the prior of each.
    cells
        Cells of the grid in each dimension.

    Notes
    -----
    Each branch is smoothed with a normal kernel that has the shape of its own covariance, reflected
    at the bounds of the prior. The width is chosen by cross-validation: the density of one half of
    the chains should predict the draws of the other half.
    """
    weight = draws[0].weight
    edges = tuple(_edges(d.values, domain, cells) for d, domain in zip(draws, domains, strict=True))
    values = np.stack([d.values for d in draws], axis=1)  # (branch, dimension, chain, draw)
    used = [(float(w), branch) for w, branch in zip(weight, values, strict=True) if w > 0]
    spent = sum(w**2 / min(_effective(one) for one in branch) for w, branch in used)
    binned = [_Binned.of(w, branch, edges) for w, branch in used]
    density = _mixture(binned, _factor(used, edges, 1.0 / spent))
    probability = _shares(binned)
    volume = float(np.prod([e[1] - e[0] for e in edges]))
    return GridDensity(edges, density / volume, probability, 1.0 / spent)


def _edges(values: Array, domain: tuple[float, float], cells: int) -> Array:
    low, high = float(values.min()), float(values.max())
    margin = _MARGIN * (high - low)
    return np.linspace(max(domain[0], low - margin), min(domain[1], high + margin), cells + 1)


def _effective(values: Array) -> float:
    if np.ptp(values) == 0:
        return float(values.size)
    return float(ess_bulk(values[None])[0])


@dataclass(frozen=True, eq=False)
class _Binned:
    """A branch on the grid: its weight, the share of its draws in each cell, and their spread.

    `number` is that of the draws, `covariance` theirs in units of cells.
    """

    weight: float
    shares: Array
    covariance: Array
    number: int

    @classmethod
    def of(cls, weight: float, points: Array, edges: Sequence[Array]) -> _Binned:
        flat = points.reshape(points.shape[0], -1)
        counts, _ = np.histogramdd(flat.T, bins=list(edges))
        cells = np.array([e[1] - e[0] for e in edges])
        covariance = np.atleast_2d(np.cov(flat)) / np.outer(cells, cells)
        return cls(weight, counts / flat.shape[1], covariance, flat.shape[1])

    def smoothed(self, factor: float) -> Array:
        """Return the smoothed probability of each cell, reflected at the edges of the grid."""
        dimension = self.shares.ndim
        width = factor * self.number ** (-1.0 / (dimension + 4))
        covariance = width**2 * self.covariance + _LEAST_CELLS**2 * np.eye(dimension)
        longest = np.ceil(4.0 * np.sqrt(covariance.diagonal().max()))
        reach = int(min(longest, self.shares.shape[0]))
        offsets = [np.arange(-reach, reach + 1)] * dimension
        grid = np.stack(np.meshgrid(*offsets, indexing="ij"), axis=-1)
        inverse = np.linalg.inv(covariance)
        kernel = np.exp(-0.5 * np.einsum("...i,...i", grid @ inverse, grid))
        padded = np.pad(self.shares, reach, mode="symmetric")
        return np.maximum(_convolved(padded, kernel / kernel.sum()), 0.0)


def _convolved(values: Array, kernel: Array) -> Array:
    """Return the convolution where the kernel lies within the values, both of n dimensions.

    That of periodic arrays: it is wrong only where the kernel reaches beyond the ends.
    """
    lengths = [1 << (n - 1).bit_length() for n in values.shape]
    axes = tuple(range(values.ndim))
    spectrum = np.fft.rfftn(values, lengths, axes=axes) * np.fft.rfftn(kernel, lengths, axes=axes)
    whole = np.fft.irfftn(spectrum, lengths, axes=axes)
    pairs = zip(kernel.shape, values.shape, strict=True)
    return np.asarray(whole[tuple(slice(k - 1, n) for k, n in pairs)])


def _shares(branches: Sequence[_Binned]) -> Array:
    """Return the share of weighted draws in each cell."""
    return np.asarray(sum(branch.weight * branch.shares for branch in branches))


def _mixture(branches: Sequence[_Binned], factor: float) -> Array:
    """Return the smoothed probability of each cell."""
    return np.asarray(sum(branch.weight * branch.smoothed(factor) for branch in branches))


def _factor(branches: Sequence[Branch], edges: Sequence[Array], effective: float) -> float:
    """Return the largest factor with which halves of the chains predict each other well."""
    if branches[0][1].shape[1] == 1:
        return 1.0
    halves = [[_Binned.of(w, points[:, i::2], edges) for w, points in branches] for i in (0, 1)]
    shares = [_shares(half) for half in halves]

    def prediction(factor: float) -> float:
        found = 0.0
        for half, others in zip(halves, reversed(shares), strict=True):
            density = (1.0 - _FLOOR) * _mixture(half, factor) + _FLOOR / others.size
            found += 0.5 * effective * float((others * np.log(density)).sum())
        return found

    scores = np.array([prediction(factor) for factor in _FACTORS])
    return float(_FACTORS[np.flatnonzero(scores >= scores.max() - _WORSE)[-1]])
