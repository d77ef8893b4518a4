"""Integration over recoil energy, reduced to one matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import make_interp_spline

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import TableError

_POINTS_PER_INTERVAL = 8


@dataclass(frozen=True, eq=False, repr=False)
class RecoilQuadrature(Displayed):
    """Integrals of a spectrum times a response that is known at some recoil energies.

    The response is continued between its nodes by the interpolating cubic spline and is
    zero outside, where nothing was released. Because the spline is linear in the response,

        integral f(T) R(T) dT = sum_i w_i R(T_i),   w_i = sum_q f(T_q) matrix[q, i]

    and the weights of a spectrum serve all bins, runs and shape nuisances at once.

    Attributes
    ----------
    nodes_kev
        Recoil energies at which the response is known, shape (n,).
    points_kev
        Gauss-Legendre points, eight in each interval or piece of one, shape (q,).
    matrix
        Quadrature weight times cardinal spline, in keV, shape (q, n).
    """

    nodes_kev: Array
    points_kev: Array
    matrix: Array

    @classmethod
    def on_nodes(cls, nodes_kev: Array, *, pieces: int = 1) -> RecoilQuadrature:
        """Build the quadrature for a response at the given nodes.

        Parameters
        ----------
        nodes_kev
            Recoil energies at which the response is known.
        pieces
            Into how many parts each interval is cut, for spectra that jump within one.

        Raises
        ------
        TableError
            If there are fewer than four nodes, or they do not increase.
        """
        nodes = np.asarray(nodes_kev, dtype=float)
        bad = nodes.ndim != 1 or nodes.size < 4 or not np.all(np.isfinite(nodes))
        if bad or np.any(np.diff(nodes) <= 0) or nodes[0] <= 0:
            raise TableError(
                "a response needs four or more increasing recoil energies > 0 keV, "
                f"got {np.array2string(nodes, threshold=6)}"
            )
        x, w = np.polynomial.legendre.leggauss(_POINTS_PER_INTERVAL)
        starts = (nodes[:-1, None] + np.outer(np.diff(nodes), np.arange(pieces) / pieces)).ravel()
        half = 0.5 * np.repeat(np.diff(nodes) / pieces, pieces)[:, None]
        points = (starts[:, None] + half * (1.0 + x)).ravel()
        weights = (half * w).ravel()
        cardinal = make_interp_spline(nodes, np.eye(nodes.size), k=3)(points)
        return cls(nodes, points, weights[:, None] * cardinal)

    def weights(self, spectrum: Array) -> Array:
        """Return the weights of the nodes, shape (..., n), for spectra of shape (..., q)."""
        return np.asarray(spectrum @ self.matrix)
