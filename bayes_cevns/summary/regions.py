"""Credible regions of two parameters: where their joint density is highest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator
from scipy.signal import fftconvolve

from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.fit import Fit
from bayes_cevns.summary.draws import WeightedDraws, check_level

type Array = NDArray[np.float64]

#: Cells of the grid in each direction.
_CELLS = 160

#: Kernel over the covariance of a branch, times n^(-1/6) (Scott's rule). Branches are curved, so
#: that the rule for a normal density would blur them.
_NARROWER = 0.5

#: A kernel is never narrower than this, in cells.
_LEAST_CELLS = 1.0


@dataclass(frozen=True, eq=False)
class CredibleRegions:
    """The joint posterior density of two parameters, and where to cut it.

    Attributes
    ----------
    x, y
        Centres of the cells, shapes (n,) and (m,).
    density
        Density on them, shape (n, m); its integral over the box is one.
    levels
        Credible levels, in increasing order.
    cuts
        Densities above which a region of each level lies, in decreasing order.
    """

    x: Array
    y: Array
    density: Array
    levels: tuple[float, ...]
    cuts: tuple[float, ...]


def credible_regions(
    fit: Fit,
    parameters: tuple[str, str],
    levels: Sequence[float],
    domains: tuple[tuple[float, float], tuple[float, float]],
) -> CredibleRegions:
    """Return the regions of highest joint density of two parameters, others marginalised.

    Parameters
    ----------
    fit
        A fit.
    parameters
        Names of two variables of its posterior.
    levels
        Credible levels in (0, 1).
    domains
        Bounds of their priors.

    Raises
    ------
    ArgumentError
        If the parameters are one, or a level is not in (0, 1).

    Notes
    -----
    Each branch is smoothed with a normal kernel along its own covariance, mirrored at the walls.
    A cut is the density that the draws exceed with the probability of its level, so that a region
    has its probability whatever the smoothing is (Hyndman, Am. Stat. 50 (1996) 120).
    """
    if parameters[0] == parameters[1]:
        raise ArgumentError(f"a region needs two parameters, got {parameters[0]} twice")
    for level in levels:
        check_level(level)
    found = sorted(set(levels))
    draws = [WeightedDraws.of(name, fit.posterior, fit.quality) for name in parameters]
    edges = [np.linspace(*domain, _CELLS + 1) for domain in domains]
    centres = [0.5 * (e[1:] + e[:-1]) for e in edges]
    area = float(np.prod([e[1] - e[0] for e in edges]))
    density = np.zeros((_CELLS, _CELLS))
    weight = draws[0].weight
    for share, one, two in zip(weight, draws[0].values, draws[1].values, strict=True):
        points = np.stack([one.ravel(), two.ravel()])
        counts, *_ = np.histogram2d(points[0], points[1], bins=(edges[0], edges[1]))
        density += share * _smoothed(counts, points, edges) / (points.shape[1] * area)
    at_draws = _interpolated(centres[0], centres[1], density, draws[0].values, draws[1].values)
    reached = draws[0].mapped(at_draws)
    cuts = tuple(reached.quantile(1.0 - level).value for level in found)
    return CredibleRegions(centres[0], centres[1], density, tuple(found), cuts)


def _smoothed(counts: Array, points: Array, edges: Sequence[Array]) -> Array:
    """Smooth a histogram with a normal kernel, what leaves the box mirrored back into it."""
    cells = np.array([e[1] - e[0] for e in edges])
    factor = _NARROWER * points.shape[1] ** (-1.0 / 6.0)
    covariance = factor**2 * np.cov(points) / np.outer(cells, cells)
    covariance += _LEAST_CELLS**2 * np.eye(2)
    reach = int(min(np.ceil(4.0 * np.sqrt(covariance.diagonal().max())), _CELLS))
    offsets = np.arange(-reach, reach + 1)
    grid = np.stack(np.meshgrid(offsets, offsets, indexing="ij"), axis=-1)
    kernel = np.exp(-0.5 * np.einsum("...i,ij,...j", grid, np.linalg.inv(covariance), grid))
    padded = np.pad(counts, reach, mode="symmetric")
    smooth = fftconvolve(padded, kernel / kernel.sum(), mode="valid")
    return np.maximum(smooth, 0.0)


def _interpolated(x: Array, y: Array, density: Array, at_x: Array, at_y: Array) -> Array:
    interpolator = RegularGridInterpolator((x, y), density)
    inside = [np.clip(at_x, x[0], x[-1]), np.clip(at_y, y[0], y[-1])]
    return np.asarray(interpolator(np.stack(inside, axis=-1)))
