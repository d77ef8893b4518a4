"""Quadratic forms of couplings, traces with states, and their adjoints, for Numba.

They write into arrays of the caller and allocate nothing. What begins with `add` adds to what these
hold. `bayes_cevns.couplings.ops` has the readable NumPy twins. They are called from compiled code
alone: a call from Python would end the interpreter.
"""

from __future__ import annotations

from bayes_cevns.arrays import Array
from bayes_cevns.tables.compiled import kernel


@kernel
def quadratic(coefficients: Array, couplings: Array, out: Array) -> None:
    """Fill in f_c = sum over a <= b of t_a t_b Q_abc, t = (1, couplings).

    Parameters
    ----------
    coefficients
        Q, shape (monomials, components) in the order of `monomial_factors`.
    couplings
        Shape (k,).
    out
        f, shape (components,).
    """
    components = coefficients.shape[1]
    for c in range(components):
        out[c] = coefficients[0, c]
    row = 1
    for a in range(couplings.size):
        for c in range(components):
            out[c] += couplings[a] * coefficients[row, c]
        row += 1
    for a in range(couplings.size):
        for b in range(a, couplings.size):
            factor = couplings[a] * couplings[b]
            for c in range(components):
                out[c] += factor * coefficients[row, c]
            row += 1


@kernel
def add_quadratic_adjoint(
    coefficients: Array, couplings: Array, cotangent: Array, out: Array
) -> None:
    """Add the cotangent of the couplings, (k,), for that of `quadratic`, (components,)."""
    row = 1
    for a in range(couplings.size):
        for c in range(cotangent.size):
            out[a] += coefficients[row, c] * cotangent[c]
        row += 1
    for a in range(couplings.size):
        for b in range(a, couplings.size):
            slope = 0.0
            for c in range(cotangent.size):
                slope += coefficients[row, c] * cotangent[c]
            out[a] += slope * couplings[b]
            out[b] += slope * couplings[a]
            row += 1


@kernel
def add_trace(states: Array, products: Array, mixing: Array, out: Array) -> None:
    """Add f_c = sum over nodes, entries and pairs of rho_ne g_pe M_npc.

    Parameters
    ----------
    states
        rho, shape (n, 9).
    products
        Products of charges g with `METRIC` in them, shape (pairs, 9).
    mixing
        M, shape (n, pairs, components).
    out
        f, shape (components,).
    """
    nodes, pairs, components = mixing.shape
    for n in range(nodes):
        for p in range(pairs):
            value = 0.0
            for e in range(states.shape[1]):
                value += states[n, e] * products[p, e]
            for c in range(components):
                out[c] += value * mixing[n, p, c]


@kernel
def add_trace_adjoint(
    states: Array,
    products: Array,
    mixing: Array,
    cotangent: Array,
    to_states: Array,
    to_products: Array,
) -> None:
    """Add the cotangents of states and products for that of `add_trace`, (components,)."""
    nodes, pairs, components = mixing.shape
    for n in range(nodes):
        for p in range(pairs):
            value = 0.0
            for c in range(components):
                value += mixing[n, p, c] * cotangent[c]
            for e in range(states.shape[1]):
                to_states[n, e] += value * products[p, e]
                to_products[p, e] += value * states[n, e]
