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

#: C, S, c and s.
type Turn = tuple[float, float, float, float]


@kernel
def angles(sin2_theta12: float) -> Turn:
    """Return C, S, c and s."""
    s, c = np.sqrt(sin2_theta12), np.sqrt(1.0 - sin2_theta12)
    return 1.0 - 2.0 * sin2_theta12, 2.0 * s * c, c, s


@kernel
def vacuum_at(turn: Turn, dm21: float, rows: Array, out: Array) -> None:
    """Fill in dm21 (I - C T_z + S T_x)/2 + dm31 p_3 p_3^dagger, shape (9,).

    `rows` are dm31 p_3 p_3^dagger and the halves of I, T_z and T_x, shape (4, 9).
    """
    for i in range(9):
        out[i] = rows[0, i] + dm21 * (rows[1, i] - turn[0] * rows[2, i] + turn[1] * rows[3, i])


@kernel
def vacuum_adjoint(turn: Turn, dm21: float, rows: Array, to_vacuum: Array) -> tuple[float, float]:
    """Return the cotangents of theta_12 and dm21 for that of `vacuum_at`."""
    to_angle = to_dm21 = 0.0
    for i in range(9):
        slope = turn[1] * rows[2, i] + turn[0] * rows[3, i]
        to_angle += 2.0 * dm21 * slope * to_vacuum[i]
        value = rows[1, i] - turn[0] * rows[2, i] + turn[1] * rows[3, i]
        to_dm21 += value * to_vacuum[i]
    return to_angle, to_dm21


@kernel
def turn_potential(potential: Array, turn: Turn) -> None:
    """Turn the seven numbers of a potential from the propagation basis to the mass basis."""
    big_c, big_s, c, s = turn
    x, z = potential[0], potential[2]
    potential[0], potential[2] = big_s * z + big_c * x, big_c * z - big_s * x
    for i in range(3, 5):
        first, second = potential[i], potential[i + 2]
        potential[i], potential[i + 2] = c * first - s * second, s * first + c * second


@kernel
def turn_potential_back(to_potential: Array, turn: Turn) -> None:
    """Turn the cotangent of a potential back to the propagation basis."""
    big_c, big_s, c, s = turn
    turn_potential(to_potential, (big_c, -big_s, c, -s))


@kernel
def to_angle_of_potential(turned: Array, to_turned: Array) -> float:
    """Return the cotangent of theta_12 for that of a turned potential."""
    found = 2.0 * (turned[2] * to_turned[0] - turned[0] * to_turned[2])
    for i in range(2):
        found += turned[3 + i] * to_turned[5 + i] - turned[5 + i] * to_turned[3 + i]
    return float(found)


@kernel
def parts_in_mass(parts: Array, turn: Turn, out: Array) -> None:
    """Fill in the parts of the density matrix in the mass basis, from those in the propagation's.

    Shapes (10, 9), in the order of `MassBasis.parts`; the first two there add up to I.
    """
    big_c, big_s, c, s = turn
    for i in range(9):
        mean, x, z = 0.5 * (parts[0, i] + parts[1, i]), parts[3, i], parts[5, i]
        turned = big_c * z - big_s * x
        out[0, i], out[1, i] = mean + 0.5 * turned, mean - 0.5 * turned
        out[2, i], out[4, i] = parts[2, i], parts[4, i]
        out[3, i], out[5, i] = big_c * x + big_s * z, turned
        out[6, i] = c * parts[6, i] - s * parts[8, i]
        out[7, i] = c * parts[7, i] - s * parts[9, i]
        out[8, i] = s * parts[6, i] + c * parts[8, i]
        out[9, i] = s * parts[7, i] + c * parts[9, i]


@kernel
def to_angle_of_parts(v: Array, to_v: Array, e: int) -> float:
    """Return the cotangent of theta_12 for coefficients of the parts and their cotangents."""
    z = v[e, 5] + 0.5 * (v[e, 0] - v[e, 1])
    found = 2.0 * (v[e, 3] * to_v[e, 5] - z * to_v[e, 3])
    for i in range(2):
        found += v[e, 8 + i] * to_v[e, 6 + i] - v[e, 6 + i] * to_v[e, 8 + i]
    return float(found)
