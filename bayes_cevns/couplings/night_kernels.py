"""What the Earth does to solar neutrinos at all energies, for Numba, and the adjoint.

The formulas are those of `bayes_cevns.physics.oscillation.night` and `propagation`.
"""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.state_sizes import KEPT_OF_NIGHT
from bayes_cevns.physics.oscillation.night import LONGEST, SOFTENING
from bayes_cevns.physics.oscillation.sun import TWO_POTENTIALS
from bayes_cevns.tables.compiled import inlined_kernel, kernel
from bayes_cevns.tables.kernels import cubic_basis
from bayes_cevns.tables.views import matrix, view


@inlined_kernel
def _add_functions(
    table: Array, e: int, i: int, j: int, work: Array, factor: float, out: Array
) -> None:
    """Add a factor times the functions and their slopes along and across, shape (9,).

    From 4 x 4 coefficients that begin at i, j; `work` are splines and slopes along and across.
    """
    f0 = f1 = f2 = n0 = n1 = n2 = t0 = t1 = t2 = 0.0
    for a in range(4):
        u, du = work[0, a], work[1, a]
        q0 = q1 = q2 = s0 = s1 = s2 = 0.0
        for b in range(4):
            w, dw = work[2, b], work[3, b]
            c0, c1, c2 = (
                table[e, i + a, j + b, 0],
                table[e, i + a, j + b, 1],
                table[e, i + a, j + b, 2],
            )
            q0, q1, q2 = q0 + w * c0, q1 + w * c1, q2 + w * c2
            s0, s1, s2 = s0 + dw * c0, s1 + dw * c1, s2 + dw * c2
        f0, f1, f2 = f0 + u * q0, f1 + u * q1, f2 + u * q2
        n0, n1, n2 = n0 + du * q0, n1 + du * q1, n2 + du * q2
        t0, t1, t2 = t0 + u * s0, t1 + u * s1, t2 + u * s2
    for place, value in enumerate((f0, f1, f2, n0, n1, n2, t0, t1, t2)):
        out[place] += factor * value


@inlined_kernel
def _values(table: Array, e: int, i: int, j: int, work: Array) -> tuple[float, float, float]:
    """Return the functions alone."""
    f0 = f1 = f2 = 0.0
    for a in range(4):
        u = work[0, a]
        for b in range(4):
            w = u * work[2, b]
            f0 += w * table[e, i + a, j + b, 0]
            f1 += w * table[e, i + a, j + b, 1]
            f2 += w * table[e, i + a, j + b, 2]
    return f0, f1, f2


@kernel
def third_scales(dm21: float, numbers: Array) -> tuple[float, float]:
    """Return half a night's entries 13 and 23 per MeV, P_3 - P_j and entry of M."""
    scale = 0.5 * TWO_POTENTIALS * numbers[3]
    return scale / numbers[2], scale / (numbers[2] - dm21)


@kernel
def nights(
    energy: Array,
    dm21: float,
    potential: Array,
    numbers: Array,
    along: Array,
    across: Array,
    table: Array,
    slopes: Array,
    room: Array,
    kept: Array,
    v: Array,
) -> None:
    """Fill in all but the shares of mass eigenstates, v[:, 3:], for the shares v[:, :3].

    Parameters
    ----------
    energy
        In MeV, shape (n,).
    dm21
        In eV^2.
    potential
        Seven numbers of the potential in the mass basis (`MassBasis`).
    numbers, along, across, table, slopes
        As of `bayes_cevns.couplings.propagation.tables`.
    room
        For 16 numbers.
    kept
        What the adjoint needs, shape (n, KEPT_OF_NIGHT).
    v
        Coefficients of the ten parts of the density matrix, shape (n, 10).
    """
    shift, per_mev = np.log(dm21 / numbers[1]), 2.0 * TWO_POTENTIALS / dm21
    across2 = potential[0] * potential[0] + potential[1] * potential[1]
    norm, norm_across = np.sqrt(across2 + potential[2] * potential[2]), np.sqrt(across2)
    scales = third_scales(dm21, numbers)
    work = matrix(room, 0, 4, 4)
    kept[:, 4:] = 0.0
    for e in range(energy.size):
        length = per_mev * energy[e] * norm
        factor = per_mev * energy[e] if length <= LONGEST else LONGEST / norm
        x, y, z = factor * potential[0], factor * potential[1], factor * potential[2]
        i = cubic_basis(along, table.shape[1], z, work[0], work[1])
        j = cubic_basis(across, table.shape[2], factor * norm_across, work[2], work[3])
        f = view(kept, e * KEPT_OF_NIGHT + 4, 9)
        _add_functions(table, e, i, j, work, 1.0, f)
        if shift != 0.0:
            _add_functions(slopes, e, i, j, work, shift, f)
        kept[e, 13], kept[e, 14], kept[e, 15] = _values(slopes, e, i, j, work)
        kept[e, 0], kept[e, 1], kept[e, 2], kept[e, 3] = x, y, z, length
        half = 0.25 * (v[e, 0] - v[e, 1])
        v[e, 3] = half * (f[1] * x - f[2] * y)
        v[e, 4] = half * (f[1] * y + f[2] * x)
        v[e, 5] = -half * f[0] * (x * x + y * y + SOFTENING * SOFTENING)
        for k in range(2):
            factor = scales[k] * energy[e] * (v[e, 2] - v[e, k])
            v[e, 6 + 2 * k] = factor * potential[3 + 2 * k]
            v[e, 7 + 2 * k] = factor * potential[4 + 2 * k]


@kernel
def nights_adjoint(
    energy: Array,
    dm21: float,
    potential: Array,
    numbers: Array,
    kept: Array,
    v: Array,
    to_v: Array,
    to_p: Array,
    to_potential: Array,
) -> float:
    """Add to the cotangents of shares, (n, 3), and potential, (7,); return that of dm21.

    For that of v, of which the first three are not read.
    """
    per_mev, to_dm21 = 2.0 * TWO_POTENTIALS / dm21, 0.0
    scales = third_scales(dm21, numbers)
    for e in range(energy.size):
        x, y, z, length = kept[e, 0], kept[e, 1], kept[e, 2], kept[e, 3]
        f0, f1, f2 = kept[e, 4], kept[e, 5], kept[e, 6]
        t0, t1, t2 = to_v[e, 3], to_v[e, 4], to_v[e, 5]
        across2 = x * x + y * y
        soft2 = across2 + SOFTENING * SOFTENING
        half = 0.25 * (v[e, 0] - v[e, 1])
        inner = t0 * (f1 * x - f2 * y) + t1 * (f1 * y + f2 * x) - t2 * f0 * soft2
        to_p[e, 0] += 0.25 * inner
        to_p[e, 1] -= 0.25 * inner
        c0, c1, c2 = half * t0, half * t1, half * t2
        to_f0, to_f1, to_f2 = -c2 * soft2, c0 * x + c1 * y, c1 * x - c0 * y
        to_z = to_f0 * kept[e, 7] + to_f1 * kept[e, 8] + to_f2 * kept[e, 9]
        to_across = to_f0 * kept[e, 10] + to_f1 * kept[e, 11] + to_f2 * kept[e, 12]
        to_log_dm21 = to_f0 * kept[e, 13] + to_f1 * kept[e, 14] + to_f2 * kept[e, 15]
        both = -2.0 * c2 * f0
        if across2 > 0.0:
            both += to_across / np.sqrt(across2)
        to_x, to_y = c0 * f1 + c1 * f2 + both * x, c1 * f1 - c0 * f2 + both * y
        outwards = to_x * x + to_y * y + to_z * z
        scale = per_mev * energy[e]
        if length > LONGEST:
            inwards = outwards / (LONGEST * LONGEST)
            to_x, to_y, to_z = to_x - inwards * x, to_y - inwards * y, to_z - inwards * z
            scale *= LONGEST / length
        else:
            to_log_dm21 -= outwards
        to_potential[0] += scale * to_x
        to_potential[1] += scale * to_y
        to_potential[2] += scale * to_z
        to_dm21 += to_log_dm21 / dm21
        for j in range(2):
            factor, inner = scales[j] * energy[e], 0.0
            for k in range(3 + 2 * j, 5 + 2 * j):
                inner += to_v[e, 3 + k] * potential[k]
                to_potential[k] += factor * (v[e, 2] - v[e, j]) * to_v[e, 3 + k]
            to_p[e, 2] += factor * inner
            to_p[e, j] -= factor * inner
            if j == 1:
                to_dm21 += factor * (v[e, 2] - v[e, 1]) * inner / (numbers[2] - dm21)
    return to_dm21
