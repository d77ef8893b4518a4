"""The rotation by theta_12 between mass eigenstates and the propagation basis, for Numba.

With nu_1 = c p_1 - s p_2 and nu_2 = s p_1 + c p_2, where p_1, p_2, p_3 are the propagation basis
(`OscillationParameters.propagation_basis`), Pauli's matrices T of the two and the entries with the
third turn by

    T_z' = C T_z - S T_x,     T_13' = c T_13 - s T_23,
    T_x' = S T_z + C T_x,     T_23' = s T_13 + c T_23,

with C and S of twice the angle; T_y' = T_y. What depends on theta_12 and dm21 is here, so that all
tables are data. Parts and potentials are those of
`bayes_cevns.physics.oscillation.propagation.MassBasis`.
"""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.tables.compiled import kernel


@kernel
def angles(sin2_theta12: float) -> Array:
    """Return C, S, c and s, shape (4,)."""
    s, c = np.sqrt(sin2_theta12), np.sqrt(1.0 - sin2_theta12)
    return np.array([1.0 - 2.0 * sin2_theta12, 2.0 * s * c, c, s])


@kernel
def vacuum_at(turn: Array, dm21: float, rows: Array) -> Array:
    """Return dm21 (I - C T_z + S T_x)/2 + dm31 p_3 p_3^dagger, shape (9,).

    `rows` are dm31 p_3 p_3^dagger and the halves of I, T_z and T_x, shape (4, 9).
    """
    out = np.empty(9)
    for i in range(9):
        out[i] = rows[0, i] + dm21 * (rows[1, i] - turn[0] * rows[2, i] + turn[1] * rows[3, i])
    return out


@kernel
def add_vacuum_adjoint(
    turn: Array, dm21: float, rows: Array, to_vacuum: Array, to_mixing: Array
) -> None:
    """Add the cotangents of theta_12 and dm21 for that of `vacuum_at`."""
    for i in range(9):
        slope = turn[1] * rows[2, i] + turn[0] * rows[3, i]
        to_mixing[0] += 2.0 * dm21 * slope * to_vacuum[i]
        value = rows[1, i] - turn[0] * rows[2, i] + turn[1] * rows[3, i]
        to_mixing[1] += value * to_vacuum[i]


@kernel
def turned_potential(plain: Array, turn: Array) -> Array:
    """Return the seven numbers of a potential in the mass basis, from the propagation basis."""
    big_c, big_s, c, s = turn
    out = np.empty(7)
    out[0], out[1] = big_s * plain[2] + big_c * plain[0], plain[1]
    out[2] = big_c * plain[2] - big_s * plain[0]
    for i in range(2):
        out[3 + i] = c * plain[3 + i] - s * plain[5 + i]
        out[5 + i] = s * plain[3 + i] + c * plain[5 + i]
    return out


@kernel
def potential_adjoint(to_turned: Array, turn: Array) -> Array:
    """Return the cotangent of `plain` of `turned_potential`: the rotation back."""
    big_c, big_s, c, s = turn
    out = np.empty(7)
    out[0], out[1] = big_c * to_turned[0] - big_s * to_turned[2], to_turned[1]
    out[2] = big_s * to_turned[0] + big_c * to_turned[2]
    for i in range(2):
        out[3 + i] = c * to_turned[3 + i] + s * to_turned[5 + i]
        out[5 + i] = c * to_turned[5 + i] - s * to_turned[3 + i]
    return out


@kernel
def to_angle_of_potential(turned: Array, to_turned: Array) -> float:
    """Return the cotangent of theta_12 for that of `turned_potential`."""
    found = 2.0 * (turned[2] * to_turned[0] - turned[0] * to_turned[2])
    for i in range(2):
        found += turned[3 + i] * to_turned[5 + i] - turned[5 + i] * to_turned[3 + i]
    return float(found)


@kernel
def to_propagation(v: Array, turn: Array) -> Array:
    """Return the ten coefficients of a density matrix in the propagation basis, from the mass one.

    In the order of `MassBasis.parts`; the first two parts have the whole of I and T_z alike.
    """
    big_c, big_s, c, s = turn
    mean, z, x = 0.5 * (v[0] + v[1]), v[5] + 0.5 * (v[0] - v[1]), v[3]
    out = np.empty(10)
    out[0] = out[1] = mean
    out[2], out[4] = v[2], v[4]
    out[3], out[5] = big_c * x - big_s * z, big_c * z + big_s * x
    for i in range(2):
        out[6 + i] = c * v[6 + i] + s * v[8 + i]
        out[8 + i] = c * v[8 + i] - s * v[6 + i]
    return out


@kernel
def to_mass(to_turned: Array, turn: Array) -> Array:
    """Return the cotangent of `v` of `to_propagation`."""
    big_c, big_s, c, s = turn
    to_mean = to_turned[0] + to_turned[1]
    to_z = big_c * to_turned[5] - big_s * to_turned[3]
    out = np.empty(10)
    out[0], out[1] = 0.5 * (to_mean + to_z), 0.5 * (to_mean - to_z)
    out[2], out[4], out[5] = to_turned[2], to_turned[4], to_z
    out[3] = big_c * to_turned[3] + big_s * to_turned[5]
    for i in range(2):
        out[6 + i] = c * to_turned[6 + i] - s * to_turned[8 + i]
        out[8 + i] = s * to_turned[6 + i] + c * to_turned[8 + i]
    return out


@kernel
def to_angle_of_parts(turned: Array, to_turned: Array) -> float:
    """Return the cotangent of theta_12 for that of `to_propagation`."""
    found = 2.0 * (turned[3] * to_turned[5] - turned[5] * to_turned[3])
    for i in range(2):
        found += turned[8 + i] * to_turned[6 + i] - turned[6 + i] * to_turned[8 + i]
    return float(found)
