"""The potential of matter couplings, and its mean over the production zone of the Sun, for Numba.

The mean is the Gauss quadrature of `bayes_cevns.physics.oscillation.sun`.
"""

from __future__ import annotations

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.level_kernels import add_adjoint, shares_and_gaps
from bayes_cevns.tables.compiled import kernel


@kernel
def terms(matter: Array, out: Array) -> None:
    """Fill in the constant and the neutron part of the potential, shape (2, 9)."""
    for i in range(9):
        u, d, e = matter[i], matter[9 + i], matter[18 + i]
        out[0, i] = 2.0 * u + d + e
        out[1, i] = u + 2.0 * d
    out[0, 0] += 1.0


@kernel
def add_terms_adjoint(to_terms: Array, out: Array) -> None:
    """Add the cotangent of the 27 matter couplings."""
    for i in range(9):
        constant, neutron = to_terms[0, i], to_terms[1, i]
        out[i] += 2.0 * constant + neutron
        out[9 + i] += constant + 2.0 * neutron
        out[18 + i] += constant


@kernel
def coarse_shares(
    c: Array, nodes: Array, coarse: Array, work: Array, kept: Array, mean: Array, rough: Array
) -> None:
    """Fill in the shares by level from the Gauss nodes, (3, n), and how rough they are, (n,).

    That is the largest sum of squares of the last two expansion coefficients. `c` are the
    coefficients of the levels, `kept` what their adjoint needs; `work` has a row for each level and
    one for the gap.
    """
    count = rough.size
    shares_and_gaps(c, nodes[0], nodes[1], 0, work[:3], work[3], kept)
    for e in range(count):
        largest = 0.0
        for level in range(3):
            total = first = second = 0.0
            for node in range(coarse.shape[1]):
                share = work[level, node * count + e]
                total += coarse[0, node] * share
                first += coarse[1, node] * share
                second += coarse[2, node] * share
            mean[level, e] = total
            largest = max(largest, first * first + second * second)
        rough[e] = largest


@kernel
def add_coarse_adjoint(
    powers: Array, coarse: Array, kept: Array, to_mean: Array, work: Array, out: Array
) -> None:
    """Add the cotangent of the coefficients, (25,), for those of the shares by level, (3, n)."""
    count = to_mean.shape[1]
    for level in range(3):
        for node in range(coarse.shape[1]):
            weight = coarse[0, node]
            for e in range(count):
                work[level, node * count + e] = weight * to_mean[level, e]
    work[3] = 0.0
    add_adjoint(powers, 0, kept, work[:3], work[3], work[4:], out)
