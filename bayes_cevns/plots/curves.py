"""Smooth lines between the masses of limits, which add nothing of their own."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array

#: Points of a line between two masses.
_BETWEEN = 8


def smooth(mass: Array, values: Array) -> tuple[Array, Array]:
    """Return a line through points of a logarithmic plane.

    Between neighbours it is monotone, so that it has no extremum of its own (piecewise cubic
    Hermite polynomials in the logarithms: Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5 (1984)
    300, as SciPy has them). It passes through every point.

    Parameters
    ----------
    mass
        Increasing masses, shape (n,).
    values
        Couplings, shape (n,). Where one is not positive and finite, the line is interrupted.

    Returns
    -------
    tuple of ndarray
        Masses and couplings, NaN between parts; of two points or one, these as they are.

    Examples
    --------
    >>> mass, line = smooth(np.array([1.0, 10.0, 100.0]), np.array([1e-5, 1e-5, 1e-3]))
    >>> bool(np.all(np.diff(line) >= 0))
    True
    """
    mass, values = np.asarray(mass, dtype=float), np.asarray(values, dtype=float)
    if mass.size < 3:
        return mass, values
    good = np.isfinite(values) & (values > 0) & np.isfinite(mass) & (mass > 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(int)))
    parts = [
        part
        for begin, end in edges.reshape(-1, 2)
        for part in (_part(mass[begin:end], values[begin:end]), np.full((2, 1), np.nan))
    ]
    if not parts:
        return np.empty(0), np.empty(0)
    joined = np.concatenate(parts[:-1], axis=1)
    return joined[0], joined[1]


def between(mass: Array) -> Array:
    """Return masses with further ones between neighbours; two are joined by a straight line.

    Parameters
    ----------
    mass
        Increasing masses, shape (n,).
    """
    if mass.size < 3:
        return mass
    log = np.log(mass)
    share = np.arange(_BETWEEN) / _BETWEEN
    inner = np.exp(log[:-1, None] + share * np.diff(log)[:, None])
    inner[:, 0] = mass[:-1]
    return np.append(inner.ravel(), mass[-1])


def through(mass: Array, values: Array, at: Array) -> Array:
    """Return the monotone line through positive points, at the masses of `between`, shape (m,)."""
    from scipy.interpolate import PchipInterpolator

    if mass.size < 3:
        return values
    return np.asarray(np.exp(PchipInterpolator(np.log(mass), np.log(values))(np.log(at))))


def _part(mass: Array, values: Array) -> Array:
    fine = between(mass)
    return np.stack([fine, through(mass, values, fine)])
